"""The back offices of one process: a connection is parsed once, and keeps its pool, its breaker and its answers."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import Egress, Line, Upstream, UpstreamAnswer
from widget_service.backoffice.connector.connector import Connector
from widget_service.backoffice.standard import StandardBackOffice
from widget_service.backoffice_connections import BackOfficeConnection

MOST_OPEN = 256


class Adapter(Protocol):
    """What knows one back office's names and shapes: the standard's, or a connector."""

    def answer(self, question: Question, caller: Caller, upstream: Upstream) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class OpenBackOffice:
    """A BackOffice (the seam): an adapter with its line."""

    adapter: Adapter
    line: Line = field(repr=False)
    watch: Callable[[UpstreamAnswer], object] | None = field(default=None, repr=False)

    def answer(self, question: Question, caller: Caller) -> dict[str, object]:
        """See BackOffice."""
        return self.adapter.answer(question, caller, self.line.open(self.watch))


class BackOffices:
    """Opens connections, one for each workspace, and keeps those that were used last."""

    def __init__(self, make_egress: Callable[[], Egress]) -> None:
        self._make_egress = make_egress
        self._egress: Egress | None = None
        self._open: OrderedDict[str, tuple[str, OpenBackOffice]] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, connection: BackOfficeConnection) -> OpenBackOffice:
        """The back office behind a connection. Raises ConfigurationError when its document cannot be read."""
        with self._lock:
            name, found = self._open.get(connection.workspace_id, ("", None))
            if found is None or name != connection.id:
                self._egress = self._egress or self._make_egress()
                found = open_back_office(connection, self._egress)
                # What was there goes with its sockets once no call is under way on it.
                self._open[connection.workspace_id] = (connection.id, found)
            self._open.move_to_end(connection.workspace_id)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return found


def open_back_office(connection: BackOfficeConnection, egress: Egress) -> OpenBackOffice:
    """A back office of its own, for whoever asks but once. Raises ConfigurationError."""
    line = Line(connection.url, egress, allow_private=connection.allow_private)
    return OpenBackOffice(ADAPTERS[connection.kind](connection), line)


def _open_standard(connection: BackOfficeConnection) -> Adapter:
    return StandardBackOffice(connection.secrets)


def _open_connector(connection: BackOfficeConnection) -> Adapter:
    return Connector.parse(connection.document, connection.url, connection.secrets, connection.settings)


ADAPTERS: dict[str, Callable[[BackOfficeConnection], Adapter]] = {
    "reference": _open_standard,
    "connector": _open_connector,
}
