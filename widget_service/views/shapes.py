"""The shapes of requests and answers: validation models, and the source of the OpenAPI page."""

import math
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Text = Annotated[str, Field(max_length=255)]
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
MESSAGE_ID = r"^msg_[0-9a-f]{32}$"
CONVERSATION_ID = r"^conv_[0-9a-f]{32}$"
#: RFC 6749 §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1.
OAuthCode = Literal[
    "invalid_request",
    "unsupported_token_type",
    "invalid_token",
    "insufficient_scope",
    "temporarily_unavailable",
    "server_error",
]


def _require_flat(members: dict[str, Any]) -> dict[str, Any]:
    """A flat object of at most 50 scalars of at most 1024 characters (as the claim ``custom``)."""
    if len(members) > 50:
        raise ValueError("at most 50 members")
    for name, value in members.items():
        if not 1 <= len(name) <= 255:
            raise ValueError("names have 1 to 255 characters")
        if isinstance(value, (dict, list)):
            raise ValueError("must be flat")
        if isinstance(value, str) and len(value) > 1024:
            raise ValueError("values have at most 1024 characters")
        if isinstance(value, int | float) and not math.isfinite(value):
            raise ValueError("numbers must be finite")
    return members


def _require_language(text: str) -> str:
    if LANGUAGE_TAG.fullmatch(text) is None:
        raise ValueError("must be a BCP 47 language tag")
    return text


def _cut_url(text: str) -> str:
    """Origin and path only: what follows may hold the operator's secrets, and so may the user part."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https URL")
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


Flat = Annotated[dict[str, Any], AfterValidator(_require_flat)]
MessageText = Annotated[str, Field(min_length=1, max_length=4000, examples=["Where is my withdrawal?"])]


class Request(BaseModel):
    """Unknown members are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Page(Request):
    """The page the player is on; its query and fragment are dropped."""

    url: Annotated[str, Field(max_length=2048, examples=["https://casino.example/wallet"]), AfterValidator(_cut_url)]
    title: Text | None = None


class StartBody(Request):
    """Conversation start."""

    brand_id: Text | None = Field(None, description="the workspace's first brand when absent")
    player_token: str | None = Field(None, description="the signed player object; absent for an anonymous visitor")
    locale: Annotated[str, Field(max_length=35), AfterValidator(_require_language)] | None = Field(
        None, description="BCP 47", examples=["en"]
    )
    page: Page | None = None
    attributes: Flat | None = Field(
        None, description="unsigned; kept apart as claimed", examples=[{"game": "roulette"}]
    )


class HelpdeskBody(Request):
    """What a page asks for a helpdesk's widget."""

    brand_id: Text | None = Field(None, description="the workspace's first brand when absent")
    player_token: str = Field(description="the signed player object; spent by this")


class MessageBody(Request):
    """A player's message."""

    client_message_id: Annotated[str, Field(min_length=1, max_length=64, examples=["m-1"])]
    text: MessageText


class ReplyAuthor(Request):
    """Who answers."""

    name: Annotated[str, Field(min_length=1, max_length=255, examples=["Robin"])]
    kind: Literal["ai", "human"] | None = None
    avatar_id: Text | None = None


class ReplyBody(Request):
    """A reply from support."""

    text: MessageText
    client_message_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    author: ReplyAuthor


class TypingBody(Request):
    """Nothing, or who is typing."""

    author: ReplyAuthor | None = None


class HandoverBody(Request):
    """A person is wanted."""

    note: Text | None = Field(None, description="for colleagues alone: no player, stream or webhook is told it")


class EmptyBody(Request):
    """No members."""


class SessionBody(Request):
    """What the session id may do; ``format: "jwt"`` adds one that is verified offline."""

    scope: Annotated[str, Field(max_length=255, examples=["player:read"])] | None = None
    format: Literal["jwt"] | None = None


class TokenForm(BaseModel):
    """RFC 7662 §2.1 and RFC 7009 §2.1. Other members are ignored, as the RFCs ask."""

    token: Annotated[str, Field(min_length=1)]
    token_type_hint: Annotated[str, Field(max_length=255)] | None = None


class LogoutForm(BaseModel):
    """OIDC Back-Channel Logout 1.0 §2.5."""

    logout_token: Annotated[str, Field(min_length=1, max_length=16384)]


class MessagesQuery(Request):
    """Which part of the transcript; ``after`` and ``before`` are message ids."""

    after: Annotated[str, Field(pattern=MESSAGE_ID)] | None = None
    before: Annotated[str, Field(pattern=MESSAGE_ID)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EventsQuery(Request):
    """From where: the id of the last event seen. The ``Last-Event-ID`` header says the same."""

    after: Annotated[int, Field(ge=0, le=2**53)] | None = None


class ConversationsQuery(Request):
    """Which conversations, newest first."""

    status: Literal["open", "closed"] | None = None
    player_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    include_empty: Literal["true", "false"] = "false"
    handover: Literal["waiting"] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(pattern=CONVERSATION_ID)] | None = None


class FrameQuery(BaseModel):
    """The frame's address."""

    brand_id: str | None = None
    origin: str | None = None
    locale: str | None = None
