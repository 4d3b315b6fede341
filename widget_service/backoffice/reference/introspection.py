"""Asking the service whose session an id is (RFC 7662). What cannot be asked is not answered: fail closed."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from widget_service.backoffice.calls import Egress, Line, UpstreamRequest
from widget_service.errors import BackOfficeUnavailable, Unavailable
from widget_service.ids import digest

#: Seconds for which an answer holds; a revoked session is refused after that at the latest.
KEPT, NEGATIVE_KEPT = 5.0, 1.0
MOST_KEPT = 10_000
#: For all of it: the name, the connection, the answer to its last byte.
TIMEOUT = 5.0
#: The service that is asked stands beside this one as a rule, on loopback or in a private network.
BESIDE = "http://localhost"


@dataclass(frozen=True, slots=True)
class PlayerSession:
    """A live session: whose it is, and when it ends (Unix seconds)."""

    player_id: str
    expires_at: int


class Introspection:
    """The introspection endpoint with its cache; without a URL every session is unknown."""

    def __init__(self, url: str, token: str, clock: Callable[[], int]) -> None:
        self._url, self._token, self._clock = url, token, clock
        self._line: Line | None = None
        self._kept: OrderedDict[bytes, tuple[float, PlayerSession | None]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, session_id: str) -> PlayerSession | None:
        """The live session, or None. Raises Unavailable."""
        if not self._url:
            return None
        key, now = digest(session_id), time.monotonic()
        with self._lock:
            until, found = self._kept.get(key, (0.0, None))
        if now >= until:
            found = self._ask(session_id)
            # From when it was asked: the answer may have been true no longer when it came.
            self._keep(key, now + (NEGATIVE_KEPT if found is None else KEPT), found)
        return found if found is not None and found.expires_at > self._clock() else None

    def _keep(self, key: bytes, until: float, found: PlayerSession | None) -> None:
        with self._lock:
            self._kept[key] = (until, found)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _ask(self, session_id: str) -> PlayerSession | None:
        url = urlsplit(self._url)
        if self._line is None:
            egress = Egress(BESIDE, timeout=TIMEOUT)
            self._line = Line(f"{url.scheme}://{url.netloc}", egress, allow_private=True)
        question = UpstreamRequest(
            "POST",
            url.path or "/",
            query=tuple(parse_qsl(url.query)),
            headers={"authorization": f"Bearer {self._token}"},
            form=(("token", session_id),),
        )
        try:
            answer = self._line.open().call(question)
        except BackOfficeUnavailable as error:
            raise Unavailable(f"introspection:{error.reason}") from error
        if answer.status != 200 or not isinstance(answer.body, dict):
            raise Unavailable("introspection_refused")
        return _session_of(answer.body)


def _session_of(members: Mapping[str, object]) -> PlayerSession | None:
    """A session id's session alone: a session token, or a reference, opens nothing here."""
    player_id, expires_at = members.get("sub"), members.get("exp")
    if members.get("active") is not True or members.get("token_use") != "session_id":
        return None
    if not isinstance(player_id, str) or not player_id or type(expires_at) is not int:
        return None
    return PlayerSession(player_id, expires_at)
