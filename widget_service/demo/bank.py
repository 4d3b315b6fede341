"""Where the casino's own backend keeps its players' money: the reference back office, or a simulated platform.

The casino calls it as its owner; the support service reaches the same books by the gateway alone.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from widget_service.demo.players import PLAYERS

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the casino's page shows. Withdrawals are in the shape of the player API (§6)."""

    balance: float
    currency: str
    withdrawals: list[dict[str, Any]]


class Bank(Protocol):
    """The casino's books."""

    def sign_in(self, player_id: str) -> str | None:
        """Tells the platform that a player has logged in; the session id of its own, if it has such."""
        ...

    def read(self, player_id: str) -> Wallet:
        """What a player has. Raises httpx.HTTPError."""
        ...

    def cancel(self, player_id: str, withdrawal_id: str) -> None:
        """Cancels a withdrawal, if that can be done. Raises httpx.HTTPError."""
        ...


class ReferenceBank:
    """The reference back office, asked with its API token and a player's session of its own."""

    def __init__(self, url: str, api_token: str) -> None:
        self._api = _client(url, {"Authorization": f"Bearer {api_token}"})
        self._sessions: dict[str, str] = {}

    def sign_in(self, player_id: str) -> str | None:
        """Its session stays in the casino's backend."""
        return None

    def read(self, player_id: str) -> Wallet:
        """Two calls."""
        path = f"/v1/players/{player_id}"
        player = self._ask(player_id, "GET", path).raise_for_status().json()
        listed = self._ask(player_id, "GET", f"{path}/withdrawals?limit={SHOWN}").raise_for_status().json()
        return Wallet(player["balances"]["cash_balance"], player["currency"], listed["withdrawals"])

    def cancel(self, player_id: str, withdrawal_id: str) -> None:
        """A withdrawal that is not cancellable stays as it is."""
        body = {"reason": "Cancelled by the player in the casino", "cancelled_by": "player"}
        self._ask(player_id, "POST", f"/v1/players/{player_id}/withdrawals/{withdrawal_id}/cancel", body)

    def _ask(self, player_id: str, method: str, path: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        answer = self._api.request(method, path, json=body, headers=self._session_of(player_id))
        if answer.status_code == 401:
            self._sessions.pop(player_id, None)
            answer = self._api.request(method, path, json=body, headers=self._session_of(player_id))
        return answer

    def _session_of(self, player_id: str) -> dict[str, str]:
        if player_id not in self._sessions:
            login = self._api.post("/v1/auth/player/login", json={"email": PLAYERS[player_id].email})
            self._sessions[player_id] = login.raise_for_status().json()["session_id"]
        return {"X-Session-ID": self._sessions[player_id]}


class SimulatedBank:
    """A simulated platform, by its stage door: no platform has one."""

    def __init__(self, url: str) -> None:
        self._door = _client(f"{url}/simulator", {})
        self._sessions: dict[str, str] = {}

    def sign_in(self, player_id: str) -> str | None:
        """The platform's own session id, which the casino puts into the player token."""
        session_id = self._sessions.setdefault(player_id, secrets.token_urlsafe(24))
        self._door.post("/sessions", json={"player_id": player_id, "session_id": session_id}).raise_for_status()
        return session_id

    def read(self, player_id: str) -> Wallet:
        """Everybody's are told, and one is shown."""
        players = self._door.get("/players").raise_for_status().json()
        mine = next(player for player in players if player["player_id"] == player_id)
        return Wallet(mine["balance"], mine["currency"], mine["withdrawals"][:SHOWN])

    def cancel(self, player_id: str, withdrawal_id: str) -> None:
        """As the platform's own page would."""
        self._door.post(f"/players/{player_id}/withdrawals/{withdrawal_id}/cancel")


def open_bank(part: Mapping[str, str]) -> Bank:
    """The one that the demo was started with."""
    if part["platform"]:
        return SimulatedBank(part["back_office_url"])
    return ReferenceBank(part["back_office_url"], part["back_office_token"])


def _client(url: str, headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(base_url=url, headers=dict(headers), timeout=10, trust_env=False)
