"""What those who answer see: every ticket and chat, and whose it is as far as widget-service has told."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["verified", "unverified", "mismatch", "closed"]
REMEMBERED = 200
SHOWN_TEXT, SHOWN_VALUE = 200, 40


@dataclass
class Entry:
    """A ticket or a chat. ``value`` is what stands in its field, ``heard`` what its webhooks were answered."""

    vendor: str
    thread_id: str
    customer: str
    text: str = ""
    value: str = ""
    state: State = "unverified"
    reason: str = ""
    player: dict[str, str] | None = None
    conversation_id: str | None = None
    heard: Counter[int] = field(default_factory=Counter)
    changed_at: float = field(default_factory=time.time)

    def shown(self) -> dict[str, Any]:
        """For the page; a field's value is cut, as it is long and says nothing."""
        value = self.value if len(self.value) <= SHOWN_VALUE else self.value[: SHOWN_VALUE - 1] + "…"
        return {
            "vendor": self.vendor,
            "thread_id": self.thread_id,
            "customer": self.customer,
            "text": self.text[:SHOWN_TEXT],
            "value": value,
            "state": self.state,
            "reason": self.reason,
            "player": self.player,
            "heard": {str(status): count for status, count in sorted(self.heard.items())},
            "changed_at": int(self.changed_at),
        }


class Inbox:
    """The entries of both vendors, newest first; for many threads."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._guard = threading.Lock()

    def open(self, vendor: str, thread_id: str, customer: str) -> None:
        """A new ticket or chat; the oldest are forgotten."""
        with self._guard:
            self._entries[thread_id] = Entry(vendor, thread_id, customer)
            while len(self._entries) > REMEMBERED:
                del self._entries[next(iter(self._entries))]

    def write(self, thread_id: str, *, text: str | None = None, value: Any = None) -> None:
        """What the customer wrote, and what the page has put into the field."""
        with self._guard:
            entry = self._entries.get(thread_id)
            if entry is None:
                return
            entry.text = entry.text if text is None else text
            entry.value = entry.value if value is None else str(value)
            entry.changed_at = time.time()

    def note(self, thread_id: str, status: int) -> None:
        """How a webhook was answered."""
        with self._guard:
            if thread_id in self._entries:
                self._entries[thread_id].heard[status] += 1

    def hear(self, event: dict[str, Any]) -> None:
        """An event of widget-service's, which may come twice."""
        told = event["data"]
        desk = told.get("helpdesk", {})
        with self._guard:
            entry = self._entries.get(str(desk.get("thread_id")))
            if event["type"] == "conversation.closed":
                self._close(told["conversation"]["id"])
            elif entry is not None and event["type"] in ("helpdesk.identified", "helpdesk.mismatch"):
                _take_over(entry, told)

    def shown(self) -> list[dict[str, Any]]:
        """Every entry, the newest first."""
        with self._guard:
            return [entry.shown() for entry in reversed(self._entries.values())]

    def _close(self, conversation_id: str) -> None:
        for entry in self._entries.values():
            if entry.conversation_id == conversation_id and entry.state == "verified":
                entry.state, entry.player = "closed", None


def _take_over(entry: Entry, told: dict[str, Any]) -> None:
    entry.state = told["helpdesk"]["status"]
    entry.reason = told["helpdesk"].get("reason", "")
    entry.player, entry.conversation_id = None, told["conversation"]["id"]
    if entry.state == "verified" and told["player"] is not None:
        name = told["attributes"].get("name", {}).get("value", "")
        entry.player = {"player_id": told["player"]["player_id"], "name": name}
