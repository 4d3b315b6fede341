"""The gateway: what a call costs beside a plain httpx call, and what starts notice of calls that wait."""

import statistics
import time
from collections.abc import Sequence
from threading import Event, Thread

from bench.load import Load, Slice
from bench.measure import Series, cycled, measure, repeated
from bench.report import Report, Verdict
from bench.requests import Tenant, raw
from bench.servers import Machine, Served
from bench.speed import new_starts
from tests.support.operator import Agent

CPU_GOAL = 2.5  # × an endpoint that makes one plain httpx call
TAIL_GOAL = 1.5  # × the starts' p99 without calls that wait
PLAYERS = 16
ALIKE = 1000
WAITING = 200
STARTS_AT_ONCE = 4
SETTLING = 2.5  # seconds: all calls are under way, and no longer at the same moment
UNLIKE_GOAL = 1.1  # medians of an unknown and a forbidden player


def run(machine: Machine, load: Load, report: Report, stores: Sequence[str], *, rounds: int, seconds: float) -> None:
    """On each store, one after the other."""
    upstream = machine.another_bare()
    for store in stores:
        with machine.serving(store) as served:
            gateway = Gateway(Tenant(served), upstream)
            _run_costs(machine, load, report, gateway, rounds=rounds, seconds=seconds)
            _run_waits(load, report, gateway, rounds=rounds, seconds=seconds)


class Gateway:
    """A tenant whose back office is the bare app, at once or after two seconds."""

    def __init__(self, tenant: Tenant, upstream: Served) -> None:
        self.tenant, self._upstream = tenant, upstream
        self.served = tenant.served
        service = self.served.service
        assert service is not None
        self._cli = service.cli
        scopes = ("sessions:issue", "conversations:read", "player:read")
        self.tenant.agent = Agent.create(service, tenant.operator.workspace_id, *scopes)

    def url(self, pace: str) -> str:
        """The back office's."""
        return f"http://127.0.0.1:{self._upstream.port}/{pace}"

    def connect(self, pace: str) -> None:
        """From now on."""
        self._cli(
            "backoffice", "connect", self.tenant.operator.workspace_id, "--url", self.url(pace), "--api-token", "t"
        )

    def reads(self, load: Load, count: int, *, named: str | None = None) -> list[bytes]:
        """A request for the balances of each of so many players, or of whoever is named instead."""
        visits = [self.tenant.new_visit(f"bench-{number}") for number in range(count)]
        started = load.send(self.served.port, [self.tenant.start(one) for one in visits], bodies=True)
        for visit, body in zip(visits, started.require_only(201).bodies, strict=True):
            visit.remember(body)
        issued = load.send(self.served.port, [self.tenant.issue_session(one) for one in visits], bodies=True)
        return [
            self._read(named or f"bench-{number}", body) for number, body in enumerate(issued.require_only(200).bodies)
        ]

    def _read(self, player_id: str, issued: bytes) -> bytes:
        session_id = issued.partition(b'"session_id":"')[2].partition(b'"')[0].decode()
        headers = {"Authorization": f"Bearer {self.tenant.agent.token}", "X-Session-ID": session_id}
        return raw("GET", f"/v1/players/{player_id}/balances", headers)


def _run_costs(machine: Machine, load: Load, report: Report, gateway: Gateway, *, rounds: int, seconds: float) -> None:
    gateway.connect("fast")
    name, bare = gateway.served.name, machine.bare()
    fetch = raw("GET", f"/fetch?url={gateway.url('fast')}/v1/players/5832/balances", {})
    reads = gateway.reads(load, PLAYERS)
    series = [
        Series("plain httpx call", bare, repeated(fetch)),
        Series("gateway", gateway.served, cycled(reads)),
    ]
    measured = measure(load, series, rounds=rounds, seconds=seconds)
    through, plain = measured[f"gateway · {name}"], measured["plain httpx call · bare Flask"]
    verdicts = [
        Verdict(f"gateway / plain httpx call · {name}", through.ratio(plain, "cpu"), CPU_GOAL),
        Verdict(f"forbidden and unknown player, medians · {name}", _unlike(load, gateway), UNLIKE_GOAL),
    ]
    report.add(f"gateway · {name}", measured, verdicts)


def _unlike(load: Load, gateway: Gateway) -> float:
    """How much longer the slower of the two takes, asked in turn by one client: neighbours in time."""
    asked = [gateway.reads(load, 1, named=named)[0] for named in ("bench-1", "nobody-of-that-id")]
    answered = load.send(gateway.served.port, asked * ALIKE, clients=1).require_only(404)
    forbidden, unknown = (statistics.median(answered.latencies[first::2]) for first in (0, 1))
    return max(forbidden, unknown) / min(forbidden, unknown)


def _run_waits(load: Load, report: Report, gateway: Gateway, *, rounds: int, seconds: float) -> None:
    """What starts notice of calls that wait: in a pool of their own, as is deployed, and in the starts' own pool."""
    gateway.connect("slow")
    reads = gateway.reads(load, WAITING)
    assert gateway.served.service is not None
    apart = gateway.served.service.sibling()
    try:
        apart.start()
        pools = {"its own pool": apart.port, "the starts' pool": gateway.served.port}
        tails: dict[str, list[float]] = {name: [] for name in pools}
        with Load() as other:
            for _ in range(rounds):
                for name, port in pools.items():
                    tails[name].append(_tail(load, other, gateway, reads, port, seconds))
    finally:
        apart.remove()
    verdicts = [
        Verdict(
            f"start p99 beside {WAITING} calls of 2 s in {name} / alone · {gateway.served.name}",
            statistics.median(found),
            TAIL_GOAL if name == "its own pool" else None,
        )
        for name, found in tails.items()
    ]
    report.add(f"gateway, waiting · {gateway.served.name}", {}, verdicts)


def _tail(load: Load, other: Load, gateway: Gateway, reads: list[bytes], port: int, seconds: float) -> float:
    """The starts' p99 while the calls wait, by that without them."""
    count = max(300, int(150 * seconds))
    alone, beside = (new_starts(gateway.tenant, count) for _ in range(2))
    quiet = _start(load, gateway, alone)
    ended, waited = Event(), list[Slice]()

    def wait() -> None:
        while not ended.is_set():
            waited.append(other.send(port, reads * 2, clients=WAITING))

    waiting = Thread(target=wait)
    waiting.start()
    time.sleep(SETTLING)
    disturbed = _start(load, gateway, beside)
    ended.set()
    waiting.join()
    for one in waited:
        one.require_only(200)
    return disturbed.percentile(0.99) / quiet.percentile(0.99)


def _start(load: Load, gateway: Gateway, requests: list[bytes]) -> Slice:
    return load.send(gateway.served.port, requests, clients=STARTS_AT_ONCE).require_only(201)
