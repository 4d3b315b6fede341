"""The reference back office as tests meet it: the application inside the test, and served on loopback by a thread."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from widget_service.backoffice.reference.app import NAME, create_back_office
from widget_service.backoffice.reference.seeding import cast
from widget_service.settings import make_settings

#: The moment at which the cast's files tell their story, and the player API's examples hold.
TOLD_AT = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
#: Every sample player by id, as the cast's files tell of them.
PLAYERS: dict[str, dict[str, Any]] = {
    player["player_id"]: player for told in cast() for player in told.get("players", [])
}


class BackOffice:
    """One back office with its own file; ``served()`` puts it on loopback.

    Without a ``clock`` its time is the real one. A file that is there already is used as it is.
    """

    def __init__(self, folder: Path, clock: Callable[[], int] | None = None, **settings: str) -> None:
        self.api_token = secrets.token_urlsafe(32)
        chosen = {f"back_office_{name}": value for name, value in settings.items()}
        made = make_settings(
            {
                "secret_key": secrets.token_urlsafe(48),
                "back_office_api_token": self.api_token,
                "back_office_database_url": f"sqlite:///{folder / 'back-office.db'}",
                **chosen,
            }
        )
        self.app: Flask = create_back_office(made, clock) if clock else create_back_office(made)
        self.url = ""

    def client(self) -> FlaskClient:
        """Calls without a network."""
        return self.app.test_client()

    def headers(self, player_id: str | None = None) -> dict[str, str]:
        """The API token, and a session of the player's own login."""
        token = {"Authorization": f"Bearer {self.api_token}"}
        return token if player_id is None else {**token, "X-Session-ID": self.session_id(player_id)}

    def session_id(self, player_id: str) -> str:
        """A new ``sess_…`` of that player."""
        answer = self.client().post(
            "/v1/auth/player/login", json={"email": PLAYERS[player_id]["email"]}, headers=self.headers()
        )
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["session_id"])

    def close(self) -> None:
        self.app.extensions[NAME].database.close()

    @contextmanager
    def served(self) -> Iterator["BackOffice"]:
        """Over HTTP on loopback, a thread for each request, at ``url``."""
        server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_arguments: Any) -> None:
        return
