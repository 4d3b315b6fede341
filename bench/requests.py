"""Requests prepared before the clock runs: signed, proven, and written out as the bytes that go over the wire."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from bench.load import Load
from bench.servers import Served, new_tenant
from tests.support.browser import ConfirmationKey
from tests.support.operator import CASINO, Agent, Operator

#: A webhook where nobody listens: starts write their events, and no delivery disturbs the figures.
NOBODY = "http://127.0.0.1:9/"
PAGE = {"url": "https://casino.example/en/cashier", "title": "Cashier"}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def raw(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """An HTTP/1.1 request."""
    sent = {"Host": "127.0.0.1", "User-Agent": CHROME, "Accept": "*/*", **headers}
    if method != "GET":
        sent["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def json_request(method: str, path: str, headers: dict[str, str], body: dict[str, Any]) -> bytes:
    """A request with a JSON body."""
    return raw(method, path, {"Content-Type": "application/json", **headers}, json.dumps(body).encode())


@dataclass(slots=True)
class Visit:
    """One player's browser: its key, its player token and, once started, its conversation and session token."""

    key: ConfirmationKey
    player_token: str
    conversation_id: str = ""
    session_token: str = ""

    def remember(self, body: bytes) -> None:
        """Keeps what a start answered."""
        started = json.loads(body)
        self.conversation_id = started["conversation"]["id"]
        self.session_token = started["session"]["token"]


class Tenant:
    """One workspace of one server, its players and its agent."""

    def __init__(self, served: Served, webhook_url: str = NOBODY) -> None:
        self.served = served
        self.operator: Operator
        self.agent: Agent
        self.operator, self.agent = new_tenant(served, webhook_url)

    def new_visit(self, player_id: str | None = None) -> Visit:
        """A new player in a new browser, with claims as an operator sends them."""
        sub = player_id or secrets.token_hex(6)
        token = self.operator.player_token(
            sub, name="Ana Ruiz", email=f"{sub}@players.example", currency="EUR", language="es", country="ES"
        )
        return Visit(ConfirmationKey(), token)

    def start(self, visit: Visit) -> bytes:
        """A conversation start with a fresh proof."""
        path = f"/v1/workspaces/{self.operator.workspace_id}/conversations"
        proof = visit.key.proof("POST", self.operator.service_url + path, visit.player_token)
        body = {"player_token": visit.player_token, "locale": "es", "page": PAGE}
        return json_request("POST", path, {"Origin": CASINO, "DPoP": proof}, body)

    def message(self, visit: Visit, text: str = "Where is my withdrawal?", client_id: str = "") -> bytes:
        """A message of the player, with a fresh proof."""
        path = f"/v1/conversations/{visit.conversation_id}/messages"
        body = {"client_message_id": client_id or secrets.token_hex(8), "text": text}
        return json_request("POST", path, self._session_headers(visit, "POST", path), body)

    def stream(self, visit: Visit) -> bytes:
        """An event stream of the visit's conversation."""
        path = f"/v1/conversations/{visit.conversation_id}/events"
        return raw("GET", path, {**self._session_headers(visit, "GET", path), "Accept": "text/event-stream"})

    def introspect(self, token: str) -> bytes:
        """RFC 7662, as a back office asks at each of its requests."""
        return self._form("/v1/oauth/introspect", token)

    def revoke(self, token: str) -> bytes:
        """RFC 7009."""
        return self._form("/v1/oauth/revoke", token)

    def transcript(self, conversation_id: str) -> bytes:
        """The agent reads a conversation's messages."""
        path = f"/v1/conversations/{conversation_id}/messages?limit=200"
        return raw("GET", path, {"Authorization": f"Bearer {self.agent.token}"})

    def conversations(self, cursor: str | None = None) -> bytes:
        """The agent's list of conversations, those without a message too."""
        query = "include_empty=true&limit=200" + (f"&cursor={cursor}" if cursor else "")
        return raw("GET", f"/v1/conversations?{query}", {"Authorization": f"Bearer {self.agent.token}"})

    def log_out(self, visit: Visit) -> bytes:
        """The messenger ends its session."""
        return raw("DELETE", "/v1/session", self._session_headers(visit, "DELETE", "/v1/session"))

    def read_conversation(self, visit: Visit) -> bytes:
        """The messenger reads its conversation, with a fresh proof."""
        path = f"/v1/conversations/{visit.conversation_id}"
        return raw("GET", path, self._session_headers(visit, "GET", path))

    def issue_session(self, visit: Visit) -> bytes:
        """The agent's request for a session id."""
        bearer = {"Authorization": f"Bearer {self.agent.token}"}
        return json_request("POST", f"/v1/conversations/{visit.conversation_id}/session", bearer, {})

    def visits(self, load: Load, count: int) -> list[Visit]:
        """So many started conversations."""
        made = [self.new_visit() for _ in range(count)]
        answered = load.send(self.served.port, [self.start(one) for one in made], bodies=True).require_only(201)
        for visit, body in zip(made, answered.bodies, strict=True):
            visit.remember(body)
        return made

    def session_ids(self, load: Load, count: int) -> list[str]:
        """So many live ``sess_``, each of a conversation of its own."""
        asked = [self.issue_session(visit) for visit in self.visits(load, count)]
        answered = load.send(self.served.port, asked, bodies=True).require_only(200)
        return [json.loads(body)["session_id"] for body in answered.bodies]

    def _session_headers(self, visit: Visit, method: str, path: str) -> dict[str, str]:
        proof = visit.key.proof(method, self.operator.service_url + path, visit.session_token)
        return {"Authorization": f"DPoP {visit.session_token}", "DPoP": proof}

    def _form(self, path: str, token: str) -> bytes:
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {self.agent.token}"}
        return raw("POST", path, kind, f"token={token}".encode())
