"""Rate limits: Flask-Limiter keeps the windows, in memory or in Redis; the views say where they count.

Counted per workspace, and never on a claim that was not verified.
"""

import ipaddress
import re
import time
from functools import lru_cache

from flask import Flask, Request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from limits.errors import StorageError

from widget_service.errors import RateLimited, Unavailable
from widget_service.settings import Settings

NOBODY = "-"
REFUSALS = "refusals_per_address"
MOST_FULL = 10_000  # addresses; then those whose time is over are forgotten
REDIS_DEADLINES = {"socket_timeout": 2, "socket_connect_timeout": 2}  # seconds


class Limits:
    """The named limits of the wire contract §4."""

    def __init__(self, settings: Settings) -> None:
        self._enabled = settings.rate_limits == "on"
        self._full: dict[tuple[str, str], float] = {}  # workspace and address: until when
        self._limiter = Limiter(
            get_remote_address,
            # An app of its own: the views say where and when they count, so that no hook may run before them.
            app=Flask(__name__),
            # The limits library has its own name for a Unix socket.
            storage_uri=re.sub("^unix:", "redis+unix:", settings.redis_url) or "memory://",
            storage_options={"wrap_exceptions": True, **(REDIS_DEADLINES if settings.redis_url else {})},
            strategy="fixed-window",
            key_prefix="widget",
        )
        self._items: dict[str, RateLimitItem] = {
            "starts_per_address": parse(settings.rate_starts_per_address),
            "starts_per_player": parse(settings.rate_starts_per_player),
            "messages_per_session": parse(settings.rate_messages_per_session),
            "refreshes_per_session": parse(settings.rate_refreshes_per_session),
            "player_data_per_session": parse(settings.rate_player_data_per_session),
            "requests_per_session": parse(settings.rate_requests_per_session),
            "writes_per_token": parse(settings.rate_writes_per_token),
            "avatars_per_token": parse(settings.rate_avatars_per_token),
            REFUSALS: parse(settings.rate_refusals_per_address),
            "introspections_per_token": parse(settings.rate_introspections_per_token),
        }

    def count_refusal(self, workspace_id: str, prefix: str) -> None:
        """Counts one; from the last that is allowed on, require_unrefused() lets nothing be judged."""
        self.require(REFUSALS, workspace_id, prefix)
        if not self._enabled:
            return
        try:
            window = self._limiter.limiter.get_window_stats(self._items[REFUSALS], REFUSALS, workspace_id, prefix)
        except StorageError as error:
            raise Unavailable("rate limits: store away") from error
        if window.remaining <= 0:
            self._note_full((workspace_id, prefix), window.reset_time)

    def require_unrefused(self, workspace_id: str, prefix: str) -> None:
        """RateLimited while that address has had all its refusals. Asked before anything is judged, without a call.

        Each process knows what it counted itself: with several, each judges one more at most.
        """
        until = self._full.get((workspace_id, prefix), 0.0)
        if until > time.time():
            raise RateLimited(REFUSALS, retry_after=int(until - time.time()) + 1)

    def _note_full(self, who: tuple[str, str], until: float) -> None:
        if len(self._full) >= MOST_FULL:
            now = time.time()
            self._full = {one: ends for one, ends in self._full.items() if ends > now}
        self._full[who] = until

    def require(self, name: str, *identifiers: str) -> None:
        """Counts one; RateLimited with the seconds to wait when the window is full."""
        if not self._enabled:
            return
        item, strategy = self._items[name], self._limiter.limiter
        try:
            if strategy.hit(item, name, *identifiers):
                return
            reset_at = strategy.get_window_stats(item, name, *identifiers).reset_time
        except StorageError as error:
            raise Unavailable("rate limits: store away") from error
        if name == REFUSALS:
            self._note_full((identifiers[0], identifiers[1]), reset_at)
        raise RateLimited(name, retry_after=max(1, int(reset_at - time.time()) + 1))


@lru_cache(maxsize=8)
def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(request: Request, trusted_proxies: str) -> str:
    """The address of the caller: the first hop, from our side, that is not a trusted proxy. NOBODY where it is none."""
    address = request.remote_addr or NOBODY
    trusted = _networks(trusted_proxies)
    if not trusted:
        return address
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    while hops and is_in(address, trusted):
        address = hops.pop()
    # Never the proxy's own: a token may be good in its network.
    return address if _parsed(address) else NOBODY


@lru_cache(maxsize=4096)
def address_prefix(address: str) -> str:
    """The network that one caller is counted under: an IPv4 address as it is, IPv6 by its /64."""
    parsed = _parsed(address)
    if parsed is None or parsed.version == 4:
        return str(parsed or address)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


@lru_cache(maxsize=4096)
def reported_prefix(address: str) -> str:
    """What records keep of an address: its /24 or /48."""
    parsed = _parsed(address)
    if parsed is None:
        return NOBODY
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A dual-stack socket shows IPv4 callers inside IPv6: they are not one network.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def is_in(text: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    """Whether an address, as text, is in one of the networks."""
    address = _parsed(text)
    return address is not None and any(address in network for network in networks)
