"""From a pasted sample to a proposed map: by the names that platforms use, and by how the values look.

Nothing is applied by this: a person reads what stands beside what, and says yes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from widget_service.backoffice.aliases import ALIASES, FALSE_FRIENDS, FalseFriend, plain
from widget_service.backoffice.bodies import write_body
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.canonical.times import write_moment
from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.fields import NEVER, Field
from widget_service.backoffice.connector.members import read_member
from widget_service.backoffice.connector.scope import Given, Scope
from widget_service.backoffice.connector.shapes import OURS, Shape, answer_shape
from widget_service.backoffice.connector.transforms import evaluate
from widget_service.backoffice.guesses import HIGH, LOW, MEDIUM, told_of
from widget_service.backoffice.inner_lists import InnerList, find_inner_lists
from widget_service.backoffice.matching import Match, PlayerId, joined, matches, player_id
from widget_service.backoffice.names import meaning
from widget_service.backoffice.readings import guess_member
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
    player_id: PlayerId | None
    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]
    #: Canonical members for which the sample has nothing.
    missing: tuple[str, ...]
    #: Lists inside the answer, as a map writes them.
    lists: tuple[InnerList, ...] = ()

    @property
    def id_path(self) -> str | None:
        """Where the player is named, from the item or the record on."""
        return self.player_id.path if self.player_id is not None else None

    @property
    def sample_ids(self) -> frozenset[str]:
        """The player's ids in the sample, where an answer of one player names them."""
        return frozenset(map(str, self.player_id.values)) if self.player_id is not None else frozenset()

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
        return nested | {one.canonical: one.written for one in self.lists}


def suggest(sample: object, capability: str, known_ids: frozenset[str] = frozenset()) -> Suggestion:
    """Raises ConfigurationError for a capability that has no names to go by, or a sample with nothing in it.

    ``known_ids`` are values that the sample's request named: an equal member is the player's id before any other.
    """
    if capability not in ALIASES:
        raise ConfigurationError(f"{capability}: suggestions exist for {', '.join(ALIASES)}")
    shape = answer_shape(CAPABILITIES[capability].answer)
    record = find_list(sample, capability) if shape.plural else find_object(sample, capability)
    if record is None or not record.items:
        raise ConfigurationError("the sample holds no list with anything in it" if shape.plural else "holds no object")
    _require_no_false_list(record, capability)
    item = shape.shape.members[shape.plural].item if shape.plural else shape.shape
    assert item is not None  # noqa: S101 - a list of objects has one
    record, lists = find_inner_lists(sample, record, capability)
    members = [found for found in record.members() if plain(found.name) not in NEVER]
    refusals = _refusals(members, capability)
    whose = player_id(record, members, is_list=bool(shape.plural), known=known_ids)
    if whose is not None and whose.root is not None and not shape.plural and record.pick is None:
        record = record.inside_of(whose.root)
        members = [found for found in record.members() if plain(found.name) not in NEVER]
    rows = _rows(members, capability, item, {(refusal.path, refusal.looks_like) for refusal in refusals}, whose)
    rows = [_as_one_of_many(row, record) for row in _with_values(rows, item, record)]
    named = {row.canonical for row in rows} | {one.canonical for one in lists}
    missing = tuple(name for name, _ in leaves(item) if name not in named)
    return Suggestion(capability, shape.plural, record, whose, tuple(rows), refusals, missing, lists)


def _as_one_of_many(row: Row, record: Record) -> Row:
    if not record.beside:
        return row
    remark = "; ".join(filter(None, (row.remark, f"one of {record.beside} in the sample: which?")))
    return replace(row, confidence=_least(row.confidence, MEDIUM), remark=remark)


def _require_no_false_list(record: Record, capability: str) -> None:
    """«Documents» are the ledger on one platform, and a player's papers on another."""
    if not record.steps or plain(str(record.steps[-1])) != "documents" or capability in ("kyc", "notes"):
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


def _rows(
    members: Sequence[Found], capability: str, item: Shape, refused: set[tuple[str, str]], whose: PlayerId | None
) -> list[Row]:
    rows: list[Row] = []
    taken = {whose.path} if whose is not None and whose.root is None else set[str]()
    for name, shape in leaves(item):
        last = name.split(".")[-1]
        allowed = [found for found in members if (found.path, last) not in refused]
        if last.endswith("_id"):
            allowed = [found for found in allowed if found.path not in taken and _may_be_its_id(found, last)]
        row = _joined(allowed, name, capability) or _plain_row(allowed, name, shape, capability)
        rows += [row] if row is not None else []
        taken |= {str(row.field.get("path"))} if row is not None and last.endswith("_id") else set()
    return [*rows, *_derived(rows, members, capability)]


def _may_be_its_id(found: Found, last: str) -> bool:
    """A thing's own id is another one in each item; what repeats is the id of something that they share."""
    told = [str(value) for value in told_of(found.samples)]
    return last in ("bonus_type_id", "reference_id") or len(set(told)) == len(found.samples)


def _derived(rows: Sequence[Row], members: Sequence[Found], capability: str) -> list[Row]:
    """What no member says by itself: the currency that is a key, what was wagered, the direction that is a sign."""
    named, derived = {row.canonical: row for row in rows}, list[Row]()
    keyed = next((row for row in rows if row.field.get("transform") == "currency_key"), None)
    if keyed is not None and "currency" not in named:
        options = {"path": keyed.field["path"], "transform": "sole_key"}
        derived.append(_row("currency", options, [keyed.sample], HIGH, "the currency is the key"))
    remaining = next((one for one in members if _remains_to_be_wagered(one)), None)
    required = named.get("wager_requirement")
    if remaining is not None and required is not None and "wagered" not in named:
        options = {"transform": "subtract", "of": [_source(required), remaining.path], "at_least": 0}
        derived.append(_row("wagered", options, remaining.samples, MEDIUM, "requirement - remaining"))
    amount = named.get("amount")
    signed = amount is not None and amount.field.get("transform") == "absolute"
    if capability == "transactions" and amount is not None and signed and "direction" not in named:
        options = {"path": _source_path(amount), "transform": "sign", "positive": "credit", "negative": "debit"}
        derived.append(_row("direction", options, [amount.sample], MEDIUM, "by the sign of the amount"))
    return [*derived, *_total(named)]


def _total(named: Mapping[str, Row]) -> list[Row]:
    """Cash and bonus together, where the platform names no total."""
    for before in ("balances.", ""):
        parts = [named.get(f"{before}{name}") for name in ("cash_balance", "bonus_balance")]
        told = [part for part in parts if part is not None and part.sample is not None and part.confidence != LOW]
        bare = bool(told) and meaning(str(told[0].field.get("path", "")).rpartition(".")[2]) == {"balance"}
        if len(told) == 2 and not bare and f"{before}total_balance" not in named:
            options = {"transform": "add", "of": [_source(part) for part in told]}
            return [_row(f"{before}total_balance", options, [told[0].sample], MEDIUM, "cash + bonus")]
    return []


def _remains_to_be_wagered(found: Found) -> bool:
    words = meaning(found.name)
    return "wager" in words and "remaining" in words


def _source(row: Row) -> object:
    """What stands for a row inside another: its path, or its path with what is done to it."""
    return row.field["path"] if set(row.field) == {"path"} else dict(row.field)


def _source_path(row: Row) -> object:
    inner = row.field.get("of")
    return inner[0]["path"] if isinstance(inner, list) else row.field["path"]


def _plain_row(members: Sequence[Found], name: str, shape: Shape, capability: str) -> Row | None:
    """The likelier names come first, but a surer guess comes before a likelier name: words before numbers."""
    rows: list[tuple[Match, Row]] = []
    for match in matches(members, name, capability, shape.kind):
        guess = guess_member(match.found, name, shape, capability, members)
        if guess is not None:
            sure = _least(guess.confidence, match.sure)
            options = guess.options if "of" in guess.options else {"path": match.found.path, **guess.options}
            rows.append((match, _row(name, options, match.found.samples, sure, guess.remark)))
    if not rows:
        return None
    best = max(SURE.index(row.confidence) for _, row in rows)
    match, chosen = next((m, r) for m, r in rows if SURE.index(r.confidence) == best or r.confidence != LOW)
    same = [row for other, row in rows if other.found is match.found]
    chosen = max(same, key=lambda row: SURE.index(row.confidence))
    rivals = [row.field.get("path") for other, row in rows if _is_rival(match, other) and row.confidence != LOW]
    if not rivals:
        return chosen
    remark = "; ".join(filter(None, (chosen.remark, f"or {rivals[0]}?")))
    return replace(chosen, confidence=_least(chosen.confidence, MEDIUM), remark=remark)


def _is_rival(match: Match, other: Match) -> bool:
    """Called as likely, as near, and saying something else."""
    as_likely = other.rank == match.rank and len(other.found.steps) == len(match.found.steps)
    return other is not match and as_likely and other.found.samples != match.found.samples


def _joined(members: Sequence[Found], name: str, capability: str) -> Row | None:
    found = joined(members, name) if capability == "player" else []
    if not found:
        return None
    options: dict[str, object] = {"transform": "concat", "of": [part.path for part in found]}
    if name == "phone":
        options["separator"] = ""
    samples = [" ".join(str(told_of(part.samples)[0]) for part in found)]
    return _row(name, options, samples, HIGH, "")


def _row(name: str, options: Mapping[str, object], samples: Sequence[object], sure: str, remark: str) -> Row:
    told = next(iter(told_of(samples)), None)
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
