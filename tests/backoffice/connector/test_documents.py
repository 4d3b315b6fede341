"""Documents: a mistake is refused with its place, and what the documentation shows can be read."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from widget_service.backoffice.connector import Connector
from widget_service.backoffice.connector.compiling import compile_document, read_document
from widget_service.backoffice.connector.credentials import Authentication, Session
from widget_service.backoffice.connector.document import (
    Capability,
    Dates,
    Declared,
    Document,
    ErrorRule,
    Money,
    Paging,
    Pick,
    Preliminary,
    Window,
)
from widget_service.backoffice.connector.fields import OPTIONS, Field, Transform, When
from widget_service.errors import ConfigurationError

PAGE = (Path(__file__).parents[3] / "docs" / "connector.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
GOOD = """
format = 1
name = "Test"
[settings]
zone = { kind = "zone", default = "Europe/Malta" }
[authentication]
kind = "bearer"
[capabilities.withdrawals]
list = "$.items"
item_id_path = "$.client"
[[capabilities.withdrawals.calls]]
path = "/withdrawals"
headers = { X-Player = "{player_id}" }
query = { from = "{from_date:dd-MM-yy}" }
[capabilities.withdrawals.map]
withdrawal_id = "$.id"
amount = { path = "$.cents", transform = "minor_units" }
[capabilities.player]
[[capabilities.player.calls]]
path = "/players/{player_id}"
id_path = "$.id"
[capabilities.player.map]
balances.cash_balance = "$.cash"
kpi.last_deposit = { when = "$.last", amount = "$.last" }
"""
CANCEL = """
[[capabilities."withdrawals.cancel".calls]]
method = "POST"
path = "/cancel/{withdrawal_id}"
without_id = true
"""


def parse(text: str, **settings: str) -> Connector:
    return Connector.parse(text, "https://x.example/api", {"api_token": "s3cret-token"}, settings)


def changed(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after, 1)


def test_a_good_document_is_read() -> None:
    assert set(parse(GOOD).plans.plans) == {"withdrawals", "player"}


MISTAKES: list[tuple[str, str, str]] = [
    ("format = 1", "format = 2", "format: "),
    ("format = 1", "", "format: is missing"),
    ('name = "Test"', 'name = "Test"\nexec = "rm"', "exec: is not known here"),
    ('kind = "bearer"', 'kind = "magic"', "authentication: "),
    ('kind = "bearer"', 'kind = "header"', "[authentication] headers: is missing"),
    ('kind = "bearer"', 'kind = "bearer"\ntoken = "{secrets.other}"', "[authentication] token: {secrets.other}"),
    ('kind = "bearer"', 'kind = "header"\nheaders = { "A\\r\\nB" = "x" }', "[authentication.headers]"),
    ('kind = "bearer"', 'kind = "header"\nheaders = { Host = "evil.example" }', "Host is not for a document to say"),
    ('kind = "bearer"', 'kind = "header"\nheaders = { Transfer-Encoding = "chunked" }', "is not for a document to say"),
    ("[capabilities.player]", "[capabilities.players]", "[capabilities] players: is none"),
    ('list = "$.items"', "", "[capabilities.withdrawals] list: is missing"),
    ('list = "$.items"', 'list = "items"', "[capabilities.withdrawals.list] 0: 'items' is no path"),
    ('list = "$.items"', 'list = "$..items"', "searches at every depth"),
    ('list = "$.items"', "list = \"$.items[?match(@.a, '(a+)+b')]\"", "is no JSONPath"),
    ('list = "$.items"', 'list = "$.items"\nfilters = ["colour"]', "colour: is no argument of withdrawals"),
    ('item_id_path = "$.client"', "", "[capabilities.withdrawals.calls.0] id_path: is missing"),
    ('path = "/withdrawals"', 'path = "withdrawals"', "[capabilities.withdrawals.calls.0] path: must begin with /"),
    ('path = "/withdrawals"', 'path = "/../w"', "path: must be a plain path"),
    ('path = "/withdrawals"', 'path = "//evil.example/w"', "path: must be a plain path"),
    ('path = "/withdrawals"', 'path = "/w?a={player_id}"', "path: must be a plain path"),
    ('path = "/withdrawals"', 'path = "/w/{secrets.api_token}"', "would stand in every log"),
    ('path = "/withdrawals"', 'path = "/w/{session_id}"', "would stand in every log"),
    ('path = "/withdrawals"', 'path = "/w/{player}"', "path: {player} is not known here"),
    ('path = "/withdrawals"', 'path = "/w/{player_id"', "a brace that stands alone"),
    ('path = "/withdrawals"', 'path = "/w"\nbody = { a = 1 }', "a GET has no body"),
    ('path = "/withdrawals"', 'path = "/w"\nmethod = "TRACE"', "[capabilities.withdrawals.calls.0] method: "),
    ("{from_date:dd-MM-yy}", "{from_date:dd-MM}", "[capabilities.withdrawals.calls.0.query] from: "),
    ("{from_date:dd-MM-yy}", "{__class__}", "from: "),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "$[*,*][*,*][0]"', "selects several things in one bracket"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "$[?@[0,0][0,0]].x"', "selects several things in one bracket"),
    ('withdrawal_id = "$.id"', 'withdrawal = "$.id"', "[capabilities.withdrawals.map] withdrawal: is no canonical"),
    ('withdrawal_id = "$.id"', "withdrawal_id = 7", "[capabilities.withdrawals.map] withdrawal_id: must be a path"),
    ('withdrawal_id = "$.id"', "withdrawal_id = {}", "[capabilities.withdrawals.map] withdrawal_id: needs exactly one"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "kpi$.id"', "there is no call named 'kpi'"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = { setting = "x" }', "'x' is not declared in [settings]"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = { argument = "x" }', "'x' is no argument here"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "$.id"\nplayer_id = "$.x"', "player_id: is set by the connector"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "$.id"\npayment_method = "$.iban"', "'iban' is never passed on"),
    ('withdrawal_id = "$.id"', 'withdrawal_id = "$.a"\npayment_method = "$[\'Card_Number\']"', "is never passed on"),
    ('transform = "minor_units"', 'transform = "eval"', "[capabilities.withdrawals.map.amount] transform: "),
    ('transform = "minor_units"', 'transform = "minor_units", format = "iso"', "'format' means nothing"),
    ('transform = "minor_units"', 'transform = "minor_units", subunits = 0', "[capabilities.withdrawals.map"),
    ('transform = "minor_units"', 'transform = "enum"', "amount: an enum needs its 'values'"),
    ("balances.cash_balance =", "balances =", "[capabilities.player.map] balances: is an object"),
    ("balances.cash_balance", "balances.cash", "[capabilities.player.map.balances] cash: is no canonical"),
    ('amount = "$.last"', 'money = "$.last"', "[capabilities.player.map.kpi.last_deposit] money: is no canonical"),
    ('kind = "bearer"', "", "authentication: needs a 'kind'"),
    ("[authentication]", "[dates]\nzone = 'Mars'\n[authentication]", "[dates] zone: 'Mars' is no time zone"),
    ("[authentication]", "[dates]\nformat = 'soon'\n[authentication]", "[dates] format: 'soon' is none of"),
    ('transform = "minor_units"', 'transform = "date", zone = "X/Y"', "amount] zone: 'X/Y' is no time zone"),
    ('default = "Europe/Malta"', 'default = "Europe/Atlantis"', "setting zone: 'Europe/Atlantis' is no time zone"),
]


@pytest.mark.parametrize(("before", "after", "place"), MISTAKES, ids=[mistake[1][:40] for mistake in MISTAKES])
def test_a_mistake_is_refused_with_its_place(before: str, after: str, place: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(changed(before, after))

    assert place in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


WINDOWED = """
[capabilities.deposits]
list = "$.data"
window = { days = 180 }
[[capabilities.deposits.calls]]
path = "/deposits"
headers = { X-Player = "{player_id}" }
without_id = true
[capabilities.deposits.map]
deposit_id = "$.id"
[capabilities."deposits.summary"]
same_as = "deposits"
"""


@pytest.mark.parametrize(
    ("more", "place"),
    [
        (CANCEL, '[capabilities."withdrawals.cancel"] must_be_listed: is missing'),
        (f'[capabilities."withdrawals.cancel"]\nmust_be_listed = "deposits"{CANCEL}', "has to be 'withdrawals'"),
        ('[capabilities."deposits.summary"]\nsame_as = "deposits"', "has no calls of its own here"),
        (WINDOWED, "'deposits' is read in a window, and a summary is of a lifetime"),
        ('[capabilities.deposits]\nsame_as = "withdrawals"', "same_as: means nothing for this capability"),
        ("[capabilities.kyc]", "[capabilities.kyc] calls: is missing"),
        ('[[errors]]\ncode = "OK"', "needs a 'status' or a 'path'"),
        ('[[errors]]\nstatus = 403\ncode = "TEAPOT"', "[errors.0] code: "),
        ('[[errors]]\npath = "$.a"\ncode = "OK"', "a 'path' needs one of"),
        ('[session]\nsource = "session_id"', "needs exactly one of 'header', 'query' and 'body'"),
        ('[preliminary.a]\npath = "/"\nproves_session = true', "'proves_session' needs an 'id_path'"),
        ('[preliminary.a]\npath = "/{b.c}"', "[preliminary.a] path: {b.c} is not known here"),
        ('[capabilities.player.extra]\nsecret = "$.personal_id"', "'personal_id' is never passed on"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_place(more: str, place: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(f"{GOOD}\n{more}")

    assert place in str(refused.value)


def test_the_players_own_session_may_cancel_without_a_list() -> None:
    session = '[session]\nsource = "operator_session_id"\nheader = "sid"\n'

    assert "withdrawals.cancel" in parse(GOOD + session + CANCEL).plans.plans


@pytest.mark.parametrize("text", ["format = ", "a = 1\na = 2", "\0", "[" * 5000, "x" * 300_000])
def test_what_is_no_toml_is_one_clear_line(text: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(text)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"zone": "Mars/Olympus"}, "setting zone: "),
        ({"zone": "../../etc/passwd"}, "setting zone: "),
        ({"colour": "red"}, "setting colour is not declared"),
    ],
)
def test_a_setting_is_checked(settings: dict[str, str], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        parse(GOOD, **settings)


def test_a_missing_secret_is_named_and_no_other() -> None:
    text = GOOD.replace("[authentication]", '[secrets]\nkey = { description = "the key" }\n[authentication]')

    with pytest.raises(ConfigurationError, match="secret key is missing: the key") as refused:
        parse(text)

    assert "s3cret" not in str(refused.value)


def test_the_example_of_the_documentation_is_a_document() -> None:
    whole, *parts = EXAMPLES

    connector = Connector.parse(whole, "https://x.example", {"api_token": "t", "key_id": "k"}, {})
    assert set(connector.plans.plans) == {"player", "withdrawals", "withdrawals.cancel"}
    assert connector.plans.plans["player"].evidence("A")["kyc_status"] == "C"
    assert all(tomllib.loads(part) for part in parts)


def test_the_parts_that_the_documentation_shows_fit_into_a_document() -> None:
    begin = 'format = 1\nname = "x"\n[settings]\nsite_id = { default = "1" }\n'
    calls = "".join(
        f'[[capabilities.{name}.calls]]\npath = "/x/{{player_id}}"\nwithout_id = true\n'
        for name in ("responsible_gaming", "kyc")
    )
    parts = "".join(EXAMPLES[1:])

    assert set(compile_document(read_document(begin + calls + parts)).plans) == {"responsible_gaming", "kyc"}


TABLES = [Document, Declared, Dates, Money, ErrorRule, Pick, Preliminary, Paging, Window, Capability, Session, When]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_member_of_a_table_is_explained(table: type[BaseModel]) -> None:
    shown = set(re.findall(r"[a-z_]+", " ".join([*re.findall(r"`([^`]+)`", PROSE), *EXAMPLES])))

    assert set(table.model_fields) - shown == set()


@pytest.mark.parametrize("kind", get_args(Authentication), ids=lambda kind: kind.__name__)
def test_every_kind_of_authentication_is_explained(kind: type[BaseModel]) -> None:
    names = set(get_args(kind.model_fields["kind"].annotation))
    rows = [line for line in PAGE.splitlines() if any(line.startswith("|") and f"`{name}`" in line for name in names)]

    assert rows
    assert [name for name in set(kind.model_fields) - {"kind"} if f"`{name}" not in " ".join(rows)] == []


def test_every_transform_and_option_is_explained() -> None:
    names = {*Transform.__args__, *OPTIONS, *Field.model_fields}  # type: ignore[attr-defined]

    assert sorted(name for name in names if f"`{name}" not in PAGE and f"`{name}`" not in PAGE) == []
