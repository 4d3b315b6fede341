"""How many calls a pretend vendor's API takes: so many a minute, as the real ones do."""

import math
import threading
import time
from dataclasses import dataclass, field

MINUTE = 60  # seconds


@dataclass
class Allowance:
    """``limit`` calls in each minute; a minute begins with its first call."""

    limit: int
    _began: float = -math.inf
    _taken: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> int:
        """Seconds until a call is taken again; none where this one is."""
        with self._guard:
            now = time.time()
            if not 0 <= now - self._began < MINUTE:
                self._began, self._taken = now, 0
            self._taken += 1
            return 0 if self._taken <= self.limit else max(1, math.ceil(self._began + MINUTE - now))
