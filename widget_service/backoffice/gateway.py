"""The gateway: one question to one back office, and what comes back checked before anybody sees it."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import DecimalException

from pydantic import ValidationError

from widget_service.backoffice import BackOffice, Caller, Question
from widget_service.backoffice.calls import Egress
from widget_service.backoffice.canonical import CAPABILITIES, write
from widget_service.backoffice.canonical.writing import members_of
from widget_service.backoffice.contact import mask_profile
from widget_service.backoffice.contradictions import require_consistent
from widget_service.backoffice.kept_answers import KeptAnswers, Key
from widget_service.backoffice.offices import BackOffices
from widget_service.backoffice_connections import BackOfficeConnection
from widget_service.errors import BackOfficeUnavailable, ConfigurationError
from widget_service.settings import Settings


def egress_of(settings: Settings) -> Egress:
    """How an installation with these settings calls."""
    return Egress(
        settings.public_url,
        timeout=float(settings.gateway_timeout),
        parallel=settings.gateway_parallel,
        proxy=settings.egress_proxy,
    )


class Gateway:
    """Asks and checks; keeps a read answer for a moment where the connection says so."""

    def __init__(self, settings: Settings) -> None:
        self._offices = BackOffices(lambda: egress_of(settings))
        self._kept = KeptAnswers()

    def ask(self, connection: BackOfficeConnection, question: Question, caller: Caller, *, contact: bool) -> bytes:
        """The canonical answer as JSON, its contact details masked unless ``contact``.

        Raises what BackOffice.answer() raises; BackOfficeUnavailable for an answer that is not this player's.
        """
        if CAPABILITIES[question.capability].writes:
            try:
                return ask_and_check(self._open(connection), question, caller, contact=contact)
            finally:
                # Of a write that failed nobody knows whether it was done.
                self._kept.forget(caller)
        if not connection.cache_seconds:
            return ask_and_check(self._open(connection), question, caller, contact=contact)
        return self._ask_or_find(connection, question, caller, contact=contact)

    def _ask_or_find(
        self, connection: BackOfficeConnection, question: Question, caller: Caller, *, contact: bool
    ) -> bytes:
        key = Key.of(connection, question, caller, contact=contact)
        kept = self._kept.find(key, time.monotonic())
        if kept is not None:
            return kept
        writes = self._kept.writes
        answer = ask_and_check(self._open(connection), question, caller, contact=contact)
        self._kept.keep(key, answer, time.monotonic() + connection.cache_seconds, writes=writes)
        return answer

    def _open(self, connection: BackOfficeConnection) -> BackOffice:
        try:
            return self._offices.open(connection)
        except ConfigurationError as error:
            raise BackOfficeUnavailable("connection_unreadable") from error


def ask_and_check(office: BackOffice, question: Question, caller: Caller, *, contact: bool) -> bytes:
    """The canonical answer as JSON; see Gateway.ask()."""
    members = checked(office.answer(question, caller), question, caller, contact=contact)
    try:
        return write(members)
    except (TypeError, DecimalException) as error:
        raise BackOfficeUnavailable("unwritable") from error


def checked(members: Mapping[str, object], question: Question, caller: Caller, *, contact: bool) -> dict[str, object]:
    """The members that may go out: of this player, of the capability's shape, contact details masked."""
    _require_this_player(members, question, caller)
    try:
        answer = members_of(CAPABILITIES[question.capability].answer.model_validate(dict(members)))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise BackOfficeUnavailable("shape:" + ".".join(str(part)[:64] for part in first["loc"][:4])) from error
    require_consistent(answer, datetime.now(UTC))
    return answer if contact else mask_profile(answer)


def _require_this_player(members: Mapping[str, object], question: Question, caller: Caller) -> None:
    """Once more, byte for byte, whatever the adapter has compared. What a write answers may name nobody."""
    name = "id" if question.capability == "player" else "player_id"
    is_named = name in members or not CAPABILITIES[question.capability].writes
    if is_named and members.get(name) != caller.player_id:
        raise BackOfficeUnavailable("foreign_player")
    if any(_names_another(value, caller.player_id) for name, value in members.items() if name != "extra"):
        raise BackOfficeUnavailable("foreign_player")
    withdrawal_id = question.arguments.get("withdrawal_id")
    if withdrawal_id is not None and members.get("withdrawal_id", withdrawal_id) != withdrawal_id:
        raise BackOfficeUnavailable("foreign_withdrawal")


def _names_another(value: object, player_id: str) -> bool:
    """Whether something inside an answer says that it is somebody else's. Nothing there has to say whose it is."""
    if isinstance(value, Mapping):
        inside = (item for name, item in value.items() if name != "extra")
        return value.get("player_id", player_id) != player_id or any(_names_another(one, player_id) for one in inside)
    return isinstance(value, list) and any(_names_another(one, player_id) for one in value)
