"""The paths beneath a player's id, as Flask's rules, and whether a path is one of them.

A player id may have any characters, slashes too, so that a router alone cannot tell an unknown path from a player.
"""

import re

from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE

PREFIX = "/v1/players/"
_KNOWN = {
    (one.path.partition("{player_id}")[2], one.method) for one in (*CAPABILITIES.values(), *WITHOUT_SCOPE.values())
}
_BENEATH = sorted((suffix, method) for suffix, method in _KNOWN | {("/logout", "POST")} if suffix)
_ENDS = [
    (re.compile(re.escape(suffix).replace(re.escape("{withdrawal_id}"), "[^/]+") + "$"), method)
    for suffix, method in _BENEATH
]


def rule_of(path: str) -> str:
    """A capability's path as a rule of Flask's."""
    return path.replace("{player_id}", "<whole:player_id>").replace("{withdrawal_id}", "<withdrawal_id>")


def methods_of(path: str) -> list[str]:
    """The methods of what stands at a path beneath a player: none for an unknown one, and for the player itself."""
    beneath = path.removeprefix(PREFIX)
    if not path.startswith(PREFIX) or "/" not in beneath:
        return []
    return sorted({method for end, method in _ENDS if end.search(beneath)})


def is_unknown(path: str) -> bool:
    """Whether a path is beneath a player and none that exists, whatever the method."""
    return path.startswith(PREFIX) and "/" in path.removeprefix(PREFIX) and not methods_of(path)
