"""An empty JSON endpoint on a bare Flask app, served exactly as the service is: what the figures are divided by.

``python -m bench.bare PORT WORKERS``
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import secrets
import sys
from typing import Any

from widget_service.server import Server
from widget_service.settings import Settings


class BareServer(Server):
    """The same gunicorn, the same gevent workers, the same settings; only the app differs."""

    def load(self) -> Any:
        """A Flask app with one route and nothing around it."""
        from flask import Flask, Response, jsonify

        app = Flask(__name__)

        @app.get("/empty")
        def empty() -> Response:
            return jsonify(success=True, status="live", version="0")

        return app


if __name__ == "__main__":
    PORT, WORKERS = sys.argv[1:3]
    del sys.argv[1:]  # gunicorn would read them as its own
    BareServer(Settings(secret_key=secrets.token_urlsafe(48)), "127.0.0.1", int(PORT), int(WORKERS)).run()
