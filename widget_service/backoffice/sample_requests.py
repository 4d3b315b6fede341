"""The request that gave a sample, as a template: what belonged to the sample alone is never written as a constant.

An id that stays in a document would show one player's money to every other. So each value of a path, a query or a
body is a placeholder, a plain word, or left out and named to the person who reads the proposal.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from widget_service.backoffice.guesses import time_form
from widget_service.backoffice.matching import looks_like_id
from widget_service.backoffice.names import meaning, words

#: Values that are nobody's business: the document has [authentication] and [session] for them.
_SECRET = re.compile(r"token|key|secret|sid$|session|auth|pass|sign|hash|nonce", re.IGNORECASE)
#: What platforms call the parameters of paging, and what stands for them.
_PAGING: Mapping[str, str] = {
    **dict.fromkeys(("limit", "maxrows", "take", "takecount", "top", "rows"), "{limit}"),
    **dict.fromkeys(("offset", "skeeprows", "skip", "skipcount", "startindex"), "{offset}"),
    **dict.fromkeys(("page", "pageindex", "pageno", "pagenumber", "pagenum", "currentpage"), "{page}"),
    **dict.fromkeys(("pagesize", "perpage", "sizeperpage"), "{page_size}"),
    **dict.fromkeys(("cursor", "after", "startingafter"), "{cursor}"),
}
_BEGINS = frozenset({"from", "start", "since", "begin", "gte", "gt", "min", "after", "starting"})
_ENDS = frozenset({"to", "end", "until", "till", "lte", "lt", "max", "before", "ending"})
_PERSONS = frozenset({
    "player", "account", "balance", "party", "profile", "subject", "holder", "username", "login", "email", "phone",
})  # fmt: skip
_NAMES_AN_ID = frozenset({"id", "number", "reference", "key", "code", "name", "external", "unique"})
_AMOUNTS = frozenset({"amount", "balance", "price", "cents", "deposit", "withdrawal", "min", "max"})
#: Whose ids are the same for every player.
_CONNECTION_WORDS = (
    "brand partner operator tenant site shop skin merchant company casino category type kind status currency country "
    "language provider product channel game region agent affiliate group version environment label licence license "
    "organisation organization franchise domain platform system brands partners operators tenants sites shops skins "
    "merchants companies casinos providers products"
)
_OF_THE_CONNECTION = frozenset(_CONNECTION_WORDS.split())
#: Names of paging that lists know; a question that is none has no arguments.
PAGING = frozenset({"limit", "offset", "page", "page_size", "cursor"})
_NAMED_VERSION = re.compile(r"v\d{1,2}(\.\d{1,2})*", re.IGNORECASE)
_BEFORE_VERSIONS = frozenset({"", "api", "rest", "version", "rpc", "service", "services"})
_VERSION = re.compile(r"v?\d{1,2}(\.\d{1,2})?", re.IGNORECASE)
_IS_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@%+~-]*")
#: Behind such a name in a path stands an id, unless it is a plain word of the interface.
_PLAIN_WORDS = frozenset({
    "me", "self", "current", "search", "list", "all", "find", "get", "query", "info", "details", "detail", "balance",
    "balances", "profile", "history", "transactions", "withdrawals", "deposits", "bonuses", "payments", "summary",
    "limits", "notes", "kyc", "documents", "api", "wallet", "wallets", "accounts", "account", "status", "by",
})  # fmt: skip
#: In a longer text: what stands in quotation marks with a digit in it, and numbers.
_QUOTED = re.compile(r"""(?<=["'])[^"'\s{}]*\d[^"'\s{}]*(?=["'])|(?<![\w.])\d{3,}(?![\w.])""")
_ISO_LIKE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class SampleRequest:
    """What was asked for a sample: a path, a query and perhaps a JSON body."""

    url: str
    body: object = None
    #: Values that are known to be the player's: those of the sample's id path.
    player_ids: frozenset[str] = frozenset()
    #: What the capability's calls may name: paging, and the question's arguments.
    arguments: frozenset[str] = PAGING | {"from_date", "to_date"}
    #: Settings that the template needs, and lines for whoever reads it.
    settings: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    filters: set[str] = field(default_factory=set)

    def path(self) -> str:
        """The path with placeholders: ``/wallets/{player_id}/balance``."""
        before, segments = "", []
        for segment in (urlsplit(self.url).path or "/").split("/"):
            segments.append(self._segment(segment, before))
            before = segment if _IS_NAME.fullmatch(segments[-1]) else ""
        return "/".join(segments)

    def query(self) -> dict[str, str]:
        """The query's parameters with placeholders, without secrets."""
        given = parse_qsl(urlsplit(self.url).query, keep_blank_values=True)
        found = {name: self._value(name, value) for name, value in given if not self._is_secret(name)}
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def body_template(self) -> object:
        """The JSON body with placeholders, without secrets; None without one."""
        return self._in_body("", self.body)

    @property
    def named_ids(self) -> frozenset[str]:
        """Values of the request that are named or placed as a player's id is."""
        found = set(self.player_ids)
        before = ""
        for segment in map(unquote, urlsplit(self.url).path.split("/")):
            is_id = _is_of_a_person(before) and _is_no_word(segment)
            found |= {segment} if is_id else set()
            before = segment if _IS_NAME.fullmatch(segment) and not is_id else ""
        for name, value in [*parse_qsl(urlsplit(self.url).query), *_leaves("", self.body)]:
            found |= {value} if _is_of_a_person(name) and value and not self._is_secret(name) else set()
        return frozenset(found)

    def _segment(self, segment: str, before: str) -> str:
        text = unquote(segment)
        if text in self.named_ids:
            return "{player_id}"
        if meaning(before) & _OF_THE_CONNECTION and re.fullmatch(r"\d+", text):
            return self._setting(before)
        if not _may_be_an_id(text) or _is_version(text, before):
            return self._with_ids_inside(segment)
        if _TOKEN.fullmatch(text):
            return self._id_of(before, text)
        return _TOKEN.sub(lambda hit: self._inside(hit, before), _escaped(segment))

    def _inside(self, hit: re.Match[str], before: str) -> str:
        text = unquote(hit[0])
        if text in self.named_ids:
            return "{player_id}"
        return self._id_of(before, text) if _may_be_an_id(text) and not _VERSION.fullmatch(text) else hit[0]

    def _id_of(self, name: str, value: str) -> str:
        """The player's, unless its name says that it is an organisation's or a kind's: then the connection's.

        What is neither becomes the player's too: of a foreign id the platform knows nothing, or the answer is refused;
        as a setting it would be one player's for everybody.
        """
        if _ISO_LIKE.match(value):
            moment = self._moment("to" if self.filters else "from", value)
            return moment if moment is not None else self._setting(name or "date")
        if not _is_of_a_person(name) and meaning(name) & _OF_THE_CONNECTION:
            return self._setting(name)
        if not _is_of_a_person(name):
            self.remarks.append(f"what stands behind {name or 'no name'} became {{player_id}}: is it the player's id?")
        self.player_ids |= {value}
        return "{player_id}"

    def _setting(self, name: str) -> str:
        called = "_".join(words(name)) or "value"
        called = re.sub(r"[^a-z0-9_]|^[^a-z]+", "", called)[:40] or "value"
        self.settings[called] = f"what the platform calls {name}"
        return f"{{settings.{called}}}"

    def _value(self, name: str, value: str) -> str | None:
        """What stands for a parameter's value; None for one that is left out."""
        paged = _PAGING.get("".join(words(name)))
        if paged is not None and not time_form(value):
            return paged if paged.strip("{}") in self.arguments else None
        if value in self.named_ids:
            return "{player_id}"
        if time_form(value) is not None or _ISO_LIKE.match(value):
            return self._moment(name, value)
        called = meaning(name)
        if called & _AMOUNTS and re.search(r"\d", value):
            self.remarks.append(f"{name} is left out: an amount of the sample")
            return None
        if called & {"id"} or (_may_be_an_id(value) and not _VERSION.fullmatch(value)):
            return self._id_of(name, value)
        return self._with_ids_inside(value)

    def _moment(self, name: str, value: str) -> str | None:
        said = set(words(name))
        side = "from_date" if said & _BEGINS else "to_date" if said & _ENDS else None
        if side is None or side not in self.arguments:
            self.remarks.append(f"{name} is left out: a date of the sample")
            return None
        self.filters.add(side)
        form, _ = time_form(value) or ("iso", "")
        return f"{{{side}:{form}}}"

    def _with_ids_inside(self, text: str) -> str:
        """A longer text, a query of GraphQL say, in which the player's id stands."""
        escaped = _escaped(text)
        for value in sorted(self.named_ids, key=len, reverse=True):
            escaped = re.sub(rf"(?<![\w-]){re.escape(_escaped(value))}(?![\w-])", "{player_id}", escaped)
        return _QUOTED.sub(self._quoted, escaped) if re.search(r"\s", text) else escaped

    def _quoted(self, hit: re.Match[str]) -> str:
        return hit[0] if hit[0] == "{player_id}" else self._id_of("", hit[0])

    def _in_body(self, name: str, value: object) -> object:
        if isinstance(value, Mapping):
            open_ones = {str(key): one for key, one in value.items() if not self._is_secret(str(key))}
            inner = {key: self._in_body(key, one) for key, one in open_ones.items()}
            return {key: one for key, one in inner.items() if one is not None}
        if isinstance(value, list):
            return [one for one in (self._in_body(name, one) for one in value) if one is not None]
        if value is None or isinstance(value, bool):
            return value
        found = self._value(name, str(value))
        if found is None or isinstance(value, str):
            return found
        if found == str(value):
            return value
        return f"{found[:-1]}:integer}}" if found.endswith("}") and ":" not in found else found

    def _is_secret(self, name: str) -> bool:
        return bool(_SECRET.search(name)) and "".join(words(name)) not in _PAGING


def _is_of_a_person(name: str) -> bool:
    called = meaning(name) - _NAMES_AN_ID
    return bool(called & _PERSONS) and not called & {"merchant", "partner", "operator", "brand", "agent", "affiliate"}


def _is_no_word(segment: str) -> bool:
    """Behind ``/users/`` even letters alone are somebody's login, but for the interface's own words."""
    return bool(segment) and not _PLAIN_WORDS & set(words(segment)) and not _NAMED_VERSION.fullmatch(segment)


def _is_version(text: str, before: str) -> bool:
    """``v2`` anywhere, a small number at the beginning or behind ``/api/``: elsewhere it may be somebody."""
    small = bool(_VERSION.fullmatch(text)) and before.lower() in _BEFORE_VERSIONS
    return small or bool(_NAMED_VERSION.fullmatch(text))


def _may_be_an_id(text: str) -> bool:
    """An id, a login or an address; no word of an interface."""
    if not text or text.lower() in _PLAIN_WORDS:
        return False
    return looks_like_id(text) or "@" in text


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(name, inner)
    elif value is not None and not isinstance(value, bool):
        yield name, str(value)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
