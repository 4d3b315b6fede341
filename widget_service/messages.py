"""Messages of a conversation, and what streams tell of it: messages, typing, handover, closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from widget_service.conversations import Conversation, ConversationStore
from widget_service.errors import Conflict, ConversationClosed
from widget_service.events import emit, iso
from widget_service.ids import new_id

AuthorType = Literal["player", "agent", "system"]
VISITOR = "Visitor"


@dataclass(frozen=True, slots=True)
class Message:
    """``author`` holds name, and where known kind, avatar_url and verified. ``seq`` orders within the conversation."""

    id: str
    conversation_id: str
    seq: int
    author_type: AuthorType
    author: Mapping[str, Any]
    text: str
    created_at: int
    client_message_id: str | None = None

    def public(self) -> dict[str, Any]:
        """The shape of the wire contract."""
        shown: dict[str, Any] = {
            "id": self.id,
            "conversation_id": self.conversation_id,
            "author": {"type": self.author_type, **self.author},
            "text": self.text,
            "created_at": iso(self.created_at),
        }
        if self.client_message_id is not None:
            shown["client_message_id"] = self.client_message_id
        return shown


@dataclass(frozen=True, slots=True)
class ConversationEvent:
    """What a stream sends: ``seq`` is its id."""

    seq: int
    type: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has its place."""

    author_type: AuthorType
    text: str
    author: Mapping[str, Any] = field(default_factory=dict)
    client_message_id: str | None = None


class MessageStore(ConversationStore, Protocol):
    """What messages need kept."""

    def find_conversation(self, conversation_id: str) -> Conversation | None: ...

    def next_seq(self, conversation_id: str, *, from_player: bool) -> int | None: ...

    def find_message_by_client_id(
        self, conversation_id: str, author_type: str, client_message_id: str
    ) -> Message | None: ...

    def add_message(self, message: Message) -> None: ...


def add_message(store: MessageStore, conversation: Conversation, draft: Draft, now: int) -> tuple[Message, bool]:
    """The message in its place, and whether it is new; the same client id with the same text is the first one again.

    Raises Conflict (same client id, another text) and ConversationClosed.
    """
    # Taking the next number locks the conversation: what follows sees every message that came before.
    seq = store.next_seq(conversation.id, from_player=draft.author_type == "player")
    if draft.client_message_id is not None:
        earlier = store.find_message_by_client_id(conversation.id, draft.author_type, draft.client_message_id)
        if earlier is not None:
            return _same_again(earlier, draft), False
    if seq is None:
        raise ConversationClosed
    message = Message(
        new_id("msg"), conversation.id, seq, draft.author_type, draft.author, draft.text, now, draft.client_message_id
    )
    store.add_message(message)
    if draft.author_type == "player":
        emit(store, "message.created", conversation, now, {"message": message.public()})
    return message, True


def _same_again(earlier: Message, draft: Draft) -> Message:
    if earlier.text != draft.text or (draft.author_type == "agent" and dict(earlier.author) != dict(draft.author)):
        raise Conflict("client_message_id")
    return earlier


def player_author(conversation: Conversation) -> dict[str, Any]:
    """How the player of the conversation signs a message written now."""
    name = conversation.profile.get("name") if conversation.player_id is not None else None
    return {
        "name": name or ("Player" if conversation.player_id else VISITOR),
        "verified": conversation.player_id is not None,
    }


def show_typing(store: MessageStore, conversation: Conversation, author: Mapping[str, Any], now: int) -> None:
    """Tells the streams that support is typing."""
    if conversation.status != "open":
        raise ConversationClosed
    store.add_conversation_event(conversation.id, "typing", {"author": {"type": "agent", **author}}, now)
