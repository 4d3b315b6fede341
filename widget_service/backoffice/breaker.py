"""The circuit breaker of one connection: who has stopped answering is not waited for by everybody."""

import threading

from widget_service.errors import BackOfficeUnavailable

FAILURES_UNTIL_OPEN = 5
OPEN_SECONDS = 5.0


class Breaker:
    """Opens after some failures in a row; then one call tries every few seconds, and one success closes it again.

    Times are ``time.monotonic()``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def require_closed(self, now: float) -> None:
        """Lets this call go. Raises BackOfficeUnavailable at once while it is open."""
        with self._lock:
            if self._failures < FAILURES_UNTIL_OPEN:
                return
            if now < self._next_try:
                raise BackOfficeUnavailable("circuit_open")
            self._next_try = now + OPEN_SECONDS

    def succeeded(self) -> None:
        """The back office has answered."""
        with self._lock:
            self._failures = 0

    def failed(self, now: float) -> None:
        """The back office has not answered."""
        with self._lock:
            self._failures += 1
            self._next_try = now + OPEN_SECONDS
