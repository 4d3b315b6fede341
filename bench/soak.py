"""``python -m bench.soak``: nothing acknowledged is lost, whatever is killed. ``make soak`` runs it on both stores.

Players start, write and leave while workers, the whole service, its master alone, the delivery worker and (on
PostgreSQL) the database are killed with -9. After each restart everything acknowledged so far is asked for again.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import cycle, pairwise

import psutil
from sqlalchemy import text

from bench.crowd import Crowd, Journal
from bench.load import Load
from bench.receiver import Event, Receiver
from bench.requests import Tenant
from bench.revocation import WITHIN, Refused, measure_revocation
from bench.servers import STORES, Machine
from bench.verify import Lost, verify
from widget_service.storage.engine import reading

CALM = 2.5  # seconds of load between two kills
DRAIN = 90.0  # seconds given to the deliveries at the end: a killed worker's lanes are held for half a minute


@dataclass
class Outcome:
    """What happened on one store."""

    store: str
    seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    checks: int = 0
    lost: list[Lost] = field(default_factory=list)
    refused: Refused | None = None
    events: dict[str, int] = field(default_factory=dict)

    @property
    def lost_total(self) -> int:
        """Everything missing, events included; anything revoked that was accepted for too long counts as one."""
        slow = self.refused is not None and max(self.refused.session_id, self.refused.session_token) > WITHIN
        return (
            sum(one.total for one in self.lost) + self.events.get("lost", 0) + self.events.get("disordered", 0) + slow
        )


class Installation:
    """One service with its delivery worker, and the ways to kill them."""

    def __init__(self, machine: Machine, load: Load, running: ExitStack, store: str) -> None:
        self._machine = machine
        self._load = load
        self.served = running.enter_context(machine.serving(store))
        assert self.served.service is not None
        self.service = self.served.service
        self.worker = self.service.spawn("worker")

    def kill_worker(self) -> None:
        """One of the two that answer; the master starts another."""
        self.served.workers()[0].kill()

    def kill_workers(self) -> None:
        """Both that answer, at once."""
        for one in self.served.workers():
            one.kill()

    def kill_delivery(self) -> None:
        """The delivery worker, and starts another."""
        self.worker.kill()
        self.worker.wait()
        self.worker = self.service.spawn("worker")

    def kill_service(self) -> None:
        """Everything at once, as a power cut would; it stays down until restart()."""
        self.service.kill()

    def kill_master(self) -> None:
        """gunicorn's master alone: its workers notice and end by themselves."""
        workers = self.served.workers()
        os.kill(self.served.pid, signal.SIGKILL)
        psutil.wait_procs(workers, timeout=20)
        self.service.kill()

    def kill_database(self) -> None:
        """PostgreSQL and, so that everything starts anew, the service."""
        self._machine.cluster.kill()
        self._machine.cluster.start()
        self.service.kill()

    def restart(self) -> None:
        """As an init system does it."""
        address = ("--host", "127.0.0.1", "--port", str(self.served.port), "--workers", "2")
        self.service.process = self.service.spawn("serve", *address)
        self.service.wait_until_ready(60)
        self.served.pid = self.service.process.pid
        self.worker = self.service.spawn("worker")


def soak(machine: Machine, load: Load, store: str, *, acknowledged: int, seconds: float) -> Outcome:
    """Until so much was acknowledged on this store, or the time is over."""
    outcome = Outcome(store)
    began = time.monotonic()
    with ExitStack() as running:
        receiver = running.enter_context(Receiver())
        installation = Installation(machine, load, running, store)
        tenant = Tenant(installation.served, receiver.url)
        outcome.refused = measure_revocation(load, tenant, trials=50)
        crowd = Crowd(tenant, outcome.journal)
        running.callback(crowd.dismiss)
        crowd.resume()
        for name, kill, is_fatal in cycle(_kills(installation, store)):
            time.sleep(CALM)
            kill()
            outcome.kills[name] = outcome.kills.get(name, 0) + 1
            if not is_fatal:
                continue
            installation.restart()
            crowd.pause()
            outcome.lost.append(verify(load, tenant, outcome.journal))
            outcome.checks += 1
            _tell(outcome, began)
            if outcome.journal.acknowledged >= acknowledged or time.monotonic() - began > seconds:
                break
            crowd.resume()
        outcome.events = _check_events(receiver, outcome.journal, tenant)
    outcome.seconds = time.monotonic() - began
    return outcome


def _kills(installation: Installation, store: str) -> list[tuple[str, Callable[[], None], bool]]:
    database = [("database", installation.kill_database, True)] if store == "postgres" else []
    return [
        ("worker", installation.kill_worker, False),
        ("delivery", installation.kill_delivery, False),
        ("service", installation.kill_service, True),
        ("both workers", installation.kill_workers, False),
        ("master", installation.kill_master, True),
        *database,
    ]


def _check_events(receiver: Receiver, journal: Journal, tenant: Tenant) -> dict[str, int]:
    """Every acknowledged event was delivered, in order within its conversation, or still stands in the outbox."""
    expected = _expected_events(journal)
    deadline = time.monotonic() + DRAIN
    arrived, deliveries = receiver.events()
    while not set(expected) <= set(arrived) and time.monotonic() < deadline:
        time.sleep(0.5)
        arrived, deliveries = receiver.events()
    missing = set(expected) - set(arrived)
    waiting = missing & _waiting_events(tenant) if missing else set()
    place = {event: number for number, event in reversed(list(enumerate(arrived)))}
    disordered = sum(
        place[early] > place[late]
        for early, late in pairwise(expected)
        if early[1] == late[1] and early in place and late in place
    )
    return {
        "acknowledged": len(expected),
        "delivered": len(expected) - len(missing),
        "deliveries": deliveries,
        "waiting": len(waiting),
        "lost": len(missing) - len(waiting),
        "disordered": disordered,
    }


def _expected_events(journal: Journal) -> list[Event]:
    """Grouped by conversation, each group in the order in which it was acknowledged."""
    ended = set(journal.revoked.values())
    expected: list[Event] = []
    for conversation_id in journal.started:
        expected.append(("conversation.started", conversation_id, ""))
        written = journal.messages.get(conversation_id, [])
        expected += [("message.created", conversation_id, message_id) for message_id, _ in written]
        if conversation_id in ended:
            expected.append(("session.revoked", conversation_id, ""))
    return expected


def _waiting_events(tenant: Tenant) -> set[Event]:
    assert tenant.served.service is not None
    with reading(tenant.served.service.database_url) as connection:
        rows = connection.execute(
            text("SELECT type, conversation_id, body FROM outbox WHERE delivered_at IS NULL AND failed_at IS NULL")
        ).all()
    return {(row[0], row[1], _message_id(row[2])) for row in rows}


def _message_id(body: str) -> str:
    message_id: str = json.loads(body)["data"].get("message", {}).get("id", "")
    return message_id


def _tell(outcome: Outcome, began: float) -> None:
    lost = outcome.lost[-1].total
    kinds = ", ".join(f"{count} {name}" for name, count in outcome.kills.items())
    print(
        f"{outcome.store}: {time.monotonic() - began:4.0f} s, {outcome.journal.acknowledged} acknowledged,"
        f" killed {kinds}; lost: {lost}",
        flush=True,
    )


def _print(outcome: Outcome) -> None:
    journal, refused, events = outcome.journal, outcome.refused, outcome.events
    assert refused is not None
    print(f"\n{outcome.store}, {outcome.seconds:.0f} s")
    print(f"  killed with -9: {', '.join(f'{count} × {name}' for name, count in outcome.kills.items())}")
    print(
        f"  acknowledged: {len(journal.started)} starts, {sum(map(len, journal.messages.values()))} messages,"
        f" {len(journal.revoked)} revocations; {journal.broken} connections broke, {journal.unavailable} × 503"
    )
    for answer, count in journal.unexpected.most_common(5):
        print(f"  unexpected: {count} × {answer}")
    print(f"  everything asked for again {outcome.checks} times; last: {asdict(outcome.lost[-1])}")
    print(
        f"  ended sessions were refused by every worker after {1e3 * refused.session_id:.0f} ms (session id) and"
        f" {1e3 * refused.session_token:.0f} ms (session token) at the latest, {refused.trials} trials each"
    )
    print(f"  events: {', '.join(f'{count} {name}' for name, count in events.items())}")
    print(f"  lost: {outcome.lost_total}", flush=True)


def main() -> int:
    """Exit code 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--acknowledged", type=int, default=20_000, help="starts, messages and revocations per store")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all stores together, at most")
    options = parser.parse_args()
    share = 60 * options.minutes / len(options.stores) - DRAIN
    outcomes = []
    for store in options.stores:
        machine = Machine()
        try:
            with Load() as load:
                outcomes.append(soak(machine, load, store, acknowledged=options.acknowledged, seconds=max(20, share)))
        finally:
            machine.close()
        _print(outcomes[-1])
    lost = sum(one.lost_total for one in outcomes)
    unexpected = sum(sum(one.journal.unexpected.values()) for one in outcomes)
    total = sum(one.journal.acknowledged for one in outcomes)
    print(f"\n{total} acknowledged on {' and '.join(options.stores)}; unexpected answers: {unexpected}; lost: {lost}")
    return 1 if lost or unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
