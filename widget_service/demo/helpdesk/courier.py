"""How the pretend vendors' webhooks arrive: in no order, now and then twice, and again where the answer asks for it."""

import random
import threading
import time
from collections.abc import Callable, Sequence

import httpx

#: Zendesk tries again for 409, and for 429 and 503 that name a moment within a minute.
ATTEMPTS = 4
LONGEST_WAIT = 60
NOBODY = 0  # for an answer's status

Delivery = Callable[[], int]


class Courier:
    """Posts in the background; ``note`` is told the status that each webhook has got in the end."""

    def __init__(self, note: Callable[[str, int], None]) -> None:
        self._note = note
        self.client = httpx.Client(timeout=10, trust_env=False)

    def send(self, thread_id: str, deliveries: Sequence[Delivery]) -> None:
        """Each of them, one of them twice, in an order of their own."""
        waiting = [*deliveries, random.choice(deliveries)]  # noqa: S311 - an order, no secret
        random.shuffle(waiting)
        threading.Thread(target=self._post_all, args=(thread_id, waiting), daemon=True).start()

    def post_politely(self, post: Callable[[httpx.Client], httpx.Response]) -> int:
        """As Zendesk tries; each attempt is signed anew."""
        for _ in range(ATTEMPTS):
            answer = _answer(post, self.client)
            wait = 1.0 if answer is None else _wait(answer)
            if answer is not None and wait is None:
                return answer.status_code
            time.sleep(wait or 0)
        return NOBODY if answer is None else answer.status_code

    def _post_all(self, thread_id: str, deliveries: Sequence[Delivery]) -> None:
        for deliver in deliveries:
            try:
                self._note(thread_id, deliver())
            except httpx.HTTPError:
                self._note(thread_id, NOBODY)


def _answer(post: Callable[[httpx.Client], httpx.Response], client: httpx.Client) -> httpx.Response | None:
    try:
        return post(client)
    except httpx.HTTPError:
        return None


def _wait(answer: httpx.Response) -> float | None:
    """Seconds until the next attempt; None where there is none."""
    if answer.status_code == 409:
        return 1.0
    named = answer.headers.get("Retry-After", "")
    if answer.status_code in (429, 503) and named.isdigit() and int(named) < LONGEST_WAIT:
        return float(named)
    return None
