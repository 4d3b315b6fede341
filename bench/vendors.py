"""Webhooks while the vendor's API hangs: what is written back to it holds up nobody.

Each identification queues a write-back, and the worker's calls are never answered. The same webhooks are sent beside
that without a worker and without write-back, for comparison.
"""

from contextlib import ExitStack

from bench.load import Load
from bench.measure import Rounds, Series, measure
from bench.report import Report, Verdict
from bench.requests import Tenant
from bench.servers import Machine
from bench.webhooks import Desk
from tests.helpdesks.vendor_apis import CLIENT_ID, CLIENT_SECRET, ZendeskApi

GOAL = 500.0  # ms at p99
CLIENTS = 4
OAUTH = ("--oauth-client-id", CLIENT_ID, "--oauth-client-secret", CLIENT_SECRET)
KINDS = ("no write-back", "vendor hangs")


def run(machine: Machine, load: Load, report: Report, stores: list[str], *, rounds: int, seconds: float) -> None:
    """Both at once, in turns."""
    api = ZendeskApi()
    api.awake.clear()
    written_back = ("--api-url", api.url, "--player-field-id", api.field_id, *OAUTH)
    try:
        with ExitStack() as running:
            series = [
                _series(running, machine, load, store, kind, *(written_back if kind == KINDS[1] else ()))
                for store in stores
                for kind in KINDS
            ]
            measured = measure(load, series, rounds=rounds, seconds=seconds)
    finally:
        api.close()
    report.add(f"webhooks beside a vendor that hangs, {CLIENTS} clients", measured, _verdicts(measured, stores))


def _series(running: ExitStack, machine: Machine, load: Load, store: str, kind: str, *options: str) -> Series:
    served = running.enter_context(machine.serving(store))
    tenant = Tenant(served)
    desk = Desk(tenant, *options)
    assert served.service is not None
    if options:
        served.service.spawn("worker")

    def make(count: int) -> list[bytes]:
        return [desk.delivery(one) for one in desk.references(load, count)]

    return Series(f"identification, {kind}", served, make, clients=CLIENTS)


def _verdicts(measured: dict[str, Rounds], stores: list[str]) -> list[Verdict]:
    found = []
    for store in stores:
        calm, hanging = (measured[f"identification, {kind} · {store}"] for kind in KINDS)
        found.append(Verdict(f"p99 while the vendor hangs · {store}", hanging.median.p99, GOAL, "ms"))
        found.append(Verdict(f"p50, vendor hangs / no write-back · {store}", hanging.ratio(calm, "p50")))
    return found
