"""Refused when the document is connected: what could answer every player with one's data, or write without a target."""

import pytest

from tests.backoffice.connector.upstream import Upstream
from widget_service.backoffice.connector.connector import Connector
from widget_service.errors import ConfigurationError, InvalidRequest

HEAD = 'format = 1\nname = "Test"\n'
URL = "https://x.example/api"


def parse(text: str, **settings: str) -> Connector:
    return Connector.parse(HEAD + text, URL, {"api_token": "s3cret-token"}, settings)


def balances(call: str, more: str = "", cash: str = "$.cash") -> str:
    return f"""
{more}
[capabilities.balances]
[[capabilities.balances.calls]]
{call}
[capabilities.balances.map]
cash_balance = "{cash}"
"""


NONE = "none names {player_id}"
LOGIN = """
[preliminary.login]
path = "/login/{player_id}"
take = { sid = "$.sid" }
"""


@pytest.mark.parametrize(
    "text",
    [
        balances('path = "/wallets/40217"\nwithout_id = true'),
        balances('path = "/wallets"\nquery = { playerId = "40217" }\nwithout_id = true'),
        balances('path = "/users/gullwing7/wallet"\nid_path = "$.id"'),
        balances('path = "/w"\nmethod = "POST"\nbody = { filter = { player = [40217] } }\nwithout_id = true'),
        balances('path = "/w"\nmethod = "POST"\nform = { player = "40217" }\nwithout_id = true'),
        balances('path = "/w"\nheaders = { X-Player = "40217" }\nwithout_id = true'),
        balances('path = "/w/{settings.player}"\nwithout_id = true', '[settings]\nplayer = { default = "40217" }'),
        balances('path = "/w/{now:unix}"\nwithout_id = true'),
        balances('path = "/w/{a.id}"\nwithout_id = true', '[preliminary.a]\npath = "/me"\ntake = { id = "$.id" }'),
        balances('path = "/w"\nwithout_id = true', LOGIN),
        balances('path = "/w/{login.sid}"\nwithout_id = true', LOGIN + "skip_without_session = true\n"),
        balances('path = "/w/{login.sid}"\nwithout_id = true', LOGIN + "optional = true\n"),
        balances(
            'path = "/w"\nwithout_id = true',
            '[authentication]\nkind = "oauth2"\ntoken_url = "/t"\nclient_id = "{player_id}"\nclient_secret = "s"',
        ),
        balances('path = "/all"\nwithout_id = true\npick = { list = "$", by = "$.id", equals = { constant = "7" } }'),
    ],
)
def test_a_capability_that_names_no_player_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(text)

    assert "[capabilities.balances] calls: " + NONE in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        balances('path = "/w/{player_id}"\nwithout_id = true'),
        balances('path = "/w"\nheaders = { X-Session = "{operator_session_id}" }\nwithout_id = true'),
        balances('path = "/w"\nmethod = "POST"\nbody = { query = "w({player_id:text})" }\nwithout_id = true'),
        balances('path = "/w/{login.sid}"\nwithout_id = true', LOGIN),
        balances('path = "/w"\nwithout_id = true', '[session]\nsource = "session_id"\nheader = "X-Session"'),
        balances('path = "/w"\nwithout_id = true', '[headers]\nX-Jwt = "{session_jwt}"'),
        balances(
            'path = "/w"\nwithout_id = true', '[authentication]\nkind = "bearer"\ntoken = "{operator_session_id}"'
        ),
        balances(
            'name = "who"\npath = "/find"\nquery = { ref = "{player_id}" }\nid_path = "$.ref"\n'
            'take = { id = "$.id" }\n[[capabilities.balances.calls]]\npath = "/w/{who.id}"\nwithout_id = true',
            cash="answer$.cash",
        ),
        balances(
            'path = "/w"\nheaders = { sid = "{s.sid}" }\nwithout_id = true',
            '[preliminary.s]\npath = "/open"\ntake = { sid = "$.sid" }\n[preliminary.login]\n'
            'path = "/login/{player_id}"\nheaders = { sid = "{s.sid}" }',
        ),
    ],
)
def test_a_capability_that_names_the_player_somehow_is_taken(text: str) -> None:
    assert set(parse(text).plans.plans) == {"balances"}


def test_a_member_read_from_a_call_for_nobody_is_refused() -> None:
    calls = (
        'path = "/p/{player_id}"\nid_path = "$.id"\n[[capabilities.balances.calls]]\nname = "w"\n'
        'path = "/wallets/40217"\nwithout_id = true'
    )

    with pytest.raises(ConfigurationError, match=r"\[capabilities.balances.calls.1\] path: names no player"):
        parse(balances(calls, cash="w$.cash"))


def test_a_table_of_currencies_is_everybodys() -> None:
    calls = (
        'path = "/p/{player_id}"\nid_path = "$.id"\n[[capabilities.balances.calls]]\nname = "c"\n'
        'path = "/currencies"\nwithout_id = true'
    )
    cash = (
        'cash_balance = { path = "$.m", transform = "minor_units", '
        'subunits = { list = "c$", code = "$.a", subunits = "$.b" } }'
    )

    assert parse(balances(calls).replace('cash_balance = "$.cash"', cash)).plans.plans


BONUSES = """
[capabilities.bonuses]
list = "$"
[[capabilities.bonuses.calls]]
path = "/bonuses/{player_id}"
without_id = true
[capabilities.bonuses.map]
bonus_id = "$.id"
status = "$.status"
[capabilities."bonus.cancel"]
must_be_listed = "bonuses"
[[capabilities."bonus.cancel".calls]]
method = "POST"
path = "/cancel"
body = { player = "{player_id}", id = "{bonus_id:integer}", code = "{listed.code}" }
without_id = true
"""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('id = "{bonus_id:integer}", code = "{listed.code}"', "id = 55", "none names {bonus_id}"),
        ('id = "{bonus_id:integer}", code = "{listed.code}"', 'why = "{reason}"', "none names {bonus_id}"),
        ('id = "{bonus_id:integer}", code = "{listed.code}"', 'id = "{listed.bonus_type_id}"', "none names {bonus_id}"),
        (', code = "{listed.code}" }', " }\nread = true", "none names {bonus_id}"),
        (
            'must_be_listed = "bonuses"\n[[capabilities."bonus.cancel".calls]]',
            '[session]\nsource = "session_id"\nheader = "S"\n[[capabilities."bonus.cancel".calls]]',
            "must_be_listed: is missing",
        ),
    ],
)
def test_a_write_whose_target_can_be_left_out_is_refused(before: str, after: str, problem: str) -> None:
    text = BONUSES.replace(before, after).replace(', code = "{listed.code}"', "")
    assert before in BONUSES

    with pytest.raises(ConfigurationError) as refused:
        parse(text)

    assert problem in str(refused.value)


def test_every_active_bonus_is_named_in_its_own_call(upstream: Upstream) -> None:
    upstream.routes["GET /bonuses/5832"] = [{"id": 3, "status": "active"}, {"id": 4, "status": "active"}]
    upstream.routes["POST /cancel"] = {}
    connector = upstream.connector(HEAD + BONUSES.replace(', code = "{listed.code}"', ""))

    answer = upstream.ask(connector, "bonus.cancel", reason="x")

    assert answer["cancelled_count"] == 2
    assert sorted(asked.body["id"] for asked in upstream.asked if isinstance(asked.body, dict)) == [3, 4]


def test_a_member_of_a_write_without_a_value_is_not_left_out(upstream: Upstream) -> None:
    upstream.routes["GET /bonuses/5832"] = [{"id": 3, "status": "active"}]
    translated = BONUSES.replace(', code = "{listed.code}"', ', why = "{reason}"').replace(
        'must_be_listed = "bonuses"', 'must_be_listed = "bonuses"\nvalues = { reason = { fraud = "F" } }'
    )

    with pytest.raises(InvalidRequest, match="not_sendable"):
        upstream.ask(upstream.connector(HEAD + translated), "bonus.cancel", reason="x")
    assert [asked.path for asked in upstream.asked] == ["/bonuses/5832"]


@pytest.mark.parametrize(
    ("capability", "members", "missing"),
    [
        ("withdrawals", 'amount = "$.a"', "withdrawal_id"),
        ("deposits", 'amount = "$.a"', "deposit_id"),
        ("transactions", 'amount = "$.a"', "transaction_id"),
        ("bonuses", 'amount = "$.a"', "bonus_id"),
        ("kyc", 'documents = { each = "$.d", map = { type = "$.t" } }', "id"),
        ("responsible_gaming", 'limits = [{ type = { constant = "loss_daily" } }]', "rg_closed"),
        ("responsible_gaming", 'rg_closed = "$.c"\nlimits = [{ limit_amount = "$.l" }]', "type"),
    ],
)
def test_a_map_without_a_required_member_is_refused(capability: str, members: str, missing: str) -> None:
    listed = "" if capability in ("kyc", "responsible_gaming") else 'list = "$"\n'
    text = f"""
[capabilities.{capability}]
{listed}[[capabilities.{capability}.calls]]
path = "/x/{{player_id}}"
without_id = true
[capabilities.{capability}.map]
{members}
"""
    with pytest.raises(ConfigurationError, match=f"{missing}: is missing: without it no answer can be given"):
        parse(text)


def test_all_mistakes_are_told_at_once_each_with_its_place() -> None:
    text = balances('path = "/w/40217"\nwithout_id = true\nheaders = { A = "{nothing}" }').replace(
        'cash_balance = "$.cash"', 'cash_balance = "$..cash"\nname = "$.n"\nbonus_balance = { transform = "add" }'
    )
    text += '[capabilities.kyc]\nsame_as = "player"\n[capabilities.nonsense]\n'

    with pytest.raises(ConfigurationError) as refused:
        parse(text)

    for told in (
        "[capabilities.balances.calls.0.headers] A: {nothing} is not known here",
        "[capabilities.balances.map.cash_balance] path: ",
        "[capabilities.balances.map] name: is no canonical member here",
        "[capabilities.balances.map] bonus_balance: ",
        "[capabilities.kyc] same_as: ",
        "[capabilities] nonsense: is none",
    ):
        assert told in str(refused.value)


TOKEN = balances(
    'path = "/w/{player_id}"\nwithout_id = true',
    """
[settings]
login = { default = "https://login.x.example/t" }
[authentication]
kind = "oauth2"
client_id = "c"
client_secret = "{secrets.api_token}"
token_url = "ADDRESS"
""",
)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/t",
        "https://x.example.evil.example/t",
        "https://x.example:8443/t",
        "http://x.example/t",
        "{settings.login}",
        "https://{settings.login}/t",
        "//evil.example/t",
    ],
)
def test_a_token_url_on_another_host_is_refused_unless_it_is_named(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[authentication\] token_url: .*--token-host"):
        parse(TOKEN.replace("ADDRESS", address))


@pytest.mark.parametrize("address", ["/oauth/t", "https://x.example/t", "https://x.example:443/t"])
def test_a_token_url_of_the_connection_is_taken(address: str) -> None:
    assert parse(TOKEN.replace("ADDRESS", address)).plans.plans


def test_a_host_that_was_named_is_taken_and_no_other() -> None:
    assert parse(TOKEN.replace("ADDRESS", "{settings.login}"), **{"token-host": "login.x.example"}).plans.plans
    with pytest.raises(ConfigurationError, match="--token-host"):
        parse(TOKEN.replace("ADDRESS", "{settings.login}"), **{"token-host": "x.example"})
