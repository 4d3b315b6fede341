"""The request that gave a sample becomes a template: nothing of the sample's player stays in a document."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from widget_service.backoffice.connector.compiling import compile_document, read_document
from widget_service.backoffice.proposal import BEGINNING, write_piece
from widget_service.backoffice.sample_requests import SampleRequest
from widget_service.backoffice.suggestion import suggest
from widget_service.cli import main

BALANCE = {"balance": "220.500000"}
UUID = "583c985f-fee6-4c0e-bbf5-308aad6265af"
#: What must be in no document: ids, logins, dates and amounts of the sample.
OF_THE_SAMPLE = re.compile(rf"40217|gullwing|{UUID}|2026|player\.example|1767225600|15000|ACC7")


ROWS = {"rows": [{"id": "w1", "amount": "5.00", "status": "PENDING"}]}


def call_of(url: str, body: object = None, sample: object = BALANCE, capability: str = "balances") -> Any:
    """The proposal's capability, from a document that is read once more."""
    request = SampleRequest(url, body)
    piece = write_piece(suggest(sample, capability, request.named_ids), request)
    assert not OF_THE_SAMPLE.search(piece), piece
    compile_document(read_document(f"{BEGINNING}\n{piece}"))
    return tomllib.loads(piece)["capabilities"][capability]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/api/v1/wallets/40217/balance", "/api/v1/wallets/{player_id}/balance"),
        ("/users/gullwing7/", "/users/{player_id}/"),
        ("/users/gullwing/balance", "/users/{player_id}/balance"),
        (f"/v2/b/{UUID}", "/v2/b/{player_id}"),
        ("/balances/40217.json", "/balances/{player_id}"),
        ("/players(40217)/wallet", "/players({player_id})/wallet"),
        ("/applicants/-;externalUserId=40217/one", "/applicants/-;externalUserId={player_id}/one"),
        ("/customers/p40217%40player.example/cash", "/customers/{player_id}/cash"),
        ("/member/ACC7/report/2026-01-01", "/member/{player_id}/report/{settings.report}"),
        ("/brands/77/players/40217", "/brands/{settings.brands}/players/{player_id}"),
        ("/x/40217", "/x/{player_id}"),
        ("/api/2/users/7/balance", "/api/2/users/{player_id}/balance"),
        ("/v1.1/wallet-of/42", "/v1.1/wallet-of/{player_id}"),
    ],
)
def test_an_id_in_the_path_becomes_the_sessions_player(target: str, path: str) -> None:
    assert call_of(f"https://x.example{target}")["calls"][0]["path"] == path


@pytest.mark.parametrize(
    ("query", "template"),
    [
        ("playerId=40217", {"playerId": "{player_id}"}),
        ("u=40217", {"u": "{player_id}"}),
        ("username=gullwing", {"username": "{player_id}"}),
        (f"who={UUID}", {"who": "{player_id}"}),
        ("email=p40217@player.example", {"email": "{player_id}"}),
        ("i=40217&from=2026-01-01&to=2026-01-09", {"i": "{player_id}", "from": "{from_date:date}", "to": "{to_date:date}"}),  # noqa: E501
        ("id=40217&startTime=1767225600", {"id": "{player_id}", "startTime": "{from_date:unix}"}),
        ("id=40217&on=2026-01-01&minAmount=15000", {"id": "{player_id}"}),
        ("id=40217&brandId=443&lang=en", {"id": "{player_id}", "brandId": "{settings.brand_id}", "lang": "en"}),
        ("id=40217&api_key=40217", {"id": "{player_id}"}),
        ("q=customer:40217 AND kind:2", {"q": "customer:{player_id} AND kind:2"}),
    ],
)  # fmt: skip
def test_ids_dates_and_amounts_of_the_query_become_placeholders(query: str, template: dict[str, str]) -> None:
    assert call_of(f"https://x.example/w?{query}", None, ROWS, "withdrawals")["calls"][0]["query"] == template


@pytest.mark.parametrize(
    ("body", "template"),
    [
        ({"userId": "40217", "kind": 2}, {"userId": "{player_id}", "kind": 2}),
        ({"userId": 40217}, {"userId": "{player_id:integer}"}),
        ({"f": {"ids": [40217]}, "take": 20}, {"f": {"ids": ["{player_id:integer}"]}, "take": "{limit:integer}"}),
        ({"query": '{ player(id: "40217") { cash } }'}, {"query": '{{ player(id: "{player_id}") {{ cash }} }}'}),
        ({"a": "40217", "Since": "2026-01-01T00:00:00", "ApiKey": "k"}, {"a": "{player_id}", "Since": "{from_date:iso_local}"}),  # noqa: E501
    ],
)  # fmt: skip
def test_a_body_becomes_a_template(body: object, template: object) -> None:
    (call,) = call_of("https://x.example/rpc", body, ROWS, "withdrawals")["calls"]

    assert call["body"] == template
    assert (call["method"], call["read"]) == ("POST", True)


@pytest.mark.parametrize("url", ["https://x.example/wallet", "https://x.example/wallet?lang=en&kind=2"])
def test_a_request_that_names_no_player_is_pointed_at(url: str) -> None:
    assert "NAMES NO PLAYER" in write_piece(suggest(BALANCE, "balances"), SampleRequest(url))


def test_no_name_or_word_of_a_sample_gets_out_of_a_comment() -> None:
    sample = [{"id": "1", "amount": "5.00", "status": 'odd\n[secrets]\nx = "y"\x7f', "user\nid": "7", "userId": "8"}]
    request = SampleRequest("https://x.example/w?amount%0A%5Bsecrets%5D=15000&player=40217")

    piece = write_piece(suggest(sample, "withdrawals"), request)

    assert set(tomllib.loads(piece)) == {"capabilities"}


def test_dates_of_the_request_become_filters() -> None:
    call = call_of("https://x.example/w?id=40217&since=2026-01-01&until=2026-02-01", None, ROWS, "withdrawals")

    assert call["filters"] == ["from_date", "to_date"]


def test_what_the_request_names_is_looked_for_in_the_answer() -> None:
    sample = {"partyId": "40217", "externalUserId": "gullwing7", "balance": "1.50"}

    assert call_of("https://x.example/players/40217", None, sample)["calls"][0]["id_path"] == "$.partyId"


def test_one_of_several_wallets_is_picked_by_the_currency() -> None:
    sample = {"wallets": [{"currency": "BTC", "cash": "0.5"}, {"currency": "EUR", "cash": "220.50"}]}

    (call,) = call_of("https://x.example/players/40217", None, sample)["calls"]

    assert call["pick"] == {"list": "$.wallets", "by": "$.currency", "equals": {"setting": "currency"}}


def test_an_id_beside_the_list_says_whose_it_is() -> None:
    sample = {"data": {"playerId": "40217", "comments": [{"commentId": "1", "content": "x"}]}}

    capability = call_of("https://x.example/notes/40217", None, sample, "notes")

    assert (capability["list"], capability["calls"][0]["root"]) == ("$.comments", "$.data")
    assert (capability["calls"][0]["id_path"], capability.get("item_id_path")) == ("$.playerId", None)


def test_the_command_reads_the_body_that_was_sent(tmp_path: Path) -> None:
    sample, body = tmp_path / "sample.json", tmp_path / "body.json"
    sample.write_text(json.dumps(BALANCE), encoding="utf-8")
    body.write_text('{"userId": "40217"}', encoding="utf-8")
    options = ["backoffice", "suggest", "--capability", "balances", "--file", str(sample), "--body", str(body)]

    told = CliRunner().invoke(main, [*options, "--url", "https://x.example/w"])
    refused = CliRunner().invoke(main, options)

    assert 'body = { userId = "{player_id}" }' in told.output
    assert (told.exit_code, refused.exit_code) == (0, 2)


def test_a_setting_that_the_request_needs_is_declared_once(tmp_path: Path) -> None:
    out, sample = tmp_path / "casino.toml", tmp_path / "sample.json"
    sample.write_text(json.dumps(BALANCE | {"id": "40217", "email": "a@player.example"}), encoding="utf-8")
    for capability in ("balances", "player"):
        options = ["--capability", capability, "--file", str(sample), "--url", "https://x.example/p/40217?brandId=443"]
        assert CliRunner().invoke(main, ["backoffice", "suggest", *options, "--out", str(out), "--yes"]).exit_code == 0

    assert set(tomllib.loads(out.read_text(encoding="utf-8"))["settings"]) == {"currency", "brand_id"}
