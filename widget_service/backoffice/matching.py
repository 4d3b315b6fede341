"""Which member of a sample is called like a canonical one: by the words of its name and by what it stands in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from widget_service.backoffice.aliases import ALIASES, AROUND, JOINED, OTHERS, OWN_IDS, OWN_WORDS, PLAYER_IDS
from widget_service.backoffice.guesses import HIGH, LOW, MEDIUM, told_of
from widget_service.backoffice.names import meaning
from widget_service.backoffice.samples import Found, Record, Steps

#: What these are called says little: the object around them says what of.
_GENERAL = frozenset(
    {"value", "amount", "code", "id", "name", "status", "time", "type", "currency", "first", "last", "requirement"}
)
#: Objects that only hold a thing.
_ENVELOPES = frozenset(
    {"node", "attribute", "attributes", "data", "info", "detail", "details", "record", "transaction"}
)
_MONEY_WORDS = frozenset({"cents", "cent", "minor", "units", "subunits", "value", "amount"})


@dataclass(frozen=True, slots=True)
class Match:
    """A member that is called so: ``rank`` counts from the likeliest name, ``sure`` is the most that may be said."""

    found: Found
    rank: int
    sure: str


@dataclass(frozen=True, slots=True)
class PlayerId:
    """Where an answer names its player."""

    #: From the item or the record on; where it stands outside of them, from ``root`` on.
    path: str
    root: Steps | None = None
    remark: str = ""
    values: tuple[object, ...] = ()


def matches(members: Sequence[Found], name: str, capability: str, kind: str) -> Iterator[Match]:
    """The members that are called like a canonical one, the likeliest names first, the nearer members first."""
    last = name.split(".")[-1]
    aliases = ALIASES[capability].get(name, "").split(", ")
    own = [last.replace("_", " ")] if "." not in name or name.startswith("balances.") else []
    # A canonical name that stands among the aliases is as sure as it is there: «bonus id» is often a template.
    phrases = [*(one for one in own if meaning(one) not in [meaning(alias.strip("=?")) for alias in aliases]), *aliases]
    for rank, phrase in enumerate(phrases):
        for found in members:
            sure = _called(found, phrase, _left_out(capability, last, kind)) if phrase else None
            if sure is not None:
                yield Match(found, rank, sure)


def joined(members: Sequence[Found], name: str) -> list[Found]:
    """The parts of a member that is put together; none if fewer than two are there."""
    parts = [_first_called(members, phrases) for phrases in JOINED.get(name, ())]
    found = [part for part in parts if part is not None]
    return found if len(found) > 1 else []


def player_id(record: Record, members: Sequence[Found], *, is_list: bool, known: frozenset[str]) -> PlayerId | None:
    """Where the player is named; ``known`` are ids that the sample's request named: an equal value comes first."""
    candidates = _ids(members, PLAYER_IDS if is_list else OWN_IDS)
    chosen = _chosen(candidates, known)
    if chosen is not None:
        return PlayerId(chosen.path, remark=_others(chosen, candidates), values=chosen.samples)
    for steps, held in record.above:
        inside = [Found((str(name),), (value,)) for name, value in held.items()]
        outer = _chosen(_ids(inside, PLAYER_IDS), known)
        if outer is not None:
            return PlayerId(outer.path, root=steps, values=outer.samples)
    return None


def _called(found: Found, phrase: str, left_out: frozenset[str]) -> str | None:
    wanted, own = meaning(phrase.strip("=?")), meaning(found.name)
    left_out = frozenset() if phrase.startswith("=") else left_out
    most = LOW if phrase.endswith("??") else MEDIUM if phrase.endswith("?") else HIGH
    exact = own == wanted
    less, wanted_less = own - left_out, wanted - left_out
    alike = exact or (bool(wanted_less) and less == wanted_less)
    combined = False
    if not alike and found.around and own & _GENERAL:
        whole = (own | meaning(found.around[-1])) - {"value"}
        combined = whole == wanted or (bool(wanted_less) and whole - left_out == wanted_less)
    if not (alike or combined):
        return None
    around = set().union(*(meaning(name) for name in found.around)) if found.around else set()
    if "id" in own:
        # In an object of its own it is that object's id: the player's, the template's, the game's.
        sure = most if exact else min(most, MEDIUM, key=(LOW, MEDIUM, HIGH).index)
        return sure if alike and not around - _ENVELOPES else None
    strange = around - wanted - AROUND - left_out - {"player", "transaction"}
    if strange:
        return None if strange & OTHERS else LOW
    return most if exact or combined else min(most, MEDIUM, key=(LOW, MEDIUM, HIGH).index)


def _left_out(capability: str, last: str, kind: str) -> frozenset[str]:
    """The words that a name may have besides: never those that make another thing's id of it."""
    own = frozenset(OWN_WORDS[capability].split())
    if last.endswith("_id") or last == "id":
        return own - {"account", "order"}
    if kind == "money":
        own |= _MONEY_WORDS - ({"amount"} if last == "amount" else set())
    if kind == "time":
        own |= {"time"}
    return own | {"player"} if last != "name" or capability == "player" else own


def _first_called(members: Sequence[Found], phrases: Sequence[str]) -> Found | None:
    for phrase in phrases:
        for found in members:
            told = told_of(found.samples)
            if (
                told
                and isinstance(told[0], (str, int))
                and _called(found, phrase, frozenset({"player"}))
                not in (
                    None,
                    LOW,
                )
            ):
                return found
    return None


def _ids(members: Sequence[Found], phrases: Sequence[str]) -> list[Found]:
    """Those called like a player's id whose values are ids, the likelier first."""
    return [
        found
        for phrase in phrases
        for found in members
        if _id_words(found) == meaning(phrase)
        and not any(meaning(name) & OTHERS for name in found.around)
        and told_of(found.samples)
        and all(isinstance(value, (str, int)) and not isinstance(value, bool) for value in found.samples)
    ]


def _id_words(found: Found) -> frozenset[str]:
    """``player: {id}`` is a ``playerId``."""
    own = meaning(found.name)
    return own | meaning(found.around[-1]) if found.around and own in ({"id"}, {"reference"}) else own


def _chosen(candidates: Sequence[Found], known: frozenset[str]) -> Found | None:
    """What the request named; then what looks like an id: a ``userId`` of letters alone is a login, beside a number."""
    named = [one for one in candidates if {str(value) for value in one.samples} & known]
    looks = [one for one in candidates if all(looks_like_id(str(value)) for value in one.samples)]
    return next(iter([*named, *looks, *candidates]), None)


def looks_like_id(text: str) -> bool:
    """Digits in it and nothing that ids have not: ``40217``, a UUID, ``acc_40217``."""
    return any(character.isdigit() for character in text) and " " not in text and "@" not in text


def _others(chosen: Found, candidates: Sequence[Found]) -> str:
    other = [one.path for one in candidates if one.samples != chosen.samples]
    return f"or is it {', '.join(dict.fromkeys(other))}?" if other else ""
