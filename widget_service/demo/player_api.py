"""The casino's player API, as far as the demo needs it: dual auth, and one player's pending withdrawals.

The API token says which program asks. The session id says about whom it may: the casino asks the service whose it is
(RFC 7662), and answers for nobody else.
"""

import hmac
import secrets
from typing import Any

import httpx
from flask import Blueprint, Response, jsonify, request

from widget_service.demo.players import PLAYERS

REFUSALS = {
    "UNAUTHORIZED": (401, "Invalid API token"),
    "INVALID_SESSION": (401, "Session expired or invalid"),
    "PLAYER_NOT_FOUND": (404, "Player ID does not exist"),
}


def new_player_api(service_url: str, introspection_token: str, api_token: str) -> Blueprint:
    """The endpoints, for the casino's app."""
    blueprint = Blueprint("player_api", __name__)
    service = httpx.Client(
        base_url=service_url, headers={"Authorization": f"Bearer {introspection_token}"}, timeout=5, trust_env=False
    )

    @blueprint.get("/v1/players/<player_id>/withdrawals/pending")
    def pending(player_id: str) -> tuple[Response, int]:
        """The player's withdrawals that wait."""
        if not _is_our_program(api_token):
            return _refuse("UNAUTHORIZED")
        session = _introspect(service, request.headers.get("X-Session-ID", ""))
        if session is None:
            return _refuse("INVALID_SESSION")
        if session["sub"] != player_id or player_id not in PLAYERS:
            return _refuse("PLAYER_NOT_FOUND")
        found = PLAYERS[player_id].listed("pending")
        return jsonify(player_id=player_id, withdrawals=found, total=len(found)), 200

    return blueprint


def _is_our_program(api_token: str) -> bool:
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {api_token}".encode())


def _introspect(service: httpx.Client, session_id: str) -> dict[str, Any] | None:
    """The session, when it is live, a session id (nothing else will do), and may read."""
    if not session_id:
        return None
    answer: dict[str, Any] = service.post("/v1/oauth/introspect", data={"token": session_id}).raise_for_status().json()
    if not answer["active"] or answer["token_use"] != "session_id" or "player:read" not in answer["scope"].split():
        return None
    return answer


def _refuse(code: str) -> tuple[Response, int]:
    status, message = REFUSALS[code]
    error = {"code": code, "message": message, "request_id": f"req_{secrets.token_hex(8)}"}
    return jsonify(success=False, error=error), status
