"""The whole service behind PgBouncer in transaction mode: every caller hears of itself alone, and of nothing else."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import Browser
from tests.support.operator import Agent, Operator
from tests.support.pooler import PgBouncer
from tests.views.casino import in_parallel

CALLERS = 60


@pytest.fixture(scope="module")
def pooler(postgres) -> Iterator[PgBouncer]:
    pooler = PgBouncer(postgres)
    yield pooler
    pooler.remove()


class PooledCaller:
    """One player in one browser, and what an agent asks about that player; each answer must be the caller's own."""

    def __init__(self, service: Any, operator: Operator, agent: Agent, number: int) -> None:
        self.player_id = f"player-{number}"
        self.operator, self.agent = operator, agent
        self.browser = Browser(service)
        self.browser.started(operator.workspace_id, player_token=self._token())
        self.conversation_id, self.texts = self.browser.conversation_id, []
        self.session_id = agent.issue_session(self.conversation_id or "").json()["session_id"]

    def ask(self, seed: random.Random) -> str:
        """One request; "right", "wrong", or the status of a failure."""
        answer, is_own = seed.choice(
            [self._resume, self._send, self._read, self._introspect, self._issue, self._list]
        )()
        if not answer.is_success:
            return f"{answer.status_code} {answer.text[:80]}"
        return "right" if is_own(answer.json()) else "wrong"

    def _token(self) -> str:
        return self.operator.player_token(self.player_id, name=f"Name of {self.player_id}")

    def _resume(self) -> Any:
        answer = self.browser.start(self.operator.workspace_id, player_token=self._token())
        return (
            answer,
            lambda body: (
                body["conversation"]["id"] == self.conversation_id and body["player"]["player_id"] == self.player_id
            ),
        )

    def _send(self) -> Any:
        text = f"{self.player_id} says {len(self.texts)}"
        self.texts.append(text)
        answer = self.browser.send(text)
        return answer, lambda body: body["message"]["text"] == text

    def _read(self) -> Any:
        answer = self.browser.get(f"/v1/conversations/{self.conversation_id}/messages")
        return answer, lambda body: [one["text"] for one in body["messages"]] == self.texts[-len(body["messages"]) :]

    def _introspect(self) -> Any:
        answer = self.agent.post("/v1/oauth/introspect", data={"token": self.session_id})
        return (
            answer,
            lambda body: (
                (body.get("sub"), body.get("conversation_id"))
                == (
                    self.player_id,
                    self.conversation_id,
                )
            ),
        )

    def _issue(self) -> Any:
        return self.agent.issue_session(self.conversation_id or ""), lambda body: body["player_id"] == self.player_id

    def _list(self) -> Any:
        query = {"player_id": self.player_id, "include_empty": "true"}
        answer = self.agent.get("/v1/conversations", params=query)
        return answer, lambda body: [one["id"] for one in body["conversations"]] == [self.conversation_id]


@pytest.mark.parametrize("requests", [1200, pytest.param(5040, marks=pytest.mark.long)])
def test_two_workers_behind_a_pooler_answer_each_caller_its_own(databases, pooler, new_service, requests) -> None:
    url = pooler.url(databases.new("postgres"))
    service = new_service(url, workers=2, database_pooler="transaction")
    operator = Operator.create(service)
    agents = itertools.cycle([Agent.create(service, operator.workspace_id) for _ in range(2)])
    numbered = list(zip(range(CALLERS), agents, strict=False))
    callers = in_parallel(
        [lambda one=one: PooledCaller(service, operator, one[1], one[0]) for one in numbered], CALLERS
    )

    def run(caller: PooledCaller) -> Counter[str]:
        seed = random.Random(caller.player_id)  # noqa: S311 - which request comes next
        return Counter(caller.ask(seed) for _ in range(requests // CALLERS))

    outcomes = sum(in_parallel([lambda one=one: run(one) for one in callers], CALLERS), Counter())
    assert outcomes == {"right": requests}
