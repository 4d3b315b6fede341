"""What support tools and AI agents call, with an API token."""

from widget_service.views import answers, shapes
from widget_service.views.endpoints import examples, refusals
from widget_service.views.endpoints.endpoint import (
    ANYBODY,
    Body,
    Endpoint,
    Reply,
    agent,
    answered,
)
from widget_service.views.endpoints.messenger import CONVERSATION, NO_MEMBERS

TAG = "Agents"
AUTHOR = {"name": "Robin", "kind": "ai"}
PICTURES = ("image/png", "image/jpeg", "image/webp")
DONE = {"success": True}
AVATAR = {"success": True, "avatar_id": examples.AVATAR_ID, "avatar_url": examples.AVATAR_URL}
OPEN_CONVERSATION = (refusals.CONVERSATION_NOT_FOUND, refusals.CONVERSATION_CLOSED)

AGENTS = (
    Endpoint(
        "get",
        "/v1/conversations",
        "list_conversations",
        TAG,
        "The workspace's conversations",
        (
            answered(
                answers.ConversationList,
                "Newest first.",
                one={"conversations": [examples.AGENT_CONVERSATION], "next_cursor": None},
            ),
        ),
        "Those in which the player has not written are left out unless `include_empty=true` or `handover=waiting`.",
        access=agent("conversations:read"),
        query=shapes.ConversationsQuery,
        refusals=refusals.QUERY,
    ),
    Endpoint(
        "post",
        CONVERSATION + "/replies",
        "send_reply",
        TAG,
        "Support answers",
        (
            answered(answers.SentMessage, "Kept.", 201, message={"success": True, "message": examples.REPLY}),
            answered(
                answers.SentMessage,
                "The same `client_message_id` again: the first message.",
                200,
                message={"success": True, "message": {**examples.REPLY, "client_message_id": "r-1"}},
            ),
        ),
        access=agent("conversations:write"),
        body=Body(
            shapes.ReplyBody,
            {
                "From an AI agent": {"text": "It is being paid out today.", "author": AUTHOR},
                "That may be sent again": {
                    "text": "It is being paid out today.",
                    "client_message_id": "r-1",
                    "author": {"name": "Mia", "kind": "human"},
                },
            },
        ),
        refusals=(*refusals.JSON_BODY, *OPEN_CONVERSATION, refusals.CONFLICT),
    ),
    Endpoint(
        "post",
        CONVERSATION + "/typing",
        "show_typing",
        TAG,
        "Support is typing",
        (answered(answers.Success, "Told to the messenger.", done=DONE),),
        access=agent("conversations:write"),
        body=Body(shapes.TypingBody, {"Who": {"author": AUTHOR}, "Nothing": {}}, required=False),
        refusals=(*refusals.JSON_BODY, *OPEN_CONVERSATION),
    ),
    Endpoint(
        "post",
        CONVERSATION + "/handover",
        "hand_over",
        TAG,
        "A person is wanted",
        (
            answered(
                answers.HandedOver,
                "Told to the messenger, to webhooks as `conversation.handover`, and to whoever lists what waits.",
                waiting={"success": True, "handover": examples.HANDOVER},
            ),
        ),
        "Holds until it is handed back or the conversation is closed. Again while it holds: `at` and `by` stay, nothing"
        " is told again, and a new `note` replaces the old one. The note is read as `handover_note` of the conversation"
        " with `conversations:read`; the player's messenger and webhooks never get it.",
        access=agent("conversations:write"),
        body=Body(
            shapes.HandoverBody, {"Note": {"note": "The player asks for a person."}, "Nothing": {}}, required=False
        ),
        refusals=(*refusals.JSON_BODY, *OPEN_CONVERSATION),
    ),
    Endpoint(
        "delete",
        CONVERSATION + "/handover",
        "hand_back",
        TAG,
        "No person is wanted any more",
        (
            answered(
                answers.HandedOver,
                "Handed back, or never handed over. Webhooks are told `conversation.handover` with null.",
                back={"success": True, "handover": None},
            ),
        ),
        access=agent("conversations:write"),
        body=NO_MEMBERS,
        refusals=(*refusals.JSON_BODY, *OPEN_CONVERSATION),
    ),
    Endpoint(
        "post",
        CONVERSATION + "/session",
        "issue_session",
        TAG,
        "A session id for the player's data",
        (
            answered(
                answers.IssuedSession,
                "The `X-Session-ID` of one player and one conversation, for an hour.",
                session_id=examples.ISSUED_SESSION,
                with_a_JWT={**examples.ISSUED_SESSION, "session_jwt": examples.JWT},
            ),
        ),
        "`scope` must be among the API token's own player scopes; `player:read` when absent. With `format` `jwt` also a"
        " JWT for back offices that verify offline by our JWKS: ES256, `typ: at+jwt`, five minutes.",
        access=agent("sessions:issue"),
        body=Body(
            shapes.SessionBody,
            {"Default": {}, "One scope": {"scope": "player:read"}, "With a JWT": {"format": "jwt"}},
            required=False,
        ),
        refusals=(*refusals.JSON_BODY, refusals.IDENTITY_REQUIRED, *OPEN_CONVERSATION),
    ),
    Endpoint(
        "post",
        "/v1/players/{player_id}/logout",
        "log_out_player",
        TAG,
        "End all of a player's sessions",
        (answered(answers.PlayerLogout, "Over, everywhere.", two={"success": True, "conversations": 2}),),
        "Also refuses the player's tokens that were signed before this second.",
        access=agent("sessions:revoke"),
        body=NO_MEMBERS,
        refusals=refusals.JSON_BODY,
    ),
)

AVATARS = (
    Endpoint(
        "post",
        "/v1/avatars",
        "upload_avatar",
        TAG,
        "Upload an agent's picture",
        (
            answered(
                answers.Avatar,
                "Kept; its id goes into a reply's `author.avatar_id`.",
                201,
                avatar=AVATAR,
            ),
            answered(answers.Avatar, "The same picture again: kept once, under the same id.", 200, avatar=AVATAR),
        ),
        "PNG, JPEG or WebP of at most 64 KiB. All pictures of a workspace together take"
        " `WIDGET_AVATAR_BYTES_PER_WORKSPACE` at most; beyond that the answer is 413 too.",
        access=agent("conversations:write"),
        body=Body(None, {}, PICTURES, description="The picture's bytes."),
        refusals=(
            refusals.UNREADABLE,
            refusals.TOO_LARGE,
            refusals.WRONG_TYPE,
            refusals.refusal(
                refusals.WRONG_MEMBER.kind,
                "Not a picture of that type.",
                status=422,
                reason="not a picture of that type",
            ),
        ),
    ),
    Endpoint(
        "get",
        "/v1/avatars/{avatar_id}",
        "read_avatar",
        TAG,
        "An agent's picture",
        (Reply(200, "The picture, for ever the same under its id.", {name: {} for name in PICTURES}),),
        access=ANYBODY,
        refusals=(refusals.NOT_FOUND, refusals.UNAVAILABLE),
    ),
    Endpoint(
        "delete",
        "/v1/avatars/{avatar_id}",
        "remove_avatar",
        TAG,
        "Remove an agent's picture",
        (
            answered(
                answers.Success,
                "Gone, also from what was said with it; a browser that has shown it may keep its copy.",
                done=DONE,
            ),
        ),
        access=agent("conversations:write"),
        body=NO_MEMBERS,
        refusals=(*refusals.JSON_BODY, refusals.NOT_FOUND),
    ),
)
