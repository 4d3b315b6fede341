"""What browsers call: the frame, the start, and the messenger with its key-bound session."""

from widget_service.views import answers, shapes
from widget_service.views.endpoints import examples, refusals
from widget_service.views.endpoints.endpoint import (
    JSON,
    MESSENGER,
    TEXT,
    Body,
    Endpoint,
    Reply,
    answered,
    answered_text,
    media,
    messenger_or_agent,
)

START_TAG = "Conversation start"
TAG = "Messenger"
CONVERSATION = "/v1/conversations/{conversation_id}"
CORS = {
    "Access-Control-Allow-Origin": {"$ref": "#/components/headers/AllowOrigin"},
    "Access-Control-Expose-Headers": {"$ref": "#/components/headers/ExposeHeaders"},
    "Vary": {"$ref": "#/components/headers/Vary"},
}
NO_MEMBERS = Body(shapes.EmptyBody, {"Nothing": {}}, required=False)

START = (
    Endpoint(
        "post",
        "/v1/workspaces/{workspace_id}/conversations",
        "start_conversation",
        START_TAG,
        "Start or resume a conversation",
        (
            answered(answers.ConversationStart, "A new conversation.", 201, new=examples.STARTED),
            answered(
                answers.ConversationStart,
                "The open conversation of this player and key.",
                200,
                resumed={**examples.STARTED, "resumed": True},
                anonymous_visitor={**examples.STARTED, "resumed": True, "player": None},
            ),
        ),
        "The SDK calls it in the operator's page, so the browser itself states the origin. A player token is spent"
        " once: it belongs to the first confirmation key that brings it, which may bring it again.\n\n"
        "The order of the checks: limit by address, body, workspace and brand, origin, player token, proof, limit by"
        " player. Whatever is refused writes no conversation. `page.url` is cut to origin and path; `attributes` are"
        " kept as claimed.",
        headers=("Origin", "DPoP"),
        body=Body(
            shapes.StartBody,
            {
                "Signed-in player": examples.START,
                "On one of several brands": {"brand_id": examples.BRAND_ID, **examples.START},
                "Anonymous visitor": examples.ANONYMOUS_START,
            },
        ),
        refusals=(
            *refusals.JSON_BODY,
            refusals.INVALID_PLAYER_TOKEN,
            refusals.PLAYER_TOKEN_EXPIRED,
            refusals.INVALID_PROOF,
            refusals.PROOF_REUSED,
            refusals.ORIGIN_NOT_ALLOWED,
            refusals.IDENTITY_REQUIRED,
            refusals.PLAYER_TOKEN_REUSED,
            refusals.RATE_LIMITED,
            refusals.UNAVAILABLE,
        ),
        reply_headers=CORS,
    ),
    Endpoint(
        "get",
        "/v1/workspaces/{workspace_id}/messenger",
        "read_frame",
        START_TAG,
        "The messenger's frame",
        (
            answered_text("text/html", "The document; its `frame-ancestors` is exactly the origin asked for."),
            answered_text("text/html", "The origin is not on the brand's list, or there is no such brand.", 403),
        ),
        query=shapes.FrameQuery,
        refusals=(refusals.UNAVAILABLE,),
    ),
)

CONVERSATIONS = (
    Endpoint(
        "get",
        CONVERSATION,
        "read_conversation",
        TAG,
        "The conversation and its player",
        (
            Reply(
                200,
                "To a messenger as in the start; to a support tool with attributes and where they came from.",
                {
                    JSON: {
                        "schema": {
                            "anyOf": [
                                {"$ref": "#/components/schemas/ConversationOfPlayer"},
                                {"$ref": "#/components/schemas/ConversationOfAgent"},
                            ]
                        },
                        "examples": {
                            "messenger": {
                                "summary": "To a messenger",
                                "value": {
                                    "success": True,
                                    "conversation": examples.CONVERSATION,
                                    "player": examples.PLAYER,
                                },
                            },
                            "agent": {
                                "summary": "To a support tool",
                                "value": {
                                    "success": True,
                                    "conversation": examples.AGENT_CONVERSATION,
                                    "player": examples.PLAYER,
                                },
                            },
                        },
                    }
                },
            ),
        ),
        "Another conversation's id answers as one that does not exist.",
        access=messenger_or_agent("conversations:read"),
        refusals=(refusals.CONVERSATION_NOT_FOUND,),
    ),
    Endpoint(
        "get",
        CONVERSATION + "/messages",
        "list_messages",
        TAG,
        "A part of the transcript",
        (
            answered(
                answers.MessageList,
                "Oldest first; the newest ones unless `after` is given.",
                transcript={"messages": [examples.MESSAGE, examples.REPLY], "has_more": False},
            ),
        ),
        access=messenger_or_agent("conversations:read"),
        query=shapes.MessagesQuery,
        refusals=(refusals.CONVERSATION_NOT_FOUND, *refusals.QUERY),
    ),
    Endpoint(
        "post",
        CONVERSATION + "/messages",
        "send_message",
        TAG,
        "The player writes",
        (
            answered(answers.SentMessage, "Kept.", 201, message={"success": True, "message": examples.MESSAGE}),
            answered(
                answers.SentMessage,
                "The same `client_message_id` again: the first message.",
                200,
                message={"success": True, "message": examples.MESSAGE},
            ),
        ),
        "Send it again with the same `client_message_id` until it is answered: it is kept once.",
        access=MESSENGER,
        body=Body(shapes.MessageBody, {"Message": {"client_message_id": "m-1", "text": "Where is my withdrawal?"}}),
        refusals=(
            *refusals.JSON_BODY,
            refusals.CONVERSATION_NOT_FOUND,
            refusals.CONVERSATION_CLOSED,
            refusals.CONFLICT,
        ),
    ),
    Endpoint(
        "get",
        CONVERSATION + "/events",
        "follow_events",
        TAG,
        "Follow the conversation",
        (
            Reply(
                200,
                "A stream of server-sent events; with `Accept: application/json` one answer for polling.",
                {
                    "text/event-stream": {"schema": dict(TEXT), "example": examples.STREAM},
                    JSON: media(answers.EventList, {"All kinds": examples.EVENTS}),
                },
            ),
        ),
        "The events are `message`, `typing`, `handover` and `closed`; the `data` of a streamed one is the JSON that a"
        " poll has under `data`. Each has an `id`: come back with it in `Last-Event-ID` or `after`. Without one a"
        " stream tells what happens from now on, a poll everything. A comment line every 15 seconds keeps the stream"
        " alive; it ends with the session.",
        access=MESSENGER,
        headers=("Last-Event-ID",),
        query=shapes.EventsQuery,
        refusals=(refusals.CONVERSATION_NOT_FOUND, *refusals.QUERY),
    ),
    Endpoint(
        "post",
        CONVERSATION + "/close",
        "close_conversation",
        TAG,
        "End the chat",
        (
            answered(
                answers.ClosedConversation,
                "Closed; every session of it is over.",
                closed={"success": True, "conversation": {**examples.CONVERSATION, "status": "closed"}},
            ),
        ),
        access=messenger_or_agent("conversations:write"),
        body=NO_MEMBERS,
        refusals=(*refusals.JSON_BODY, refusals.CONVERSATION_NOT_FOUND, refusals.CONVERSATION_CLOSED),
    ),
)

SESSION = (
    Endpoint(
        "post",
        "/v1/session/refresh",
        "refresh_session",
        TAG,
        "A fresh session token",
        (
            answered(
                answers.RefreshedSession,
                "The old token dies after 30 seconds.",
                session={"success": True, "session": examples.SESSION},
            ),
        ),
        "For the same session, up to its absolute limit of eight hours.",
        access=MESSENGER,
        body=NO_MEMBERS,
        refusals=refusals.JSON_BODY,
    ),
    Endpoint(
        "delete",
        "/v1/session",
        "end_session",
        TAG,
        "Log out",
        (answered(answers.Success, "Revoked at once, everywhere.", done={"success": True}),),
        "Ends every session of the conversation and kills the player tokens that were brought to it.",
        access=MESSENGER,
        body=NO_MEMBERS,
        refusals=(*refusals.JSON_BODY, refusals.CONVERSATION_NOT_FOUND),
    ),
)
