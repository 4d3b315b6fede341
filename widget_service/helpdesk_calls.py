"""Errands: the calls of a vendor's API that belong to one task, each of which may depend on the answers before.

An adapter yields calls and is sent their answers: it holds no connection. Whoever runs the errand decides through which
client, and keeps the vendor's tokens.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from widget_service import strict_json

Result = TypeVar("Result")
#: Seconds: connecting is given less, so that an errand of several calls ends within a worker's lease.
TIMEOUTS = httpx.Timeout(8.0, connect=3.0, write=5.0)
LONGEST_PAUSE = 3600
#: An access token is not used in its last seconds.
MARGIN = 30


@dataclass(frozen=True, slots=True)
class VendorCall:
    """One request to a vendor; ``body`` goes as JSON."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class VendorAnswer:
    """What came back: ``document`` is empty where it was no JSON object. ``retry_after`` is seconds."""

    status: int
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    retry_after: int = 0


@dataclass(frozen=True, slots=True)
class Access:
    """What a login with a vendor gave, kept until ``expires_at`` (Unix seconds).

    ``refresh_token`` is the newest one: a vendor may take each only once. ``region`` is where the vendor keeps the
    account; ``flaw`` is what the login has found wrong with how the account is set up.
    """

    token: str = field(default="", repr=False)
    expires_at: int = 0
    refresh_token: str = field(default="", repr=False)
    region: str = ""
    flaw: str = ""

    def lives(self, now: int) -> bool:
        """Whether it may still be used."""
        return now < self.expires_at - MARGIN


Errand = Generator[VendorCall, VendorAnswer, Result]


class LoggedOut(Exception):
    """The vendor takes the access token no longer."""


class NotYet(Exception):
    """It did not work, and may later; ``pauses`` says that nothing else of the connection would work before."""

    def __init__(self, reason: str, *, retry_after: int = 0, pauses: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.retry_after, self.pauses = reason, retry_after, pauses


class Never(Exception):
    """It does not work, and will not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def run_errand(client: httpx.Client, errand: Errand[Result]) -> Result:
    """Makes the calls. Raises LoggedOut, NotYet and Never; a vendor that is away is NotYet, to the errand too."""
    try:
        call = next(errand)
        while True:
            try:
                answer = _send(client, call)
            except NotYet as failure:
                call = errand.throw(failure)
            else:
                call = errand.send(answer)
    except StopIteration as ended:
        result: Result = ended.value
        return result


def require_good(answer: VendorAnswer) -> Mapping[str, Any]:
    """The document of a 2xx. Raises LoggedOut, NotYet or Never for anything else."""
    if 200 <= answer.status < 300:
        return answer.document
    if answer.status == 401:
        raise LoggedOut
    if answer.status == 429:
        raise NotYet("rate_limited", retry_after=answer.retry_after, pauses=True)
    if answer.status in (404, 410):
        raise Never("not_found")
    if answer.status == 422:
        raise Never("not_accepted")
    raise NotYet(f"status_{answer.status}", retry_after=answer.retry_after, pauses=answer.status >= 500)


def ask_for_access(url: str, body: Mapping[str, Any], now: int, lifetime: int) -> Errand[Access]:
    """OAuth 2.0 (RFC 6749 §4.4, §6): an access token for ``body``; ``lifetime`` where the answer has none."""
    answer = yield VendorCall("POST", url, body=body)
    if answer.status in (400, 401, 403):
        raise NotYet("login_refused", pauses=True)
    told = require_good(answer)
    token, expires_in, refresh = told.get("access_token"), told.get("expires_in"), told.get("refresh_token")
    if not isinstance(token, str) or not token.isprintable() or not token.isascii():
        raise NotYet("no_access_token", pauses=True)
    lasts = expires_in if type(expires_in) is int and expires_in > 0 else lifetime
    newest = refresh if isinstance(refresh, str) else str(body.get("refresh_token", ""))
    return Access(token, now + lasts, newest)


def _send(client: httpx.Client, call: VendorCall) -> VendorAnswer:
    content = None if call.body is None else json.dumps(call.body).encode()
    headers = {"accept": "application/json", **({"content-type": "application/json"} if content else {})}
    try:
        answer = client.request(
            call.method, call.url, content=content, headers={**headers, **call.headers}, timeout=TIMEOUTS
        )
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise NotYet(f"unreachable:{type(failure).__name__}", pauses=True) from failure
    return VendorAnswer(answer.status_code, _read(answer.content), _retry_after(answer))


def _read(content: bytes) -> Mapping[str, Any]:
    try:
        return strict_json.parse_object(content)
    except strict_json.MalformedJson:
        return {}


def _retry_after(answer: httpx.Response) -> int:
    """Seconds, at most an hour; the header's other form, a date, is not honoured."""
    stated = answer.headers.get("retry-after", "")
    return min(int(stated), LONGEST_PAUSE) if stated.isascii() and stated.isdigit() and len(stated) < 10 else 0
