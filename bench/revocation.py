"""How soon a session that was ended through one worker is refused by every other: over connections pinned to each."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from bench.load import Connection, Load
from bench.requests import Tenant, Visit
from bench.servers import Served

WITHIN = 1.0  # second
GIVE_UP = 5.0


@dataclass(frozen=True)
class Refused:
    """The longest that any worker still accepted an ended session, in seconds, over so many trials."""

    trials: int
    session_id: float
    session_token: float


def measure_revocation(load: Load, tenant: Tenant, trials: int) -> Refused:
    """Half of the work is finding a connection to each worker; the rest is ending and asking."""
    pinned = _pin(tenant.served)
    try:
        visits = tenant.visits(load, 2 * trials)
        by_agent = [_end_session_id(tenant, pinned, visit, n) for n, visit in enumerate(visits[:trials])]
        by_player = [_end_session_token(tenant, pinned, visit, n) for n, visit in enumerate(visits[trials:])]
    finally:
        for connection in pinned:
            connection.socket.close()
    return Refused(trials, max(by_agent), max(by_player))


def _pin(served: Served) -> list[Connection]:
    """A connection to each worker: the kernel deals them out, so some are made until every worker has one."""
    found: dict[int, Connection] = {}
    workers = served.workers()
    deadline = time.monotonic() + 20
    while len(found) < len(workers):
        if time.monotonic() > deadline:
            raise RuntimeError("one worker accepts no connections")
        connection = Connection(served.port)
        connection.ask(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        own = connection.socket.getsockname()[1]
        worker = next(one.pid for one in workers if own in _peers(one))
        if worker in found:
            connection.socket.close()
            continue
        found[worker] = connection
    return list(found.values())


def _peers(worker: psutil.Process) -> set[int]:
    return {one.raddr.port for one in worker.net_connections("tcp") if one.raddr}


def _end_session_id(tenant: Tenant, pinned: list[Connection], visit: Visit, number: int) -> float:
    by = pinned[number % len(pinned)]
    token = json.loads(by.ask(tenant.issue_session(visit))[1])["session_id"]

    def is_accepted(connection: Connection) -> bool:
        return bool(json.loads(connection.ask(tenant.introspect(token))[1])["active"])

    return _end(pinned, lambda: by.ask(tenant.revoke(token))[0], is_accepted)


def _end_session_token(tenant: Tenant, pinned: list[Connection], visit: Visit, number: int) -> float:
    by = pinned[number % len(pinned)]

    def is_accepted(connection: Connection) -> bool:
        return connection.ask(tenant.read_conversation(visit))[0] == 200

    return _end(pinned, lambda: by.ask(tenant.log_out(visit))[0], is_accepted)


def _end(pinned: list[Connection], end: Callable[[], int], is_accepted: Callable[[Connection], bool]) -> float:
    """Seconds from the acknowledgement until every worker refuses."""
    if not all(map(is_accepted, pinned)):
        raise RuntimeError("a live session was refused")
    if end() != 200:
        raise RuntimeError("the session could not be ended")
    began = time.monotonic()
    last = 0.0
    for connection in pinned:
        while is_accepted(connection):
            last = time.monotonic() - began
            if last > GIVE_UP:
                return last
    return last
