"""What a browser does: holds a P-256 key, starts a conversation from a page, calls the API with a proof each time."""

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.operator import CASINO


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class ConfirmationKey:
    """A browser's key, with its public JWK and RFC 7638 thumbprint."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
        self.thumbprint = base64url(hashlib.sha256(canonical.encode()).digest())

    def proof(
        self,
        method: str,
        url: str,
        credential: str | None = None,
        *,
        header: dict[str, Any] | None = None,
        algorithm: str = "ES256",
        **claims: Any,
    ) -> str:
        """A DPoP proof (RFC 9449 §4.2), with ``ath`` when there is a credential. None takes a claim or member away."""
        parts = urlsplit(url)
        valid = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "iat": int(time.time()),
            "ath": credential and base64url(hashlib.sha256(credential.encode()).digest()),
        }
        members = {"typ": "dpop+jwt", "jwk": self.jwk, **(header or {})}
        return jwt.encode(
            {name: value for name, value in {**valid, **claims}.items() if value is not None},
            self.private,
            algorithm=algorithm,
            headers=members,
        )


class Browser:
    """One browser profile on one site: ``origin`` is the page's, ``service`` a Service or an InProcessService."""

    def __init__(self, service: Any, origin: str = CASINO, key: ConfirmationKey | None = None) -> None:
        self.url: str = service.url
        self.client = service.client()
        self.origin = origin
        self.key = key or ConfirmationKey()
        self.session_token: str | None = None
        self.conversation_id: str | None = None

    def proof(self, method: str, url: str, credential: str | None = None, **overrides: Any) -> str:
        """A fresh proof for a path or a whole URL."""
        return self.key.proof(method, self.absolute(url), credential, **overrides)

    def absolute(self, url: str) -> str:
        return url if "://" in url else self.url + url

    def start(
        self,
        workspace_id: str,
        *,
        origin: str | None = None,
        player_token: Any = None,
        proof: str | None = None,
        headers: dict[str, str | None] | None = None,
        **body: Any,
    ) -> Any:
        """POSTs a conversation start and, if it is granted, keeps the session. Body members of None are not sent."""
        path = f"/v1/workspaces/{workspace_id}/conversations"
        credential = player_token if isinstance(player_token, str) else None
        sent: dict[str, str | None] = {
            "Origin": self.origin if origin is None else origin,
            "DPoP": proof or self.proof("POST", path, credential),
            **(headers or {}),
        }
        members = {"player_token": player_token, **body}
        answer = self.client.post(
            path,
            json={name: value for name, value in members.items() if value is not None},
            headers={name: value for name, value in sent.items() if value is not None},
        )
        if answer.is_success:
            self.remember(answer.json())
        return answer

    def started(self, workspace_id: str, **options: Any) -> dict[str, Any]:
        """:meth:`start`, which must be granted: the answer's body."""
        answer = self.start(workspace_id, **options)
        assert answer.is_success, answer.text
        return answer.json()

    def remember(self, started: dict[str, Any]) -> None:
        self.session_token = started["session"]["token"]
        self.conversation_id = started["conversation"]["id"]

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        proof: str | None = None,
        headers: dict[str, str | None] | None = None,
        **options: Any,
    ) -> Any:
        """With the session token and a fresh proof, unless told otherwise; a header of None is not sent."""
        return self.client.request(method, path, headers=self.headers(method, path, token, proof, headers), **options)

    def headers(
        self,
        method: str,
        path: str,
        token: str | None = None,
        proof: str | None = None,
        more: dict[str, str | None] | None = None,
    ) -> dict[str, str]:
        credential = token or self.session_token
        sent: dict[str, str | None] = {
            "Authorization": f"DPoP {credential}",
            "DPoP": proof or self.proof(method, path, credential),
            **(more or {}),
        }
        return {name: value for name, value in sent.items() if value is not None}

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.request("DELETE", path, **options)

    def send(self, text: str, *, client_message_id: str | None = None, **options: Any) -> Any:
        """The player writes into the conversation."""
        message = {"client_message_id": client_message_id or secrets.token_hex(8), "text": text}
        return self.post(f"/v1/conversations/{self.conversation_id}/messages", json=message, **options)

    def messages(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(f"/v1/conversations/{self.conversation_id}/messages", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    def refresh(self, **options: Any) -> Any:
        """Refreshes the session and, if granted, holds the new token."""
        answer = self.post("/v1/session/refresh", **options)
        if answer.is_success:
            self.session_token = answer.json()["session"]["token"]
        return answer

    def log_out(self, **options: Any) -> Any:
        return self.delete("/v1/session", **options)

    @contextmanager
    def events(self, *, last_event_id: str | None = None, timeout: float = 20) -> Iterator[Iterator[dict[str, str]]]:
        """The event stream: an iterator of ``{"id", "event", "data"}`` (texts), heartbeats left out."""
        path = f"/v1/conversations/{self.conversation_id}/events"
        more: dict[str, str | None] = {"Accept": "text/event-stream", "Last-Event-ID": last_event_id}
        headers = self.headers("GET", path, more=more)
        with self.client.stream("GET", path, headers=headers, timeout=timeout) as answer:
            assert answer.status_code == 200, answer.read()
            yield parse_events(answer.iter_lines())


def parse_events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Server-sent events as the HTML standard says: fields until an empty line, comments skipped."""
    event: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in event:
                yield event
            event = {}
            continue
        name, _, value = line.partition(":")
        if name:
            value = value.removeprefix(" ")
            event[name] = f"{event[name]}\n{value}" if name == "data" and "data" in event else value
