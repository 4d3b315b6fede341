"""A pasted sample answer, looked through: where its list or its record stands, and what is in it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from widget_service.backoffice.aliases import ALIASES, LISTS, OWN_IDS, TOTALS, plain

DEEPEST = 6
MOST_SAMPLES = 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A member of the sample: its path from the record on, and the values it has there."""

    steps: Steps
    samples: tuple[object, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """Its own name."""
        return self.steps[-1]

    @property
    def path(self) -> str:
        """As a document writes it."""
        return as_path(self.steps)


@dataclass(frozen=True, slots=True)
class Record:
    """What is mapped: the answer's object, or the items of its list."""

    #: From the answer on.
    steps: Steps
    items: tuple[Mapping[str, object], ...] = field(repr=False)
    is_alone: bool = False
    total: Steps | None = None

    def members(self) -> list[Found]:
        """Every member, those inside objects too, the nearer ones first."""
        values: dict[Steps, list[object]] = {}
        for item in self.items[:MOST_SAMPLES]:
            for steps, value in _members(item, ()):
                values.setdefault(steps, []).append(value)
        found = [Found(steps, tuple(samples)) for steps, samples in values.items()]
        return sorted(found, key=lambda one: len(one.steps))


def as_path(steps: Steps) -> str:
    """``$.Data['odd name']``."""
    return "$" + "".join(f".{step}" if _NAME.fullmatch(step) else f"[{json.dumps(step)}]" for step in steps)


def find_list(sample: object, capability: str) -> Record | None:
    """The likeliest list of a capability's things: by what it is called and by what is in it."""
    known, names = _known(capability), {plain(name) for name in LISTS.get(capability, "").split()}
    best: tuple[int, Record] | None = None
    for steps, value, parent in _walk(sample, (), None):
        items = _as_items(value, steps, names)
        if items is None:
            continue
        called = bool(steps) and plain(steps[-1]) in names | {plain(capability)}
        score = _score(items, known) * 2 + (5 if called else 0) - len(steps)
        if items and (best is None or score > best[0]):
            best = score, Record(steps, items, isinstance(value, Mapping), _find_total(parent, steps))
    return best[1] if best is not None else None


def find_object(sample: object, capability: str) -> Record | None:
    """The object in which most of a capability's names stand."""
    known, best = _known(capability) | {plain(name) for name in OWN_IDS}, None
    for steps, value, _parent in _walk(sample, (), None):
        if isinstance(value, Mapping):
            score = _score((value,), known) * 3 - len(steps)
            if best is None or score > best[0]:
                best = score, Record(steps, (value,))
    return best[1] if best is not None else None


def _known(capability: str) -> set[str]:
    return {plain(one) for name, seen in ALIASES[capability].items() for one in (name.split(".")[-1], *seen.split())}


def _score(items: tuple[Mapping[str, object], ...], known: set[str]) -> int:
    names = {plain(name) for item in items[:MOST_SAMPLES] for name in item}
    return len(names & known)


def _as_items(value: object, steps: Steps, names: set[str]) -> tuple[Mapping[str, object], ...] | None:
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return tuple(item for item in value if isinstance(item, Mapping))
    alone = isinstance(value, Mapping) and bool(steps) and plain(steps[-1]) in names
    inside = isinstance(value, Mapping) and any(isinstance(one, (list, Mapping)) for one in value.values())
    return (value,) if isinstance(value, Mapping) and alone and not inside else None


def _find_total(parent: object, steps: Steps) -> Steps | None:
    if not isinstance(parent, Mapping):
        return None
    for name in TOTALS:
        if _is_count(parent.get(name)):
            return (*steps[:-1], name)
    for inner in ("pagination", "paging", "meta"):
        held = parent.get(inner)
        if isinstance(held, Mapping):
            found = next((name for name in TOTALS if _is_count(held.get(name))), None)
            if found is not None:
                return (*steps[:-1], inner, found)
    return None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _walk(value: object, steps: Steps, parent: object) -> Iterator[tuple[Steps, object, object]]:
    yield steps, value, parent
    if isinstance(value, Mapping) and len(steps) < DEEPEST:
        for name, inner in value.items():
            yield from _walk(inner, (*steps, str(name)), value)


def _members(item: Mapping[str, object], steps: Steps) -> Iterator[tuple[Steps, object]]:
    for name, value in item.items():
        here = (*steps, str(name))
        yield here, value
        if isinstance(value, Mapping) and len(here) < 3:
            yield from _members(value, here)
