"""Players who write numbered messages, and what a receiver must have got of them."""

from collections.abc import Callable

from tests.support.browser import Browser
from tests.support.operator import Operator
from tests.support.receiver import Receiver
from tests.support.service import Service


class Chat:
    """A player of a workspace who writes numbered messages."""

    def __init__(self, service: Service, operator: Operator, sub: str) -> None:
        self.browser = Browser(service)
        self.browser.started(operator.workspace_id, player_token=operator.player_token(sub))
        self.sent: list[str] = []

    @property
    def id(self) -> str:
        return self.browser.conversation_id or ""

    def write(self, count: int) -> None:
        for _ in range(count):
            text = f"{len(self.sent) + 1}"
            assert self.browser.send(text).status_code == 201
            self.sent.append(text)


def in_order(receiver: Receiver, chats: list[Chat]) -> None:
    """Each conversation's events were accepted completely, and in order at their first arrival."""
    for chat in chats:
        assert receiver.texts(chat.id) == chat.sent
    starts = [one for one in receiver.accepted if one.type == "conversation.started"]
    assert {one.conversation_id for one in starts} >= {chat.id for chat in chats}
    assert receiver.refused == []


def arrived(receiver: Receiver, chats: list[Chat]) -> Callable[[], bool]:
    return lambda: all(len(receiver.texts(chat.id)) == len(chat.sent) for chat in chats)
