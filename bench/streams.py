"""Two thousand idle event streams on one process: what each one weighs, and whether starts still answer as before."""

import time
from contextlib import ExitStack
from dataclasses import dataclass

from bench.load import Load
from bench.measure import Rounds, Series, measure
from bench.report import Report, Verdict
from bench.requests import Tenant
from bench.servers import Machine, Served
from bench.speed import new_starts

WEIGHT_GOAL = 25.0  # KB of memory per stream
DELAY_GOAL = 1.5  # × the start's p50 without streams
AT_ONCE = 250  # streams whose proofs are made together: a proof lives for a minute
SETTLE = 20.0  # seconds: every stream has beaten once


@dataclass(frozen=True)
class Weight:
    """Bytes: resident, and those that are no page of a file (SQLite maps its database)."""

    resident: float
    own: float


def run(
    machine: Machine, load: Load, report: Report, stores: list[str], *, streams: int, rounds: int, seconds: float
) -> None:
    """One store after the other: two services on ``--workers 1``, one with the streams and one without, take turns."""
    for store in stores:
        with ExitStack() as running:
            quiet = Tenant(running.enter_context(machine.serving(store, workers=1)))
            holding = Tenant(running.enter_context(machine.serving(store, workers=1)))
            series = [_starts("start without streams", quiet), _starts(f"start among {streams} streams", holding)]
            measure(load, series, rounds=1, seconds=seconds)  # both have done the same before the memory is read
            weight = _hold(load, holding, streams)
            idling = _idle(holding.served, SETTLE)
            measured = measure(load, series, rounds=rounds, seconds=seconds)
            still_open = load.release()
        if still_open != streams:
            raise RuntimeError(f"only {still_open} of {streams} streams were still open")
        report.add(f"{streams} idle streams, 1 worker, {store}", measured, _verdicts(store, measured, weight, idling))


def _starts(name: str, tenant: Tenant) -> Series:
    return Series(name, tenant.served, lambda count: new_starts(tenant, count), 201)


def _hold(load: Load, tenant: Tenant, streams: int) -> Weight:
    """Opens the streams; what each has added to the process, after all have beaten once."""
    visits = tenant.visits(load, streams)
    # What a stream will read has been read before: the database's file cache is no part of a stream.
    read = [
        one
        for visit in visits
        for one in (tenant.introspect(visit.session_token), tenant.transcript(visit.conversation_id))
    ]
    load.send(tenant.served.port, read).require_only(200)
    before = _memory(tenant.served)
    for first in range(0, streams, AT_ONCE):
        load.hold(tenant.served.port, [tenant.stream(one) for one in visits[first : first + AT_ONCE]])
    time.sleep(SETTLE)
    after = _memory(tenant.served)
    return Weight((after.resident - before.resident) / streams, (after.own - before.own) / streams)


def _idle(served: Served, seconds: float) -> float:
    """The share of one core that the streams take while nothing happens."""
    before, _ = served.cpu()
    time.sleep(seconds)
    return (served.cpu()[0] - before) / seconds


def _verdicts(store: str, measured: dict[str, Rounds], weight: Weight, idling: float) -> list[Verdict]:
    without, among = measured.values()
    return [
        Verdict(f"memory per idle stream · {store}", weight.resident / 1024, WEIGHT_GOAL, "KB"),
        Verdict(f"of it no page of a file · {store}", weight.own / 1024, unit="KB"),
        Verdict(f"CPU of the idle streams · {store}", 100 * idling, unit="% of a core"),
        Verdict(f"start p50 among streams / without · {store}", among.ratio(without, "p50"), DELAY_GOAL),
        Verdict(f"start CPU among streams / without · {store}", among.ratio(without, "cpu")),
    ]


def _memory(served: Served) -> Weight:
    found = [one.memory_info() for one in served.workers()]
    return Weight(sum(one.rss for one in found), sum(one.rss - one.shared for one in found))
