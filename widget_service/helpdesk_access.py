"""Access to a vendor's API: errands are run with a login that is kept, sealed, for every process.

One process logs in at a time, because a vendor may take each refresh token only once; what a login gave is kept before
it is used.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TypeVar

import httpx

from widget_service.destinations import safe_client
from widget_service.encryption import Cipher
from widget_service.helpdesk_calls import Access, Errand, LoggedOut, NotYet, run_errand
from widget_service.helpdesk_connections import HelpdeskConnection, access_context
from widget_service.helpdesks import Helpdesk
from widget_service.ids import base64url, digest, new_id
from widget_service.settings import Settings
from widget_service.storage import Storage

Result = TypeVar("Result")
LOGIN_LANE = "login"
#: Seconds: longer than any login takes, and how long one waits for another process's.
LOGIN_LEASE = 30
LOGIN_WAIT = 8.0
TIMEOUT = 8.0
LARGEST_ANSWER = 1_048_576


class VendorAccess:
    """Runs errands; safe for threads and greenlets."""

    def __init__(self, storage: Storage, settings: Settings, cipher: Cipher) -> None:
        self._storage = storage
        self._cipher = cipher
        self._public_url = settings.public_url
        self._clients: dict[bool, httpx.Client] = {}

    def run(
        self, helpdesk: Helpdesk, connection: HelpdeskConnection, begin: Callable[[Access], Errand[Result]], now: int
    ) -> Result:
        """The errand's result. Raises NotYet and Never, and Unavailable when our own store is away."""
        access = self._find(connection)
        if not access.lives(now):
            access = self._log_in(helpdesk, connection, access, now)
        try:
            return self._run(connection, begin(access))
        except LoggedOut:
            access = self._log_in(helpdesk, connection, access, now)
        try:
            return self._run(connection, begin(access))
        except LoggedOut as refused:
            raise NotYet("unauthorized", pauses=True) from refused

    def close(self) -> None:
        """Closes every connection."""
        for client in self._clients.values():
            client.close()

    def _run(self, connection: HelpdeskConnection, errand: Errand[Result]) -> Result:
        return run_errand(self._client(bool(connection.settings.get("allow_private"))), errand)

    def _client(self, private: bool) -> httpx.Client:
        """Made when it is first used: most installations need none."""
        if private not in self._clients:
            made = safe_client(self._public_url, private, TIMEOUT, max_bytes=LARGEST_ANSWER)
            self._clients.setdefault(private, made)
        return self._clients[private]

    def _log_in(self, helpdesk: Helpdesk, connection: HelpdeskConnection, old: Access, now: int) -> Access:
        """Another access than the old one: this process's login, or another's."""
        holder, deadline = new_id("hold"), time.monotonic() + LOGIN_WAIT
        while not self._claim(connection, holder, now):
            if time.monotonic() > deadline:
                raise NotYet("login_under_way")
            time.sleep(0.1)
        try:
            kept = self._find(connection)
            if kept != old and kept.lives(now):
                return kept
            try:
                access = self._run(connection, helpdesk.log_in(connection, kept, now))
            except LoggedOut as refused:
                raise NotYet("login_refused", pauses=True) from refused
            self._keep(connection, access, now)
            return access
        finally:
            self._storage.claim(lambda store: store.release_lane(connection.id, LOGIN_LANE, holder))

    def _claim(self, connection: HelpdeskConnection, holder: str, now: int) -> bool:
        until = now + LOGIN_LEASE
        return self._storage.claim(lambda store: store.claim_lane(connection.id, LOGIN_LANE, holder, now, until))

    def _find(self, connection: HelpdeskConnection) -> Access:
        """What is kept, if it was got with the credentials that the connection has now."""
        with self._storage.reading() as store:
            content = store.find_access(connection.id)
        if content is None:
            return Access()
        members = json.loads(self._cipher.open(content, access_context(connection.id)))
        return Access(**members["access"]) if members["credentials"] == _credentials(connection) else Access()

    def _keep(self, connection: HelpdeskConnection, access: Access, now: int) -> None:
        members = {"credentials": _credentials(connection), "access": asdict(access)}
        content = self._cipher.seal(json.dumps(members).encode(), access_context(connection.id))
        self._storage.write(lambda store: store.keep_access(connection.id, content, now))


def _credentials(connection: HelpdeskConnection) -> str:
    """Which credentials a login was made with, by their hash; a webhook's secret is none of them."""
    own = {name: value for name, value in connection.secrets.items() if not name.startswith("webhook_")}
    return base64url(digest(json.dumps(own, sort_keys=True)))
