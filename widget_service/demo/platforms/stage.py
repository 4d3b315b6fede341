"""What the simulated platforms share: their players, who is signed in, and how they can misbehave when told to."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from flask import Blueprint, Response, request

from widget_service.backoffice.bodies import write_body
from widget_service.demo.platforms.cast import Person, new_cast

#: ``liar`` answers with another player's record; ``slow`` answers when nobody waits any more.
Mode = Literal["ordinary", "liar", "html", "slow", "oversized", "down", "redirect"]
SLOW_SECONDS = 30.0
OVERSIZED = 3 * 1024 * 1024
LOGIN_PAGE = "<!doctype html><title>Sign in</title><form><input type=password></form>"
#: Made up; whoever stands in for the operator configures the same.
STAFF_TOKEN = "staff-token-of-the-simulator"
EXPIRED_SESSION = "expired-session"


@dataclass(slots=True)
class Stage:
    """One simulated platform's state. ``sessions`` maps the platform's own session ids to player ids."""

    people: dict[str, Person] = field(default_factory=new_cast)
    sessions: dict[str, str] = field(default_factory=dict)
    #: Asks elsewhere whose session it is, for a platform that does not keep sessions itself.
    introspect: Callable[[str], str | None] | None = None
    staff_token: str = STAFF_TOKEN
    mode: Mode = "ordinary"
    #: The zone of the platform's partner, in which it writes local times.
    zone: str = "Europe/Malta"
    #: What a test wants otherwise: the names are each platform's own.
    quirks: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign_in(self, player_id: str, session_id: str) -> str:
        """From now on that session is the player's."""
        self.sessions[session_id] = player_id
        return session_id

    def whose(self, session_id: str) -> Person | None:
        """The signed-in player; another one, for a liar."""
        player_id = self.sessions.get(session_id)
        if player_id is None and self.introspect is not None:
            player_id = self.introspect(session_id)
        return None if player_id is None else self.find(player_id)

    def find(self, player_id: object) -> Person | None:
        """By id; another player, for a liar."""
        person = self.people.get(str(player_id))
        if person is None or self.mode != "liar":
            return person
        return next(one for one in self.people.values() if one.id != person.id)


def reply(value: object, status: int = 200) -> Response:
    """JSON in which Decimals are numbers, digit by digit."""
    return Response(write_body(value), status, mimetype="application/json")


def asked_for() -> dict[str, Any]:
    """The request's JSON object; empty where it is none."""
    value = request.get_json(silent=True)
    return value if isinstance(value, dict) else {}


def misbehave(stage: Stage) -> Response | None:
    """The answer of a platform that has other troubles."""
    stage.asked.append(f"{request.method} {request.path}")
    if stage.mode == "slow":
        time.sleep(SLOW_SECONDS)
    if stage.mode == "html":
        return Response(LOGIN_PAGE, mimetype="text/html")
    if stage.mode == "oversized":
        return reply({"padding": "x" * OVERSIZED})
    if stage.mode == "down":
        return Response("", 503, {"x-maintenance-mode": "true"})
    if stage.mode == "redirect":
        return Response("", 302, {"Location": "https://login.platform.example/"})
    return None


def new_stage_door(stage: Stage) -> Blueprint:
    """Not the platform's: by this the pretend casino logs players in, and a curious person changes the mode."""
    door = Blueprint("stage_door", __name__, url_prefix="/simulator")

    @door.get("/health")
    def health() -> Response:
        return Response("ok", mimetype="text/plain")

    @door.get("/players")
    def players() -> Response:
        return reply([_described(person) for person in stage.people.values()])

    @door.post("/sessions")
    def sign_in() -> Response:
        told = asked_for()
        stage.sign_in(str(told["player_id"]), str(told["session_id"]))
        return reply({}, 201)

    @door.post("/players/<player_id>/withdrawals/<int:number>/cancel")
    def cancel(player_id: str, number: int) -> Response:
        person = stage.people[player_id]
        return reply({}, 200 if person.cancel(person.find_payment(number)) else 409)

    @door.post("/mode")
    def change_mode() -> Response:
        wanted = asked_for().get("mode")
        chosen: Mode | None = next((mode for mode in get_args(Mode) if mode == wanted), None)
        if chosen is None:
            return reply({"modes": get_args(Mode)}, 422)
        stage.mode = chosen
        return reply({"mode": stage.mode})

    return door


def _described(person: Person) -> dict[str, object]:
    withdrawals = [
        {
            "withdrawal_id": str(one.id),
            "amount": one.amount,
            "currency": one.currency,
            "status": one.state,
            "payment_method": one.method,
            "requested_at": one.requested.isoformat(),
            "cancellable": one.cancellable,
        }
        for one in person.listed("withdrawal")
    ]
    name = f"{person.first_name} {person.last_name}"
    wallet = {"balance": person.wallet.cash, "currency": person.currency, "withdrawals": withdrawals}
    return {"player_id": person.id, "name": name, "email": person.email, **wallet}
