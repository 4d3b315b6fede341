"""Two proofs name the same player or nothing is read; who has to sign in again is the right one."""

from typing import Any

import pytest

from tests.support.platforms import Simulation
from widget_service.backoffice import Caller, Question
from widget_service.demo.platforms.stage import EXPIRED_SESSION, STAFF_TOKEN
from widget_service.errors import BackOfficeUnavailable, InvalidSession

ANA, JONAS = "40217", "5832"
BY_SESSION = ["betconstruct_swarm", "everymatrix_player", "fasttrack_operator", "softswiss_relay"]
BY_TOKEN = ["betconstruct_backoffice", "fasttrack_operator", "softswiss_relay"]
#: The calls that prove whose session it is; behind them nothing may have been asked.
PROOFS = {"POST /", "GET /v1/player/session/player", "POST /authenticate"}


def ask_as(platform: Simulation, caller: Caller, capability: str = "player", **settings: str) -> dict[str, object]:
    return platform.connect(**settings).answer(Question(capability), caller)


@pytest.mark.parametrize("name", BY_SESSION)
def test_an_ended_session_of_the_platform_is_an_invalid_session(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    platform.caller(ANA)

    with pytest.raises(InvalidSession):
        ask_as(platform, platform.caller(ANA, EXPIRED_SESSION))


@pytest.mark.parametrize("capability", ["player", "balances", "withdrawals", "deposits", "bonuses", "bonuses.eligible"])
def test_each_way_to_say_that_a_session_has_ended_is_understood(everymatrix: Simulation, capability: str) -> None:
    caller = everymatrix.caller(ANA)
    office = everymatrix.connect()
    office.answer(Question(capability), caller)
    everymatrix.stage.sessions.clear()

    with pytest.raises(InvalidSession):
        office.answer(Question(capability), caller)


@pytest.mark.parametrize("name", ["betconstruct_swarm", "everymatrix_player"])
def test_a_player_token_without_the_platforms_session_reads_nothing(
    everywhere: dict[str, Simulation], name: str
) -> None:
    with pytest.raises(InvalidSession):
        ask_as(everywhere[name], Caller("ws_test", ANA, "sess_1"))

    assert set(everywhere[name].stage.asked) <= PROOFS


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("betconstruct_swarm", "player"),
        ("betconstruct_swarm", "withdrawals"),
        ("everymatrix_player", "player"),
        ("everymatrix_player", "deposits"),
        ("fasttrack_operator", "player"),
        ("fasttrack_operator", "kyc"),
    ],
)
def test_two_proofs_that_name_two_players_read_nothing(
    everywhere: dict[str, Simulation], name: str, capability: str
) -> None:
    platform = everywhere[name]
    stolen = platform.caller(JONAS)
    caller = Caller("ws_test", ANA, "sess_1", operator_session_id=stolen.operator_session_id)

    with pytest.raises(InvalidSession):
        ask_as(platform, caller, capability)
    assert set(platform.stage.asked) <= PROOFS


def test_the_relay_answers_for_nobody_else(softswiss: Simulation) -> None:
    softswiss.stage.sign_in(JONAS, "sess_1")

    with pytest.raises(BackOfficeUnavailable):
        ask_as(softswiss, Caller("ws_test", ANA, "sess_1"))


@pytest.mark.parametrize("told", ["true", 1, "True", None, False, [True]])
def test_only_a_literal_true_is_an_authenticated_session(everymatrix: Simulation, told: Any) -> None:
    everymatrix.stage.quirks["IsAuthenticated"] = told

    with pytest.raises(InvalidSession):
        ask_as(everymatrix, everymatrix.caller(ANA))


@pytest.mark.parametrize(
    "told", [{"qr_code_origin": "terminal"}, {"authentication_status": 4}, {"user_id": int(JONAS)}, {"user_id": None}]
)
def test_a_half_authenticated_or_foreign_restored_login_is_refused(swarm: Simulation, told: dict[str, object]) -> None:
    swarm.stage.quirks["restore_login"] = told

    with pytest.raises(InvalidSession):
        ask_as(swarm, swarm.caller(ANA))


def test_a_restored_login_never_asks_for_new_tokens(swarm: Simulation) -> None:
    from widget_service.backoffice.preset_files import read_preset

    assert 'command = "login_encrypted"' not in read_preset("betconstruct_swarm")


@pytest.mark.parametrize("user_id", [int(ANA), ANA])
def test_a_sid_is_exchanged_whatever_kind_of_id_comes_back(fasttrack: Simulation, user_id: object) -> None:
    fasttrack.stage.quirks["user_id"] = user_id

    assert ask_as(fasttrack, fasttrack.caller(ANA))["id"] == ANA
    assert fasttrack.stage.asked[0] == "POST /authenticate"


def test_a_player_without_a_sid_is_read_by_the_key_alone(fasttrack: Simulation) -> None:
    assert ask_as(fasttrack, Caller("ws_test", ANA, "sess_1"))["id"] == ANA
    assert "POST /authenticate" not in fasttrack.stage.asked


def test_a_connection_that_verifies_sessions_refuses_a_player_without_a_sid(fasttrack: Simulation) -> None:
    with pytest.raises(InvalidSession):
        ask_as(fasttrack, Caller("ws_test", ANA, "sess_1"), verify_session="true")

    assert fasttrack.stage.asked == []


@pytest.mark.parametrize("name", BY_TOKEN)
@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refused_token_of_the_operators_is_no_matter_of_the_player(
    everywhere: dict[str, Simulation], name: str, status: int
) -> None:
    platform = everywhere[name]
    platform.stage.quirks["refusal"] = status
    platform.stage.staff_token = f"not-{STAFF_TOKEN}"

    platform.caller(ANA)
    # Without a sid: where one is exchanged, a refused key looks like a refused sid.
    with pytest.raises(BackOfficeUnavailable):
        ask_as(platform, Caller("ws_test", ANA, f"sess_{ANA}"))


@pytest.mark.parametrize("name", ["betconstruct_backoffice", "betconstruct_swarm", "everymatrix_player"])
@pytest.mark.parametrize("player_id", ["ana", "40217/../5832", "00040217", "40217 ", "-40217", "４０２１７"])
def test_a_player_whose_id_the_platform_cannot_have_is_not_asked_for(
    everywhere: dict[str, Simulation], name: str, player_id: str
) -> None:
    from widget_service.errors import PlayerNotFound

    with pytest.raises((PlayerNotFound, BackOfficeUnavailable, InvalidSession)):
        ask_as(everywhere[name], Caller("ws_test", player_id, "sess_1", operator_session_id="own"))
    assert everywhere[name].stage.asked == [] or player_id == "-40217"
