"""Slices of load on one server after another, in rounds, so that whatever else the machine does hits all alike."""

import statistics
from collections.abc import Callable
from dataclasses import asdict, astuple, dataclass
from typing import Any

from bench.load import Load, Slice
from bench.servers import Served

WARM_UP = 400  # requests: past psycopg's and SQLite's preparing of statements, and every cache filled
FEWEST = 200


@dataclass(frozen=True, slots=True)
class Measured:
    """One slice, or medians of several. CPU is microseconds per request, latency milliseconds."""

    cpu: float
    database_cpu: float
    rate: float
    p50: float
    p99: float

    @property
    def all_cpu(self) -> float:
        """The service's CPU and its database server's."""
        return self.cpu + self.database_cpu

    @property
    def tail(self) -> float:
        """p99 / p50."""
        return self.p99 / self.p50


@dataclass
class Series:
    """One kind of request on one server. ``make`` prepares so many requests; it runs while no clock does."""

    name: str
    served: Served
    make: Callable[[int], list[bytes]]
    status: int = 200
    clients: int = 16
    count: int = 0

    def label(self) -> str:
        """Its name in the report."""
        return f"{self.name} · {self.served.name}"


@dataclass(frozen=True, slots=True)
class Rounds:
    """One series' slices, a slice per round."""

    slices: tuple[Measured, ...]

    @property
    def median(self) -> Measured:
        """Each figure's own median."""
        return Measured(*(statistics.median(one) for one in zip(*map(astuple, self.slices), strict=True)))

    def ratio(self, other: "Rounds", figure: str) -> float:
        """The median of the rounds' own ratios: neighbours in time, so that a busy minute does not count."""
        pairs = zip(self.slices, other.slices, strict=True)
        return statistics.median(getattr(own, figure) / getattr(others, figure) for own, others in pairs)


def measure(load: Load, series: list[Series], *, rounds: int, seconds: float) -> dict[str, Rounds]:
    """Every series once per round, for about so many seconds each, each round in the other direction; by label."""
    for one in series:
        rate = _rate(load, one)
        one.count = max(FEWEST, int(rate * seconds))
    found: dict[str, list[Measured]] = {one.label(): [] for one in series}
    for number in range(rounds):
        for one in series if number % 2 else reversed(series):
            found[one.label()].append(_measure_slice(load, one))
    return {label: Rounds(tuple(slices)) for label, slices in found.items()}


def _measure_slice(load: Load, series: Series) -> Measured:
    requests = series.make(series.count)
    before = series.served.cpu()
    answered = load.send(series.served.port, requests, clients=series.clients).require_only(series.status)
    after = series.served.cpu()
    return _measured(answered, before, after)


def _rate(load: Load, series: Series) -> float:
    load.send(series.served.port, series.make(WARM_UP), clients=series.clients).require_only(series.status)
    answered = load.send(series.served.port, series.make(FEWEST), clients=series.clients).require_only(series.status)
    return FEWEST / answered.seconds


def _measured(answered: Slice, before: tuple[float, float], after: tuple[float, float]) -> Measured:
    count = len(answered.latencies)
    own, database = (1e6 * (late - early) / count for early, late in zip(before, after, strict=True))
    return Measured(
        own, database, count / answered.seconds, 1e3 * answered.percentile(0.5), 1e3 * answered.percentile(0.99)
    )


def repeated(request: bytes) -> Callable[[int], list[bytes]]:
    """For requests that may be sent again as they are."""
    return lambda count: [request] * count


def cycled(requests: list[bytes]) -> Callable[[int], list[bytes]]:
    """As repeated(), for several requests in turn."""
    return lambda count: [requests[number % len(requests)] for number in range(count)]


def as_json(measured: dict[str, Rounds]) -> dict[str, Any]:
    """For the results file: the median of each figure, and every slice."""
    return {
        label: {"median": _rounded(rounds.median), "slices": [_rounded(one) for one in rounds.slices]}
        for label, rounds in measured.items()
    }


def _rounded(one: Measured) -> dict[str, float]:
    return {name: round(value, 2) for name, value in asdict(one).items()}
