"""Whose answer it is: every id that an answer, or an element of it, names is held against the session's player."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from widget_service.backoffice.connector.amounts import Unreadable, read_integer
from widget_service.errors import BackOfficeUnavailable, PlayerNotFound

FOREIGN_PLAYER = "foreign_player"
ID_MISSING = "id_missing"


@dataclass(frozen=True, slots=True)
class Owner:
    """The session's player; ``kind`` is how the platform writes the id: text, integer or uuid."""

    player_id: str
    kind: str

    def require(self, found: list[object], place: str = "") -> None:
        """Raises BackOfficeUnavailable unless there are ids, and every one is the player's."""
        if not all(self._is(one) for one in found if one is not None and one != ""):
            raise BackOfficeUnavailable(FOREIGN_PLAYER)
        if not found or any(one is None or one == "" for one in found):
            raise BackOfficeUnavailable(f"{ID_MISSING}:{place}" if place else ID_MISSING)

    def _is(self, found: object) -> bool:
        try:
            return as_player_id(found, self.kind) == self.player_id
        except Unreadable:
            return False


def as_player_id(value: object, kind: str) -> str:
    """An id as the document says the platform writes it, as text. Raises Unreadable."""
    if kind == "integer":
        return str(read_integer(value))
    text = _as_text(value)
    if kind == "uuid":
        try:
            return str(UUID(text))
        except ValueError as error:
            raise Unreadable("no uuid") from error
    return text


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Unreadable("no id")
    return str(value)


def require_sendable_id(player_id: str, kind: str) -> None:
    """Raises PlayerNotFound for a session's player that the platform cannot have, before anything is asked."""
    try:
        if player_id.isprintable() and as_player_id(player_id, kind) == player_id:
            return
    except Unreadable:
        pass
    raise PlayerNotFound("not_the_platforms_kind_of_id")
