"""Lists inside an answer: a player's papers, the papers that are wanted, and limits of play."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from widget_service.backoffice.guesses import time_form, told_of
from widget_service.backoffice.names import meaning, words
from widget_service.backoffice.samples import MOST_SAMPLES, Found, Record, Steps, as_path

_DOCUMENT_TYPES: Mapping[str, tuple[str, ...]] = {
    "passport": ("passport",),
    "id_card": ("id card", "identity card", "national id", "id", "identity"),
    "drivers_license": ("drivers license", "driving license", "driver license", "driving licence"),
    "proof_of_address": ("proof of address", "proof of residence", "address"),
    "bank_statement": ("bank statement",),
    "utility_bill": ("utility bill",),
    "selfie": ("selfie", "liveness"),
    "source_of_funds": ("source of funds", "proof of funds"),
}
_DOCUMENT_STATUSES: Mapping[str, tuple[str, ...]] = {
    "pending": ("pending", "new", "uploaded", "submitted", "requested"),
    "in_review": ("in review", "under review", "processing"),
    "approved": ("approved", "accepted", "verified", "valid", "green"),
    "rejected": ("rejected", "declined", "denied", "failed", "invalid", "red"),
    "expired": ("expired",),
}
#: Canonical members of a paper, by the words that name them.
_DOCUMENT: Mapping[str, str] = {
    "id": "id, document id",
    "type": "type, document type, id document type, id type, document type id, document type name",
    "status": "status, document status, verified status",
    "submitted_at": "created, submitted time, submitted, time",
    "reviewed_at": "reviewed time, reviewed, processed time, verified time, last updated, updated",
    "expires_at": "expires, expires time, valid until, valid to",
    "rejection_reason": "rejected reason, reason, rejected comment",
}
_WANTED = [meaning(name) for name in ("required documents", "required id documents", "missing documents")]
_KINDS = {"deposit": "deposit", "loss": "loss", "wager": "wager", "bet": "wager", "stake": "wager", "play": "wager"}
_PERIODS = {"daily": "daily", "weekly": "weekly", "week": "weekly", "monthly": "monthly", "month": "monthly"}
_LIMITS = frozenset({
    "deposit_daily", "deposit_weekly", "deposit_monthly", "loss_daily", "loss_weekly", "loss_monthly", "wager_daily",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class InnerList:
    """A canonical list beside what is proposed for it."""

    canonical: str
    #: As a map writes it: a table with ``each``, or a list of tables.
    written: object
    #: How many things the sample has there.
    count: int = 0
    remark: str = field(default="read it with care: lists are only begun")


def find_inner_lists(sample: object, record: Record, capability: str) -> tuple[Record, tuple[InnerList, ...]]:
    """The lists, and the record: the list itself where an answer is nothing but one."""
    if capability == "responsible_gaming":
        limits = _limits(record)
        return record, (limits,) if limits is not None else ()
    if capability != "kyc":
        return record, ()
    found = max(_papers(sample, ()), key=lambda one: len(one[2]), default=None)
    wanted = _wanted(record)
    if found is None:
        return record, wanted
    steps, items, members = found
    if record.steps[: len(steps)] == steps:
        record = Record(steps, ({},), above=record.above)
        members_list = InnerList("documents", {"each": ["$"], "map": members}, len(items))
        return record, (members_list, *wanted)
    if steps[: len(record.steps)] != record.steps:
        return record, wanted
    path = as_path(steps[len(record.steps) :])
    return record, (InnerList("documents", {"each": [path], "map": members}, len(items)), *wanted)


def _papers(value: object, steps: Steps) -> Iterator[tuple[Steps, list[Mapping[str, object]], dict[str, object]]]:
    """Lists of things with a type and something else that papers have, and no amount."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _papers(inner, (*steps, str(name)))
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        record = Record(steps, tuple(value))
        found = [one for one in record.members() if len(one.steps) == 1]
        members = dict(_paper_members(found))
        if "type" in members and len(members) > 1 and not any("amount" in meaning(one.name) for one in found):
            if "id" not in members:
                members = {"id": members["type"] if isinstance(members["type"], str) else _path_of(members), **members}
            yield steps, list(value), members


def _path_of(members: Mapping[str, object]) -> object:
    """The type's path stands for the id of papers that have none: one of each kind."""
    kind = members["type"]
    return kind["path"] if isinstance(kind, Mapping) else kind


def _paper_members(found: Sequence[Found]) -> Iterator[tuple[str, object]]:
    for name, phrases in _DOCUMENT.items():
        wanted = [meaning(phrase) for phrase in phrases.split(", ")]
        named = sorted((wanted.index(meaning(one.name)), one.path, one) for one in found if meaning(one.name) in wanted)
        for _, path, one in named[:1]:
            if name in ("type", "status"):
                table = _DOCUMENT_TYPES if name == "type" else _DOCUMENT_STATUSES
                yield name, {"path": path, "transform": "enum", "values": _values(one, table)}
            elif not name.endswith("_at") or all(time_form(value) for value in told_of(one.samples)):
                yield name, path


def _values(found: Found, table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    told = dict.fromkeys(str(value) for value in told_of(found.samples[:MOST_SAMPLES]))
    known = {said: ours for ours, phrases in table.items() for said in phrases}
    values = {text: known[" ".join(words(text))] for text in told if " ".join(words(text)) in known}
    return values or {"?": next(iter(table))}


def _wanted(record: Record) -> tuple[InnerList, ...]:
    for found in record.members():
        if meaning(found.name) in _WANTED:
            told = told_of(found.samples)
            if told and isinstance(told[0], list) and all(isinstance(one, str) for one in told[0]):
                return (InnerList("required_documents", {"path": found.path, "transform": "strings"}, len(told[0])),)
    return ()


def _limits(record: Record) -> InnerList | None:
    """Members such as ``DepositLimitDaily``: a limit for each that says something."""
    limits: dict[str, dict[str, object]] = {}
    for found in record.members():
        kind = _limit_type(meaning(found.name))
        if kind is not None and kind not in limits and not any(isinstance(one, (dict, list)) for one in found.samples):
            limits[kind] = {"when": found.path, "type": {"constant": kind}, "limit_amount": found.path}
    return InnerList("limits", list(limits.values()), len(limits)) if limits else None


def _limit_type(name: frozenset[str]) -> str | None:
    kinds = {ours for word, ours in _KINDS.items() if word in name}
    periods = {ours for word, ours in _PERIODS.items() if word in name}
    if "limit" not in name or len(kinds) != 1:
        return "session_time" if {"session", "limit"} <= name and not kinds else None
    limit = f"{min(kinds)}_{min(periods, default='daily')}"
    return limit if limit in _LIMITS and len(periods) == 1 else None
