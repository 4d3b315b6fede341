"""A pasted sample answer, looked through: where its list or its record stands, and what is in it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from widget_service.backoffice.aliases import ALIASES, LISTS, OWN_IDS, OWN_WORDS, TOTALS, plain
from widget_service.backoffice.canonical.currencies import find_places
from widget_service.backoffice.names import meaning

DEEPEST = 6
MOST_SAMPLES = 20
#: No state's currency has so many decimals.
_CRYPTO_PLACES = 6
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Names, and places in lists.
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A member of the sample: its path from the record on, and the values it has there."""

    steps: Steps
    samples: tuple[object, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """Its own name."""
        return str(self.steps[-1])

    @property
    def around(self) -> tuple[str, ...]:
        """The names of the objects in which it stands, from the record on."""
        return tuple(str(step) for step in self.steps[:-1])

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
    #: It is one of so many in a list: of a player's wallets, or of several players.
    beside: int = 0
    #: The objects around it, from the answer on: a list's items may leave it to them to say whose they are.
    above: tuple[tuple[Steps, Mapping[str, object]], ...] = field(default=(), repr=False)
    #: What is mapped stands there, from the item on.
    inside: Steps = ()

    def members(self) -> list[Found]:
        """Every member, those inside objects too, the nearer ones first."""
        values: dict[Steps, list[object]] = {}
        for item in self.items[:MOST_SAMPLES]:
            held = _at(item, self.inside)
            for steps, value in _members(held, self.inside) if isinstance(held, Mapping) else ():
                values.setdefault(steps, []).append(value)
        found = [Found(steps, tuple(samples)) for steps, samples in values.items()]
        return sorted(found, key=lambda one: len(one.steps))

    @property
    def pick(self) -> tuple[Steps, str] | None:
        """Of several wallets in a list: where the list stands, and the name of their currency."""
        if not self.steps or not isinstance(self.steps[-1], int):
            return None
        name = next((name for item in self.items for name in item if "currency" in meaning(name)), None)
        return (self.steps[:-1], name) if name is not None else None

    def inside_of(self, root: Steps) -> "Record":
        """The same record, seen from an object around it."""
        held = next(held for steps, held in self.above if steps == root)
        return Record(root, (held,), beside=self.beside, above=self.above, inside=self.steps[len(root) :])


def as_path(steps: Steps) -> str:
    """``$.Data['odd name']``."""
    return "$" + "".join(map(_as_step, steps))


def _as_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _NAME.fullmatch(step) else f"[{json.dumps(step)}]"


def find_list(sample: object, capability: str) -> Record | None:
    """The likeliest list of a capability's things: by what it is called and by what is in it."""
    known, names = _known(capability), {plain(name) for name in LISTS.get(capability, "").split()}
    best: tuple[int, Record] | None = None
    for steps, value, parent in _walk(sample, (), None):
        inside_one = any(isinstance(step, int) for step in steps)
        items = None if inside_one else _as_items(value, steps, names)
        if not items:
            continue
        called = bool(steps) and plain(str(steps[-1])) in names | {plain(capability)}
        score = _score(items, known, capability) * 2 + (5 if called else 0) - len(steps)
        if best is None or score > best[0]:
            above = _above(sample, steps)
            best = score, Record(steps, items, isinstance(value, Mapping), _find_total(parent, steps), above=above)
    return best[1] if best is not None else None


def find_object(sample: object, capability: str) -> Record | None:
    """The object in which most of a capability's names stand, the first of a list's too."""
    known, best = _known(capability) | {meaning(name) for name in OWN_IDS}, None
    for steps, value, parent in _walk(sample, (), None):
        if isinstance(value, Mapping):
            score = _score((value,), known, capability) * 3 - len(steps)
            if best is None or score > best[0]:
                beside = len(parent) if isinstance(parent, list) and len(parent) > 1 else 0
                best = score, Record(steps, (value,), beside=beside, above=_above(sample, steps))
    return best[1] if best is not None else None


def _above(sample: object, steps: Steps) -> tuple[tuple[Steps, Mapping[str, object]], ...]:
    """The objects around a place, the nearest first."""
    found: list[tuple[Steps, Mapping[str, object]]] = []
    for count in range(len(steps)):
        value = _at(sample, steps[:count])
        if isinstance(value, Mapping):
            found.insert(0, (steps[:count], value))
    return tuple(found)


def _at(value: object, steps: Steps) -> object:
    for step in steps:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _known(capability: str) -> set[frozenset[str]]:
    phrases = [phrase for seen in ALIASES[capability].values() for phrase in seen.split(", ")]
    names = [name.split(".")[-1] for name in ALIASES[capability]]
    return {meaning(phrase.strip("=?")) for phrase in (*names, *phrases) if not phrase.endswith("??")}


def _score(items: tuple[Mapping[str, object], ...], known: set[frozenset[str]], capability: str) -> int:
    own = set(meaning(OWN_WORDS[capability])) | {"player"}
    found = {meaning(name) for item in items[:MOST_SAMPLES] for name in item}
    return sum(1 for name in found if name in known or (name - own) in known)


def _as_items(value: object, steps: Steps, names: set[str]) -> tuple[Mapping[str, object], ...] | None:
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return tuple(item for item in value if isinstance(item, Mapping))
    alone = isinstance(value, Mapping) and bool(steps) and plain(str(steps[-1])) in names
    inside = isinstance(value, Mapping) and any(isinstance(one, (list, Mapping)) for one in value.values())
    return (value,) if isinstance(value, Mapping) and alone and not inside else None


def _find_total(parent: object, steps: Steps) -> Steps | None:
    if not isinstance(parent, Mapping):
        return None
    places = [(steps[:-1], parent)]
    for inner in ("pagination", "paging", "meta", "page"):
        held = parent.get(inner)
        places += [((*steps[:-1], inner), held)] if isinstance(held, Mapping) else []
    wanted = [meaning(name) for name in TOTALS]
    for before, held in places:
        counts = [(meaning(name), name) for name, value in held.items() if _is_count(value)]
        found = [(wanted.index(words), name) for words, name in counts if words in wanted]
        if found:
            return (*before, min(found)[1])
    return None


def _is_count(value: object) -> bool:
    is_text = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10
    return is_text or (isinstance(value, int) and not isinstance(value, bool))


def _walk(value: object, steps: Steps, parent: object) -> Iterator[tuple[Steps, object, object]]:
    yield steps, value, parent
    if len(steps) >= DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, (*steps, str(name)), value)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        place = _likeliest(value)
        yield from _walk(value[place], (*steps, place), value)


def _likeliest(elements: list[object]) -> int:
    """Of several wallets the first whose currency is a state's: where it stands in the list."""
    for place, element in enumerate(elements[:MOST_SAMPLES]):
        held = element.items() if isinstance(element, Mapping) else ()
        codes = [value for name, value in held if "currency" in meaning(name) and isinstance(value, str)]
        if any(len(code) == 3 and find_places(code) < _CRYPTO_PLACES for code in codes):
            return place
    return 0


def _members(item: Mapping[str, object], steps: Steps) -> Iterator[tuple[Steps, object]]:
    for name, value in item.items():
        here = (*steps, str(name))
        yield here, value
        if isinstance(value, Mapping) and len(here) < DEEPEST:
            yield from _members(value, here)
