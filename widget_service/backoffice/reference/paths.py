"""Paths: a player id has any characters, slashes included."""

from werkzeug.routing import BaseConverter

from widget_service.backoffice.canonical import Capability


class WholeConverter(BaseConverter):
    """1 to 255 characters, whatever they are."""

    regex = r"[\s\S]{1,255}"
    part_isolating = False


def rule_of(capability: Capability) -> str:
    """``/v1/players/<whole:player_id>/balances``."""
    return capability.path.replace("{player_id}", "<whole:player_id>").replace(
        "{withdrawal_id}", "<whole:withdrawal_id>"
    )
