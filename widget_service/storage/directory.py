"""The directory: workspaces, keys and API tokens, read a few times a second at most, parsed once.

What allows takes effect at once (a refusal looks again before it is spoken), everything else before one would notice.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from widget_service.backoffice_connections import BackOfficeConnection, back_office_context
from widget_service.encryption import Cipher
from widget_service.helpdesk_connections import HelpdeskConnection, connection_context
from widget_service.ids import digest
from widget_service.key_sets import KeySets
from widget_service.service_keys import ServiceKey, open_service_key
from widget_service.signing_keys import import_public_key
from widget_service.storage import Storage
from widget_service.workspaces import ApiToken, SigningKey, Workspace

Value = TypeVar("Value")
FRESH_FOR = 0.25  # seconds
LOOK_AGAIN_AFTER = 0.05
CAPACITY = 1024


def open_connection(cipher: Cipher, row: tuple[Any, ...]) -> HelpdeskConnection:
    """A helpdesk connection as it is stored, with its secrets."""
    secrets = cipher.open(bytes(row[4]), connection_context(row[0]))
    return HelpdeskConnection(row[0], row[1], row[2], json.loads(row[3]), json.loads(secrets), json.loads(row[5]))


class _Cache(Generic[Value]):
    """A bounded map whose entries are as old as FRESH_FOR at most; what is not there is not remembered."""

    def __init__(self, load: Callable[[Any], Value | None]) -> None:
        self._load = load
        self._entries: OrderedDict[Any, tuple[float, Value]] = OrderedDict()

    def find(self, key: Any, *, max_age: float = FRESH_FOR) -> Value | None:
        entry = self._entries.get(key)
        now = time.monotonic()
        if entry is not None and now - entry[0] < max_age:
            return entry[1]
        if entry is not None:
            # While this caller reads, the others go on with what is here: one reading, not one for each of them.
            self._entries[key] = (now, entry[1])
        value = self._load(key)
        if value is None:
            self._entries.pop(key, None)
            return None
        self._entries[key] = (now, value)
        if len(self._entries) > CAPACITY:
            self._entries.popitem(last=False)
        return value


class Directory:
    """Finds what a request names."""

    def __init__(self, storage: Storage, cipher: Cipher, key_sets: KeySets) -> None:
        self._storage = storage
        self._cipher = cipher
        self._key_sets = key_sets
        self._workspaces = _Cache(self._load_workspace)
        self._tokens = _Cache(self._load_token)
        self._helpdesks = _Cache(self._load_helpdesk)
        self._back_offices = _Cache(self._load_back_office)
        self._service_keys = _Cache(self._load_service_keys)
        self._parsed: OrderedDict[tuple[str, str, bytes], Any] = OrderedDict()

    def find_workspace(self, workspace_id: str, *, max_age: float = FRESH_FOR) -> Workspace | None:
        """The enabled workspace of that id, or None."""
        workspace = self._workspaces.find(workspace_id, max_age=max_age)
        return None if workspace is None or workspace.disabled else workspace

    def look_again(self, workspace_id: str) -> Workspace | None:
        """The workspace as it stands now: asked before a refusal is spoken."""
        return self.find_workspace(workspace_id, max_age=LOOK_AGAIN_AFTER)

    def find_signing_key(self, workspace_id: str, kid: str, now: int) -> SigningKey | None:
        """The workspace's key of that id, its own or of its key sets, retired or not; None if unknown."""
        workspace = self.find_workspace(workspace_id)
        if workspace is not None and kid not in workspace.signing_keys:
            workspace = self.look_again(workspace_id)
        if workspace is None:
            return None
        own = workspace.signing_keys.get(kid)
        if own is not None:
            return own
        found = (self._key_sets.find_key(workspace_id, url, kid, now) for url in workspace.jwks_urls)
        return next((key for key in found if key is not None), None)

    def find_api_token(self, token: str) -> ApiToken | None:
        """The live API token, or None."""
        return self._tokens.find(digest(token))

    def find_helpdesk(self, connection_id: str) -> HelpdeskConnection | None:
        """The live connection of that id, or None; its workspace may be disabled."""
        return self._helpdesks.find(connection_id)

    def find_back_office(self, workspace_id: str) -> BackOfficeConnection | None:
        """The workspace's live connection to its operator's back office, or None."""
        return self._back_offices.find(workspace_id)

    def find_service_keys(self) -> tuple[ServiceKey, ...]:
        """Our own keys, the retired ones included."""
        return self._service_keys.find("all") or ()

    def _load_service_keys(self, _all: str) -> tuple[ServiceKey, ...] | None:
        with self._storage.reading() as store:
            rows = store.find_service_key_rows()
        return tuple(open_service_key(self._cipher, row) for row in rows) or None

    def _load_helpdesk(self, connection_id: str) -> HelpdeskConnection | None:
        with self._storage.reading() as store:
            row = store.find_helpdesk_connection_row(connection_id)
        return None if row is None else open_connection(self._cipher, row)

    def _load_back_office(self, workspace_id: str) -> BackOfficeConnection | None:
        with self._storage.reading() as store:
            row = store.find_back_office_row(workspace_id)
        if row is None:
            return None
        secrets = json.loads(self._cipher.open(bytes(row[6]), back_office_context(row[0])))
        settings, cache_seconds = json.loads(row[7]), row[9]
        return BackOfficeConnection(
            row[0], row[1], row[2], row[3], row[4], row[5], secrets, settings, bool(row[8]), cache_seconds
        )

    def _load_token(self, token_hash: bytes) -> ApiToken | None:
        with self._storage.reading() as store:
            return store.find_api_token(token_hash)

    def _load_workspace(self, workspace_id: str) -> Workspace | None:
        with self._storage.reading() as store:
            row = store.find_workspace_row(workspace_id)
            if row is None:
                return None
            brands = store.find_brands(workspace_id)
            keys = store.find_signing_key_rows(workspace_id)
            urls = store.find_key_set_urls(workspace_id)
        if not brands:
            return None
        parsed = {key[0]: self._as_signing_key(workspace_id, *key) for key in keys}
        return Workspace(row[0], row[1], brands, parsed, urls, disabled=row[2] is not None)

    def _as_signing_key(
        self, workspace_id: str, kid: str, algorithm: Any, material: bytes | None, *ends: int | None
    ) -> SigningKey:
        verifying = None if material is None else self._parse(workspace_id, kid, algorithm, bytes(material))
        return SigningKey(workspace_id, kid, algorithm, verifying, *ends)

    def _parse(self, workspace_id: str, kid: str, algorithm: Any, material: bytes) -> Any:
        # Parsing an RSA key costs more than a whole start: once per key, not once per load.
        name = (workspace_id, kid, material)
        if name not in self._parsed:
            if algorithm == "HS256":
                self._parsed[name] = self._cipher.open(material, f"signing_keys:{workspace_id}:{kid}")
            else:
                self._parsed[name] = import_public_key(material.decode(), algorithm)
            if len(self._parsed) > CAPACITY:
                self._parsed.popitem(last=False)
        return self._parsed[name]
