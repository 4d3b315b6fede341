"""The pretend Zendesk: what its widget calls, and the webhooks that come of it.

The widget's user is whoever holds the key that the site gave out; a messaging JWT makes that somebody known.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import jwt
from flask import Blueprint, Response, jsonify

from widget_service.demo.helpdesk.courier import Courier
from widget_service.demo.helpdesk.inbox import Inbox
from widget_service.demo.helpdesk.widgets import allow_every_page, read_call, read_text, script
from widget_service.demo.helpdesk.zendesk_account import Ticket, ZendeskAccount

CLAIMS = {"require": ["external_id", "scope", "exp"]}
#: How the widget's metadata names a ticket's field.
FIELD = "zen:ticket_field:"


@dataclass
class User:
    """Somebody with Zendesk; anonymous until a token of ours has named them."""

    id: str
    name: str = "Visitor"
    external_id: str | None = None
    expires_at: float | None = None
    tickets: dict[str, Ticket] = field(default_factory=dict)


class PretendZendesk:
    """One account: its users and tickets."""

    def __init__(self, part: dict[str, str], inbox: Inbox) -> None:
        self.account = ZendeskAccount(part["zendesk_secret"])
        self._key_id, self._messaging_secret = part["zendesk_key_id"], part["zendesk_messaging_secret"]
        self._url, self._inbox = part["zendesk_webhook_url"], inbox
        self._courier = Courier(inbox.note)
        self._users: dict[str, User] = {}
        self._known: dict[str, User] = {}
        self._guard = threading.Lock()

    def log_in(self, token: str) -> tuple[str, User]:
        """The key of the user whom the token names. Raises jwt.InvalidTokenError."""
        if jwt.get_unverified_header(token).get("kid") != self._key_id:
            raise jwt.InvalidTokenError("unknown kid")
        claims = jwt.decode(token, self._messaging_secret, algorithms=["HS256"], options=CLAIMS)  # type: ignore[arg-type]
        if claims["scope"] != "user" or not isinstance(claims["external_id"], str):
            raise jwt.InvalidTokenError("not a user's token")
        with self._guard:
            user = self._known.setdefault(claims["external_id"], _new_user())
            user.external_id, user.name = claims["external_id"], claims.get("name", "Player")
            user.expires_at = claims["exp"]
            return self._give_key(user), user

    def find_user(self, key: str | None) -> tuple[str, User] | None:
        """The user of that key, somebody new without one; None where a login has ended."""
        with self._guard:
            user = self._users.get(key or "")
            if user is None:
                user = _new_user()
                return self._give_key(user), user
            is_over = user.expires_at is not None and user.expires_at < time.time()
            return None if is_over else (key or "", user)

    def write(self, user: User, ticket_id: str | None, text: str, metadata: dict[str, Any]) -> Ticket:
        """A message: the first one opens a ticket. What the widget sends along goes into the ticket's field."""
        with self._guard:
            ticket = user.tickets.get(ticket_id or "") or self._open(user)
            events = [self.account.message_added(ticket, text)]
            if ticket_id != ticket.id:
                events.append(self.account.ticket_event(ticket, "created"))
            value = metadata.get(FIELD + self.account.field_id)
            if value is not None and value != ticket.reference:
                events.append(self.account.field_changed(ticket, value))
        self._inbox.write(ticket.id, text=text, value=value)
        self._courier.send(ticket.id, [partial(self._deliver, event) for event in events])
        return ticket

    def _open(self, user: User) -> Ticket:
        ticket = self.account.open_ticket(requester_id=user.id)
        user.tickets[ticket.id] = ticket
        self._inbox.open("zendesk", ticket.id, user.name)
        return ticket

    def _give_key(self, user: User) -> str:
        key = secrets.token_urlsafe(16)
        self._users[key] = user
        return key

    def _deliver(self, event: dict[str, Any]) -> int:
        def post(client: httpx.Client) -> httpx.Response:
            answer: httpx.Response = self.account.deliver(event).post(client, self._url)
            return answer

        return self._courier.post_politely(post)


def new_zendesk(zendesk: PretendZendesk) -> Blueprint:
    """What the widget's script calls."""
    site = Blueprint("zendesk", __name__, url_prefix="/zendesk")
    site.after_request(allow_every_page)
    site.add_url_rule("/snippet.js", "snippet", lambda: script("panel.js", "zendesk.js"))
    _add_calls(site, zendesk)
    return site


def _add_calls(site: Blueprint, zendesk: PretendZendesk) -> None:
    @site.post("/login")
    def log_in() -> tuple[Response, int]:
        """A messaging JWT for a key."""
        try:
            key, user = zendesk.log_in(read_text(read_call(), "token"))
        except jwt.InvalidTokenError as refused:
            return jsonify(type="LoginFailedError", message="Invalid token", reason=str(refused)), 401
        return jsonify(key=key, name=user.name), 200

    @site.post("/messages")
    def write() -> tuple[Response, int]:
        """Text and metadata, into a ticket or a new one."""
        call = read_call()
        found = zendesk.find_user(call.get("key"))
        if found is None:
            return jsonify(message="the login has ended"), 401
        metadata = call.get("metadata")
        known = metadata if isinstance(metadata, dict) else {}
        ticket = zendesk.write(found[1], call.get("conversation"), read_text(call, "text"), known)
        return jsonify(key=found[0], conversation=ticket.id), 200


def _new_user() -> User:
    return User(str(19_845_567_000_000 + secrets.randbelow(10**9)))
