"""Allowed origins: the only judge of where a widget may be embedded.

Configuration is read strictly and stored as a browser would serialise it (WHATWG URL, RFC 6454 §6.1); a request's
``Origin`` is then compared as text, so that nothing has to be parsed that a stranger sent.
"""

import functools
import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import idna
from publicsuffixlist import PublicSuffixList

from widget_service.errors import ConfigurationError, OriginNotAllowed

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_LOOPBACK_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*localhost")
_ORIGIN = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>.*))?", re.S)
_PORT = re.compile(r"[1-9][0-9]{0,4}")
#: A last label that browsers read as a number makes the whole host an IPv4 address (WHATWG "ends in a number").
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ZERO_GROUPS = re.compile(r"(?:^|:)0(?::0)+(?![0-9a-f])")
_SERIALISED = re.compile(
    r"(?!https://[^/]*:443$|http://[^/]*:80$)[a-z][a-z0-9+.-]*://"
    r"(?:(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}|\[[0-9a-f:]+\])(?::[1-9][0-9]{0,4})?"
)


class InvalidOrigin(ConfigurationError):
    """A text that cannot be an allowed origin: one clear sentence."""


@dataclass(frozen=True, slots=True)
class AllowedOrigin:
    """Scheme, host and port from which a brand may be embedded; ``wildcard`` stands for exactly one more label."""

    scheme: str
    host: str
    port: int | None
    wildcard: bool

    @classmethod
    def parse(cls, text: str) -> "AllowedOrigin":
        """The origin that an operator wrote: lower-case, punycode, default port dropped.

        Raises InvalidOrigin. Source: the wire contract §1; host rules of the WHATWG URL standard.
        """
        scheme, host_text, port = _split(text)
        wildcard = host_text.startswith("*.")
        host = canonical_host(host_text[2:] if wildcard else host_text)
        if scheme == "http" and not is_loopback_host(host):
            raise InvalidOrigin("An origin must be https; http is for loopback alone (127.0.0.1, [::1], *.localhost).")
        if wildcard:
            _require_wildcard_base(host)
        return cls(scheme, host, port, wildcard)

    def __str__(self) -> str:
        star = "*." if self.wildcard else ""
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{star}{self.host}{port}"


class AllowedOrigins:
    """A brand's list, as the canonical texts that AllowedOrigin gives; iterating yields those texts."""

    __slots__ = ("_exact", "_texts", "_wildcards")

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = tuple(dict.fromkeys(texts))
        self._wildcards = frozenset(text for text in self._texts if "://*." in text)
        self._exact = frozenset(self._texts) - self._wildcards

    def allows(self, origin: str | None) -> bool:
        """Whether a request's ``Origin`` is listed, compared exactly as a browser serialises it."""
        return self.find_listing(origin) is not None

    def find_listing(self, origin: str | None) -> str | None:
        """The text of the list that allows an origin: itself, or the wildcard above it. None when nothing does."""
        if origin is None:
            return None
        if origin in self._exact:
            return origin
        if not self._wildcards:
            return None
        scheme, _, authority = origin.partition("://")
        label, _, base = authority.partition(".")
        wildcard = f"{scheme}://*.{base}"
        return wildcard if wildcard in self._wildcards and _LABEL.fullmatch(label) is not None else None

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllowedOrigins) and self._texts == other._texts

    def __hash__(self) -> int:
        return hash(self._texts)

    def __repr__(self) -> str:
        return f"AllowedOrigins({list(self._texts)!r})"


def require_allowed(origin: str | None, allowed: AllowedOrigins) -> str:
    """The request's origin, when the list has it.

    Raises OriginNotAllowed with the reason ``no_origin``, ``null_origin``, ``malformed_origin`` or ``not_listed``.
    """
    if origin is None:
        raise OriginNotAllowed("no_origin")
    if origin == "null":
        raise OriginNotAllowed("null_origin")
    if _SERIALISED.fullmatch(origin) is None:
        raise OriginNotAllowed("malformed_origin")
    if not allowed.allows(origin):
        raise OriginNotAllowed("not_listed")
    return origin


def is_loopback_host(host: str) -> bool:
    """Whether a host, with or without brackets, is this machine: 127.0.0.1, ::1, localhost or a name below it."""
    lowered = host.lower()
    return lowered in ("127.0.0.1", "[::1]", "::1") or _LOOPBACK_NAME.fullmatch(lowered) is not None


def canonical_host(text: str) -> str:
    """A host as browsers serialise it: lower-case, punycode, IPv6 in brackets and compressed.

    Raises InvalidOrigin for what browsers refuse and for what they would read as something else than it looks like
    (``127.1``, full-width letters, trailing dots).
    """
    if text.startswith("["):
        return f"[{_canonical_ipv6(text)}]"
    if "*" in text:
        raise InvalidOrigin("A * can only be the whole first label, as in https://*.casino.example.")
    labels = [_canonical_label(label) for label in _mapped(text).split(".")]
    host = ".".join(labels)
    if len(host) > 253:
        raise InvalidOrigin("A host name has at most 253 characters.")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        _require_plain_ipv4(host)
    return host


def _split(text: str) -> tuple[str, str, int | None]:
    if not isinstance(text, str) or any(character.isspace() or not character.isprintable() for character in text):
        raise InvalidOrigin("An origin has no white space and no control characters.")
    if "@" in text:
        raise InvalidOrigin("An origin has no user name or password.")
    match = _ORIGIN.fullmatch(text)
    if match is None:
        raise InvalidOrigin("An origin is a scheme, a host and perhaps a port, as in https://casino.example.")
    scheme = match["scheme"].lower()
    if scheme not in _DEFAULT_PORTS:
        raise InvalidOrigin("An origin must be https; http is for loopback alone.")
    if any(character in text.partition("://")[2] for character in "/?#\\"):
        raise InvalidOrigin("An origin has no path, query or fragment, not even a slash at the end.")
    return scheme, match["host"], _port(match["port"], scheme)


def _port(text: str | None, scheme: str) -> int | None:
    if text is None:
        return None
    if _PORT.fullmatch(text) is None or int(text) > 65535:
        raise InvalidOrigin("A port is a number from 1 to 65535 without leading zeros.")
    return None if int(text) == _DEFAULT_PORTS[scheme] else int(text)


def _mapped(host: str) -> str:
    """The host after UTS #46, refused when that did more than lower the case."""
    if not host:
        raise InvalidOrigin("A host name is missing.")
    try:
        mapped = idna.uts46_remap(host, std3_rules=False)
    except idna.IDNAError as error:
        raise InvalidOrigin("The host name has characters that no domain name can have.") from error
    if mapped != unicodedata.normalize("NFC", host.lower()):
        raise InvalidOrigin("The host name has characters that browsers replace; write the ones they show.")
    return mapped


def _canonical_label(label: str) -> str:
    if not label:
        raise InvalidOrigin("A host name has no empty labels: no dot at either end, no two in a row.")
    if label.isascii() and not label.startswith("xn--"):
        if _LABEL.fullmatch(label) is None:
            raise InvalidOrigin("A host label has 1 to 63 letters, digits, hyphens or underscores.")
        return label
    try:
        encoded = idna.alabel(idna.ulabel(label)).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise InvalidOrigin("The host name is not a valid internationalised domain name.") from error
    if label.isascii() and encoded != label:
        raise InvalidOrigin("The host name is not valid punycode.")
    return encoded


def _require_plain_ipv4(host: str) -> None:
    try:
        plain = str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise InvalidOrigin("A numeric host must be four decimal numbers, as in 127.0.0.1.") from error
    if plain != host:
        raise InvalidOrigin("A numeric host must be four decimal numbers, as in 127.0.0.1.")


def _canonical_ipv6(bracketed: str) -> str:
    try:
        if not bracketed.endswith("]") or "%" in bracketed:
            raise ValueError
        number = int(ipaddress.IPv6Address(bracketed[1:-1]))
    except ValueError as error:
        raise InvalidOrigin("The host in brackets is not an IPv6 address without a zone.") from error
    # Not str(): Python writes IPv4-mapped addresses with dots since 3.13, browsers never do.
    groups = ":".join(f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16))
    runs = list(_ZERO_GROUPS.finditer(groups))
    if not runs:
        return groups
    longest = max(runs, key=lambda run: run.group().count("0"))
    return f"{groups[: longest.start()]}::{groups[longest.end() :].removeprefix(':')}"


def _require_wildcard_base(host: str) -> None:
    if host.startswith("[") or _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
        raise InvalidOrigin("A wildcard cannot stand before an IP address.")
    if host == "localhost":
        raise InvalidOrigin("A wildcard cannot stand before localhost.")
    # A made-up name below catches rules such as *.kawasaki.jp, whose base alone is no public suffix.
    if _public_suffixes().is_public(host) or _public_suffixes().is_public(f"any-customer.{host}"):
        raise InvalidOrigin("A wildcard cannot stand before a public suffix: its names belong to many owners.")


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=True, only_icann=False)
