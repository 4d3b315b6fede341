"""Endpoints of a bare Flask app, served exactly as the service is: what the figures are divided by.

An empty one, one that makes a plain httpx call, and the back office that it and the gateway call.
``python -m bench.bare PORT WORKERS``
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import random
import secrets
import sys
import time
from typing import Any

import httpx

from widget_service.server import Server
from widget_service.settings import Settings

BALANCES = (
    '{"player_id":"%s","currency":"EUR","total_balance":260.50,"cash_balance":220.50,"bonus_balance":40.00,'
    '"withdrawable_balance":220.50,"pending_withdrawal":150.00,"active_bonus":{"bonus_id":"bon_7731",'
    '"name":"Weekend Reload","amount":40.00,"wager_requirement":1400.00,"wagered":760.00,"wr":640.00,'
    '"expires_at":"2026-03-14T23:59:59Z"},"updated_at":"2026-03-01T11:58:40Z"}'
)


class BareServer(Server):
    """The same gunicorn, the same gevent workers, the same settings; only the app differs."""

    def load(self) -> Any:
        """A Flask app with a route for each figure and nothing around it."""
        from flask import Flask, Response, jsonify, request

        app = Flask(__name__)
        client = httpx.Client(trust_env=False, timeout=10)

        @app.get("/empty")
        def empty() -> Response:
            return jsonify(success=True, status="live", version="0")

        @app.get("/fetch")
        def fetch() -> Response:
            headers = {"authorization": "Bearer x", "x-session-id": "y"}
            return jsonify(client.get(request.args["url"], headers=headers).json())

        @app.get("/<pace>/v1/players/<player_id>/balances")
        def balances(pace: str, player_id: str) -> Response:
            if pace == "slow":
                time.sleep(1 + 2 * random.random())  # noqa: S311 - two seconds, and not all at the same moment
            return Response(BALANCES % player_id, mimetype="application/json")

        return app


if __name__ == "__main__":
    PORT, WORKERS = sys.argv[1:3]
    del sys.argv[1:]  # gunicorn would read them as its own
    BareServer(Settings(secret_key=secrets.token_urlsafe(48)), "127.0.0.1", int(PORT), int(WORKERS)).run()
