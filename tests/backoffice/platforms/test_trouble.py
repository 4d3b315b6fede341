"""A platform that lies, fails or hangs: nothing of it goes out."""

import httpx
import pytest

from tests.support.platforms import Simulation
from widget_service.backoffice import Question
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.demo.platforms.stage import Mode
from widget_service.errors import BackOfficeUnavailable, CapabilityNotAvailable, InvalidSession, ServiceError

ANA = "40217"
PRESETS = [
    "betconstruct_backoffice",
    "betconstruct_swarm",
    "everymatrix_player",
    "fasttrack_operator",
    "softswiss_relay",
]
ARGUMENTS: dict[str, dict[str, object]] = {
    "withdrawals.cancel": {"withdrawal_id": "20931", "reason": "asked"},
    "bonus.cancel": {"reason": "asked"},
}


@pytest.mark.parametrize("name", PRESETS)
def test_another_players_record_is_never_passed_on(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office, caller = platform.connect(), platform.caller(ANA)
    platform.stage.mode = "liar"
    passed_on = []
    for capability in CAPABILITIES:
        try:
            office.answer(Question(capability, ARGUMENTS.get(capability, {})), caller)
            passed_on.append(capability)
        except (BackOfficeUnavailable, CapabilityNotAvailable, InvalidSession):
            continue

    assert passed_on == []


@pytest.mark.parametrize("name", ["betconstruct_backoffice", "fasttrack_operator", "softswiss_relay"])
def test_a_platform_that_begins_to_lie_is_noticed_in_each_record(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office, caller = platform.connect(), platform.caller(ANA)
    office.answer(Question("player"), caller)
    platform.stage.mode = "liar"

    with pytest.raises(ServiceError) as refused:
        office.answer(Question("player"), caller)
    assert refused.value.code in ("BACK_OFFICE_UNAVAILABLE", "INVALID_SESSION")


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("mode", ["html", "oversized", "down", "redirect"])
def test_what_is_no_answer_is_unavailable(everywhere: dict[str, Simulation], name: str, mode: Mode) -> None:
    platform = everywhere[name]
    platform.stage.mode = mode

    with pytest.raises(BackOfficeUnavailable):
        platform.connect().answer(Question("player"), platform.caller(ANA))


@pytest.mark.parametrize("name", PRESETS)
def test_a_slow_platform_is_given_up(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    platform.stage.mode = "slow"

    with pytest.raises(BackOfficeUnavailable) as refused:
        platform.connect(timeout=0.2).answer(Question("player"), platform.caller(ANA))
    assert refused.value.reason == "timeout"


def test_whoever_watches_can_make_a_simulated_platform_misbehave(everywhere: dict[str, Simulation]) -> None:
    platform = everywhere["softswiss_relay"]
    door = f"{platform.url}/simulator/mode"
    answers = [httpx.post(door, json={"mode": mode}, trust_env=False) for mode in ("liar", "nonsense")]

    assert [answer.status_code for answer in answers] == [200, 422]
    assert platform.stage.mode == "liar"
