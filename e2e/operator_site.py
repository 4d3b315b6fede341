"""A tiny operator's site: pages from ``pages/``, a login kept on the server, and the ten lines of signing."""

import json
import secrets
import string
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

PAGES = Path(__file__).parent / "pages"
TOKEN_LIFETIME = 240


class OperatorSite:
    """One server on a port of its own; ``player`` is who is logged in, or None."""

    def __init__(self, host: str, service_url: str) -> None:
        self.service_url = service_url
        self.workspace: dict[str, Any] = {}
        self.api_token = ""
        self.player: dict[str, Any] | None = None
        self.claims: dict[str, Any] = {}
        self.fixed_token: str | None = None
        self.headers: dict[str, str] = {}
        self.settings: dict[str, Any] = {}
        self.snippet: dict[str, str] = {}
        self.tokens_given = 0
        #: What is wrong with the token endpoint: a status, or "html" for the login page in its place.
        self.fault = ""
        #: Further addresses: what each answers, as its media type and text, made anew for every request.
        self.routes: dict[str, Callable[[], tuple[str, str]]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://{host}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        """As after the start: nobody logged in, nothing special."""
        self.player, self.claims, self.fixed_token, self.headers, self.settings = None, {}, None, {}, {}
        self.snippet, self.tokens_given, self.routes, self.fault = {}, 0, {}, ""

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def log_in(self, player_id: str, name: str) -> None:
        self.player = {"sub": player_id, "name": name}

    def log_out(self) -> None:
        self.player = None

    def sign(self) -> str:
        """A player token of whoever is logged in: what an operator's backend has to do."""
        now = int(time.time())
        claims = {
            "iss": self.workspace["workspace_id"],
            "aud": self.service_url,
            "iat": now,
            "exp": now + TOKEN_LIFETIME,
            "jti": secrets.token_urlsafe(16),
            **(self.player or {}),
            **self.claims,
        }
        return jwt.encode(claims, self.workspace["secret"], algorithm="HS256", headers={"kid": self.workspace["kid"]})

    def player_token(self) -> str | None:
        self.tokens_given += 1
        if self.fixed_token and self.tokens_given == 1:
            return self.fixed_token
        return self.sign() if self.player else None

    def page(self, name: str, query: dict[str, list[str]]) -> str:
        """A file of ``pages/`` with the service, the settings and a static token filled in."""
        settings = {"workspaceId": self.workspace["workspace_id"], **self.settings}
        settings |= {key: json.loads(values[0]) for key, values in query.items()}
        token = self.sign() if self.player else None
        text = (PAGES / name).read_text(encoding="utf-8")
        script = {"src": f"{self.service_url}/sdk/v1/messenger.js", **self.snippet}
        return string.Template(text).substitute(
            service=self.service_url,
            settings=json.dumps(settings),
            player=json.dumps({"token": self.fixed_token or token} if token else None),
            snippet=" ".join(f'{attribute}="{value}"' for attribute, value in script.items()),
            nonce="n0nce",
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path == "/support/player-token":
                    if site.fault.isdecimal() or site.fault == "html":
                        status = 200 if site.fault == "html" else int(site.fault)
                        return self.answer(status, "text/html", "<!doctype html><title>Sign in</title><h1>Sign in</h1>")
                    token = site.player_token()
                    return self.answer(200 if token else 204, "text/plain", token or "")
                if answer := site.routes.get(url.path):
                    return self.answer(200, *answer(), site.headers)
                name = url.path.removeprefix("/")
                if not (PAGES / name).is_file() or "/" in name:
                    return self.answer(404, "text/plain", "no such page")
                return self.answer(200, "text/html; charset=utf-8", site.page(name, parse_qs(url.query)), site.headers)

            def answer(self, status: int, kind: str, body: str, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Cache-Control": "no-store", **(headers or {})}.items():
                    self.send_header(name, value)
                content = body.encode()
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler
