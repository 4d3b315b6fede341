from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.platforms import Simulation, simulated
from widget_service.backoffice.preset_files import available_presets
from widget_service.demo.platforms.cast import new_cast


@pytest.fixture(scope="session")
def platforms() -> Iterator[dict[str, Simulation]]:
    """Every simulated platform, on loopback."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(simulated(name)) for name in available_presets()}


@pytest.fixture
def everywhere(platforms: dict[str, Simulation]) -> dict[str, Simulation]:
    """All of them as at the beginning."""
    for platform in platforms.values():
        stage = platform.stage
        stage.people, stage.mode, stage.staff_token = new_cast(), "ordinary", type(stage)().staff_token
        for kept in (stage.sessions, stage.quirks, stage.asked):
            kept.clear()
    return platforms


@pytest.fixture
def everymatrix(everywhere: dict[str, Simulation]) -> Simulation:
    return everywhere["everymatrix_player"]


@pytest.fixture
def backoffice(everywhere: dict[str, Simulation]) -> Simulation:
    return everywhere["betconstruct_backoffice"]


@pytest.fixture
def swarm(everywhere: dict[str, Simulation]) -> Simulation:
    return everywhere["betconstruct_swarm"]


@pytest.fixture
def softswiss(everywhere: dict[str, Simulation]) -> Simulation:
    return everywhere["softswiss_relay"]


@pytest.fixture
def fasttrack(everywhere: dict[str, Simulation]) -> Simulation:
    return everywhere["fasttrack_operator"]
