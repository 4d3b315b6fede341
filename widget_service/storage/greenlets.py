"""A psycopg connection whose waits are one watcher on gevent's loop.

psycopg's own wait builds a selector for each statement, which under gevent costs more CPU than the statement itself.
"""

from typing import Any

import psycopg
from gevent import Timeout, get_hub
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready

#: Seconds without a word from the server; statements end by their own timeout long before.
PATIENCE = 15.0
READ, WRITE = 1, 2  # libev's bits, and psycopg's


class GreenletConnection(psycopg.Connection[tuple[Any, ...]]):
    """Used by pools of processes that run on gevent's hub."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See psycopg.Connection.wait; a cancelled greenlet leaves a connection that the pool throws away."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        hub, socket = get_hub(), self.pgconn.socket
        try:
            wanted = next(gen)
            with Timeout(PATIENCE, psycopg.OperationalError("the server does not answer")):
                while True:
                    hub.wait(hub.loop.io(socket, int(wanted) & (READ | WRITE)))
                    wanted = gen.send(Ready(int(wanted) & (READ | WRITE)))
        except StopIteration as end:
            result: RV = end.value
            return result
        except BaseException:
            self.pgconn.finish()  # in the middle of an answer: nobody may use it again
            raise
