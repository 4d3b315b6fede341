"""Delivering outbound events to webhooks (Standard Webhooks 1.0): one attempt, and what follows from it.

2xx is delivered, 410 Gone disables the webhook, anything else is tried again with growing pauses until the event is a
day old. Receivers get an event at least once, and those of one conversation in order; ``webhook-id`` is the event's
id in every attempt, so that they can tell a repetition.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import httpx
from standardwebhooks.webhooks import Webhook

from widget_service.audit import AuditEvent, AuditStore
from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError

#: Seconds to write the request, and to wait for the whole answer.
TIMEOUT = 10.0
#: Connecting is given less: a name may have several addresses, and all attempts must end within a worker's lease.
TIMEOUTS = httpx.Timeout(TIMEOUT, connect=3.0, write=5.0)
#: Seconds before the second, third … attempt; the last pause repeats. Each is varied by a fifth.
PAUSES = (2, 5, 15, 60, 300, 900, 1800, 3600)
LONGEST_PAUSE = PAUSES[-1]
GIVE_UP_AFTER = 86_400
GONE = 410
LONGEST_ERROR = 200
#: An answer's body is read only when it is this small: the connection can then be used again.
SMALL_BODY = 4096


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. ``secret`` is sealed; ``attempts`` counts those already made."""

    id: int
    event_id: str
    webhook_id: str
    workspace_id: str
    body: str
    attempts: int
    created_at: int
    next_attempt_at: int
    url: str
    secret: bytes = field(repr=False)
    allow_private: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened: ``status`` is None when there was no answer, ``error`` None when it succeeded."""

    status: int | None
    error: str | None
    milliseconds: int
    retry_after: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the receiver has the event."""
        return self.error is None


class DeliveryStore(AuditStore, Protocol):
    """What an attempt's outcome needs kept."""

    def note_attempt(
        self, outbox_id: int, at: int, status: int | None, error: str | None, milliseconds: int
    ) -> None: ...

    def settle_delivery(self, outbox_id: int, *, delivered_at: int | None, failed_at: int | None) -> None: ...

    def postpone_delivery(self, outbox_id: int, next_attempt_at: int) -> None: ...

    def disable_webhook(self, webhook_id: str, now: int) -> bool: ...


def attempt_delivery(client: httpx.Client, cipher: Cipher, delivery: Delivery, now: int) -> Attempt:
    """Sends the event once. Raises nothing: whatever goes wrong is the attempt's error."""
    began = time.monotonic()
    try:
        content = delivery.body.encode()
        headers = sign(delivery, open_secret(cipher, delivery), now)
        with client.stream("POST", delivery.url, content=content, headers=headers, timeout=TIMEOUTS) as response:
            status, error, retry_after = _read_answer(response)
    except (httpx.HTTPError, httpx.InvalidURL, ConfigurationError) as failure:
        status, error, retry_after = None, f"{type(failure).__name__}: {failure}", 0
    milliseconds = round((time.monotonic() - began) * 1000)
    return Attempt(status, error and _shortened(error), milliseconds, retry_after)


def conclude(store: DeliveryStore, delivery: Delivery, attempt: Attempt, *, now: int, jitter: float) -> bool:
    """Writes what the attempt led to; True when the conversation's next event may follow at once."""
    store.note_attempt(delivery.id, now, attempt.status, attempt.error, attempt.milliseconds)
    if attempt.succeeded:
        store.settle_delivery(delivery.id, delivered_at=now, failed_at=None)
        return True
    if attempt.status == GONE:
        _disable(store, delivery, now)
        return False
    retry_at = find_retry(delivery, attempt, now, jitter)
    if retry_at is None:
        store.settle_delivery(delivery.id, delivered_at=None, failed_at=now)
        return True
    store.postpone_delivery(delivery.id, retry_at)
    return False


def find_retry(delivery: Delivery, attempt: Attempt, now: int, jitter: float) -> int | None:
    """When to try again, the last time when the event is a day old; None after that. ``jitter`` is in 0 … 1."""
    deadline = delivery.created_at + GIVE_UP_AFTER
    if now >= deadline:
        return None
    pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)] * (0.8 + 0.4 * jitter)
    return min(now + max(1, round(pause), attempt.retry_after), deadline)


def sign(delivery: Delivery, secret: str, now: int) -> dict[str, str]:
    """The headers of an attempt made now: a receiver refuses a timestamp that is minutes old."""
    signature = Webhook(secret).sign(delivery.event_id, datetime.fromtimestamp(now, UTC), delivery.body)
    return {
        "content-type": "application/json",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signature,
    }


def open_secret(cipher: Cipher, delivery: Delivery) -> str:
    """The webhook's ``whsec_…``. Raises ConfigurationError when WIDGET_SECRET_KEY is another one."""
    return cipher.open(delivery.secret, f"webhooks:{delivery.webhook_id}").decode()


def _read_answer(response: httpx.Response) -> tuple[int, str | None, int]:
    """(status, error or None, Retry-After); bodies stay unread, but for the beginning of a short refusal."""
    text = ""
    if response.status_code == 204 or _length(response) <= SMALL_BODY:
        # What a receiver says after its 2xx, or fails to say, changes nothing any more.
        with suppress(httpx.HTTPError):
            text = response.read().decode("utf-8", "replace")
    if response.is_success:
        return response.status_code, None, 0
    said = f": {text}" if text and not response.is_redirect else ""
    return response.status_code, f"HTTP {response.status_code}{said}", _retry_after(response)


def _length(response: httpx.Response) -> int:
    stated = response.headers.get("content-length", "")
    return int(stated) if stated.isascii() and stated.isdigit() else SMALL_BODY + 1


def _retry_after(response: httpx.Response) -> int:
    """Seconds (RFC 9110 §10.2.3), at most an hour; its other form, a date, is not honoured."""
    stated = response.headers.get("retry-after", "")
    return min(int(stated), LONGEST_PAUSE) if stated.isascii() and stated.isdigit() else 0


def _shortened(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:LONGEST_ERROR])


def _disable(store: DeliveryStore, delivery: Delivery, now: int) -> None:
    """The receiver wants no more, ever (Standard Webhooks, 410 Gone): housekeeping gives up what else waits for it."""
    store.settle_delivery(delivery.id, delivered_at=None, failed_at=now)
    if store.disable_webhook(delivery.webhook_id, now):
        gone = {"reason": "gone", "event_id": delivery.event_id}
        store.add_audit(AuditEvent(delivery.workspace_id, now, "worker", "webhook.disabled", delivery.webhook_id, gone))
