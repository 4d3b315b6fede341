"""Simulated platforms: what the presets are tested against, and what ``demo --platform`` shows.

They stand in for systems that nobody can run at home. Paths, member names and quirks are those of public clients and
vendors' packages; what those do not show is not here either.
"""

from collections.abc import Callable, Mapping

from flask import Blueprint, Flask

from widget_service.demo.platforms import (
    betconstruct_backoffice,
    betconstruct_swarm,
    everymatrix_player,
    fasttrack_operator,
    softswiss_relay,
)
from widget_service.demo.platforms.stage import Stage, misbehave, new_stage_door

#: What a connection by each preset has to be told besides its URL and token.
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "betconstruct_backoffice": {"zone": "Europe/Malta"},
    "betconstruct_swarm": {"site_id": "77"},
}
PLATFORMS: Mapping[str, Callable[[Stage], Blueprint]] = {
    "betconstruct_backoffice": betconstruct_backoffice.new_platform,
    "betconstruct_swarm": betconstruct_swarm.new_platform,
    "everymatrix_player": everymatrix_player.new_platform,
    "fasttrack_operator": fasttrack_operator.new_platform,
    "softswiss_relay": softswiss_relay.new_platform,
}


def create_platform(name: str, stage: Stage) -> Flask:
    """One platform as an app, with a stage door for whoever directs it."""
    app = Flask(__name__)
    platform = PLATFORMS[name](stage)
    platform.before_request(lambda: misbehave(stage))
    app.register_blueprint(platform)
    app.register_blueprint(new_stage_door(stage))
    return app
