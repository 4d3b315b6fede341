"""The shapes of answers, for the OpenAPI page: a test holds what is really sent against them, member by member.

Nothing validates an answer while it is sent. A member whose type is ``X | Absent`` may be left out, and is never null.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from widget_service.errors import catalogue
from widget_service.views.shapes import OAuthCode

Absent = SkipJsonSchema[None]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-03-01T09:30:00Z"])]
Seconds = Annotated[int, Field(description="Unix seconds", examples=[1772357400])]
Scalar = str | int | float | bool | None


def _drop_defaults(schema: dict[str, Any]) -> None:
    # The default of a member that may be absent is not null: it is nothing.
    for member in schema.get("properties", {}).values():
        member.pop("default", None)


class Answer(BaseModel):
    """Exactly these members."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_drop_defaults)


class Success(Answer):
    """It was done."""

    success: Literal[True]


class Conversation(Answer):
    """One thread between one player, or one anonymous visitor, and support."""

    id: str = Field(description="`conv_…`")
    brand_id: str = Field(description="`br_…`")
    status: Literal["open", "closed"]
    created_at: Time


class Player(Answer):
    """The verified player of a conversation."""

    player_id: str = Field(description="the `sub` of the player token, byte for byte")
    name: str | None = Field(description="the signed name; null when the token had none")
    verified: Literal[True]


class Session(Answer):
    """The messenger's session: one player, one conversation, one origin, one key."""

    token: str = Field(description="`wst_…`; opaque, shown here only")
    token_type: Literal["DPoP", "Bearer"] = Field(description="`Bearer` only where the brand allows unbound sessions")
    expires_at: Time
    expires_in: int = Field(description="seconds")
    scope: str = Field(description="separated by spaces")


class ConversationStart(Success):
    """A started or resumed conversation."""

    resumed: bool
    conversation: Conversation
    player: Player | None = Field(description="null for an anonymous visitor")
    session: Session


class ConversationOfPlayer(Success):
    """What the messenger reads."""

    conversation: Conversation
    player: Player | None = Field(description="null for an anonymous visitor")


class Attribute(Answer):
    """One thing known of the player, and who says so."""

    value: Scalar | list[str]
    source: Literal["signed", "claimed", "helpdesk", "back_office"] = Field(description="`claimed` is not identity")
    at: Time


class VisitedPage(Answer):
    """The page that the player wrote from, without query and fragment."""

    url: str
    title: str | Absent = None


class HandoverState(Answer):
    """A person is wanted."""

    at: Time = Field(description="since when")
    by: str = Field(description="the id of the API token that asked")


class AgentConversation(Conversation):
    """A conversation as support tools see it."""

    closed_at: Time | None
    player: Player | None = Field(description="null for an anonymous visitor")
    attributes: dict[str, Attribute] = Field(description="by name; a claimed one never replaces a signed one")
    page: VisitedPage | None
    locale: str | None = Field(description="BCP 47")
    handover: HandoverState | None = Field(description="null while no person is wanted")
    handover_note: str | None = Field(description="for colleagues alone")


class ConversationOfAgent(Success):
    """What support tools read."""

    conversation: AgentConversation
    player: Player | None = Field(description="null for an anonymous visitor")


class ClosedConversation(Success):
    """The conversation, closed."""

    conversation: Conversation


class ConversationList(Answer):
    """A page of the workspace's conversations, newest first."""

    conversations: list[AgentConversation]
    next_cursor: str | None = Field(description="the `cursor` of the next page; null on the last")


class Author(Answer):
    """Who wrote."""

    type: Literal["player", "agent", "system"]
    name: str
    kind: Literal["ai", "human"] | Absent = None
    avatar_url: str | Absent = Field(None, description="on our own origin")
    verified: bool | Absent = Field(None, description="of players: whether the login was verified when it was written")


class Message(Answer):
    """One message of the transcript."""

    id: str = Field(description="`msg_…`")
    conversation_id: str
    author: Author
    text: str
    created_at: Time
    client_message_id: str | Absent = Field(None, description="the sender's own id of it")


class SentMessage(Success):
    """The message in its place."""

    message: Message


class MessageList(Answer):
    """A part of the transcript, oldest first."""

    messages: list[Message]
    has_more: bool


class TypingAuthor(Answer):
    """Who is typing, as far as it was told."""

    type: Literal["agent"]
    name: str | Absent = None
    kind: Literal["ai", "human"] | Absent = None
    avatar_url: str | Absent = None


class Typing(Answer):
    """The `data` of `typing`."""

    author: TypingAuthor


class Handover(Answer):
    """The `data` of `handover`."""

    at: Time


class HandedOver(Success):
    """What holds now."""

    handover: HandoverState | None = Field(description="null after it was handed back")


class Nothing(Answer):
    """No members."""


class _Event(Answer):
    id: str = Field(description="goes into `Last-Event-ID` or `after`")


class MessageEvent(_Event):
    """Somebody wrote."""

    type: Literal["message"]
    data: Message


class TypingEvent(_Event):
    """Support is typing."""

    type: Literal["typing"]
    data: Typing


class HandoverEvent(_Event):
    """A person is wanted, and comes."""

    type: Literal["handover"]
    data: Handover


class ClosedEvent(_Event):
    """The conversation is closed."""

    type: Literal["closed"]
    data: Nothing


class EventList(Answer):
    """What happened after the event asked for."""

    events: list[Annotated[MessageEvent | TypingEvent | HandoverEvent | ClosedEvent, Field(discriminator="type")]]
    next: str = Field(description="the `after` of the next poll")


class RefreshedSession(Success):
    """The session with its new token."""

    session: Session


class IssuedSession(Answer):
    """The `X-Session-ID` of one player and one conversation."""

    session_id: str = Field(description="`sess_…`; never give it to a browser")
    player_id: str
    scope: str = Field(description="separated by spaces")
    expires_at: Time
    expires_in: int = Field(description="seconds")
    session_jwt: str | Absent = Field(None, description="only with `format` `jwt`; it cannot be revoked, it ends")


class PlayerLogout(Success):
    """The player's sessions are over."""

    conversations: int = Field(description="how many conversations had a session")


class Avatar(Success):
    """An uploaded picture."""

    avatar_id: str = Field(description="for a reply's `author.avatar_id`")
    avatar_url: str


class Confirmation(Answer):
    """RFC 7800, RFC 9449 §6.1."""

    jkt: str = Field(description="RFC 7638 thumbprint of the confirmation key")


class ActiveSession(Answer):
    """A live session of the caller's workspace."""

    active: Literal[True]
    token_use: Literal["session_id", "session_token"] = Field(description="a back office accepts `session_id` alone")
    sub: str | Absent = Field(None, description="the player id; absent for an anonymous visitor")
    sid: str
    workspace_id: str
    conversation_id: str
    scope: str
    token_type: Literal["DPoP", "Bearer"]
    client_id: str
    iss: str
    iat: Seconds
    exp: Seconds
    cnf: Confirmation | Absent = None
    auth_time: int | Absent = Field(None, description="Unix seconds of the operator's login")
    acr: str | Absent = None


class ActiveReference(Answer):
    """A live reference of the caller's workspace: no session, and nothing to a back office."""

    active: Literal[True]
    token_use: Literal["reference"]
    sub: str = Field(description="the player id")
    workspace_id: str
    conversation_id: str | Absent = Field(None, description="once a ticket or chat has brought it")
    client_id: str = Field(description="the helpdesk connection, `hd_…`")
    iss: str
    iat: Seconds
    exp: Seconds


class InactiveSession(Answer):
    """Anything else, whatever the cause."""

    active: Literal[False]


class Introspection(RootModel[ActiveSession | ActiveReference | InactiveSession]):
    """RFC 7662 §2.2."""


class ErrorDetails(Answer):
    """What the caller can put right."""

    field: str | Absent = Field(None, description="INVALID_REQUEST: the member at fault")
    reason: str | Absent = Field(None, description="what is wrong with it, or the cause of a refusal")
    server_time: Seconds | Absent = Field(None, description="INVALID_PROOF, PLAYER_TOKEN_EXPIRED: our clock")


class Problem(Answer):
    """What went wrong."""

    code: str = Field(
        json_schema_extra=lambda schema: schema.update(enum=[kind.code for kind in catalogue()]),
        description="stable; every code there is",
    )
    message: str = Field(description="for people; do not parse it")
    request_id: str = Field(description="`req_…`, as in the header `X-Request-ID`")
    details: ErrorDetails | Absent = None


class Error(Answer):
    """The one shape of every error outside the RFC endpoints."""

    success: Literal[False]
    error: Problem


class OAuthError(Answer):
    """RFC 6749 §5.2, RFC 6750 §3.1."""

    error: OAuthCode
    error_description: str | Absent = None
