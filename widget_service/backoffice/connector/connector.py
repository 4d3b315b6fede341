"""A connection's back office, as its document describes it (the seam's ``answer``)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import Upstream
from widget_service.backoffice.connector.amounts import Unreadable
from widget_service.backoffice.connector.answering import (
    answer_list,
    answer_object,
    read_all_items,
    summarise_deposits,
)
from widget_service.backoffice.connector.authentication import Authenticator
from widget_service.backoffice.connector.budget import Budget, spending
from widget_service.backoffice.connector.compiling import Plans, compile_document, read_document
from widget_service.backoffice.connector.document import Document
from widget_service.backoffice.connector.exchange import Exchange
from widget_service.backoffice.connector.owner import require_sendable_id
from widget_service.backoffice.connector.paths import Ambiguous
from widget_service.backoffice.connector.plans import Plan
from widget_service.backoffice.connector.scope import Given
from widget_service.backoffice.connector.settings import require_secrets, resolve_settings
from widget_service.backoffice.connector.token_host import TOKEN_HOST, require_token_host
from widget_service.backoffice.connector.values import Values
from widget_service.backoffice.connector.writing import answer_write
from widget_service.backoffice.contradictions import require_consistent
from widget_service.errors import BackOfficeUnavailable, CapabilityNotAvailable

Translations = Mapping[str, Mapping[str, object]]
_BALANCES = ("total_balance", "cash_balance", "bonus_balance", "withdrawable_balance", "pending_withdrawal")


@dataclass(frozen=True, slots=True)
class Connector:
    """Parsed once per connection; its only state is the OAuth token that it keeps."""

    document: Document
    plans: Plans
    given: Given
    authenticator: Authenticator
    secrets: Mapping[str, str] = field(repr=False)
    clock: Callable[[], float] = time.time

    @classmethod
    def parse(cls, document: str, url: str, secrets: Mapping[str, str], settings: Mapping[str, str]) -> Self:
        """From a document's TOML. Raises ConfigurationError, whose sentence names the place and no secret."""
        read = read_document(document)
        resolved = resolve_settings(read, {name: text for name, text in settings.items() if name != TOKEN_HOST})
        require_token_host(read, url, resolved, settings.get(TOKEN_HOST))
        given = Given(
            settings=resolved,
            zone=read.dates.zone,
            date_format=read.dates.format,
            currency=read.money.currency,
            subunits=read.money.subunits,
            unset_dates=read.dates.unset,
        )
        authenticator = Authenticator(read.authentication, urlsplit(url).path.rstrip("/"))
        return cls(read, compile_document(read), given, authenticator, require_secrets(read, secrets))

    def answer(self, question: Question, caller: Caller, upstream: Upstream) -> dict[str, object]:
        """Canonical members with Decimals. Raises what BackOffice.answer raises."""
        name = self.plans.same_as.get(question.capability, question.capability)
        plan = self.plans.plans.get(name)
        if plan is None:
            raise CapabilityNotAvailable(f"not_configured:{question.capability}")
        require_sendable_id(caller.player_id, self.document.player.id)
        exchange = self._open(question, plan.capability.values, caller, upstream)
        with spending(Budget(upstream.until)):
            try:
                return self._answer(question.capability, plan, exchange.prepare())
            except Ambiguous as error:
                raise BackOfficeUnavailable("ambiguous") from error
            except Unreadable as error:
                raise BackOfficeUnavailable("unreadable") from error

    def _answer(self, capability: str, plan: Plan, exchange: Exchange) -> dict[str, object]:
        if capability != plan.name:
            return self._answer_from(capability, plan, exchange)
        if plan.is_write:
            return self._write(plan, exchange)
        return answer_list(plan, exchange) if plan.plural else _object(plan, exchange)

    def prove_session(self, caller: Caller, upstream: Upstream) -> bool:
        """Whether the platform was asked, and says too, that the session is this player's.

        False where the document has no call that ``proves_session``. Raises InvalidSession when the session is over,
        and BackOfficeUnavailable (``foreign_player``) when it is another player's.
        """
        require_sendable_id(caller.player_id, self.document.player.id)
        with spending(Budget(upstream.until)):
            return self._open(Question("player"), {}, caller, upstream).prove()

    def _open(self, question: Question, translations: Translations, caller: Caller, upstream: Upstream) -> Exchange:
        now = datetime.fromtimestamp(self.clock(), UTC)
        pending = {"status": "pending"} if question.capability == "withdrawals.pending" else {}
        values = Values(
            caller=caller,
            given=self.given,
            secrets=self.secrets,
            arguments={"now": now, **question.arguments, **pending},
            translations=translations,
            idempotency_key=question.idempotency_key,
        )
        return Exchange(self.document, self.authenticator, upstream, caller, self.given, values)

    def _write(self, plan: Plan, exchange: Exchange) -> dict[str, object]:
        among = self.plans.plans[plan.capability.must_be_listed] if plan.capability.must_be_listed else None
        asked = {name: exchange.values.arguments[name] for name in ("now",)}

        def read_items(listed: Plan) -> list[dict[str, object]]:
            # The write's own arguments are not the list's: its "status" would filter, its "amount" would be sent.
            values = replace(exchange.values, arguments=asked, translations=listed.capability.values)
            return read_all_items(listed, replace(exchange, values=values))

        return answer_write(plan, exchange, among, read_items)

    def _answer_from(self, capability: str, plan: Plan, exchange: Exchange) -> dict[str, object]:
        """A capability that another one answers."""
        if capability == "withdrawals.pending":
            return answer_list(plan, exchange)
        if capability == "deposits.summary":
            return summarise_deposits(plan, exchange)
        members = _object(plan, exchange)
        if capability == "responsible_gaming.closed":
            return {name: members[name] for name in ("player_id", "rg_closed")}
        return _balances(members, exchange.caller.player_id)


def _object(plan: Plan, exchange: Exchange) -> dict[str, object]:
    dates = _require_dates(plan, exchange)
    members = {**answer_object(plan, exchange), **dates}
    # Nobody may take silence for "not excluded".
    if plan.name.startswith("responsible_gaming") and members.get("rg_closed") is None:
        raise CapabilityNotAvailable("rg_closed_unknown")
    # Here as well as in the gateway: what answers another capability takes but a part of it along.
    now = exchange.values.arguments["now"]
    if isinstance(now, datetime):
        require_consistent(members, now)
    return members


def _require_dates(plan: Plan, exchange: Exchange) -> dict[str, object]:
    """A summary's own range. Sums of another one are no answer: nothing is added up from pages here."""
    if plan.name != "transactions.summary":
        return {}
    asked = {name: exchange.values.arguments.get(name) for name in ("from_date", "to_date")}
    unknown = [name for name, value in asked.items() if value is not None and name not in plan.capability.filters]
    if unknown:
        raise CapabilityNotAvailable(f"summary_of:{unknown[0]}")
    end = asked["to_date"]
    # A plain date's last moment, as the second it is in.
    return {**asked, "to_date": end.replace(microsecond=0) if isinstance(end, datetime) else None}


def _balances(members: Mapping[str, object], player_id: str) -> dict[str, object]:
    balances = members.get("balances")
    if not isinstance(balances, dict):
        raise CapabilityNotAvailable("balances_unknown")
    amounts = {name: balances.get(name) for name in _BALANCES}
    # The answer says what is, so it is as old as itself; the source tells no time of its own.
    return {
        "player_id": player_id,
        "currency": members.get("currency"),
        **amounts,
        "active_bonus": None,
        "updated_at": None,
    }
