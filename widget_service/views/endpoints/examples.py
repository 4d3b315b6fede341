"""Realistic values for the OpenAPI page: one player, one conversation, told through every endpoint."""

from typing import Any

NOW = 1772357400
CREATED_AT = "2026-03-01T09:30:00Z"
REQUEST_ID = "req_4f1c2d9be07a4d0f8a6b3c5e"
WORKSPACE_ID = "ws_019ca8d0f3b07c1d52a4e6b8f0d13579"
BRAND_ID = "br_019ca8d0f3b1e2a4c6d80f1b3d5f7a9c"
CONVERSATION_ID = "conv_019ca8e0411880be5a7f0c2d4e6a8b1c"
MESSAGE_ID = "msg_019ca8e0522a4c6e8f10b3d5f7a9c1e3"
REPLY_ID = "msg_019ca8e06333b5d7f9a1c3e5078b9dbf"
CONNECTION_ID = "hd_019ca8d0f3c4a6b8d0e2f4061a3c5e70"
AVATAR_ID = "avt_019ca8d1a4c2e6083b5d7f91a3c5e709"
PLAYER_ID = "5832"
SERVICE = "https://widget.example"
JWT = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiI1ODMyIn0.c2lnbmF0dXJl"
SESSION_TOKEN = "wst_Zm9yLXRoZS1kb2N1bWVudGF0aW9uLW9ubHktMDAwMDA"
SESSION_ID = "sess_Zm9yLXRoZS1kb2N1bWVudGF0aW9uLW9ubHktMDAwMDA"
THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

START: dict[str, Any] = {
    "player_token": JWT,
    "locale": "en",
    "page": {"url": "https://casino.example/wallet", "title": "Wallet"},
    "attributes": {"game": "roulette"},
}
ANONYMOUS_START: dict[str, Any] = {"locale": "en", "page": {"url": "https://casino.example/"}}
CONVERSATION: dict[str, Any] = {
    "id": CONVERSATION_ID,
    "brand_id": BRAND_ID,
    "status": "open",
    "created_at": CREATED_AT,
}
PLAYER: dict[str, Any] = {"player_id": PLAYER_ID, "name": "Ana Ruiz", "verified": True}
SESSION: dict[str, Any] = {
    "token": SESSION_TOKEN,
    "token_type": "DPoP",
    "expires_at": "2026-03-01T09:45:00Z",
    "expires_in": 900,
    "scope": "conversation:read conversation:write",
}
STARTED: dict[str, Any] = {
    "success": True,
    "resumed": False,
    "conversation": CONVERSATION,
    "player": PLAYER,
    "session": SESSION,
}
HANDOVER: dict[str, Any] = {"at": "2026-03-01T09:32:40Z", "by": "tok_019ca8d0f3d5b7c9e1f3051a3c5e7092"}
AGENT_CONVERSATION: dict[str, Any] = {
    **CONVERSATION,
    "closed_at": None,
    "player": PLAYER,
    "attributes": {
        "name": {"value": "Ana Ruiz", "source": "signed", "at": CREATED_AT},
        "vip_level": {"value": 3, "source": "signed", "at": CREATED_AT},
        "game": {"value": "roulette", "source": "claimed", "at": CREATED_AT},
    },
    "page": {"url": "https://casino.example/wallet", "title": "Wallet"},
    "locale": "en",
    "handover": HANDOVER,
    "handover_note": "The documents are in order; the player asks for a person.",
}
REFERENCE = "ref_019ca8e0411880be5a7f0c2d4e6a8b1c019ca8e04118.Zm9yLXRoZS1kb2N1bWVudGF0aW9uLW9ubHktMDAwMDA"
HELPDESK_ATTRIBUTES: dict[str, Any] = {
    "attributes": {"17826865089553": REFERENCE},
    "reference": REFERENCE,
    "expires_at": "2026-03-01T17:30:00Z",
}
HELPDESK_USER_TOKEN: dict[str, Any] = {"token": JWT, "token_type": "JWT", "expires_at": "2026-03-01T09:40:00Z"}
MESSAGE: dict[str, Any] = {
    "id": MESSAGE_ID,
    "conversation_id": CONVERSATION_ID,
    "author": {"type": "player", "name": "Ana Ruiz", "verified": True},
    "text": "Where is my withdrawal?",
    "created_at": "2026-03-01T09:31:10Z",
    "client_message_id": "m-1",
}
AVATAR_URL = f"{SERVICE}/v1/avatars/{AVATAR_ID}"
REPLY: dict[str, Any] = {
    "id": REPLY_ID,
    "conversation_id": CONVERSATION_ID,
    "author": {"type": "agent", "name": "Robin", "kind": "ai", "avatar_url": AVATAR_URL},
    "text": "It is being paid out today.",
    "created_at": "2026-03-01T09:31:14Z",
}
EVENTS: dict[str, Any] = {
    "events": [
        {"id": "1", "type": "message", "data": MESSAGE},
        {"id": "2", "type": "typing", "data": {"author": {"type": "agent", "name": "Robin", "kind": "ai"}}},
        {"id": "3", "type": "message", "data": REPLY},
        {"id": "4", "type": "handover", "data": {"at": "2026-03-01T09:32:40Z"}},
        {"id": "5", "type": "closed", "data": {}},
    ],
    "next": "5",
}
STREAM = (
    "retry: 3000\nid: 1\n\n"
    'id: 2\nevent: typing\ndata: {"author": {"type": "agent", "name": "Robin", "kind": "ai"}}\n\n'
    ":\n\n"
    "id: 5\nevent: closed\ndata: {}\n\n"
)
ISSUED_SESSION: dict[str, Any] = {
    "session_id": SESSION_ID,
    "player_id": PLAYER_ID,
    "scope": "player:read",
    "expires_at": "2026-03-01T10:30:00Z",
    "expires_in": 3600,
}
ACTIVE_SESSION: dict[str, Any] = {
    "active": True,
    "token_use": "session_id",
    "sub": PLAYER_ID,
    "sid": "sid_019ca8e1c4d2f6083b5d7f91a3c5e709",
    "workspace_id": WORKSPACE_ID,
    "conversation_id": CONVERSATION_ID,
    "scope": "player:read",
    "token_type": "Bearer",
    "client_id": "tok_019ca8d0f4a2c6e8103b5d7f91a3c5e7",
    "iss": SERVICE,
    "iat": NOW,
    "exp": NOW + 3600,
    "auth_time": NOW - 600,
}
ACTIVE_TOKEN: dict[str, Any] = {
    **ACTIVE_SESSION,
    "token_use": "session_token",
    "scope": SESSION["scope"],
    "token_type": "DPoP",
    "client_id": BRAND_ID,
    "exp": NOW + 900,
    "cnf": {"jkt": THUMBPRINT},
}
KEY_SET: dict[str, Any] = {
    "keys": [
        {
            "crv": "P-256",
            "kty": "EC",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            "kid": THUMBPRINT,
            "alg": "ES256",
            "use": "sig",
        }
    ]
}
METADATA: dict[str, Any] = {
    "issuer": SERVICE,
    "jwks_uri": f"{SERVICE}/.well-known/jwks.json",
    "introspection_endpoint": f"{SERVICE}/v1/oauth/introspect",
    "introspection_endpoint_auth_methods_supported": ["Bearer"],
    "revocation_endpoint": f"{SERVICE}/v1/oauth/revoke",
    "revocation_endpoint_auth_methods_supported": ["Bearer"],
    "scopes_supported": ["conversations:read", "conversations:write"],
    "response_types_supported": [],
    "grant_types_supported": [],
    "dpop_signing_alg_values_supported": ["ES256"],
    "service_documentation": f"{SERVICE}/playground",
}


def _pinned(name: str) -> dict[str, str]:
    url = f"{SERVICE}/sdk/0.1.0-3f9a1c2b4d5e/{name}"
    integrity = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
    script = f'<script async src="{url}" integrity="{integrity}" crossorigin="anonymous"></script>'
    return {"version": "0.1.0-3f9a1c2b4d5e", "url": url, "integrity": integrity, "script": script}


MANIFEST: dict[str, Any] = {
    **_pinned("messenger.js"),
    "helpdesks": {"zendesk": _pinned("helpdesks/zendesk.js")},
    "content_security_policy": {"script-src": SERVICE, "frame-src": SERVICE, "connect-src": SERVICE},
    "content_security_policy_lines": [f"script-src {SERVICE};", f"frame-src {SERVICE};", f"connect-src {SERVICE};"],
}
