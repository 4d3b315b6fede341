"""Writes: on the player's own things only, sent twice only with a key, told as canonical ones."""

from decimal import Decimal

import pytest

from tests.backoffice.connector.upstream import Asked, Upstream
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.errors import (
    BackOfficeUnavailable,
    InvalidRequest,
    InvalidSession,
    RateLimited,
    ServiceError,
    WithdrawalCannotCancel,
)

DOCUMENT = """
format = 1
name = "Test"
[money]
currency = { constant = "EUR" }
[authentication]
kind = "header"
headers = { Authentication = "{secrets.api_token}" }
[capabilities.withdrawals]
list = "$.items"
item_id_path = "$.client"
[[capabilities.withdrawals.calls]]
path = "/withdrawals"
headers = { X-Player = "{player_id}" }
[capabilities.withdrawals.map]
withdrawal_id = "$.id"
amount = "$.amount"
cancellable = "$.can"
status = "$.status"
[capabilities."withdrawals.cancel"]
must_be_listed = "withdrawals"
idempotency_header = "Idempotency-Key"
[[capabilities."withdrawals.cancel".calls]]
method = "POST"
path = "/reject/{withdrawal_id}"
body = [{ Id = "{withdrawal_id:integer}", Client = "{player_id:integer}", Reason = "{reason}", By = "{cancelled_by}" }]
without_id = true
[[capabilities."withdrawals.cancel".calls.errors]]
path = "$.code"
one_of = [2070]
code = "WITHDRAWAL_CANNOT_CANCEL"
[capabilities."withdrawals.cancel".map]
transaction_id = "$.request"
refunded_amount = "listed$.amount"
[capabilities.bonuses]
list = "$"
item_id_path = "$.client"
[[capabilities.bonuses.calls]]
path = "/bonuses"
headers = { X-Player = "{player_id}" }
[capabilities.bonuses.map]
bonus_id = "$.id"
status = "$.status"
[capabilities."bonus.cancel"]
must_be_listed = "bonuses"
[[capabilities."bonus.cancel".calls]]
method = "POST"
path = "/cancel"
body = { BonusId = "{listed.bonus_id:integer}", CancelReason = "{reason}" }
without_id = true
[capabilities."bonus.add"]
[[capabilities."bonus.add".calls]]
method = "POST"
path = "/add"
headers = { X-Player = "{player_id}" }
body = { Cents = "{amount:minor_units}", Amount = "{amount:text}", Type = "{bonus_type_id}" }
id_path = "$.client"
[[capabilities."bonus.add".errors]]
path = "$.error"
contains = "not eligible"
code = "INVALID_REQUEST"
reason = "not_eligible"
[[capabilities."bonus.add".errors]]
status = 429
code = "RATE_LIMITED"
[capabilities."bonus.add".map]
bonus_id = "$.id"
"""
WITHDRAWALS = {
    "items": [
        {"id": 7, "client": "5832", "amount": 150.25, "status": "pending", "can": True},
        {"id": 8, "client": "5832", "amount": 1, "status": "pending", "can": False},
        {"id": 9, "client": "5832", "amount": 2, "status": "paid", "can": True},
    ]
}


@pytest.fixture
def casino(upstream: Upstream) -> Upstream:
    upstream.routes = {"GET /withdrawals": WITHDRAWALS, "POST /reject/7": {"request": 991}}
    return upstream


def cancel(casino: Upstream, withdrawal_id: str, **more: object) -> dict[str, object]:
    arguments = {"withdrawal_id": withdrawal_id, "reason": "Wants to play", **more}
    return casino.ask(casino.connector(DOCUMENT), "withdrawals.cancel", **arguments)  # type: ignore[arg-type]


def test_a_withdrawal_of_the_player_is_cancelled(casino: Upstream) -> None:
    answer = cancel(casino, "7")

    assert answer == {
        "success": True,
        "message": "Withdrawal cancelled",
        "transaction_id": "991",
        "withdrawal_id": "7",
        "status": "cancelled",
        "refunded_amount": Decimal("150.25"),
    }
    assert CAPABILITIES["withdrawals.cancel"].answer.model_validate(answer)
    assert casino.asked[-1].body == [{"Id": 7, "Client": 5832, "Reason": "Wants to play"}]


@pytest.mark.parametrize("withdrawal_id", ["8", "9", "10", "07", "", "7 ", "../7", "7/../8", "x"])
def test_what_is_not_among_the_players_own_is_never_asked_for(casino: Upstream, withdrawal_id: str) -> None:
    with pytest.raises(WithdrawalCannotCancel):
        cancel(casino, withdrawal_id)

    assert [asked.path for asked in casino.asked] == ["/withdrawals"]


def test_the_upstreams_own_refusal_comes_out_as_ours(casino: Upstream) -> None:
    casino.routes["POST /reject/7"] = {"code": 2070}

    with pytest.raises(WithdrawalCannotCancel):
        cancel(casino, "7")


def test_a_write_goes_with_its_key_and_is_then_tried_twice(casino: Upstream) -> None:
    answers = iter([(503, {}), (200, {"request": "r1"})])
    casino.routes["POST /reject/7"] = lambda _asked: next(answers)

    assert cancel(casino, "7", idempotency_key="k-1")["transaction_id"] == "r1"
    assert [asked.headers.get("idempotency-key") for asked in casino.asked] == [None, "k-1", "k-1"]


def test_a_write_without_a_key_is_sent_once(casino: Upstream) -> None:
    casino.routes["POST /reject/7"] = (503, {})

    with pytest.raises(BackOfficeUnavailable):
        cancel(casino, "7")

    assert len(casino.asked) == 2


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "a\nb", "é", "a\0b", "a" * 9000])
def test_a_key_that_is_no_header_is_not_sent(casino: Upstream, key: str) -> None:
    with pytest.raises(BackOfficeUnavailable, match="header_not_sendable"):
        cancel(casino, "7", idempotency_key=key)

    assert [asked.path for asked in casino.asked] == ["/withdrawals"]


@pytest.fixture
def bonuses(upstream: Upstream) -> Upstream:
    states = {1: "active", 2: "expired", 3: "active"}
    upstream.routes = {
        "GET /bonuses": [{"id": number, "client": 5832, "status": state} for number, state in states.items()],
        "POST /cancel": {},
    }
    return upstream


@pytest.mark.parametrize(("given", "cancelled"), [({}, [1, 3]), ({"bonus_id": "3"}, [3])])
def test_the_active_bonuses_are_cancelled_or_the_one_that_is_named(
    bonuses: Upstream, given: dict[str, object], cancelled: list[int]
) -> None:
    answer = bonuses.ask(bonuses.connector(DOCUMENT), "bonus.cancel", reason="Asked", **given)  # type: ignore[arg-type]

    assert sorted(asked.body["BonusId"] for asked in bonuses.asked[1:]) == cancelled  # type: ignore[index]
    assert answer["cancelled_count"] == len(cancelled)
    assert CAPABILITIES["bonus.cancel"].answer.model_validate(answer)


@pytest.mark.parametrize("bonus_id", ["2", "4", "01"])
def test_a_bonus_that_is_not_active_is_refused(bonuses: Upstream, bonus_id: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        bonuses.ask(bonuses.connector(DOCUMENT), "bonus.cancel", reason="Asked", bonus_id=bonus_id)

    assert refused.value.details["reason"] == "not_active"
    assert len(bonuses.asked) == 1


def test_without_an_active_bonus_nothing_is_cancelled(bonuses: Upstream) -> None:
    bonuses.routes["GET /bonuses"] = []

    assert bonuses.ask(bonuses.connector(DOCUMENT), "bonus.cancel", reason="Asked")["cancelled_count"] == 0


def add(upstream: Upstream, amount: str = "15.50") -> dict[str, object]:
    return upstream.ask(upstream.connector(DOCUMENT), "bonus.add", bonus_type_id="bt_1", amount=Decimal(amount))


def test_amounts_go_out_as_the_upstream_takes_them(upstream: Upstream) -> None:
    upstream.routes["POST /add"] = {"client": 5832, "id": 44}

    answer = add(upstream)

    assert upstream.asked[0].body == {"Cents": 1550, "Amount": "15.50", "Type": "bt_1"}
    assert (answer["bonus_id"], answer["message"]) == ("44", "Bonus added")


def test_an_amount_that_has_no_minor_units_is_not_rounded(upstream: Upstream) -> None:
    with pytest.raises(InvalidRequest):
        add(upstream, "15.505")

    assert upstream.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"client": 5832, "error": "Player is Not Eligible"}, InvalidRequest),
        ((429, {}), RateLimited),
        ((400, {}), BackOfficeUnavailable),
        ({"client": 40217, "id": 44}, BackOfficeUnavailable),
        ({"id": 44}, BackOfficeUnavailable),
        ("null", BackOfficeUnavailable),
    ],
)
def test_a_refused_write_says_why_as_far_as_it_is_known(
    upstream: Upstream, answer: object, error: type[ServiceError]
) -> None:
    upstream.routes["POST /add"] = answer

    with pytest.raises(error):
        add(upstream)


SWARM = """
format = 1
name = "Swarm"
[settings]
site_id = { kind = "integer", default = "42" }
[authentication]
kind = "none"
[headers]
swarm-language = "eng"
[[errors]]
path = "$.code"
one_of = [5, 12]
code = "INVALID_SESSION"
[[errors]]
path = "$.code"
none_of = [0]
code = "BACK_OFFICE_UNAVAILABLE"
[preliminary.session]
method = "POST"
path = "/"
body = { command = "request_session", params = { site_id = "{settings.site_id:integer}" } }
root = "$.data"
take = { sid = "$.sid" }
[preliminary.login]
method = "POST"
path = "/"
headers = { swarm-session = "{session.sid}" }
body = { command = "restore_login", params = { user_id = "{player_id:integer}", auth_token = "{operator_session_id}" } }
root = "$.data"
id_path = "$.user_id"
[capabilities."withdrawals.cancel"]
[[capabilities."withdrawals.cancel".calls]]
method = "POST"
path = "/"
headers = { swarm-session = "{session.sid}" }
body = { command = "withdraw_cancel", params = { id = "{withdrawal_id:integer}" } }
without_id = true
"""


def swarm(user_id: object = 5832, sid: object = "s-1") -> object:
    def answer(asked: Asked) -> object:
        body = asked.body
        assert isinstance(body, dict)
        if body["command"] == "request_session":
            return {"code": 0, "data": {"sid": sid}}
        if asked.headers.get("swarm-session") != "s-1":
            return {"code": 5}
        if body["command"] == "restore_login":
            good = body["params"]["auth_token"] == "op-session-1"
            return {"code": 0, "data": {"user_id": user_id}} if good else {"code": 12}
        return {"code": 0, "data": {"result": 0}}

    return answer


def test_calls_before_the_others_give_them_what_they_need(upstream: Upstream) -> None:
    upstream.routes["POST /"] = swarm()

    upstream.ask(upstream.connector(SWARM), "withdrawals.cancel", withdrawal_id="9", reason="-")

    assert [asked.body for asked in upstream.asked] == [
        {"command": "request_session", "params": {"site_id": 42}},
        {"command": "restore_login", "params": {"user_id": 5832, "auth_token": "op-session-1"}},
        {"command": "withdraw_cancel", "params": {"id": 9}},
    ]
    assert {asked.headers["swarm-language"] for asked in upstream.asked} == {"eng"}


@pytest.mark.parametrize("user_id", [40217, None, "40217"])
def test_a_session_of_somebody_else_ends_the_question(upstream: Upstream, user_id: object) -> None:
    upstream.routes["POST /"] = swarm(user_id)

    with pytest.raises(BackOfficeUnavailable):
        upstream.ask(upstream.connector(SWARM), "withdrawals.cancel", withdrawal_id="9", reason="-")

    assert len(upstream.asked) == 2


def test_a_lost_session_is_an_ended_one(upstream: Upstream) -> None:
    upstream.routes["POST /"] = swarm(sid="another")

    with pytest.raises(InvalidSession):
        upstream.ask(upstream.connector(SWARM), "withdrawals.cancel", withdrawal_id="9", reason="-")


@pytest.mark.parametrize("sid", [None, "", "a\r\nX: 1", ["s-1"], {"s": 1}])
def test_what_cannot_be_taken_ends_the_question(upstream: Upstream, sid: object) -> None:
    upstream.routes["POST /"] = swarm(sid=sid)

    with pytest.raises(BackOfficeUnavailable):
        upstream.ask(upstream.connector(SWARM), "withdrawals.cancel", withdrawal_id="9", reason="-")

    assert len(upstream.asked) == 1


def test_several_bonuses_are_cancelled_with_a_key_each(bonuses: Upstream) -> None:
    keyed = DOCUMENT.replace('must_be_listed = "bonuses"', 'must_be_listed = "bonuses"\nidempotency_header = "X-Key"')

    bonuses.ask(bonuses.connector(keyed), "bonus.cancel", reason="Asked", idempotency_key="k")

    assert sorted(asked.headers["x-key"] for asked in bonuses.asked[1:]) == ["k:1", "k:3"]
