"""Asking the service whose session an id is (RFC 7662). What cannot be asked is not answered: fail closed."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from widget_service import strict_json
from widget_service.errors import Unavailable
from widget_service.ids import digest

#: Seconds for which an answer holds; a revoked session is refused after that at the latest.
KEPT, NEGATIVE_KEPT = 5.0, 1.0
MOST_KEPT = 10_000
TIMEOUT = 5.0
LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class PlayerSession:
    """A live session: whose it is, and when it ends (Unix seconds)."""

    player_id: str
    expires_at: int


class Introspection:
    """The introspection endpoint with its cache; without a URL every session is unknown."""

    def __init__(self, url: str, token: str, clock: Callable[[], int]) -> None:
        self._url, self._token, self._clock = url, token, clock
        self._client: httpx.Client | None = None
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
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if self._client is None:
            self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        try:
            with self._client.stream("POST", self._url, data={"token": session_id}, headers=headers) as response:
                raw = _read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable("introspection_away") from error
        try:
            return _session_of(strict_json.parse_object(raw))
        except strict_json.MalformedJson as error:
            raise Unavailable("introspection_unreadable") from error


def _read(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise Unavailable("introspection_refused")
    raw = b""
    for part in response.iter_bytes():
        raw += part
        if len(raw) > LARGEST_ANSWER:
            raise Unavailable("introspection_too_large")
    return raw


def _session_of(members: dict[str, Any]) -> PlayerSession | None:
    """A session id's session alone: a session token, or a reference, opens nothing here."""
    player_id, expires_at = members.get("sub"), members.get("exp")
    if members.get("active") is not True or members.get("token_use") != "session_id":
        return None
    if not isinstance(player_id, str) or not player_id or type(expires_at) is not int:
        return None
    return PlayerSession(player_id, expires_at)
