"""What both pretend sites share: the documented snippet, filled in, and the strictest policy that it runs under."""

import json
import os
import secrets
from dataclasses import dataclass

from flask import Flask, Response, g
from werkzeug.serving import make_server

from widget_service.snippet import Snippet

PART = "DEMO_PART"


@dataclass(frozen=True, slots=True)
class Policy:
    """A Content-Security-Policy: the three lines that the messenger needs, and the page's own."""

    service_url: str
    more_connections: str = ""

    def lines(self, nonce: str) -> list[str]:
        """The header's directives, one per line."""
        return [
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'self' {self.service_url}",
            f"frame-src {self.service_url}",
            f"connect-src 'self' {self.service_url} {self.more_connections}".rstrip(),
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]


def snippet(workspace_id: str, service_url: str, nonce: str) -> str:
    """The snippet for that workspace, with a nonce for the policy."""
    return Snippet(service_url).fill_in(workspace_id).replace("<script", f'<script nonce="{nonce}"')


def new_site(name: str, policy: Policy) -> Flask:
    """A Flask app whose every page has the policy; ``g.nonce`` and ``g.policy`` are for its templates."""
    app = Flask(name)
    app.add_url_rule("/health", "health", lambda: Response("ok", mimetype="text/plain"))

    @app.before_request
    def prepare() -> None:
        g.nonce = secrets.token_urlsafe(16)
        g.policy = policy.lines(g.nonce)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "; ".join(g.policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def read_part() -> dict[str, str]:
    """What the demo gave this process: by the environment, which other users of the machine cannot read."""
    part: dict[str, str] = json.loads(os.environ.pop(PART))
    return part


def serve(app: Flask, port: str) -> None:
    """Serves on loopback until the process is ended."""
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()
