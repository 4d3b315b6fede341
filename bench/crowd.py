"""Players that start, write and leave while everything is being killed, and the journal of what they were told."""

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.load import Connection
from bench.requests import Tenant, Visit

MESSAGES = 2  # per conversation
PATIENCE = 60.0  # seconds that one request is sent again and again


@dataclass
class Journal:
    """What was acknowledged. Only whole answers count; of what broke off nobody can say whether it happened."""

    started: dict[str, str] = field(default_factory=dict)  # conversation → its session token
    messages: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # conversation → (message id, text)
    revoked: dict[str, str] = field(default_factory=dict)  # token → conversation
    leaving: set[str] = field(default_factory=set)  # session tokens whose revocation was asked for
    broken: int = 0
    unavailable: int = 0
    unexpected: Counter[str] = field(default_factory=Counter)

    @property
    def acknowledged(self) -> int:
        """Starts, messages and revocations together."""
        return len(self.started) + sum(map(len, self.messages.values())) + len(self.revoked)


class Interrupted(Exception):
    """The crowd was told to go home in the middle of something."""


class Crowd:
    """Clients in threads. A request that breaks off is sent again as a browser would: same key, same message id."""

    def __init__(self, tenant: Tenant, journal: Journal, clients: int = 16) -> None:
        self._tenant = tenant
        self._journal = journal
        self._go = threading.Event()
        self._home = False
        self._busy = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._live, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def resume(self) -> None:
        """Lets them go on."""
        self._go.set()

    def pause(self) -> None:
        """Returns when nobody is in the middle of anything."""
        self._go.clear()
        while self._busy:
            time.sleep(0.01)

    def dismiss(self) -> None:
        """Ends the threads."""
        self._home = True
        self._go.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _live(self) -> None:
        client = _Client(self._tenant.served.port, self._journal, lambda: self._home)
        number = 0
        while not self._home:
            self._go.wait()
            with self._lock:
                self._busy += 1
            try:
                number += 1
                _visit(self._tenant, client, self._journal, by_agent=number % 2 == 0)
            except Interrupted:
                pass
            finally:
                with self._lock:
                    self._busy -= 1


def _visit(tenant: Tenant, client: "_Client", journal: Journal, *, by_agent: bool) -> None:
    visit = tenant.new_visit()
    body = client.insist(lambda: tenant.start(visit), 200, 201)
    if body is None:
        return
    visit.remember(body)
    journal.started[visit.conversation_id] = visit.session_token
    for number in range(MESSAGES):
        _write(tenant, client, journal, visit, f"Message {number}: {secrets.token_hex(8)}")
    if by_agent:
        _revoke_session_id(tenant, client, journal, visit)
        return
    journal.leaving.add(visit.session_token)
    if client.insist(lambda: tenant.log_out(visit), 200, gone=401) is not None:
        journal.revoked[visit.session_token] = visit.conversation_id


def _write(tenant: Tenant, client: "_Client", journal: Journal, visit: Visit, text: str) -> None:
    client_id = secrets.token_hex(8)
    body = client.insist(lambda: tenant.message(visit, text, client_id), 200, 201)
    if body is not None:
        message = json.loads(body)["message"]
        journal.messages.setdefault(visit.conversation_id, []).append((message["id"], text))


def _revoke_session_id(tenant: Tenant, client: "_Client", journal: Journal, visit: Visit) -> None:
    body = client.insist(lambda: tenant.issue_session(visit), 200)
    if body is None:
        return
    token = json.loads(body)["session_id"]
    if client.insist(lambda: tenant.revoke(token), 200) is not None:
        journal.revoked[token] = visit.conversation_id


class _Client:
    """A connection that is made again when it breaks."""

    def __init__(self, port: int, journal: Journal, is_home: Callable[[], bool]) -> None:
        self._port = port
        self._journal = journal
        self._is_home = is_home
        self._connection: Connection | None = None

    def insist(self, make: Callable[[], bytes], *expected: int, gone: int | None = None) -> bytes | None:
        """The body of the answer, however often it takes; None when something else was answered.

        ``gone`` is what a repeated request is told when the broken one had been heard.
        """
        deadline = time.monotonic() + PATIENCE
        heard = False
        while time.monotonic() < deadline:
            if self._is_home():
                raise Interrupted
            answer = self._ask(make())
            if answer is None:
                heard = True
                time.sleep(0.05)
                continue
            status, body = answer
            if status in expected or (heard and status == gone):
                return body
            if status != 503:
                self._journal.unexpected[f"{status} {body[:120].decode(errors='replace')}"] += 1
                return None
            self._journal.unavailable += 1
            time.sleep(0.05)
        self._journal.unexpected["no answer for a minute"] += 1
        return None

    def _ask(self, request: bytes) -> tuple[int, bytes] | None:
        try:
            self._connection = self._connection or Connection(self._port)
            return self._connection.ask(request)
        except (OSError, ValueError):
            if self._connection is not None:
                self._connection.socket.close()
                self._connection = None
                self._journal.broken += 1
            return None
