"""Starts, introspections, messages, resumed starts and webhooks beside the empty endpoint and a bare Flask app."""

from contextlib import ExitStack
from dataclasses import dataclass

from bench import webhooks
from bench.load import Load
from bench.measure import Rounds, Series, cycled, measure, repeated
from bench.report import Report, Verdict
from bench.requests import Tenant, raw
from bench.servers import Machine

#: CPU per request at most so many times that of (the app's own empty endpoint, a bare Flask route).
GOALS: dict[str, tuple[float | None, float | None]] = {"start": (6.0, None), "introspect": (None, 2.0)}
WEBHOOK_GOAL = 4.0  # × the app's own empty endpoint
TAIL_GOAL = 4.0  # × the start's p50
PARTS = ("start", "introspect", "message", "resume", "webhook")
RESUMING = 64


@dataclass(frozen=True)
class Variant:
    """One way to run the service."""

    store: str
    log_level: str = "info"
    redis: bool = False


def run(
    machine: Machine,
    load: Load,
    report: Report,
    parts: list[str],
    variants: list[Variant],
    *,
    rounds: int,
    seconds: float,
) -> None:
    """All variants run at once and take turns."""
    with ExitStack() as running:
        series = [Series("empty", machine.bare(), repeated(raw("GET", "/empty", {})))]
        names = []
        for variant in variants:
            settings = {} if variant.log_level == "info" else {"log_level": variant.log_level}
            served = machine.serving(variant.store, redis=variant.redis, **settings)
            tenant = Tenant(running.enter_context(served))
            names.append(tenant.served.name)
            series += _series(load, tenant, parts)
        measured = measure(load, series, rounds=rounds, seconds=seconds)
    report.add("speed, 16 clients, 2 workers", measured, [one for name in names for one in _verdicts(measured, name)])


def _series(load: Load, tenant: Tenant, parts: list[str]) -> list[Series]:
    made = [Series("/health/live", tenant.served, repeated(raw("GET", "/health/live", {})))]
    if "start" in parts:
        made.append(Series("start", tenant.served, lambda count: new_starts(tenant, count), 201))
    if "introspect" in parts:
        asked = [tenant.introspect(token) for token in tenant.session_ids(load, 64)]
        made.append(Series("introspect", tenant.served, cycled(asked)))
    if "message" in parts:
        made.append(Series("message", tenant.served, lambda count: _messages(load, tenant, count), 201))
    if "resume" in parts:
        made.append(Series("resume", tenant.served, lambda count: _resumes(load, tenant, count)))
    if "webhook" in parts:
        made += webhooks.series(load, tenant)
    return made


def new_starts(tenant: Tenant, count: int) -> list[bytes]:
    """Each by a new player in a new browser."""
    return [tenant.start(tenant.new_visit()) for _ in range(count)]


def _messages(load: Load, tenant: Tenant, count: int) -> list[bytes]:
    visits = tenant.visits(load, RESUMING)
    return [tenant.message(visits[number % RESUMING]) for number in range(count)]


def _resumes(load: Load, tenant: Tenant, count: int) -> list[bytes]:
    visits = tenant.visits(load, RESUMING)
    return [tenant.start(visits[number % RESUMING]) for number in range(count)]


def _verdicts(measured: dict[str, Rounds], name: str) -> list[Verdict]:
    bare, live = measured["empty · bare Flask"], measured[f"/health/live · {name}"]
    found = [Verdict(f"empty endpoint / bare route · {name}", live.ratio(bare, "cpu"))]
    for part in (*PARTS, *webhooks.NAMES):
        one = measured.get(f"{part} · {name}")
        if one is None:
            continue
        to_live, to_bare = (WEBHOOK_GOAL, None) if part in webhooks.NAMES else GOALS.get(part, (None, None))
        found.append(Verdict(f"{part} / empty endpoint · {name}", one.ratio(live, "cpu"), to_live))
        found.append(Verdict(f"{part} / bare route · {name}", one.ratio(bare, "cpu"), to_bare))
        if part == "start":
            found.append(Verdict(f"start p99 / p50 · {name}", one.median.tail, TAIL_GOAL))
    return found
