"""Vendors' APIs as a caller meets them: real servers that log in, rate-limit, collide, forget tokens and hang.

Shapes follow Zendesk's documentation of tickets and OAuth tokens, and LiveChat's of the Agent Chat, Configuration and
Customer Accounts APIs.
"""

import itertools
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from widget_service.demo.helpdesk.allowance import Allowance

Answer = tuple[int, dict[str, str], Any]
CLIENT_ID, CLIENT_SECRET = "9cbf3a968289727cb3cdfe83ab1d9836", "client-secret-4f1b8c21e30a"
FIRST_REFRESH_TOKEN = "refresh-token-0-5f0f7a5e"
CALLS_PER_MINUTE = 700


@dataclass
class Asked:
    """One request, and what it was answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    answered: int = 0


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that has waited long enough hangs up."""


class VendorApi:
    """What every vendor has: OAuth tokens that end, and bad days.

    ``moods`` are answers in place of the real ones, each once, but for logins; nothing is answered unless ``awake``.
    """

    token_path = "/oauth/tokens"

    def __init__(self) -> None:
        self.set_up()
        self._guard = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def set_up(self) -> None:
        self.asked: list[Asked] = []
        self.moods: list[Answer] = []
        self.awake = threading.Event()
        self.awake.set()
        self.tokens: set[str] = set()
        self.refresh_tokens = {FIRST_REFRESH_TOKEN}
        self.numbers = itertools.count(1)
        self.allowance = Allowance(CALLS_PER_MINUTE)

    def close(self) -> None:
        self.awake.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """As new, at the same address."""
        self.set_up()

    def forget_tokens(self) -> None:
        """Every access token has ended, whatever was said of its life."""
        self.tokens.clear()

    def limit(self, retry_after: int) -> None:
        """The next request is one too many."""
        self.moods.append((429, {"Retry-After": str(retry_after)}, {"error": "APIRateLimitExceeded"}))

    def calls(self, method: str, part: str = "") -> list[Asked]:
        return [one for one in self.asked if one.method == method and part in one.path]

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def too_many(self, wait: int) -> Answer:
        """What a call gets that the minute has no room for."""
        raise NotImplementedError

    def log_in(self, body: Any) -> Answer:
        """A refresh token counts once; the client's own credentials always."""
        if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {}, {"error": "invalid_client"}
        number = next(self.numbers)
        answer = {"access_token": f"dal:token-{number}", "token_type": "Bearer", "expires_in": 1800}
        if body.get("grant_type") == "refresh_token":
            if body.get("refresh_token") not in self.refresh_tokens:
                return 400, {}, {"error": "invalid_grant"}
            self.refresh_tokens = {f"refresh-token-{number}-{uuid.uuid4().hex[:8]}"}
            answer["refresh_token"] = next(iter(self.refresh_tokens))
        elif body.get("grant_type") != "client_credentials":
            return 400, {}, {"error": "unsupported_grant_type"}
        self.tokens.add(answer["access_token"])
        return 200, {}, answer

    def has_moods(self, asked: Asked) -> bool:
        """Whether such a request meets them."""
        return True

    def is_logged_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens

    def _take(self, asked: Asked) -> Answer:
        self.awake.wait(60)
        with self._guard:
            self.asked.append(asked)
            if asked.path == self.token_path:
                answer = self.log_in(asked.body)
            elif self.moods and self.has_moods(asked):
                answer = self.moods.pop(0)
            elif wait := self.allowance.take():
                answer = self.too_many(wait)
            else:
                answer = self.answer(asked)
        asked.answered = answer[0]
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
                body = {n: v[0] for n, v in parse_qs(raw.decode()).items()} if is_form else json.loads(raw or b"null")
                status, more, document = api._take(Asked(self.command, self.path, headers, body))
                content = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = _answer

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        return Handler


@dataclass
class ZendeskTicket:
    """A ticket as its API shows it; every change has a new stamp."""

    id: str
    requester_id: str
    fields: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=lambda: ["messaging"])
    status: str = "open"
    stamp: int = 0

    def shown(self) -> dict[str, Any]:
        fields = [{"id": int(field_id), "value": value} for field_id, value in self.fields.items()]
        ids = {"id": int(self.id), "requester_id": int(self.requester_id)}
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_772_366_400 + self.stamp))
        return {**ids, "custom_fields": fields, "tags": self.tags, "status": self.status, "updated_at": stamp}


class ZendeskApi(VendorApi):
    """Support: tickets. ``collisions`` counts how many updates find that somebody was faster."""

    field_id = "17826865089570"

    def set_up(self) -> None:
        super().set_up()
        self.tickets: dict[str, ZendeskTicket] = {}
        self.collisions = 0
        self.takes_values = True
        self.is_open_to_customers = False
        self.shows_fields = True
        self.looks: list[Answer] = []  # in place of the field, each once

    def has_moods(self, asked: Asked) -> bool:
        return "/ticket_fields/" not in asked.path

    def too_many(self, wait: int) -> Answer:
        limits = {"X-Rate-Limit": str(self.allowance.limit), "X-Rate-Limit-Remaining": "0"}
        headers = {**limits, "ratelimit-reset": str(wait), "Retry-After": str(wait)}
        return 429, headers, {"error": "APIRateLimitExceeded"}

    def add(self, ticket: Any) -> ZendeskTicket:
        """The simulated account's ticket, as the API has it."""
        self.tickets[ticket.id] = ZendeskTicket(ticket.id, ticket.requester_id, {self.field_id: None})
        return self.tickets[ticket.id]

    def answer(self, asked: Asked) -> Answer:
        basic = asked.headers.get("authorization", "").startswith("Basic ")
        if not basic and not self.is_logged_in(asked):
            return 401, {}, {"error": "invalid_token"}
        if "/ticket_fields/" in asked.path:
            if self.looks:
                return self.looks.pop(0)
            field = {"id": int(self.field_id), "type": "text", "editable_in_portal": self.is_open_to_customers}
            return (200, {}, {"ticket_field": field}) if self.shows_fields else (403, {}, {"error": "Forbidden"})
        name = asked.path.removeprefix("/api/v2/tickets/").removesuffix(".json")
        ticket = self.tickets.get(name)
        if ticket is None:
            return 404, {}, {"error": "RecordNotFound"}
        if asked.method == "GET":
            return 200, {}, {"ticket": ticket.shown()}
        return self._update(ticket, asked.body["ticket"])

    def _update(self, ticket: ZendeskTicket, changes: dict[str, Any]) -> Answer:
        if self.collisions:
            self.collisions -= 1
            ticket.stamp += 1
        if changes.get("safe_update") and changes.get("updated_stamp") != ticket.shown()["updated_at"]:
            return 409, {}, {"error": "UpdateConflict"}
        if ticket.status == "closed":
            return 422, {}, {"error": "RecordInvalid"}
        for one in changes.get("custom_fields", []):
            ticket.fields[str(one["id"])] = one["value"] if self.takes_values else None
        ticket.tags = changes.get("tags", ticket.tags) + changes.get("additional_tags", [])
        ticket.stamp += 1
        return 200, {}, {"ticket": ticket.shown()}


class LiveChatApi(VendorApi):
    """Chats with private properties, and customers' tokens."""

    token_path = "/v2/token"

    def set_up(self) -> None:
        super().set_up()
        self.chats: dict[str, dict[str, Any]] = {}
        self.customers: set[str] = set()
        self.customer_writes: list[str] = []
        self.region = ""

    def add(self, chat: Any) -> dict[str, Any]:
        users = [{"id": chat.customer.id.upper(), "type": "customer"}, {"id": "agent@example.com", "type": "agent"}]
        self.chats[chat.id] = {"id": chat.id, "users": users, "properties": {}}
        return self.chats[chat.id]

    def too_many(self, wait: int) -> Answer:
        return 429, {}, {"error": {"type": "too_many_requests", "message": "Too many requests"}}

    def answer(self, asked: Asked) -> Answer:
        if not self.is_logged_in(asked):
            return 401, {}, {"error": {"type": "authentication", "message": "Invalid access token"}}
        if asked.path == "/v2/customer/token":
            return self._customer_token(asked.body)
        if self.region and asked.headers.get("x-region") != self.region:
            wrong = {"type": "misdirected_request", "message": "Wrong region", "data": {"region": self.region}}
            return 421, {}, {"error": wrong}
        action = asked.path.rpartition("/")[2]
        if action == "list_properties":
            access = {"chat": {"agent": ["read", "write"], "customer": self.customer_writes}}
            return 200, {}, {name: {"type": "string", "access": access} for name in ("player_id", "identity")}
        chat = self.chats.get(asked.body.get("chat_id") or asked.body.get("id"))
        if chat is None:
            return 404, {}, {"error": {"type": "not_found", "message": "Chat not found"}}
        return 200, {}, self._act(action, chat, asked.body)

    def _act(self, action: str, chat: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if action == "get_chat":
            return chat
        for namespace, properties in body["properties"].items():
            kept = chat["properties"].setdefault(namespace, {})
            if action == "delete_chat_properties":
                chat["properties"][namespace] = {n: v for n, v in kept.items() if n not in properties}
            else:
                kept.update(properties)
        return {}

    def _customer_token(self, body: dict[str, Any]) -> Answer:
        entity_id = body.get("entity_id")
        if entity_id is not None and entity_id not in self.customers:
            return 400, {}, {"identity_exception": "entity_not_found", "exception_description": "Entity not found"}
        entity_id = entity_id or str(uuid.uuid4())
        self.customers.add(entity_id)
        token = {"access_token": f"dal:customer-{next(self.numbers)}", "entity_id": entity_id, "expires_in": 28800}
        names = ("organization_id", "client_id")
        return 200, {}, {**token, "token_type": "Bearer", **{name: body[name] for name in names}}
