"""What is asked for rightly has its consequences, and what the rules do not allow is refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.back_office import TOLD_AT, BackOffice
from widget_service import strict_json

DAY = 86_400


class Caller:
    """Calls about one player."""

    def __init__(self, office: BackOffice, player_id: str = "40217") -> None:
        self.office, self.player_id = office, player_id
        self._headers = office.headers(player_id)

    def get(self, place: str = "") -> Any:
        answer = self.office.client().get(f"/v1/players/{self.player_id}{place}", headers=self._headers)
        assert answer.status_code == 200, answer.text
        return strict_json.parse(answer.data, decimals=True)

    def post(self, place: str, body: dict[str, Any], **headers: str) -> Any:
        """The answer, its numbers as Decimals, with its status under ``_``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.office.client().post(
            f"/v1/players/{self.player_id}{place}", json=body, headers={**self._headers, **named}
        )
        return {"_": answer.status_code, **strict_json.parse_object(answer.data, decimals=True)}

    def cash(self) -> str:
        return str(self.get("/balances")["cash_balance"])

    def newest(self) -> dict[str, Any]:
        return dict(self.get("/transactions?limit=1")["transactions"][0])


@pytest.fixture
def ana(office: BackOffice) -> Caller:
    return Caller(office)


def why(answer: dict[str, Any]) -> tuple[int, str, str | None]:
    return answer["_"], answer["error"]["code"], answer["error"].get("details", {}).get("reason")


CANCEL = "/withdrawals/wd_20931/cancel"
REASON = {"reason": "Player wants to keep playing"}


def test_a_cancelled_withdrawal_returns_the_money(ana: Caller) -> None:
    answer = ana.post(CANCEL, REASON)

    balances, row = ana.get("/balances"), ana.newest()
    assert (str(balances["cash_balance"]), str(balances["pending_withdrawal"])) == ("370.50", "0.00")
    assert (row["transaction_id"], row["direction"], row["reference_id"]) == (
        answer["transaction_id"],
        "credit",
        "wd_20931",
    )
    (found,) = ana.get("/withdrawals?status=cancelled&limit=1")["withdrawals"]
    assert (found["withdrawal_id"], found["cancellable"]) == ("wd_20931", False)
    assert found["processed_at"] == "2026-03-01T12:00:00Z"
    assert ana.get("/withdrawals/pending")["total"] == 0
    assert ana.get()["kpi"]["last_withdrawal"]["status"] == "cancelled"
    (asked,) = [one for one in ana.get("/transactions?limit=3")["transactions"] if one["status"] == "cancelled"]
    assert asked["reference_id"] == "wd_20931"


@pytest.mark.parametrize(
    "withdrawal_id",
    [
        "wd_19877",
        "wd_21004",
        "wd_1",
        "wd_",
        "20931",
        "wd_020931",
        "WD_20931",
        "wd_20931 ",
        "wd_" + "9" * 80,
        "%00",
        "é",
    ],
)
def test_what_cannot_be_cancelled_is_refused_alike(told: BackOffice, withdrawal_id: str) -> None:
    answer = Caller(told).post(f"/withdrawals/{withdrawal_id}/cancel", REASON)

    assert why(answer) == (400, "WITHDRAWAL_CANNOT_CANCEL", None)
    assert answer["error"]["message"] == "Withdrawal not cancellable"


def test_a_withdrawal_is_cancelled_once(ana: Caller) -> None:
    assert ana.post(CANCEL, REASON)["_"] == 200

    assert why(ana.post(CANCEL, REASON)) == (400, "WITHDRAWAL_CANNOT_CANCEL", None)
    assert ana.cash() == "370.50"


def test_of_those_who_cancel_at_once_exactly_one_succeeds(ana: Caller) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ana.post(CANCEL, REASON), range(8)))

    assert sorted(answer["_"] for answer in answers) == [200] + [400] * 7
    assert ana.cash() == "370.50"


def test_a_withdrawal_that_the_source_calls_not_cancellable_stays(office: BackOffice) -> None:
    ewa = Caller(office, "70102")
    (waiting,) = ewa.get("/withdrawals/pending")["withdrawals"]

    assert waiting["cancellable"] is False
    assert ewa.post(f"/withdrawals/{waiting['withdrawal_id']}/cancel", REASON)["_"] == 400


def test_a_write_is_done_once_for_one_idempotency_key(ana: Caller) -> None:
    deduct = {"amount": 20, "reason": "Duplicate credit"}
    answers = [ana.post("/deduct-cash", deduct, Idempotency_Key="k-1") for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert ana.cash() == "200.50"
    assert ana.post("/deduct-cash", deduct, Idempotency_Key="k-2")["_"] == 200
    assert ana.cash() == "180.50"


def test_the_same_key_for_something_else_is_a_conflict(ana: Caller) -> None:
    ana.post("/deduct-cash", {"amount": 20}, Idempotency_Key="k-1")

    assert why(ana.post("/deduct-cash", {"amount": 21}, Idempotency_Key="k-1"))[:2] == (409, "CONFLICT")
    assert why(ana.post("/notes", {"content": "x"}, Idempotency_Key="k-1"))[:2] == (409, "CONFLICT")
    assert Caller(ana.office, "5832").post("/deduct-cash", {"amount": 21}, Idempotency_Key="k-1")["_"] == 200
    assert ana.cash() == "200.50"


def test_of_those_who_write_at_once_with_one_key_one_writes_and_all_are_answered(ana: Caller) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ana.post(CANCEL, REASON, Idempotency_Key="once"), range(8)))

    assert {answer["_"] for answer in answers} == {200}
    assert {answer["transaction_id"] for answer in answers} == {answers[0]["transaction_id"]}
    assert ana.cash() == "370.50"


def test_a_refused_write_keeps_no_key(ana: Caller) -> None:
    assert ana.post("/deduct-cash", {"amount": 9999}, Idempotency_Key="k-1")["_"] == 400

    ana.post("/balances/adjustments", {"type": "credit", "balance_type": "cash", "amount": 9999, "reason": "x"})
    assert ana.post("/deduct-cash", {"amount": 9999}, Idempotency_Key="k-1")["_"] == 200


@pytest.mark.parametrize(
    ("kind", "balance_type", "expected"),
    [
        ("credit", "cash", ("221.51", "40.00")),
        ("correction", "bonus", ("220.50", "41.01")),
        ("refund", "cash", ("221.51", "40.00")),
        ("debit", "cash", ("219.49", "40.00")),
        ("chargeback", "bonus", ("220.50", "38.99")),
    ],
)
def test_an_adjustment_moves_one_balance(ana: Caller, kind: str, balance_type: str, expected: tuple[str, str]) -> None:
    body = {"type": kind, "balance_type": balance_type, "amount": 1.01, "reason": "Audit"}
    balances = ana.post("/balances/adjustments", body)["balances"]

    assert (str(balances["cash_balance"]), str(balances["bonus_balance"])) == expected
    assert ana.newest()["event_type"] == "adjustment"


@pytest.mark.parametrize(
    ("place", "body"),
    [
        ("/deduct-cash", {"amount": 220.51}),
        ("/balances/adjustments", {"type": "debit", "balance_type": "cash", "amount": 220.51, "reason": "x"}),
        ("/balances/adjustments", {"type": "chargeback", "balance_type": "bonus", "amount": 40.01, "reason": "x"}),
    ],
)
def test_nothing_is_taken_that_is_not_there(ana: Caller, place: str, body: dict[str, Any]) -> None:
    assert why(ana.post(place, body)) == (400, "BALANCE_INSUFFICIENT", None)
    assert ana.get("/transactions?limit=1")["total"] == 214


@pytest.mark.parametrize(
    ("player_id", "good", "bad", "left"),
    [("70064", 1, 1.5, "128079"), ("70079", 0.00000001, 0.000000001, "0.04324321"), ("70083", 0.005, 0.0005, "26.095")],
)
def test_amounts_have_the_decimals_of_their_currency(
    office: BackOffice, player_id: str, good: float, bad: float, left: str
) -> None:
    caller = Caller(office, player_id)

    assert why(caller.post("/deduct-cash", {"amount": bad})) == (422, "INVALID_REQUEST", "too_many_decimals")
    assert str(caller.post("/deduct-cash", {"amount": good})["new_cash_balance"]) == left


def test_a_bonus_is_credited_and_has_to_be_wagered(ana: Caller) -> None:
    bonus_id = ana.post("/bonus", {"bonus_type_id": "bt_loyal15", "amount": 7.5, "reason": "Goodwill"})["bonus_id"]

    (found,) = ana.get("/bonuses?limit=1")["bonuses"]
    assert (found["bonus_id"], found["status"], str(found["wager_requirement"])) == (bonus_id, "active", "150.00")
    balances = ana.get("/balances")
    assert (str(balances["bonus_balance"]), str(balances["withdrawable_balance"])) == ("47.50", "220.50")
    assert str(ana.get()["kpi"]["wr"]) == "790.00"
    assert (ana.newest()["event_type"], ana.newest()["reference_id"]) == ("bonus", bonus_id)


@pytest.mark.parametrize(
    ("player_id", "bonus_type_id", "reason"),
    [
        ("40217", "bt_nothing", "unknown_bonus_type"),
        ("40217", "bt_vip200", "not_eligible"),
        ("40217", "bt_reload40", "not_eligible"),  # it is being wagered
        ("40217", "bt_summer60", "not_eligible"),  # it is over
        ("70102", "bt_loyal15", "not_eligible"),  # blocked, and wants none
        ("70046", "bt_loyal15", "responsible_gaming_closed"),
        ("70058", "bt_loyal15", "responsible_gaming_closed"),
    ],
)
def test_a_bonus_is_given_to_whom_it_is_meant_for(
    told: BackOffice, player_id: str, bonus_type_id: str, reason: str
) -> None:
    answer = Caller(told, player_id).post("/bonus", {"bonus_type_id": bonus_type_id, "amount": 5})

    assert why(answer) == (422, "INVALID_REQUEST", reason)


def test_the_same_bonus_is_not_given_twice(ana: Caller) -> None:
    wanted = {"bonus_type_id": "bt_loyal15", "amount": 15}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ana.post("/bonus", wanted), range(4)))

    assert sorted(answer["_"] for answer in answers) == [200, 422, 422, 422]
    assert ana.get("/bonuses/eligible")["total"] == 0


def test_who_is_eligible_for_what_can_be_asked(told: BackOffice) -> None:
    def names(player_id: str, query: str = "") -> set[str]:
        answer = Caller(told, player_id).get(f"/bonuses/eligible{query}")
        assert answer["total"] == len(answer["bonuses"])
        return {bonus["bonus_type_id"] for bonus in answer["bonuses"]}

    assert names("40217") == {"bt_loyal15"}
    assert names("40217", "?criteria_type=DEPOSIT") == set()
    assert names("70025", "?criteria_type=VIP") == {"bt_vip200"}
    assert names("70011") == {"bt_welcome50", "bt_hello20"}
    assert names("70046") == names("70058") == names("70102") == set()


def test_a_cash_bonus_is_the_players_own(office: BackOffice) -> None:
    reginald = Caller(office, "70025")
    reginald.post("/bonus", {"bonus_type_id": "bt_vip200", "amount": 200})

    assert reginald.cash() == "8510.75"
    assert reginald.get("/balances")["active_bonus"] is None


def test_a_cancelled_bonus_takes_its_money_with_it(ana: Caller) -> None:
    answer = ana.post("/cancel-bonus", {"reason": "Player asked to withdraw", "bonus_id": "bon_7731"})

    balances = ana.get("/balances")
    assert answer["cancelled_count"] == 1
    assert (str(balances["bonus_balance"]), balances["active_bonus"]) == ("0.00", None)
    assert ana.newest()["transaction_id"] == answer["transaction_id"]
    again = ana.post("/cancel-bonus", {"reason": "x", "bonus_id": "bon_7731"})
    assert why(again) == (422, "INVALID_REQUEST", "not_active")
    assert ana.post("/cancel-bonus", {"reason": "x"})["cancelled_count"] == 0


def test_without_a_bonus_id_all_that_are_active_are_cancelled(office: BackOffice) -> None:
    sofia = Caller(office, "70091")

    assert why(sofia.post("/cancel-bonus", {"reason": "x", "bonus_id": "bon_7731"}))[2] == "not_active"
    assert sofia.post("/cancel-bonus", {"reason": "x"})["cancelled_count"] == 2
    assert str(sofia.get("/balances")["bonus_balance"]) == "0.00"


def test_a_bonus_ends_when_its_time_is_over(tmp_path: Path) -> None:
    times = [TOLD_AT]
    office = BackOffice(tmp_path, lambda: times[0])
    times[0] += 14 * DAY
    ana = Caller(office)

    assert ana.get("/balances")["active_bonus"] is None
    assert str(ana.get("/balances")["total_balance"]) == "220.50"
    assert ana.get("/bonuses?limit=1")["bonuses"][0]["status"] == "expired"
    assert why(ana.post("/cancel-bonus", {"reason": "x", "bonus_id": "bon_7731"}))[2] == "not_active"


def test_a_limit_is_lowered_at_once_and_not_raised(ana: Caller) -> None:
    lowered = ana.post("/responsible-gaming/limits", {"type": "deposit_weekly", "limit_amount": 60})

    assert [str(lowered["limit"][name]) for name in ("limit_amount", "used_amount", "remaining_amount")] == [
        "60.00",
        "100.00",
        "0.00",
    ]
    raised = ana.post("/responsible-gaming/limits", {"type": "deposit_weekly", "limit_amount": 60.01})
    assert why(raised) == (422, "INVALID_REQUEST", "increase_not_allowed")
    minutes = ana.post("/responsible-gaming/limits", {"type": "session_time", "limit_amount": 30})["limit"]
    assert [str(minutes[name]) for name in ("limit_amount", "used_amount", "remaining_amount")] == ["30", "35", "0"]


@pytest.mark.parametrize(
    ("limit", "used", "start", "end"),
    [
        ("deposit_daily", "0.00", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z"),
        ("deposit_weekly", "100.00", "2026-02-23T00:00:00Z", "2026-03-01T23:59:59Z"),
        ("deposit_monthly", "0.00", "2026-03-01T00:00:00Z", "2026-03-31T23:59:59Z"),
        ("loss_weekly", "67.70", "2026-02-23T00:00:00Z", "2026-03-01T23:59:59Z"),
        ("wager_daily", "0.00", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z"),
    ],
)
def test_a_limit_counts_what_was_done_in_its_period(ana: Caller, limit: str, used: str, start: str, end: str) -> None:
    found = ana.post("/responsible-gaming/limits", {"type": limit, "limit_amount": 400})["limit"]

    assert (str(found["used_amount"]), found["period_start"], found["period_end"]) == (used, start, end)


def exclude(caller: Caller, kind: str, days: int | None) -> dict[str, Any]:
    body = {"type": kind, "reason": "Player request", **({"duration_days": days} if days else {})}
    return dict(caller.post("/responsible-gaming/self-exclusion", body))


def test_a_closure_binds_and_is_only_ever_made_stronger(ana: Caller) -> None:
    assert ana.get("/responsible-gaming/closed")["rg_closed"] is False
    assert exclude(ana, "timeout", 7)["closure"]["end_date"] == "2026-03-08T12:00:00Z"
    assert ana.get("/responsible-gaming/closed")["rg_closed"] is True
    assert ana.get("/bonuses/eligible")["bonuses"] == []

    for kind, days in (("timeout", 6), ("cooloff", 7), ("cooloff", 70), ("self_exclusion", 6)):
        assert why(exclude(ana, kind, days)) == (422, "INVALID_REQUEST", "already_closed")
    assert exclude(ana, "self_exclusion", 7)["_"] == 200
    assert exclude(ana, "permanent", None)["closure"]["end_date"] is None
    assert why(exclude(ana, "self_exclusion", 36000)) == (422, "INVALID_REQUEST", "already_closed")
    assert ana.get("/responsible-gaming")["closure"]["type"] == "permanent"


def test_a_cool_off_ends_by_itself(tmp_path: Path) -> None:
    times = [TOLD_AT]
    office = BackOffice(tmp_path, lambda: times[0])
    assert Caller(office, "70046").get("/responsible-gaming")["closure"]["type"] == "cooloff"

    times[0] += 5 * DAY
    dana = Caller(office, "70046")
    assert (dana.get("/responsible-gaming/closed")["rg_closed"], dana.get("/responsible-gaming")["closure"]) == (
        False,
        None,
    )


def test_a_document_is_submitted_and_no_longer_required(office: BackOffice) -> None:
    marko = Caller(office, "70033")
    marko.post("/kyc/documents", {"type": "id_card", "expires_at": "2030-05-01"})

    kyc = marko.get("/kyc")
    assert (kyc["status"], kyc["required_documents"]) == ("pending", ["selfie"])
    assert (kyc["documents"][-1]["status"], kyc["documents"][-1]["expires_at"]) == ("pending", "2030-05-01T00:00:00Z")


def test_a_changed_profile_is_read_back(ana: Caller) -> None:
    body = {"phone": "+34 1", "blocked": True, "affiliate_name": "New", "settings": {"want_bonus": False}}
    changed = ana.office.client().put("/v1/players/40217", json=body, headers=ana.office.headers("40217"))

    profile = ana.get()
    assert changed.status_code == 200
    assert (profile["phone"], profile["blocked"], profile["affiliate_name"]) == ("+34 1", True, "New")
    assert (profile["settings"]["want_bonus"], profile["settings"]["email_validation"]) == (False, True)


def test_a_note_is_the_newest_and_nobody_elses(ana: Caller) -> None:
    note_id = ana.post("/notes", {"content": "‏مرحبا 👋 <b>", "author": "AI agent"})["note_id"]

    notes = ana.get("/notes")
    assert (notes["notes"][0]["note_id"], notes["notes"][0]["content"]) == (note_id, "‏مرحبا 👋 <b>")
    assert notes["total"] == 2
    assert Caller(ana.office, "61904").get("/notes")["total"] == 0


def test_a_bonus_template_is_made_once_and_then_given(ana: Caller) -> None:
    client, headers = ana.office.client(), ana.office.headers()
    body = {"name": "Any", "code": "Any Körb!", "benefit_type": "Bonus Money", "amount": 10, "wager_requirement": 100}
    made = client.post("/v1/bonus-types", json=body, headers=headers).get_json()
    again = client.post("/v1/bonus-types", json=body, headers=headers)

    assert made["bonus_type_id"] == "bt_any_k_rb"
    assert (again.status_code, again.get_json()["error"]["details"]["reason"]) == (422, "duplicate_code")
    assert ana.post("/bonus", {"bonus_type_id": made["bonus_type_id"], "amount": 20})["_"] == 200
    assert str(ana.get("/bonuses?limit=1")["bonuses"][0]["wager_requirement"]) == "200.00"
