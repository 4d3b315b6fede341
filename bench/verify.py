"""Whether everything that was acknowledged is there, asked through the public interface alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields

from bench.crowd import Journal
from bench.load import Load
from bench.requests import Tenant


@dataclass
class Lost:
    """How much of each kind is missing, doubled or alive again."""

    conversations: int = 0
    sessions: int = 0  # of acknowledged starts, no longer active though nobody ended them
    messages: int = 0
    doubled_messages: int = 0
    revocations: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, one.name) for one in fields(self))


def verify(load: Load, tenant: Tenant, journal: Journal) -> Lost:
    """Asks for everything in the journal."""
    kept = set(_conversation_ids(load, tenant))
    lost = Lost(conversations=len(set(journal.started) - kept))
    live = [token for token in journal.started.values() if token not in journal.leaving]
    lost.sessions = sum(answer != "active" for answer in _introspected(load, tenant, live))
    lost.revocations = sum(answer != "inactive" for answer in _introspected(load, tenant, list(journal.revoked)))
    for expected, found in _transcripts(load, tenant, journal):
        lost.messages += len(set(expected) - set(found))
        lost.doubled_messages += len(found) - len(set(found)) + max(0, len({text for _, text in found}) < len(found))
    return lost


def _conversation_ids(load: Load, tenant: Tenant) -> Iterator[str]:
    cursor = None
    while True:
        answer = load.send(tenant.served.port, [tenant.conversations(cursor)], bodies=True).require_only(200)
        page = json.loads(answer.bodies[0])
        yield from (one["id"] for one in page["conversations"])
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _introspected(load: Load, tenant: Tenant, tokens: list[str]) -> Iterator[str]:
    if not tokens:
        return
    asked = load.send(tenant.served.port, [tenant.introspect(one) for one in tokens], bodies=True).require_only(200)
    for body in asked.bodies:
        answer = json.loads(body)
        yield "inactive" if answer == {"active": False} else "active" if answer["active"] is True else "odd"


def _transcripts(
    load: Load, tenant: Tenant, journal: Journal
) -> Iterator[tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
    """(acknowledged, found) for every conversation with a message; each a list of (id, text)."""
    of_conversation = list(journal.messages.items())
    if not of_conversation:
        return
    asked = [tenant.transcript(conversation_id) for conversation_id, _ in of_conversation]
    answered = load.send(tenant.served.port, asked, bodies=True)
    for (_, expected), body in zip(of_conversation, answered.bodies, strict=True):
        found = json.loads(body).get("messages", [])
        yield expected, [(one["id"], one["text"]) for one in found]
