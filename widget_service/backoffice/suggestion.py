"""From a pasted sample to a proposed map: by the names that platforms use, and by how the values look.

Nothing is applied by this: a person reads what stands beside what, and says yes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from widget_service.backoffice.aliases import (
    ALIASES,
    FALSE_FRIENDS,
    JOINED,
    OWN_IDS,
    PLAYER_IDS,
    REMAINING,
    FalseFriend,
    plain,
)
from widget_service.backoffice.bodies import write_body
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.canonical.times import write_moment
from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.fields import NEVER, Field
from widget_service.backoffice.connector.members import read_member
from widget_service.backoffice.connector.scope import Given, Scope
from widget_service.backoffice.connector.shapes import OURS, Shape, answer_shape
from widget_service.backoffice.connector.transforms import evaluate
from widget_service.backoffice.guesses import (
    HIGH,
    LOW,
    MEDIUM,
    Guess,
    guess_boolean,
    guess_money,
    guess_time,
    guess_words,
)
from widget_service.backoffice.samples import MOST_SAMPLES, Found, Record, as_path, find_list, find_object
from widget_service.errors import ConfigurationError

SURE = (LOW, MEDIUM, HIGH)
LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Row:
    """A canonical member beside what is proposed for it."""

    canonical: str
    field: Mapping[str, object]
    #: What the sample has there, and what would come of it.
    sample: object
    value: object
    confidence: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member of the sample that is not what it looks like."""

    path: str
    looks_like: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is proposed for one capability."""

    capability: str
    plural: str | None
    record: Record = field(repr=False)
    id_path: str | None
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    #: Canonical members for which the sample has nothing.
    missing: tuple[str, ...]

    @property
    def map(self) -> dict[str, object]:
        """By canonical names, objects inside one another."""
        nested: dict[str, object] = {}
        for row in self.rows:
            held, *names = nested, *row.canonical.split(".")
            for name in names[:-1]:
                inner = held.setdefault(name, {})
                assert isinstance(inner, dict)  # noqa: S101 - a name is a leaf or an object, never both
                held = inner
            held[names[-1]] = row.field["path"] if set(row.field) == {"path"} else dict(row.field)
        return nested


def suggest(sample: object, capability: str) -> Suggestion:
    """Raises ConfigurationError for a capability that has no names to go by, or a sample with nothing in it."""
    if capability not in ALIASES:
        raise ConfigurationError(f"{capability}: suggestions exist for {', '.join(ALIASES)}")
    shape = answer_shape(CAPABILITIES[capability].answer)
    record = find_list(sample, capability) if shape.plural else find_object(sample, capability)
    if record is None or not record.items:
        raise ConfigurationError("the sample holds no list with anything in it" if shape.plural else "holds no object")
    _require_no_false_list(record, capability)
    item = shape.shape.members[shape.plural].item if shape.plural else shape.shape
    assert item is not None  # noqa: S101 - a list of objects has one
    members = [found for found in record.members() if plain(found.name) not in NEVER]
    refusals = _refusals(members, capability)
    rows = _rows(members, capability, item, {(refusal.path, refusal.looks_like) for refusal in refusals})
    named = {row.canonical for row in rows}
    missing = tuple(name for name, _ in leaves(item) if name not in named)
    ids = PLAYER_IDS if shape.plural else OWN_IDS
    return Suggestion(
        capability, shape.plural, record, _id_path(members, ids), _with_values(rows, item, record), refusals, missing
    )


def _require_no_false_list(record: Record, capability: str) -> None:
    """«Documents» are the ledger on one platform, and a player's papers on another."""
    if not record.steps or plain(record.steps[-1]) != "documents" or capability in ("kyc", "notes"):
        return
    names = {plain(name) for item in record.items for name in item}
    if not any("amount" in name for name in names):
        raise ConfigurationError(f"{as_path(record.steps)}: documents without amounts are KYC, and no ledger")


def leaves(shape: Shape, before: str = "") -> list[tuple[str, Shape]]:
    """A shape's members that take a value, by their dotted names; lists of objects are left to people."""
    found: list[tuple[str, Shape]] = []
    for name, member in shape.members.items():
        if member.kind == "object":
            found += leaves(member, f"{before}{name}.")
        elif member.kind != "list" and name not in OURS and (before or name != "id"):
            found.append((f"{before}{name}", member))
    return found


def shown(value: object) -> str:
    """A value in a table: short, on one line."""
    text = write_moment(value) if isinstance(value, datetime) else _as_json(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _as_json(value: object) -> str:
    return value if isinstance(value, str) else write_body(value).decode()


def _rows(members: Sequence[Found], capability: str, item: Shape, refused: set[tuple[str, str]]) -> list[Row]:
    rows: list[Row] = []
    for name, shape in leaves(item):
        last = name.split(".")[-1]
        allowed = [found for found in members if (found.path, last) not in refused]
        row = _joined(allowed, name, capability) or _plain_row(allowed, name, shape, capability)
        rows += [row] if row is not None else []
    return [*rows, *_derived(rows, members)]


def _derived(rows: Sequence[Row], members: Sequence[Found]) -> list[Row]:
    """What no member says by itself: the currency that is a key, and what was wagered of a requirement."""
    named, derived = {row.canonical: row for row in rows}, list[Row]()
    keyed = next((row for row in rows if row.field.get("transform") == "currency_key"), None)
    if keyed is not None and "currency" not in named:
        options = {"path": keyed.field["path"], "transform": "sole_key"}
        derived.append(_row("currency", options, [keyed.sample], HIGH, "the currency is the key"))
    remaining = next((one for one in members if plain(one.name) in REMAINING), None)
    required = named.get("wager_requirement")
    if remaining is not None and required is not None and "wagered" not in named:
        options = {"transform": "subtract", "of": [required.field["path"], remaining.path], "at_least": 0}
        derived.append(_row("wagered", options, remaining.samples, MEDIUM, "requirement - remaining"))
    return derived


def _plain_row(members: Sequence[Found], name: str, shape: Shape, capability: str) -> Row | None:
    """The likelier names come first, but a surer guess comes before a likelier name: words before numbers."""
    last, aliases = name.split(".")[-1], ALIASES[capability].get(name, "").split()
    own = [last] if "." not in name or name.startswith("balances.") else []
    rows: list[Row] = []
    for wanted in (*own, *aliases):
        for found in members:
            guess = _guess(found, name, shape, capability) if plain(found.name) == plain(wanted) else None
            if guess is not None:
                sure = _least(guess.confidence, HIGH if found.name == wanted else MEDIUM)
                rows.append(_row(name, {"path": found.path, **guess.options}, found.samples, sure, guess.remark))
    best = max((SURE.index(row.confidence) for row in rows), default=0)
    return next((row for row in rows if SURE.index(row.confidence) == best or row.confidence != LOW), None) or (
        rows[0] if rows else None
    )


def _joined(members: Sequence[Found], name: str, capability: str) -> Row | None:
    if name not in JOINED or capability != "player":
        return None
    parts = [_first_called(members, names) for names in JOINED[name]]
    found = [part for part in parts if part is not None]
    if len(found) < 2:
        return None
    options: dict[str, object] = {"transform": "concat", "of": [part.path for part in found]}
    if name == "phone":
        options["separator"] = ""
    samples = [" ".join(str(part.samples[0]) for part in found)]
    return _row(name, options, samples, HIGH, "")


def _first_called(members: Sequence[Found], names: Sequence[str]) -> Found | None:
    wanted = {plain(name) for name in names}
    return next((found for found in members if plain(found.name) in wanted and found.samples[0] is not None), None)


def _guess(found: Found, name: str, shape: Shape, capability: str) -> Guess | None:
    samples = found.samples
    match shape.kind:
        case "money":
            return guess_money(found.name, samples)
        case "time":
            return guess_time(samples)
        case "boolean":
            return guess_boolean(samples)
        case "enum":
            return _guess_enum(name, samples, capability, shape)
        case "strings":
            return Guess({"transform": "strings"}, MEDIUM) if _are_lists_of_texts(samples) else None
        case "integer":
            return Guess({}, HIGH) if all(isinstance(value, int) for value in samples) else None
    return None if any(isinstance(value, (dict, list)) for value in samples) else _guess_text(name, samples)


def _guess_text(name: str, samples: Sequence[object]) -> Guess:
    if name == "currency" and any(not re.fullmatch(r"[A-Za-z0-9]{3,6}", str(value)) for value in samples if value):
        return Guess({}, LOW, "no currency codes?")
    return Guess({}, HIGH if any(value not in (None, "") for value in samples) else LOW)


def _guess_enum(name: str, samples: Sequence[object], capability: str, shape: Shape) -> Guess | None:
    told = [value for value in samples if value not in (None, "")]
    if name == "kyc_status":
        if all(isinstance(value, bool) for value in told):
            return Guess({"transform": "bool_to_kyc"}, MEDIUM, "false says neither pending nor rejected")
        if guess_time(samples) is not None and told:
            return Guess({"transform": "bool_to_kyc", "present": True}, MEDIUM, "a date of verification")
    if any(isinstance(value, (dict, list)) for value in told):
        return None
    if told and all(str(value) in shape.choices for value in told):
        return Guess({}, HIGH)
    if name not in ("status", "event_type"):
        return None
    return guess_words(capability, samples)


def _are_lists_of_texts(samples: Sequence[object]) -> bool:
    return all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in samples)


def _row(name: str, options: Mapping[str, object], samples: Sequence[object], sure: str, remark: str) -> Row:
    told = next((value for value in samples if value not in (None, "")), None)
    return Row(name, options, told, None, sure, remark)


def _refusals(members: Sequence[Found], capability: str) -> tuple[Refusal, ...]:
    names = {plain(found.name) for found in members}
    listed = [one for found in members for value in found.samples if isinstance(value, list) for one in value]
    names |= {plain(str(name)) for one in listed if isinstance(one, Mapping) for name in one}
    found = [(one, friend) for one in members for friend in FALSE_FRIENDS if _is_false(one, friend, capability, names)]
    return tuple(Refusal(one.path, friend.looks_like, friend.reason) for one, friend in found)


def _is_false(found: Found, friend: FalseFriend, capability: str, names: set[str]) -> bool:
    beside = not friend.beside or bool(friend.beside & names)
    return friend.name == plain(found.name) and capability in friend.capabilities and beside


def _id_path(members: Sequence[Found], names: Sequence[str]) -> str | None:
    for wanted in names:
        for found in members:
            if plain(found.name) == plain(wanted) and all(isinstance(value, (str, int)) for value in found.samples):
                return found.path
    return None


def _with_values(rows: Sequence[Row], item: Shape, record: Record) -> tuple[Row, ...]:
    """With what comes of the first item that says something, by the connector's own hands."""
    shapes = dict(leaves(item))
    scopes = [Scope(Given({}), {}, one) for one in record.items[:MOST_SAMPLES]]
    currency = next((row for row in rows if row.canonical == "currency"), None)
    if currency is not None:
        codes = [_value(currency, shapes["currency"], scope) for scope in scopes]
        scopes = [scope.with_currency(str(code) if code else None) for scope, code in zip(scopes, codes, strict=True)]
    return tuple(_with_value(row, shapes[row.canonical], scopes) for row in rows)


def _with_value(row: Row, shape: Shape, scopes: Sequence[Scope]) -> Row:
    try:
        values = [_value(row, shape, scope) for scope in scopes]
    except Unreadable as error:
        remark = f"{row.remark}; {error}" if row.remark else str(error)
        return replace(row, value=None, confidence=LOW, remark=remark)
    return replace(row, value=next((value for value in values if value not in (None, [])), None))


def _value(row: Row, shape: Shape, scope: Scope) -> object:
    return read_member(evaluate(Field.model_validate(dict(row.field)), scope), shape, scope)


def _least(one: str, other: str) -> str:
    return min(one, other, key=SURE.index)
