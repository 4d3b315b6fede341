"""The gateway's endpoints: one player's data, read and written with both proofs."""

import json
from functools import partial

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from widget_service.audit import AuditEvent
from widget_service.backoffice import Caller, Question
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE, Capability
from widget_service.backoffice_connections import BackOfficeConnection
from widget_service.errors import CapabilityNotAvailable, InvalidRequest, InvalidSession, WithdrawalCannotCancel
from widget_service.ids import digest
from widget_service.players import require_player, require_scope, require_session_id
from widget_service.sessions import Session, operator_sid_hash
from widget_service.views.authentication import require_agent, require_standing
from widget_service.views.player_paths import methods_of, rule_of
from widget_service.views.requests import read_body, read_query
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.views.session_jwts import issue_session_jwt
from widget_service.workspaces import ApiToken

blueprint = Blueprint("players", __name__)

#: In which a caller may say whose data it means: it must be the session's player.
PLAYER_HEADERS = ("X-Player-ID", "X-Player", "X-User-ID", "X-Customer-ID", "X-Client-ID", "X-Account-ID")
LONGEST_ID = 255


def ask(capability: Capability, player_id: str, withdrawal_id: str | None = None) -> Response:
    """Token, session, limit, player, scope, request, back office: in this order."""
    _require_method()
    parts, now = runtime(), clock()
    token = require_agent()
    session, secret = _require_session(parts, token, now)
    parts.limits.require("player_data_per_session", token.workspace_id, session.sid)
    require_player(session, (player_id, *_named_in_headers()))
    require_scope(capability.scope, session, token)
    question = _read_question(capability, withdrawal_id)
    connection = _require_connection(parts, token)
    caller = _caller(parts, connection, session, secret)
    if capability.writes:
        _note_write(parts, capability, session, token, now)
    answer = parts.gateway.ask(connection, question, caller, contact="player:contact" in token.scopes)
    return Response(answer, status=capability.status, mimetype="application/json")


def _require_method() -> None:
    """The router takes what follows an id for a part of it when the method is another one's."""
    known = methods_of(request.path)
    if known and request.method not in (*known, "HEAD"):
        raise MethodNotAllowed(known)


def _note_write(parts: Runtime, capability: Capability, session: Session, token: ApiToken, now: int) -> None:
    """Before it is sent: of some that fail nobody knows whether they were done."""
    about = {"capability": capability.name, "player_id": session.player_id, "conversation_id": session.conversation_id}
    event = AuditEvent(token.workspace_id, now, token.id, "player_data.write_sent", session.sid, about)
    parts.storage.write(lambda store: store.add_audit(event))


def _require_session(parts: Runtime, token: ApiToken, now: int) -> tuple[Session, str]:
    """The live session behind ``X-Session-ID``, and the header's text. InvalidSession."""
    secret = request.headers.get("X-Session-ID", "")
    if not secret.startswith("sess_"):
        raise InvalidSession("no_session_id")
    session = require_session_id(parts.storage.find_session(digest(secret)), token, now, parts.settings)
    require_standing(parts, session)
    return session, secret


def _named_in_headers() -> list[str]:
    return [value for name in PLAYER_HEADERS for value in request.headers.getlist(name)]


def _read_question(capability: Capability, withdrawal_id: str | None) -> Question:
    """What is asked, without what was not given. InvalidRequest."""
    query = read_query(capability.query)
    if capability.body is None:
        return Question(capability.name, query.model_dump(exclude_none=True))
    arguments = read_body(capability.body, decimals=True).model_dump(exclude_none=True)
    if withdrawal_id is not None:
        # No back office knows such an id, and some would take it for a path.
        odd = withdrawal_id in (".", "..") or "\\" in withdrawal_id or not withdrawal_id.isprintable()
        if odd or len(withdrawal_id) > LONGEST_ID:
            raise WithdrawalCannotCancel("unknown_withdrawal")
        arguments["withdrawal_id"] = withdrawal_id
    return Question(capability.name, arguments, _read_idempotency_key())


def _read_idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= LONGEST_ID and key.isascii() and key.isprintable()):
        details = {"field": "Idempotency-Key", "reason": "must be 1 to 255 visible characters"}
        raise InvalidRequest("idempotency_key", status=422, details=details)
    return key


def _require_connection(parts: Runtime, token: ApiToken) -> BackOfficeConnection:
    connection = parts.directory.find_back_office(token.workspace_id)
    if connection is None:
        raise CapabilityNotAvailable("not_connected")
    return connection


def _caller(parts: Runtime, connection: BackOfficeConnection, session: Session, secret: str) -> Caller:
    assert session.player_id is not None  # noqa: S101 - require_session_id() says so
    operator_session = _find_operator_session(parts, session) if connection.kind == "connector" else None
    issue = partial(issue_session_jwt, session, clock())
    return Caller(session.workspace_id, session.player_id, secret, operator_session, issue)


def _find_operator_session(parts: Runtime, session: Session) -> str | None:
    """The operator's own session id, if the player token of this very session had one."""
    if session.operator_sid is None:
        return None
    with parts.storage.reading() as store:
        sealed = store.find_contact(session.conversation_id)
    if sealed is None:
        return None
    opened = parts.cipher.open(sealed, f"conversations:{session.conversation_id}")
    name: str | None = json.loads(opened).get("session_id")
    return name if operator_sid_hash(session.workspace_id, name) == bytes(session.operator_sid) else None


for _capability in (*CAPABILITIES.values(), *WITHOUT_SCOPE.values()):
    blueprint.add_url_rule(
        rule_of(_capability.path),
        _capability.name.replace(".", "_"),
        partial(ask, _capability),
        methods=[_capability.method],
    )
