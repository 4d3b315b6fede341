"""A psycopg connection whose waits are one watcher on gevent's loop.

psycopg's own wait builds a selector for each statement, which under gevent costs more CPU than the statement itself.
"""

import psycopg
from gevent import get_hub, getcurrent
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready

from widget_service.storage.pipeline import Backend

#: Seconds without a word from the server; statements end by their own timeout long before.
PATIENCE = 15.0
READ, WRITE = 1, 2  # libev's bits, and psycopg's


class GreenletBackend(Backend):
    """For processes that run on gevent's hub."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """See psycopg.Connection.wait; a cancelled greenlet leaves a closed connection."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        hub, socket = get_hub(), self.pgconn.socket
        deadline = hub.loop.timer(PATIENCE)
        deadline.start(getcurrent().throw, psycopg.OperationalError, "the server does not answer")
        try:
            wanted = next(gen)
            while True:
                hub.wait(hub.loop.io(socket, int(wanted) & (READ | WRITE)))
                wanted = gen.send(Ready(int(wanted) & (READ | WRITE)))
        except StopIteration as end:
            result: RV = end.value
            return result
        except BaseException:
            self.pgconn.finish()  # in the middle of an answer: nobody may use it again
            raise
        finally:
            deadline.close()
