"""Suggestions: from samples as platforms write them to maps; what looks alike is refused, nothing written unasked."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from widget_service.backoffice.connector.compiling import compile_document, read_document
from widget_service.backoffice.proposal import BEGINNING, write_piece
from widget_service.backoffice.suggestion import Suggestion, suggest
from widget_service.cli import main
from widget_service.errors import ConfigurationError

STAFF_WITHDRAWALS = {
    "HasError": False,
    "Data": {
        "ClientRequests": [
            {"Id": 20931, "ClientId": 5832, "Amount": Decimal("150.5"), "CurrencyId": "EUR", "State": 0,
             "StateName": "New", "RequestTimeLocal": "2026-03-01T12:12:44", "AllowTimeLocal": None,
             "PaymentSystemName": "Card", "Info": "x"},
            {"Id": 19877, "ClientId": 5832, "Amount": Decimal("120.0"), "CurrencyId": "EUR", "State": 3,
             "StateName": "Paid", "RequestTimeLocal": "2026-02-10T14:00:03", "AllowTimeLocal": "2026-02-11T08:30:00",
             "PaymentSystemName": "Bank", "Info": "y"},
        ],
        "Count": 8,
    },
}  # fmt: skip
SWARM_USER = {
    "code": 0,
    "data": {
        "user_id": 5832, "first_name": "Ana", "sur_name": "Ruiz", "currency_name": "EUR", "reg_date": 1749666124,
        "is_verified": True, "balance": Decimal("220.5"), "frozen_balance": 40, "birth_date": "1990-01-01",
        "personal_id": "X-1", "password": "hunter2",
    },
}  # fmt: skip
PLAYER_BONUSES = {
    "items": [
        {"id": "x-1", "bonusWalletID": "771", "bonusId": "b-1", "bonusCode": "RELOAD", "name": "Reload",
         "status": "active", "amount": Decimal("40.0"), "initialWagerRequirementAmount": Decimal("1400.0"),
         "remainingWagerRequirementAmount": 640, "grantedDate": "2026-02-28T08:00:00Z", "currency": "EUR"}
    ]
}  # fmt: skip
RELAYED_PAYMENTS = {
    "data": [
        {"id": 1, "amount_cents": 15000, "currency": "EUR", "state": "pending", "recallable": True,
         "created_at": "2026-03-01T09:12:44Z", "finished_at": None, "payment_system": "card"},
        {"id": 2, "amount_cents": 100, "currency": "JPY", "state": "odd", "recallable": False,
         "created_at": "2026-02-01T09:12:44Z", "finished_at": "2026-02-01T09:12:44Z", "payment_system": "card"},
    ],
    "pagination": {"page": 1, "per_page": 20, "total_count": 2},
}  # fmt: skip
KEYED_BALANCE = {"userId": 5832, "totalAmount": {"BTC": Decimal("0.5")}, "totalCashAmount": {"BTC": Decimal("0.25")}}


def found(suggestion: Suggestion) -> dict[str, tuple[object, object, str]]:
    """What each canonical member is read from, what comes of it, and how sure that is."""
    return {
        row.canonical: (row.field.get("path", row.field.get("of")), row.value, row.confidence)
        for row in suggestion.rows
    }


def test_a_staff_apis_withdrawals_are_recognised() -> None:
    suggestion = suggest(STAFF_WITHDRAWALS, "withdrawals")

    rows = found(suggestion)
    assert suggestion.record.steps == ("Data", "ClientRequests")
    assert (suggestion.record.total, suggestion.id_path) == (("Data", "Count"), "$.ClientId")
    assert rows["withdrawal_id"] == ("$.Id", "20931", "high")
    assert rows["amount"][1] == Decimal("150.5")
    assert rows["status"] == ("$.StateName", "pending", "high")
    assert [rows[name][0] for name in ("currency", "requested_at", "processed_at", "payment_method")] == [
        "$.CurrencyId", "$.RequestTimeLocal", "$.AllowTimeLocal", "$.PaymentSystemName"
    ]  # fmt: skip
    assert set(suggestion.missing) == {"cancellable", "rejection_reason"}


def test_a_players_record_is_found_inside_its_envelope() -> None:
    suggestion = suggest(SWARM_USER, "player")

    rows = found(suggestion)
    assert (suggestion.record.steps, suggestion.id_path) == (("data",), "$.user_id")
    assert rows["name"] == (["$.first_name", "$.sur_name"], "Ana Ruiz", "high")
    assert rows["kyc_status"][1] == "approved"
    assert rows["balances.cash_balance"][1] == Decimal("220.5")
    assert str(rows["registration_date"][1]) == "2025-06-11 18:22:04+00:00"


def test_minor_units_and_unknown_words_are_noticed() -> None:
    suggestion = suggest(RELAYED_PAYMENTS, "withdrawals")

    rows = {row.canonical: row for row in suggestion.rows}
    assert (rows["amount"].field["transform"], rows["amount"].value) == ("minor_units", Decimal(150))
    assert (rows["status"].field["values"], rows["status"].remark) == ({"pending": "pending"}, "not known: odd")
    assert suggestion.record.total == ("pagination", "total_count")


def test_a_currency_that_is_a_key_is_the_currency() -> None:
    rows = found(suggest(KEYED_BALANCE, "balances"))

    assert rows["currency"] == ("$.totalAmount", "BTC", "high")
    assert rows["cash_balance"] == ("$.totalCashAmount", Decimal("0.25"), "high")


@pytest.mark.parametrize(
    ("sample", "capability", "path", "canonical"),
    [
        (SWARM_USER, "player", "$.data.frozen_balance", "balances.pending_withdrawal"),
        (PLAYER_BONUSES, "bonuses", "$.bonusId", "bonus_id"),
        (PLAYER_BONUSES, "bonuses", "$.id", "bonus_id"),
        (PLAYER_BONUSES, "bonuses", "$.remainingWagerRequirementAmount", "wagered"),
        ([{"Id": 1, "PartnerBonusId": 7}], "bonuses", "$.PartnerBonusId", "bonus_id"),
        ({"balance": 1, "amount_to_wager": 5}, "player", "$.amount_to_wager", "kpi.wr"),
        ([{"id": 1, "type": 1, "amount": 5}], "withdrawals", "$.type", "status"),
        ([{"Id": 1, "Note": "Bet", "Amount": 5}], "notes", "$.Note", "content"),
        ({"kycStatus": "x", "Documents": {"Objects": [{"Amount": 1}]}}, "kyc", "$.Documents", "documents"),
        ({"account": "5832", "balance": 5}, "balances", "$.account", "id"),
    ],
)
def test_a_false_friend_is_refused_with_its_reason(sample: object, capability: str, path: str, canonical: str) -> None:
    suggestion = suggest(sample, capability)

    refused = {refusal.path: refusal for refusal in suggestion.refusals}
    last = path.split(".")[-1]
    assert any(one.endswith(f".{last}") and refusal.reason for one, refusal in refused.items())
    assert found(suggestion).get(canonical, (None,))[0] not in (path, f"$.{last}")


def test_what_was_wagered_is_the_requirement_less_what_remains() -> None:
    assert found(suggest(PLAYER_BONUSES, "bonuses"))["wagered"][1] == 760


@pytest.mark.parametrize("capability", ["transactions", "withdrawals"])
def test_papers_are_not_taken_for_a_ledger(capability: str) -> None:
    papers = {"documents": [{"id": 1, "document_type": "identity", "status": "approved", "created_at": 1749666124}]}

    with pytest.raises(ConfigurationError, match="KYC"):
        suggest(papers, capability)


@pytest.mark.parametrize(
    ("text", "form", "sure"),
    [
        ("2026-03-01T12:00:00Z", None, "high"),
        ("2026-03-01T12:00:00.1234567", None, "medium"),
        ("01-03-26 - 12:00:00", "dd-MM-yy - HH:mm:ss", "medium"),
        ("01.03.2026 12:00", "dd.MM.yyyy HH:mm", "medium"),
        ("01/03/2026 12:00:00", "dd/MM/yyyy HH:mm:ss", "low"),
        (1772366400, "unix", "high"),
        ("1772366400", "unix", "high"),
        (1772366400123, "unix_ms", "high"),
    ],
)
def test_how_a_date_is_written_is_guessed(text: object, form: str | None, sure: str) -> None:
    (row,) = [
        row for row in suggest({"id": 1, "reg_date": text}, "player").rows if row.canonical == "registration_date"
    ]

    assert (row.field.get("format"), row.confidence, str(row.value)[:10]) == (form, sure, "2026-03-01")


@pytest.mark.parametrize("text", ["yesterday", True, 5832, "1/2", [], {}])
def test_what_is_no_date_is_not_proposed_as_one(text: object) -> None:
    assert "registration_date" not in found(suggest({"id": 1, "reg_date": text}, "player"))


def test_what_never_leaves_is_never_shown() -> None:
    suggestion = suggest(SWARM_USER, "player")

    shown = f"{suggestion.rows} {suggestion.refusals} {write_piece(suggestion)}"
    assert not any(secret in shown for secret in ("1990", "X-1", "hunter2"))


SAMPLES: list[tuple[str, object]] = [
    ("withdrawals", STAFF_WITHDRAWALS),
    ("player", SWARM_USER),
    ("bonuses", PLAYER_BONUSES),
    ("withdrawals", RELAYED_PAYMENTS),
    ("balances", KEYED_BALANCE),
    ("notes", [{"odd name": 1, 'quote"d': 2, "id": 1, "text": "x"}]),
    ("withdrawals", {"request": {"id": 1, "amount": "5.00", "date": 1749666124, "is_cancelable": True}}),
]


@pytest.mark.parametrize(("capability", "sample"), SAMPLES)
@pytest.mark.parametrize("url", [None, "https://x.example/api/{odd}/5832/list?limit=5&who=5832&page=2&x={y}#frag"])
def test_every_proposal_is_a_document_that_can_be_read(capability: str, sample: object, url: str | None) -> None:
    piece = write_piece(suggest(sample, capability), url)

    plans = compile_document(read_document(f"{BEGINNING}\n{piece}")).plans
    assert list(plans) == [capability]


def test_the_url_of_the_sample_becomes_a_template() -> None:
    url = "https://x.example/api/clients/5832/requests?MaxRows=20&SkeepRows=0&client=5832&lang=en"

    call = tomllib.loads(write_piece(suggest(STAFF_WITHDRAWALS, "withdrawals"), url))
    (capability,) = call["capabilities"].values()

    assert capability["paging"] == {"kind": "offset", "total_path": "$.Data.Count"}
    assert capability["calls"] == [
        {
            "path": "/api/clients/{player_id}/requests",
            "query": {"MaxRows": "{limit}", "SkeepRows": "{offset}", "client": "{player_id}", "lang": "en"},
        }
    ]


def run(*arguments: str, typed: str = "") -> Any:
    return CliRunner().invoke(main, ["backoffice", "suggest", *arguments], input=typed)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    file = tmp_path / "sample.json"
    file.write_text(json.dumps(STAFF_WITHDRAWALS, default=float), encoding="utf-8")
    return file


def test_nothing_is_written_without_a_yes(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "casino.toml"
    options = ("--capability", "withdrawals", "--file", str(sample))

    shown = run(*options)
    refused = run(*options, "--out", str(out), typed="n\n")
    silent = run(*options, "--out", str(out))
    as_json = run(*options, "--out", str(out), "--json")

    assert [answer.exit_code for answer in (shown, refused, silent, as_json)] == [0, 0, 0, 0]
    assert "withdrawal_id" in shown.output
    assert "Write this to" in refused.output
    assert json.loads(as_json.output)["written"] is None
    assert not out.exists()


@pytest.mark.parametrize(("options", "typed"), [(("--yes",), ""), (("--yes", "--json"), ""), ((), "y\n")])
def test_after_a_yes_a_document_begins(sample: Path, tmp_path: Path, options: tuple[str, ...], typed: str) -> None:
    out = tmp_path / "casino.toml"

    answer = run("--capability", "withdrawals", "--file", str(sample), "--out", str(out), *options, typed=typed)

    assert answer.exit_code == 0
    assert list(compile_document(read_document(out.read_text(encoding="utf-8"))).plans) == ["withdrawals"]


def test_a_document_is_extended_and_never_overwritten(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "casino.toml"
    run("--capability", "withdrawals", "--file", str(sample), "--out", str(out), "--yes")
    first = out.read_text(encoding="utf-8")

    more = run("--capability", "deposits", "--file", str(sample), "--out", str(out), "--yes")
    again = run("--capability", "withdrawals", "--file", str(sample), "--out", str(out), "--yes")

    assert (more.exit_code, again.exit_code) == (0, 2)
    assert out.read_text(encoding="utf-8").startswith(first.rstrip())
    assert set(compile_document(read_document(out.read_text(encoding="utf-8"))).plans) == {"withdrawals", "deposits"}


@pytest.mark.parametrize("text", ["", "<html>", '{"a":1,"a":2}', "[" * 100, "[]", '{"items":[]}', "7", "null"])
def test_a_sample_with_nothing_in_it_is_one_clear_line(text: str) -> None:
    answer = run("--capability", "withdrawals", typed=text)

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.splitlines()) == 1


def test_a_capability_without_names_to_go_by_is_refused() -> None:
    answer = run("--capability", "bonus.add", typed="{}")

    assert answer.exit_code == 2
    assert "suggestions exist for" in answer.stderr
