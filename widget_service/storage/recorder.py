"""What is noted beside the answers: last uses, and counts of introspections and refusals per minute.

No read makes a durable write: notes gather here and are written in the background. What a crash loses is a few
seconds of counting, never a grant or a revocation.
"""

import threading
from collections import Counter

import structlog

from widget_service.audit import AuditEvent
from widget_service.errors import ServiceError
from widget_service.storage import Storage
from widget_service.storage.store import Store

EVERY = 2.0  # seconds
CAPACITY = 20_000  # distinct notes between two writes; what is beyond is dropped and said
SAMPLES_PER_MINUTE = 20  # for each workspace
CountKey = tuple[str, int, str, str, str, str, str, str]

log = structlog.get_logger()


class Recorder:
    """Gathers notes from requests and writes them every other second."""

    def __init__(self, storage: Storage, use_granularity: int = 60) -> None:
        self._storage = storage
        self._granularity = max(1, use_granularity)
        self._uses: dict[bytes, int] = {}
        self._key_uses: dict[tuple[str, str], int] = {}
        self._token_uses: dict[str, int] = {}
        self._counts: Counter[CountKey] = Counter()
        self._samples: list[AuditEvent] = []
        self._sampled: tuple[int, Counter[str]] = (0, Counter())
        self._running = False
        self._closed = threading.Event()

    def session_used(self, token_hash: bytes, last_used_at: int, now: int) -> None:
        """Notes a session's use, to the granularity."""
        if now - last_used_at >= self._granularity and len(self._uses) < CAPACITY:
            self._uses[token_hash] = now
            self._start()

    def last_use(self, token_hash: bytes, stored: int) -> int:
        """The last use as known here: stored, or noted and not yet written."""
        return max(stored, self._uses.get(token_hash, 0))

    def key_used(self, workspace_id: str, kid: str, now: int) -> None:
        """Notes a signing key's use."""
        self._key_uses[(workspace_id, kid)] = now
        self._start()

    def token_used(self, token_id: str, now: int) -> None:
        """Notes an API token's use."""
        self._token_uses[token_id] = now
        self._start()

    def count(self, key: CountKey) -> None:
        """Counts one introspection or refusal."""
        if key in self._counts or len(self._counts) < CAPACITY:
            self._counts[key] += 1
        self._start()

    def sample(self, event: AuditEvent) -> None:
        """Keeps some refusals of each minute whole, for whoever has to find out why.

        Each workspace has samples of its own, strangers to all have one share: nobody uses up another's.
        """
        minute, taken = self._sampled
        if minute != event.at // 60:
            self._sampled = (event.at // 60, taken := Counter())
        if taken[event.workspace_id] < SAMPLES_PER_MINUTE and len(self._samples) < CAPACITY:
            taken[event.workspace_id] += 1
            self._samples.append(event)

    def flush(self) -> None:
        """Writes what has gathered."""
        uses, self._uses = self._uses, {}
        keys, self._key_uses = self._key_uses, {}
        tokens, self._token_uses = self._token_uses, {}
        counts, self._counts = self._counts, Counter()
        samples, self._samples = self._samples, []
        if not (uses or keys or tokens or counts or samples):
            return

        def work(store: Store) -> None:
            for token_hash, at in sorted(uses.items()):
                store.note_use(token_hash, at)
            for (workspace_id, kid), at in sorted(keys.items()):
                store.note_key_use(workspace_id, kid, at)
            for token_id, at in sorted(tokens.items()):
                store.note_token_use(token_id, at)
            for key, number in sorted(counts.items()):
                store.add_count(key, number)
            for event in samples:
                store.add_audit(event)

        self._storage.write(work, durable=False)

    def close(self) -> None:
        """Writes what has gathered and ends the thread; what is noted later is lost. Raises Unavailable."""
        self._closed.set()
        self.flush()

    def _start(self) -> None:
        if not self._running and not self._closed.is_set():
            self._running = True
            threading.Thread(target=self._run, daemon=True, name="recorder").start()

    def _run(self) -> None:
        try:
            while not self._closed.wait(EVERY):
                try:
                    self.flush()
                except ServiceError as error:
                    log.warning("recorder.lost", reason=error.reason)
        finally:
            self._running = False  # whatever ended it, the next note starts another
