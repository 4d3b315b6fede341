"""Whether starts and introspections cost the same with a thousand, a hundred thousand and a million stored sessions."""

import random
from contextlib import ExitStack

from bench.load import Load
from bench.measure import Rounds, Series, measure
from bench.report import Report, Verdict
from bench.requests import Tenant
from bench.seed import fill, session_id
from bench.servers import Machine
from bench.speed import new_starts

GOAL = 1.3  # × from the smallest to the largest
#: As many as there are workers: the latency is then the work itself, not the queue before it.
CLIENTS = 2
SIZES = (1_000, 100_000, 1_000_000)


def run(
    machine: Machine,
    load: Load,
    report: Report,
    stores: list[str],
    *,
    sizes: tuple[int, ...],
    rounds: int,
    seconds: float,
) -> None:
    """One store after the other; all sizes of a store run at once and take turns."""
    for store in stores:
        with ExitStack() as running:
            series = [one for size in sizes for one in _series(running, machine, store, size)]
            measured = measure(load, series, rounds=rounds, seconds=seconds)
        report.add(f"growth, {store}", measured, _verdicts(measured, store, sizes))


def _series(running: ExitStack, machine: Machine, store: str, size: int) -> list[Series]:
    served = running.enter_context(machine.serving(store))
    tenant = Tenant(served)
    assert served.service is not None
    operator = tenant.operator
    fill(served.service.database_url, operator.workspace_id, operator.brand_id, tenant.agent.token_id, size)
    pick = random.Random(size)  # noqa: S311 - which rows are asked for, no secret
    return [
        Series(
            f"introspect, {size:,} stored",
            served,
            lambda count: [tenant.introspect(session_id(pick.randrange(size))) for _ in range(count)],
            clients=CLIENTS,
        ),
        Series(f"start, {size:,} stored", served, lambda count: new_starts(tenant, count), 201, CLIENTS),
    ]


def _verdicts(measured: dict[str, Rounds], store: str, sizes: tuple[int, ...]) -> list[Verdict]:
    found = []
    for part in ("start", "introspect"):
        first, *_, last = (measured[f"{part}, {size:,} stored · {store}"] for size in sizes)
        grown = f"{sizes[-1]:,} / {sizes[0]:,} stored · {store}"
        found.append(Verdict(f"{part} CPU, {grown}", last.ratio(first, "all_cpu"), GOAL, note="database included"))
        found.append(Verdict(f"{part} p50, {grown}", last.ratio(first, "p50"), GOAL))
    return found
