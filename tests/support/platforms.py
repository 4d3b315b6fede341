"""Simulated platforms on loopback, and the presets connected to them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from werkzeug.serving import WSGIRequestHandler, make_server

from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import Egress
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.offices import OpenBackOffice, open_back_office
from widget_service.backoffice.preset_files import read_preset
from widget_service.backoffice_connections import BackOfficeConnection
from widget_service.demo.platforms import SETTINGS, create_platform
from widget_service.demo.platforms.stage import EXPIRED_SESSION, STAFF_TOKEN, Stage

LOCAL = "http://127.0.0.1:1"


@cache
def _egress(timeout: float) -> Egress:
    """Its TLS context is dear."""
    return Egress(LOCAL, timeout=timeout)


@dataclass(slots=True)
class Simulation:
    """One platform, running."""

    name: str
    url: str
    stage: Stage = field(default_factory=Stage)

    def connect(self, *, token: str = STAFF_TOKEN, timeout: float = 10.0, **settings: str) -> OpenBackOffice:
        """A connection of its own, by the preset."""
        connection = BackOfficeConnection(
            id="bo_test",
            workspace_id="ws_test",
            kind="connector",
            preset=self.name,
            url=self.url,
            document=read_preset(self.name),
            secrets={"api_token": token},
            settings={**SETTINGS.get(self.name, {}), **settings},
        )
        return open_back_office(connection, _egress(timeout))

    def ask(self, office: OpenBackOffice, player_id: str, capability: str, **arguments: object) -> dict[str, object]:
        """What the gateway would check and pass on, as its canonical model took it."""
        question = Question(capability, arguments)
        answer = office.answer(question, self.caller(player_id))
        checked = CAPABILITIES[capability].answer.model_validate(answer)
        dumped: dict[str, object] = checked.model_dump()
        return dumped

    def caller(self, player_id: str, session: str | None = None) -> Caller:
        """A player who is signed in at the platform as well."""
        own = session or f"own-session-of-{player_id}"
        if own != EXPIRED_SESSION:
            self.stage.sign_in(player_id, own)
            self.stage.sign_in(player_id, f"sess_{player_id}")
        sent = EXPIRED_SESSION if own == EXPIRED_SESSION else f"sess_{player_id}"
        return Caller("ws_test", player_id, sent, operator_session_id=own)


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@contextmanager
def simulated(name: str) -> Iterator[Simulation]:
    """Until the block ends."""
    stage = Stage()
    server = make_server("127.0.0.1", 0, create_platform(name, stage), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Simulation(name, f"http://127.0.0.1:{server.server_port}", stage)
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()
