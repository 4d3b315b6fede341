"""Who gets whose data: every player, endpoint, place of an id and credential, and nobody gets a foreign field."""

import io
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.backoffice.scripted_back_office import API_TOKEN, ScriptedBackOffice, secret_of
from tests.views.casino import EVERY_SCOPE, Casino
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE, Capability
from widget_service.ids import digest

PLAYERS = [f"player-{number:02}" for number in range(20)]
PLAYER_SCOPES = "player:read withdrawals:cancel bonuses:write notes:write"
ENDPOINTS = [*CAPABILITIES.values(), *WITHOUT_SCOPE.values()]
BODIES: dict[str, dict[str, Any]] = {
    "withdrawals.cancel": {"reason": "x"},
    "bonus.add": {"bonus_type_id": "bt_1", "amount": 15},
    "bonus.cancel": {"reason": "x"},
    "notes.add": {"content": "x"},
}
PLACES = ("path", "query", "body", "header")
CREDENTIALS = ("session only", "token only", "both", "foreign session", "expired", "revoked")


@dataclass(frozen=True)
class Player:
    """A player with sessions of each kind: the live one, and those that are good for nothing."""

    id: str
    live: str
    expired: str
    revoked: str
    foreign: str  # of a player of the same id, at another operator


class World:
    """Two operators with players of the same ids, and what a request through the bare WSGI interface is answered."""

    def __init__(self, casino: Casino, office: ScriptedBackOffice) -> None:
        self.office, self.casino = office, casino
        self.app = casino.service.app
        self.storage = casino.storage
        neighbour = casino.neighbour()
        for one in (casino, neighbour):
            one.cli("backoffice", "connect", one.id, "--url", office.url, "--api-token", API_TOKEN)
        self.agent, theirs = casino.agent(*EVERY_SCOPE), neighbour.agent(*EVERY_SCOPE)
        self.players = [self._new_player(player_id, neighbour, theirs) for player_id in PLAYERS]

    def _new_player(self, player_id: str, neighbour: Casino, theirs: Any) -> Player:
        conversation_id = self.casino.visit(player_id).conversation_id
        live, expired, revoked = (self._issue(self.agent, conversation_id) for _ in range(3))
        self._expire(expired)
        self.agent.revoke(revoked)
        foreign = self._issue(theirs, neighbour.visit(player_id).conversation_id)
        return Player(player_id, live, expired, revoked, foreign)

    def _issue(self, agent: Any, conversation_id: str) -> str:
        return agent.issue_session(conversation_id, scope=PLAYER_SCOPES).json()["session_id"]

    def _expire(self, session_id: str) -> None:
        session = self.storage.find_session(digest(session_id))
        assert session is not None
        ended = replace(session, issued_at=1, expires_at=2, absolute_expires_at=2)

        def work(store: Any) -> None:
            store.connection.run("DELETE FROM sessions WHERE token_hash = ?", (digest(session_id),))
            store.add_session(digest(session_id), ended)

        self.storage.write(work)

    def ask(
        self, capability: Capability, player: Player, victim: Player, place: str, credential: str
    ) -> tuple[str, dict[str, Any] | None]:
        """(what was answered, its error's code or None), in the player's name with the victim's id in that place."""
        named = victim.id if place == "path" else player.id
        headers = {} if credential == "session only" else {"HTTP_AUTHORIZATION": f"Bearer {self.agent.token}"}
        sessions = {"expired": player.expired, "revoked": player.revoked, "foreign session": victim.foreign}
        if credential != "token only":
            headers["HTTP_X_SESSION_ID"] = sessions.get(credential, player.live)
        if place == "header":
            headers["HTTP_X_PLAYER_ID"] = victim.id
        body = {**BODIES.get(capability.name, {}), **({"player_id": victim.id} if place == "body" else {})}
        return self._call(
            capability.method,
            capability.path.format(player_id=named, withdrawal_id="wd_1"),
            f"player_id={victim.id}" if place == "query" else "",
            headers,
            json.dumps(body).encode() if capability.writes or place == "body" else b"",
        )

    def _call(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[str, dict[str, Any] | None]:
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            **headers,
        }
        text = b"".join(self.app.wsgi_app(environ, lambda *_: lambda _: None)).decode()
        return text, json.loads(text).get("error")


@pytest.fixture(scope="module")
def world(databases) -> Iterator[World]:
    from tests.support.service import InProcessService

    office = ScriptedBackOffice()
    yield World(Casino(InProcessService(databases.new("sqlite"))), office)
    office.close()


def expected(capability: Capability, place: str, credential: str) -> str | None:
    """The code of the refusal; None for the player's own data."""
    if credential == "session only":
        return "UNAUTHORIZED"
    if credential != "both":
        return "INVALID_SESSION"
    if place in ("path", "header"):
        return "PLAYER_NOT_FOUND"
    if capability.scope is None:
        return "INSUFFICIENT_SCOPE"
    # A read has no body: what is sent as one is not even looked at.
    return "INVALID_REQUEST" if place == "query" or capability.writes else None


def test_nobody_ever_gets_a_foreign_field(world: World) -> None:
    """20 players × every endpoint × place of the id × credential."""
    outcomes: Counter[str | None] = Counter()
    wrong: list[tuple[Any, ...]] = []
    world.office.asked.clear()
    for (player, victim), capability, place, credential in itertools.product(
        zip(world.players, world.players[1:] + world.players[:1], strict=True), ENDPOINTS, PLACES, CREDENTIALS
    ):
        text, error = world.ask(capability, player, victim, place, credential)
        code = error["code"] if error else None
        outcomes[code] += 1
        leaks = victim.id in text or any(secret_of(one.id) in text for one in world.players if one is not player)
        if leaks or code != expected(capability, place, credential):
            wrong.append((player.id, capability.name, place, credential, code, text[:200]))

    assert wrong == []
    assert sum(outcomes.values()) == len(PLAYERS) * len(ENDPOINTS) * len(PLACES) * len(CREDENTIALS)
    reads = [capability for capability in CAPABILITIES.values() if not capability.writes]
    # Only what was answered was asked for, and all of it in the caller's own name.
    assert outcomes[None] == len(world.office.asked) == len(PLAYERS) * len(reads)


def test_refusals_of_what_exists_and_what_does_not_are_the_same_text(world: World) -> None:
    player, victim = world.players[:2]
    nobody = replace(victim, id="nobody-at-all")
    for capability in ENDPOINTS:
        answers = [world.ask(capability, player, one, "path", "both") for one in (victim, nobody)]
        told = [{**(error or {}), "request_id": ""} for _, error in answers]
        assert told[0] == told[1], capability.name
