"""The operator's side: a workspace, its signing keys, and the player tokens its backend signs."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

CASINO = "https://casino.example"


def new_private_key(algorithm: str) -> Any:
    """A private key of ``cryptography`` for RS256, ES256 or EdDSA; a text secret for HS256."""
    if algorithm == "HS256":
        return secrets.token_urlsafe(48)
    if algorithm == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(algorithm)


def public_pem(private_key: Any) -> str:
    """The public half as ``key import --file`` takes it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private_key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def public_jwk(private_key: Any, kid: str, algorithm: str) -> dict[str, Any]:
    """The public half as a JWK Set holds it."""
    family = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}[algorithm]
    return {**json.loads(family.to_jwk(private_key.public_key())), "kid": kid, "alg": algorithm, "use": "sig"}


@dataclass
class Operator:
    """Signs for one workspace with one key. ``secret`` is a text (HS256) or a private key of ``cryptography``."""

    workspace_id: str
    kid: str
    secret: Any = field(repr=False)
    service_url: str
    brand_id: str = ""
    algorithm: str = "HS256"

    @classmethod
    def create(cls, service: Any, *options: str, name: str = "Casino", origins: tuple[str, ...] = (CASINO,)) -> Self:
        """Creates a workspace through the command line of a service; ``options`` such as ``--anonymous``."""
        allowed = [argument for origin in origins for argument in ("--origin", origin)]
        made = service.cli("workspace", "create", "--name", name, *allowed, *options)
        return cls(made["workspace_id"], made["kid"], made["secret"], service.url, made["brand_id"], made["algorithm"])

    def with_key(self, kid: str, algorithm: str, secret: Any = None) -> "Operator":
        """The same workspace, signing with another key (a new one by default; import its public half yourself)."""
        key = new_private_key(algorithm) if secret is None else secret
        return Operator(self.workspace_id, kid, key, self.service_url, self.brand_id, algorithm)

    @property
    def public_pem(self) -> str:
        return public_pem(self.secret)

    @property
    def public_jwk(self) -> dict[str, Any]:
        return public_jwk(self.secret, self.kid, self.algorithm)

    def claims(self, sub: Any = "5832", **claims: Any) -> dict[str, Any]:
        """Valid claims; a keyword replaces one, and None takes it away."""
        now = int(time.time())
        valid = {
            "iss": self.workspace_id,
            "aud": self.service_url,
            "sub": sub,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
        }
        return {name: value for name, value in {**valid, **claims}.items() if value is not None}

    def player_token(self, sub: Any = "5832", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signed player token, valid unless the claims or header given make it otherwise."""
        return self.sign(self.claims(sub, **claims), header)

    def logout_token(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signed logout token (OIDC Back-Channel Logout 1.0 §2.4): give ``sub`` or ``sid``."""
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        given = {"events": event, "sub": None, **claims}
        return self.sign(self.claims(**given), {"typ": "logout+jwt", **(header or {})})

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        """Signs whatever it is given. A header member of None is left out."""
        members = {"kid": self.kid, **(header or {})}
        return jwt.encode(
            claims, self.secret, algorithm=self.algorithm, headers={k: v for k, v in members.items() if v is not None}
        )


@dataclass
class Agent:
    """An AI agent or support tool: an API token over the agent endpoints."""

    client: Any
    token: str = field(repr=False)
    token_id: str = ""

    @classmethod
    def create(cls, service: Any, workspace_id: str, *scopes: str) -> Self:
        """Creates an API token through the command line; without scopes, those for conversations and sessions."""
        chosen = scopes or (
            "conversations:read",
            "conversations:write",
            "sessions:issue",
            "sessions:introspect",
            "sessions:revoke",
            "player:read",
        )
        options = [argument for scope in chosen for argument in ("--scope", scope)]
        made = service.cli("token", "create", workspace_id, *options)
        return cls(service.client(), made["token"], made["token_id"])

    def request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.client.request(method, path, headers={**bearer, **(headers or {})}, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.request("POST", path, **options)

    def conversations(self, **query: Any) -> list[dict[str, Any]]:
        """One page, those without a message included unless the query says otherwise."""
        answer = self.get("/v1/conversations", params={"include_empty": "true", **query})
        assert answer.status_code == 200, answer.text
        return answer.json()["conversations"]

    def reply(self, conversation_id: str, text: str, *, name: str = "Mia", kind: str = "ai", **body: Any) -> Any:
        message = {"text": text, "author": {"name": name, "kind": kind}, **body}
        return self.post(f"/v1/conversations/{conversation_id}/replies", json=message)

    def issue_session(self, conversation_id: str, **body: Any) -> Any:
        return self.post(f"/v1/conversations/{conversation_id}/session", json=body)

    def introspect(self, token: str, **form: str) -> dict[str, Any]:
        answer = self.post("/v1/oauth/introspect", data={"token": token, **form})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def revoke(self, token: str, **form: str) -> Any:
        return self.post("/v1/oauth/revoke", data={"token": token, **form})
