"""One question's calls: built, authenticated, sent, judged, and held against the session's player."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from widget_service.backoffice import Caller
from widget_service.backoffice.calls import Upstream, UpstreamAnswer, UpstreamRequest
from widget_service.backoffice.connector.authentication import Authenticator
from widget_service.backoffice.connector.document import Call, Document, ErrorRule, Pick, Preliminary
from widget_service.backoffice.connector.owner import FOREIGN_PLAYER, ID_MISSING, Owner
from widget_service.backoffice.connector.paths import Ambiguous, Path
from widget_service.backoffice.connector.refusals import require_no_refusal
from widget_service.backoffice.connector.requests import build_request, with_session
from widget_service.backoffice.connector.scope import Given, Scope, as_key
from widget_service.backoffice.connector.transforms import evaluate
from widget_service.backoffice.connector.values import Values
from widget_service.errors import BackOfficeUnavailable, CapabilityNotAvailable, InvalidSession


@dataclass(frozen=True, slots=True)
class Exchange:
    """What all calls of one question share, and what has come of them so far."""

    document: Document
    authenticator: Authenticator
    upstream: Upstream
    caller: Caller
    given: Given
    values: Values
    answers: Mapping[str, object] = field(default_factory=dict, repr=False)

    def prepare(self) -> "Exchange":
        """After the preliminary calls."""
        exchange = self
        for name, call in self.document.preliminary.items():
            exchange = exchange._after_preliminary(name, call)
        return exchange

    def prove(self) -> bool:
        """Makes the preliminary calls up to the one that proves the session. False if none was made that does."""
        exchange = self
        calls = self.document.preliminary
        if not any(call.proves_session and not self._is_skipped(call) for call in calls.values()):
            return False
        for name, call in calls.items():
            exchange = exchange._after_preliminary(name, call)
            if call.proves_session:
                break
        return True

    def _after_preliminary(self, name: str, call: Preliminary) -> "Exchange":
        if self._is_skipped(call):
            return self
        try:
            return self.after(call.model_copy(update={"name": name}), ())
        except BackOfficeUnavailable as error:
            if call.proves_session and (error.reason or "").partition(":")[0] in (FOREIGN_PLAYER, ID_MISSING):
                # Two proofs that do not name the same player prove nothing.
                raise InvalidSession(f"proof:{error.reason}") from error
            raise

    def _is_skipped(self, call: Preliminary) -> bool:
        required = self.given.settings.get("verify_session") == "true"
        return call.skip_without_session and not required and not self.caller.operator_session_id

    def after(self, call: Call, rules: tuple[ErrorRule, ...], *, idempotent: bool = True) -> "Exchange":
        """With a call's answer, and what is taken from it."""
        try:
            found = self.ask(call, rules, idempotent=idempotent)
        except (BackOfficeUnavailable, CapabilityNotAvailable) as error:
            if not call.optional or error.reason == FOREIGN_PLAYER:
                raise
            return self
        return self.with_answer(call, found)

    def with_answer(self, call: Call, found: object) -> "Exchange":
        """With an answer that has come already."""
        taken = {f"{call.name}.{name}": _one(path, found, f"{call.name}.{name}") for name, path in call.take.items()}
        kept = {name: value for name, value in taken.items() if isinstance(value, (str, int, Decimal)) and value != ""}
        if len(kept) < len(taken):
            raise BackOfficeUnavailable(f"nothing_to_take:{call.name}")
        return replace(self, answers={**self.answers, call.name: found}, values=self.values.add(kept))

    def ask(self, call: Call, rules: tuple[ErrorRule, ...], *, idempotent: bool = True) -> object:
        """The answer of one call, from its root on. Raises what the refusal rules say, and for a foreign player."""
        answer = self._send(call, self._request(call, idempotent=idempotent))
        require_no_refusal(answer, (*call.errors, *rules, *self.document.errors))
        found = answer.body if call.root is None else _one(call.root, answer.body, f"{call.name}.root")
        if call.id_path:
            self.owner.require(self.scope(found).find_ids(call.id_path), call.name)
        return found if call.pick is None else self._pick(call.pick, found, call.name)

    @property
    def owner(self) -> Owner:
        """The session's player, as this platform writes ids."""
        return Owner(self.caller.player_id, self.document.player.id)

    def scope(self, here: object) -> Scope:
        """Where maps read from, with ``here`` at hand."""
        return Scope(self.given, self.answers, here, self.values.arguments, owner=self.owner)

    def _request(self, call: Call, *, idempotent: bool) -> UpstreamRequest:
        idempotent = call.read if call.read is not None else (idempotent or call.method == "GET")
        request = build_request(call, self.document, self.values, idempotent=idempotent)
        return with_session(request, self.document.session, self.caller)

    def _send(self, call: Call, request: UpstreamRequest) -> UpstreamAnswer:
        sent = self.authenticator.authenticate(request, self.values, self.upstream)
        answer = self.upstream.call(sent)
        if answer.status == 401 and self.authenticator.can_renew:
            # Refused before anything was done, so that a write may be sent again too.
            self.authenticator.forget(sent)
            answer = self.upstream.call(self.authenticator.authenticate(request, self.values, self.upstream))
        return answer

    def _pick(self, pick: Pick, found: object, name: str) -> object:
        scope = self.scope(found)
        try:
            there, listed = scope.find_there(pick.list)
            wanted = evaluate(pick.equals, scope)
            if not there or not isinstance(listed, list):
                raise BackOfficeUnavailable("nothing_to_pick_from")
            fitting = [] if wanted is None else [item for item in listed if _says(pick.by, item, as_key(wanted))]
        except Ambiguous as error:
            raise BackOfficeUnavailable(f"ambiguous:{name}.pick") from error
        if len(fitting) > 1:
            raise BackOfficeUnavailable(f"ambiguous:{name}.pick")
        return fitting[0] if fitting else None


def _one(path: Path, document: object, place: str) -> object:
    try:
        return path.find(document)
    except Ambiguous as error:
        raise BackOfficeUnavailable(f"ambiguous:{place}") from error


def _says(path: Path, item: object, wanted: str) -> bool:
    found = path.find(item)
    return isinstance(found, (str, int)) and as_key(found) == wanted
