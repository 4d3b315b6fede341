"""Helpdesks: what the operator's page is given for the vendor's widget, and the vendor's webhooks."""

from widget_service.views import helpdesk_answers, shapes
from widget_service.views.answers import Success
from widget_service.views.endpoints import examples, refusals
from widget_service.views.endpoints.endpoint import JSON, Body, Endpoint, answered
from widget_service.views.endpoints.messenger import CORS

TAG = "Helpdesks"
GRANT = Body(shapes.HelpdeskBody, {"Signed-in player": {"player_token": examples.JWT}})
GRANT_REFUSALS = (
    *refusals.JSON_BODY,
    refusals.NOT_FOUND,
    refusals.INVALID_PLAYER_TOKEN,
    refusals.PLAYER_TOKEN_EXPIRED,
    refusals.INVALID_PROOF,
    refusals.PROOF_REUSED,
    refusals.ORIGIN_NOT_ALLOWED,
    refusals.PLAYER_TOKEN_REUSED,
    refusals.RATE_LIMITED,
    refusals.UNAVAILABLE,
)
SPENT = (
    "Called in the operator's page. The player token is spent: without a proof nobody can bring it again, with one the"
    " page's own key can. The order of the checks is that of a conversation start."
)
PATH = "/v1/workspaces/{workspace_id}/helpdesks/{connection_id}"

HELPDESKS = (
    Endpoint(
        "post",
        f"{PATH}/attributes",
        "issue_reference",
        TAG,
        "A reference to the player, for the vendor's fields",
        (
            answered(
                helpdesk_answers.HelpdeskAttributes,
                "What to set on the vendor's widget.",
                granted=examples.HELPDESK_ATTRIBUTES,
            ),
        ),
        SPENT + " The reference is bound to the first ticket or chat that brings it: fetch another one for the next.",
        headers=("Origin", "DPoP"),
        body=GRANT,
        refusals=GRANT_REFUSALS,
        reply_headers=CORS,
    ),
    Endpoint(
        "post",
        f"{PATH}/user-token",
        "issue_user_token",
        TAG,
        "The vendor's own login token for the player",
        (
            answered(
                helpdesk_answers.HelpdeskUserToken,
                "For the vendor's widget, for minutes.",
                granted=examples.HELPDESK_USER_TOKEN,
            ),
        ),
        SPENT + " `NOT_FOUND` also where the connection has no key for login tokens.",
        headers=("Origin", "DPoP"),
        body=GRANT,
        refusals=GRANT_REFUSALS,
        reply_headers=CORS,
    ),
    Endpoint(
        "post",
        "/v1/helpdesks/{connection_id}/webhook",
        "take_webhook",
        TAG,
        "What a helpdesk tells",
        (answered(Success, "Taken: new, known already, or nothing to us.", taken={"success": True}),),
        "Authenticated as the vendor does it, over the raw bytes, at most 512 KiB. A genuine webhook identifies nobody:"
        " a ticket or chat becomes a player's by a live reference alone.",
        body=Body(None, {}, (JSON,), description="As the vendor sends it."),
        refusals=(
            refusals.NOT_JSON,
            refusals.TOO_LARGE,
            refusals.INVALID_WEBHOOK,
            refusals.OTHER_ACCOUNT,
            refusals.RATE_LIMITED,
            refusals.UNAVAILABLE,
        ),
    ),
)
