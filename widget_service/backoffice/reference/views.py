"""Every endpoint of the player API. The order of the checks is the contract: token, session, player, request, rules."""

from functools import partial

from flask import Blueprint, Response, request

from widget_service.backoffice.canonical import BACK_OFFICE_ONLY, Capability, write
from widget_service.backoffice.canonical.bonuses import BonusTypeRequest
from widget_service.backoffice.canonical.profiles import LiveSession, LoginRequest
from widget_service.backoffice.canonical.values import Written
from widget_service.backoffice.reference.access import end_session, log_in, require_player
from widget_service.backoffice.reference.asked import moment
from widget_service.backoffice.reference.bonus_types import add_bonus_type
from widget_service.backoffice.reference.endpoints import PLAYER_CAPABILITIES
from widget_service.backoffice.reference.ledger import log_operation, operation_id
from widget_service.backoffice.reference.office import Call, Office
from widget_service.backoffice.reference.paths import rule_of
from widget_service.backoffice.reference.reading import read_body, read_idempotency_key, read_query

_SPECIAL = {name: BACK_OFFICE_ONLY[name] for name in ("login", "session", "session.end", "bonus_types.add")}


def make_blueprint(office: Office) -> Blueprint:
    """The routes of one back office."""
    blueprint = Blueprint("player_api", __name__)
    for capability in PLAYER_CAPABILITIES.values():
        _add(blueprint, capability, partial(answer_player, office, capability))
    _add(blueprint, _SPECIAL["login"], partial(login, office))
    _add(blueprint, _SPECIAL["session"], partial(session, office))
    _add(blueprint, _SPECIAL["session.end"], partial(end, office))
    _add(blueprint, _SPECIAL["bonus_types.add"], partial(bonus_type, office))
    return blueprint


def answer_player(office: Office, capability: Capability, player_id: str, **path: str) -> Response:
    """A player's endpoint."""
    office.access.require_api_token(request.headers.get("Authorization", ""))
    session = office.access.require_session(request.headers.get("X-Session-ID", ""), office.clock())
    require_player(session, player_id)
    office.require_known(session.player_id)
    query = read_query(capability.query)
    body = None if capability.body is None else read_body(capability.body)
    key = read_idempotency_key() if capability.writes else None
    return _answer(*office.answer(Call(capability, path, query, body, key, session.player_id)))


def login(office: Office) -> Response:
    """§2.1."""
    office.access.require_api_token(request.headers.get("Authorization", ""))
    capability = _SPECIAL["login"]
    read_query(capability.query)
    wanted = read_body(LoginRequest)
    with office.database.writing() as books:
        issued = log_in(books, wanted.email, office.clock())
    return _answer(capability.status, write(issued))


def session(office: Office) -> Response:
    """§2.2: asking never extends it."""
    office.access.require_api_token(request.headers.get("Authorization", ""))
    now = office.clock()
    found = office.access.require_session(request.headers.get("X-Session-ID", ""), now)
    read_query(_SPECIAL["session"].query)
    left = found.expires_at - now
    living = LiveSession(player_id=found.player_id, expires_at=moment(found.expires_at), expires_in=left)
    return _answer(200, write(living))


def end(office: Office) -> Response:
    """§2.3."""
    office.access.require_api_token(request.headers.get("Authorization", ""))
    now = office.clock()
    found = office.access.require_session(request.headers.get("X-Session-ID", ""), now)
    read_query(_SPECIAL["session.end"].query)
    with office.database.writing() as books:
        end_session(books, request.headers["X-Session-ID"], found, now)
        number = log_operation(books, found.player_id, "session.ended", {}, now)
    return _answer(200, write(Written(message="Session ended", transaction_id=operation_id(number))))


def bonus_type(office: Office) -> Response:
    """§8.5."""
    office.access.require_api_token(request.headers.get("Authorization", ""))
    capability = _SPECIAL["bonus_types.add"]
    query, body = read_query(capability.query), read_body(BonusTypeRequest)
    call = Call(capability, {}, query, body, read_idempotency_key())
    return _answer(*office.write(call, lambda books: add_bonus_type(books, body, office.clock())))


def _add(blueprint: Blueprint, capability: Capability, view: partial[Response]) -> None:
    name = capability.name.replace(".", "_")
    blueprint.add_url_rule(rule_of(capability), name, view, methods=[capability.method])


def _answer(status: int, body: bytes) -> Response:
    return Response(body, status, mimetype="application/json")
