"""The connector tells the truth or nothing: several values where one is meant, other people's ids, contradictions."""

import re
from datetime import UTC, datetime

import pytest

from tests.backoffice.connector.upstream import Upstream, money
from widget_service.backoffice.connector.connector import Connector
from widget_service.backoffice.contradictions import require_consistent
from widget_service.errors import BackOfficeUnavailable, ConfigurationError, ServiceError

HEAD = 'format = 1\nname = "Test"\n'
WALLETS = {
    "id": 5832,
    "wallets": [{"code": "USDT", "cash": 12.5, "on": True}, {"code": "EUR", "cash": 220.5, "on": False}],
    "sub": {"15": 30, "16": 0, "17": "10.25"},
    "one": [{"cash": 7}],
}


def balances(members: str, call: str = 'id_path = "$.id"') -> str:
    return f"""{HEAD}
[capabilities.balances]
[[capabilities.balances.calls]]
path = "/players/{{player_id}}/wallets"
{call}
[capabilities.balances.map]
{members}
"""


def reason(upstream: Upstream, document: str, capability: str, said: object, **arguments: object) -> str | None:
    path = re.search(r'^path = "(/[^"]*)"', document, re.MULTILINE)
    assert path is not None
    upstream.routes[f"GET {path[1].replace('{player_id}', '5832')}"] = said
    with pytest.raises(ServiceError) as refused:
        upstream.ask(upstream.connector(document), capability, **arguments)
    return refused.value.reason


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ('cash_balance = "$.wallets[*].cash"', "cash_balance"),
        ('cash_balance = "$.wallets[0:2].cash"', "cash_balance"),
        ('cash_balance = "$.wallets[?@.cash > 1].cash"', "cash_balance"),
        ('cash_balance = ["$.absent", "$.sub.*"]', "cash_balance"),
        ('cash_balance = { path = "$.wallets[*].cash", transform = "minor_units", subunits = 10 }', "cash_balance"),
        ('cash_balance = { path = "$.absent", otherwise = "$.wallets[*].cash" }', "cash_balance"),
        ('total_balance = { transform = "add", of = ["$.one[0].cash", "$.sub.*"] }', "total_balance"),
        ('total_balance = { transform = "subtract", of = ["$.one[0].cash", "$.wallets[*].cash"] }', "total_balance"),
        ('currency = "$.wallets[*].code"', "currency"),
        ('active_bonus.name = "$.wallets[*].code"', "active_bonus.name"),
    ],
)
def test_several_values_where_one_is_meant_are_refused(upstream: Upstream, members: str, member: str) -> None:
    assert reason(upstream, balances(members), "balances", WALLETS) == f"ambiguous:{member}"


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ('"$.blocks[*].active"', [False, True]),
        ('{ path = "$.blocks[*].active", transform = "boolean" }', [True, True]),
        ('{ path = "$.blocks[*].active", transform = "boolean", true = [1], false = [0] }', [0, 1]),
        ('{ path = "$.blocks[?@.active != 7].active", transform = "boolean", true = [1], false = [0] }', [1, 0]),
        ('{ path = "$.blocks[*].active", transform = "in_future" }', [None, "2099-01-01"]),
    ],
)
def test_a_boolean_of_several_is_refused(upstream: Upstream, field: str, answer: list[object]) -> None:
    document = balances("blocked = " + field).replace("capabilities.balances", "capabilities.player")
    said = {"id": 5832, "blocks": [{"active": one} for one in answer]}

    assert reason(upstream, document, "player", said) == "ambiguous:blocked"


@pytest.mark.parametrize("path", ["$.s[*].v", "$.s[0:2].v", "$.s[?@.v].v", "$.o.*", "$.o[?@ != 'x']"])
def test_an_enum_of_several_is_refused(upstream: Upstream, path: str) -> None:
    field = f'kyc_status = {{ path = "{path}", transform = "enum", values = {{ ok = "approved", bad = "rejected" }} }}'
    document = balances(field).replace("capabilities.balances", "capabilities.player")
    said = {"id": 5832, "s": [{"v": "ok"}, {"v": "bad"}], "o": {"a": "ok", "b": "bad"}}

    assert reason(upstream, document, "player", said) == "ambiguous:kyc_status"


@pytest.mark.parametrize(
    ("pick", "said"),
    [
        ('list = "$.wallets", by = "$.on", equals = { constant = "true" }', "answer"),
        ('list = "$.wallets[*].x", by = "$.code", equals = { constant = "EUR" }', "answer"),
        ('list = "$.wallets", by = "$.code", equals = "$.codes[*]"', "answer"),
        ('list = "$.wallets", by = "$.tags[*]", equals = { constant = "a" }', "answer"),
        ('list = "$.wallets", by = "$.kind", equals = { constant = "real" }', "answer"),
    ],
)
def test_a_pick_that_fits_twice_is_refused(upstream: Upstream, pick: str, said: str) -> None:
    wallet = {"code": "EUR", "kind": "real", "on": "true", "tags": ["a", "b"], "x": [], "cash": 1}
    answer = {"id": 5832, "codes": ["EUR", "USD"], "wallets": [wallet, {**wallet, "code": "USD"}]}
    document = balances('cash_balance = "$.cash"', f'id_path = "$.id"\npick = {{ {pick} }}')

    assert reason(upstream, document, "balances", answer) == f"ambiguous:{said}.pick"


@pytest.mark.parametrize(
    "path", ["$.days[*].items", "$.days[*].items[*]", "$.by.*", "$.days[0:2].items", "$.days[?@.n].items"]
)
def test_several_lists_are_refused(upstream: Upstream, path: str) -> None:
    document = f"""{HEAD}
[capabilities.deposits]
list = "{path}"
[[capabilities.deposits.calls]]
path = "/players/{{player_id}}/deposits"
id_path = "$.id"
[capabilities.deposits.map]
deposit_id = "$.n"
"""
    said = {
        "id": 5832,
        "days": [{"n": 1, "items": [{"n": 1}, {"n": 3}]}, {"n": 2, "items": [{"n": 2}]}],
        "by": {"a": [], "b": []},
    }

    assert reason(upstream, document, "deposits", said) == "ambiguous:list"


def test_a_sum_takes_all_that_its_path_selects(upstream: Upstream) -> None:
    upstream.routes["GET /players/5832/wallets"] = WALLETS
    members = 'total_balance = { transform = "sum", path = "$.sub.*" }\ncash_balance = "$.one[*].cash"'

    answer = upstream.ask(upstream.connector(balances(members)), "balances")

    assert (answer["total_balance"], answer["cash_balance"]) == (money("40.25"), 7)


KYC = (
    HEAD
    + """
[player]
id = "integer"
[capabilities.kyc]
[[capabilities.kyc.calls]]
path = "/docs/{player_id}"
ID
[capabilities.kyc.map.documents]
each = ["$.docs", "$"]
ITEM
map = { id = "$.Id" }
"""
)
OURS, THEIRS = {"Id": 551, "ClientId": 5832}, {"Id": 999, "ClientId": 40217}


@pytest.mark.parametrize(
    ("of_all", "of_each", "said"),
    [
        ('id_path = "$[*].ClientId"', "", [OURS, THEIRS]),
        ('id_path = "$.docs[*].ClientId"', "", {"docs": [OURS, OURS, THEIRS]}),
        ('id_path = ["$.player", "$.docs[0:9].ClientId"]', "", {"docs": [OURS, THEIRS]}),
        ("without_id = true", 'item_id_path = "$.ClientId"', [OURS, THEIRS]),
        ('id_path = "$.player"', 'item_id_path = "$.ClientId"', {"player": 5832, "docs": [OURS, THEIRS]}),
        ('id_path = "$.player"', 'item_id_path = "$.ids[*]"', {"player": 5832, "docs": [{"Id": 1, "ids": [5832, 7]}]}),
    ],
)
def test_every_id_is_compared(upstream: Upstream, of_all: str, of_each: str, said: object) -> None:
    assert reason(upstream, KYC.replace("ID", of_all, 1).replace("ITEM", of_each), "kyc", said) == "foreign_player"


def test_an_element_without_its_id_is_refused(upstream: Upstream) -> None:
    document = KYC.replace("ID", "without_id = true", 1).replace("ITEM", 'item_id_path = "$.ClientId"')

    assert reason(upstream, document, "kyc", [OURS, {"Id": 2}]) == "id_missing:documents"


@pytest.mark.parametrize("code", ["XXX", "POINTS", "SATS", "mBTC", "ETH", "BTC", "999"])
def test_minor_units_of_a_currency_that_is_not_known_are_refused(upstream: Upstream, code: str) -> None:
    members = 'currency = "$.c"\ncash_balance = { path = "$.m", transform = "minor_units" }'
    said = {"id": 5832, "c": code, "m": 20000}

    where = "currency" if code == "999" else "cash_balance"
    assert reason(upstream, balances(members), "balances", said) == f"unreadable:{where}"


@pytest.mark.parametrize(
    ("code", "shown", "amount"),
    [("392", "JPY", 20000), ("978", "EUR", 200), ("eur", "EUR", 200), (840, "USD", 200), ("Kwd", "KWD", 20)],
)
def test_a_currency_leaves_by_its_iso_code(upstream: Upstream, code: object, shown: str, amount: int) -> None:
    members = 'currency = "$.c"\ncash_balance = { path = "$.m", transform = "minor_units" }'
    upstream.routes["GET /players/5832/wallets"] = {"id": 5832, "c": code, "m": 20000}

    answer = upstream.ask(upstream.connector(balances(members)), "balances")

    assert (answer["currency"], answer["cash_balance"]) == (shown, amount)


def test_a_coin_with_its_subunits_is_read(upstream: Upstream) -> None:
    members = 'cash_balance = { path = "$.m", transform = "minor_units", currency = "$.c", subunits = { ETH = 1000 } }'
    upstream.routes["GET /players/5832/wallets"] = {"id": 5832, "c": "eth", "m": 1500}

    assert upstream.ask(upstream.connector(balances(members)), "balances")["cash_balance"] == money("1.5")


RG = (
    HEAD
    + """
[capabilities.responsible_gaming]
[[capabilities.responsible_gaming.calls]]
path = "/rg/{player_id}"
id_path = "$.id"
[capabilities.responsible_gaming.map]
rg_closed = RULE
[capabilities.responsible_gaming.map.closure]
when = "$.until"
type = { constant = "self_exclusion" }
end_date = "$.until"
[capabilities."responsible_gaming.closed"]
same_as = "responsible_gaming"
"""
)
PLAUSIBLE = '{ path = "$.until", transform = "boolean", false = ["x"], true = ["y"], otherwise = { constant = false } }'


@pytest.mark.parametrize("capability", ["responsible_gaming", "responsible_gaming.closed"])
@pytest.mark.parametrize("until", ["2999-05-05", "2999-05-05T00:00:00Z", "9999-12-31T23:59:59", "2950-01-01 10:00:00"])
def test_not_closed_beside_a_closure_in_force_is_refused(upstream: Upstream, capability: str, until: str) -> None:
    said = {"id": "5832", "until": until}

    assert reason(upstream, RG.replace("RULE", PLAUSIBLE), capability, said) == "contradiction:rg_closed"


@pytest.mark.parametrize(
    ("said", "closed"),
    [
        ({"until": "2999-05-05"}, True),
        ({"until": "2020-05-05"}, False),
        ({"until": None}, False),
        ({"until": ""}, False),
        ({"until": "0001-01-01T00:00:00"}, False),
        ({"until": "0000-00-00 00:00:00"}, False),
    ],
)
def test_closed_until_a_date_is_closed_while_it_lies_ahead(
    upstream: Upstream, said: dict[str, object], closed: bool
) -> None:
    upstream.routes["GET /rg/5832"] = {"id": "5832", **said}
    undated = RG.replace('when = "$.until"\ntype = { constant = "self_exclusion" }\n', "")
    connector = upstream.connector(undated.replace("RULE", '{ path = "$.until", transform = "in_future" }'))

    assert upstream.ask(connector, "responsible_gaming.closed")["rg_closed"] is closed


def test_a_date_that_is_not_there_says_nothing_of_a_closure(upstream: Upstream) -> None:
    document = RG.replace("RULE", '{ path = "$.until", transform = "in_future" }')

    assert reason(upstream, document, "responsible_gaming.closed", {"id": "5832"}) == "rg_closed_unknown"


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIER = datetime(2026, 2, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({"transactions": [{"amount": money("1")}, {"amount": money("-150.0")}]}, "transactions.amount"),
        ({"withdrawals": [{"amount": money("-0.01")}]}, "withdrawals.amount"),
        ({"deposits": [{"amount": money("-3")}]}, "deposits.amount"),
        ({"bonuses": [{"wagered": money("-3")}]}, "bonuses.wagered"),
        ({"limits": [{"limit_amount": money("-3")}]}, "limits.limit_amount"),
        ({"kpi": {"last_deposit": {"amount": money("-3")}}}, "last_deposit.amount"),
        ({"total_bets": money("-1")}, "total_bets"),
        ({"count": 0, "total_amount": money("5")}, "total_amount"),
        ({"withdrawals": [{"requested_at": NOON, "processed_at": EARLIER}]}, "withdrawals.processed_at"),
        ({"deposits": [{"created_at": NOON, "completed_at": EARLIER}]}, "deposits.completed_at"),
        ({"closure": {"start_date": NOON, "end_date": EARLIER}}, "closure.end_date"),
        ({"rg_closed": False, "closure": {"type": "permanent", "end_date": None}}, "rg_closed"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(members: dict[str, object], member: str) -> None:
    with pytest.raises(BackOfficeUnavailable, match=re.escape(f"contradiction:{member}")):
        require_consistent(members, NOON)


@pytest.mark.parametrize(
    "members",
    [
        {"cash_balance": money("-20"), "net_gaming": money("-3"), "ltnc": money("-3")},
        {"withdrawals": [{"requested_at": NOON, "processed_at": NOON.replace(hour=0)}]},
        {"rg_closed": False, "closure": {"type": "timeout", "end_date": EARLIER}},
        {"rg_closed": False, "closure": None},
        {"extra": {"amount": money("-1")}, "limits": [{"used_amount": money("-4")}]},
    ],
)
def test_what_is_merely_unusual_is_passed_on(members: dict[str, object]) -> None:
    require_consistent(members, NOON)


@pytest.mark.parametrize("unset", ["1900-01-01", "0000-00-00 00:00:00", "0000-00-00", "0001-01-01", "00.00.0000", ""])
def test_an_unset_date_is_null(upstream: Upstream, unset: str) -> None:
    document = balances('registration_date = "$.at"').replace("capabilities.balances", "capabilities.player")
    upstream.routes["GET /players/5832/wallets"] = {"id": "5832", "at": unset}
    connector = upstream.connector(document + '[dates]\nunset = ["1900-01-01"]\n')

    assert upstream.ask(connector, "player")["registration_date"] is None


@pytest.mark.parametrize("said", ["N/A", "-", -1, "-1"])
def test_values_that_mean_nothing_are_null(upstream: Upstream, said: object) -> None:
    upstream.routes["GET /players/5832/wallets"] = {"id": "5832", "cash": said}
    connector = upstream.connector(balances('cash_balance = { path = "$.cash", nothing = ["N/A", "-", -1] }'))

    assert upstream.ask(connector, "balances")["cash_balance"] is None


def test_a_document_says_what_is_never_a_value() -> None:
    with pytest.raises(ConfigurationError, match="'nothing' belongs to a 'path'"):
        Connector.parse(
            balances("cash_balance = { constant = 1, nothing = [1] }"), "https://x.example", {"api_token": "t"}, {}
        )
