"""The paths beneath a player's id, as Flask's rules, and whether a path is one of them.

A player id may have any characters, slashes too, so that a router alone cannot tell an unknown path from a player.
"""

import re

from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE

PREFIX = "/v1/players/"
_KNOWN = [capability.path for capability in (*CAPABILITIES.values(), *WITHOUT_SCOPE.values())]
_SUFFIXES = {path.partition("{player_id}")[2] for path in _KNOWN} | {"/logout"}
_ALTERNATIVES = "|".join(
    re.escape(suffix).replace(re.escape("{withdrawal_id}"), "[^/]+") for suffix in sorted(_SUFFIXES) if suffix
)
_KNOWN_END = re.compile(f"({_ALTERNATIVES})$")


def rule_of(path: str) -> str:
    """A capability's path as a rule of Flask's."""
    return path.replace("{player_id}", "<whole:player_id>").replace("{withdrawal_id}", "<withdrawal_id>")


def is_unknown(path: str) -> bool:
    """Whether a path is beneath a player and none that exists, whatever the method."""
    return path.startswith(PREFIX) and "/" in path.removeprefix(PREFIX) and _KNOWN_END.search(path) is None
