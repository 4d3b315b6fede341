"""One back office: its settings, its file, its clock, and how a call is answered."""

from collections.abc import Callable
from dataclasses import dataclass

from widget_service.backoffice.canonical import Answer, Capability, Query, Request, write
from widget_service.backoffice.reference.access import Access
from widget_service.backoffice.reference.asked import Asked
from widget_service.backoffice.reference.bonuses import expire_bonuses, has_expired
from widget_service.backoffice.reference.database import Books, Database
from widget_service.backoffice.reference.endpoints import ENDPOINTS
from widget_service.backoffice.reference.idempotency import find_answer, keep_answer, request_digest
from widget_service.backoffice.reference.ledger import find_player
from widget_service.errors import PlayerNotFound


@dataclass(frozen=True, slots=True)
class Call:
    """A checked call: what is asked, and under which idempotency key."""

    capability: Capability
    path: dict[str, str]
    query: Query
    body: Request | None
    key: str | None = None
    #: Whose data it is about: the session's player; nobody for what the administration does.
    player_id: str = ""

    @property
    def digest(self) -> bytes:
        """Names what is asked."""
        body = b"" if self.body is None else write(self.body)
        place = self.capability.path.format(**{"player_id": self.player_id, **self.path})
        return request_digest(self.capability.method, place, body)


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms that belong together."""

    database: Database
    access: Access
    clock: Callable[[], int]

    def require_known(self, player_id: str) -> None:
        """Raises PlayerNotFound for a session's player who has no account here."""
        with self.database.reading() as books:
            if find_player(books, player_id) is None:
                raise PlayerNotFound("unknown_player")

    def answer(self, call: Call) -> tuple[int, bytes]:
        """Status and body."""
        if call.capability.writes:
            return self.write(call, lambda books: ENDPOINTS[call.capability.name](self._asked(books, call)))
        self._settle(call)
        with self.database.reading() as books:
            answer = ENDPOINTS[call.capability.name](self._asked(books, call))
        return call.capability.status, write(answer)

    def write(self, call: Call, change: Callable[[Books], Answer]) -> tuple[int, bytes]:
        """The change and its answer in one transaction; the same answer again for the same key."""
        with self.database.writing() as books:
            before = find_answer(books, call.player_id, call.key, call.digest) if call.key else None
            if before is not None:
                return before
            answer = (call.capability.status, write(change(books)))
            if call.key:
                keep_answer(books, call.player_id, call.key, call.digest, answer, self.clock())
        return answer

    def _asked(self, books: Books, call: Call) -> Asked:
        player = find_player(books, call.player_id)
        if player is None:
            raise PlayerNotFound("unknown_player")
        asked = Asked(books, player, call.query, call.body, call.path, self.clock())
        if call.capability.writes:
            expire_bonuses(asked)
        return asked

    def _settle(self, call: Call) -> None:
        with self.database.reading() as books:
            asked = self._asked(books, call)
            due = has_expired(asked)
        if due:
            with self.database.writing() as books:
                expire_bonuses(self._asked(books, call))
