"""The operator's key set (RFC 7517 §5): fetched from its own address, guarded, kept for a while."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from widget_service import strict_json
from widget_service.errors import ConfigurationError
from widget_service.signing_keys import PublicKey, import_jwk
from widget_service.workspaces import Algorithm, SigningKey

LARGEST_SET = 65_536
MOST_KEYS = 100
#: Seconds that a caller waits for another's fetch of the same set.
_LONGEST_WAIT = 10

_Keys = Mapping[str, tuple[Algorithm, PublicKey]]


class KeySetUnavailable(Exception):
    """A key set that could not be fetched, or is no key set."""


def fetch_key_set(client: httpx.Client, url: str) -> bytes:
    """The text of a key set; ``client`` is one of ``destinations.safe_client``. Raises KeySetUnavailable."""
    try:
        response = client.get(url, headers={"accept": "application/jwk-set+json, application/json"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KeySetUnavailable(f"the fetch failed: {type(error).__name__}") from error
    if response.status_code != 200:
        raise KeySetUnavailable(f"the fetch was answered with {response.status_code}")
    return response.content


def parse_key_set(raw: bytes) -> _Keys:
    """The usable keys of a set by their ids; of two with one id the first, as a signer could mean either.

    Raises KeySetUnavailable for what is no key set, or one of more than 64 KiB or 100 keys.
    """
    if len(raw) > LARGEST_SET:
        raise KeySetUnavailable("the key set is larger than 64 KiB")
    try:
        entries = strict_json.parse_object(raw).get("keys")
    except strict_json.MalformedJson as error:
        raise KeySetUnavailable(f"the key set is not JSON: {error.reason}") from error
    if not isinstance(entries, list) or len(entries) > MOST_KEYS:
        raise KeySetUnavailable("the key set has no list of at most 100 keys")
    keys: dict[str, tuple[Algorithm, PublicKey]] = {}
    for entry in entries:
        try:
            kid, algorithm, key = import_jwk(entry if isinstance(entry, dict) else {})
        except ConfigurationError:
            continue  # RFC 7517 §5: keys that are not understood are ignored.
        keys.setdefault(kid, (algorithm, key))
    return keys


@dataclass(slots=True)
class _KeySet:
    """What is known of one address; ``lock`` is held by the one caller that fetches."""

    keys: _Keys | None = None
    fetched_at: int | None = None
    attempted_at: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class KeySets:
    """Operators' key sets, cached. Safe for threads.

    ``fetch`` gives a set's text or raises KeySetUnavailable. ``max_age`` seconds after a good fetch a set is fetched
    again; ``retry_after`` seconds pass between two attempts, whatever is asked for. A failed fetch keeps the last good
    set (contract §3).
    """

    def __init__(
        self, fetch: Callable[[str], bytes], *, max_age: int = 300, retry_after: int = 30, max_urls: int = 1000
    ) -> None:
        self._fetch = fetch
        self._max_age = max_age
        self._retry_after = retry_after
        self._max_urls = max_urls
        self._sets: OrderedDict[str, _KeySet] = OrderedDict()
        self._lock = threading.Lock()

    def find_key(self, workspace_id: str, url: str, kid: str, now: int) -> SigningKey | None:
        """The workspace's key of that id in the set at ``url``, or None; fetches when it has to, and never raises."""
        key_set = self._entry(url)
        if self._is_due(key_set, kid, now):
            self._refresh(key_set, url, kid, now)
        found = (key_set.keys or {}).get(kid)
        if found is None:
            return None
        algorithm, key = found
        return SigningKey(workspace_id=workspace_id, kid=kid, algorithm=algorithm, verifying_key=key)

    def _entry(self, url: str) -> _KeySet:
        with self._lock:
            key_set = self._sets.setdefault(url, _KeySet())
            self._sets.move_to_end(url)
            if len(self._sets) > self._max_urls:
                self._sets.popitem(last=False)
            return key_set

    def _is_due(self, key_set: _KeySet, kid: str, now: int) -> bool:
        if _is_within(key_set.attempted_at, self._retry_after, now):
            return False
        return kid not in (key_set.keys or {}) or not _is_within(key_set.fetched_at, self._max_age, now)

    def _refresh(self, key_set: _KeySet, url: str, kid: str, now: int) -> None:
        # With a key in hand nobody waits for another's fetch; without one there is nothing else to do.
        has_key = kid in (key_set.keys or {})
        if not key_set.lock.acquire(timeout=0 if has_key else _LONGEST_WAIT):
            return
        try:
            if self._is_due(key_set, kid, now):
                self._replace(key_set, url, now)
        finally:
            key_set.lock.release()

    def _replace(self, key_set: _KeySet, url: str, now: int) -> None:
        try:
            key_set.keys = parse_key_set(self._fetch(url))
            key_set.fetched_at = now
        except (KeySetUnavailable, httpx.HTTPError, OSError):
            return
        finally:
            # Last: until then other callers see a fetch that is due, and wait for it at the lock.
            key_set.attempted_at = now


def _is_within(since: int | None, seconds: int, now: int) -> bool:
    # A clock that was set back must not stop fetching until it has caught up.
    return since is not None and 0 <= now - since < seconds
