"""The endpoints whose shapes RFCs give: introspection, revocation, back-channel logout, metadata, keys."""

from widget_service.views import answers, public_answers, shapes
from widget_service.views.endpoints import examples, refusals
from widget_service.views.endpoints.endpoint import FORM, Body, Endpoint, Reply, agent, answered

TAG = "OAuth"

OAUTH = (
    Endpoint(
        "post",
        "/v1/oauth/introspect",
        "introspect",
        TAG,
        "What a session is (RFC 7662)",
        (
            answered(
                answers.Introspection,
                "A live session of the caller's workspace; anything else, whatever the cause, is inactive.",
                session_id=examples.ACTIVE_SESSION,
                session_token=examples.ACTIVE_TOKEN,
                anything_else={"active": False},
            ),
        ),
        "A back office accepts `token_use: session_id` alone. A reference is active only with"
        " `token_type_hint=reference`. Other members of the form are ignored.",
        access=agent("sessions:introspect"),
        body=Body(shapes.TokenForm, {"Session id": {"token": examples.SESSION_ID}}, (FORM,)),
        refusals=refusals.FORM_BODY,
    ),
    Endpoint(
        "post",
        "/v1/oauth/revoke",
        "revoke",
        TAG,
        "End one session (RFC 7009)",
        (
            Reply(200, "Ended, or there was nothing to end, whatever the token was; without a body."),
            answered(
                answers.OAuthError,
                "Not a form, or a member is missing; or a token of a kind that cannot be revoked: a session JWT or a"
                " reference.",
                400,
                not_a_form={"error": "invalid_request", "error_description": "The request is not valid."},
                cannot_be_revoked={"error": "unsupported_token_type"},
            ),
        ),
        access=agent("sessions:revoke"),
        body=Body(shapes.TokenForm, {"Session id": {"token": examples.SESSION_ID}}, (FORM,)),
        refusals=refusals.FORM_BODY,
    ),
    Endpoint(
        "post",
        "/v1/workspaces/{workspace_id}/backchannel-logout",
        "log_out_by_back_channel",
        TAG,
        "The operator logs a player out (OpenID Connect Back-Channel Logout 1.0)",
        (
            Reply(200, "Logged out, or there was nothing to end; without a body."),
            answered(
                answers.OAuthError,
                "The logout token is missing, not valid, or was used before; also an unknown workspace.",
                400,
                refused={"error": "invalid_request"},
            ),
        ),
        "No API token: the logout token is signed with a key of the workspace, `typ` `logout+jwt`, at most 120 seconds"
        " long, used once. `sub` ends all of the player's sessions, `sid` those whose player token had that"
        " `session_id`.",
        body=Body(shapes.LogoutForm, {"Logout token": {"logout_token": examples.JWT}}, (FORM,)),
        refusals=(refusals.RATE_LIMITED, refusals.UNAVAILABLE),
    ),
    Endpoint(
        "get",
        "/.well-known/oauth-authorization-server",
        "read_metadata",
        TAG,
        "Server metadata (RFC 8414)",
        (answered(public_answers.ServerMetadata, "Where what is.", metadata=examples.METADATA),),
    ),
    Endpoint(
        "get",
        "/.well-known/jwks.json",
        "read_keys",
        TAG,
        "Our public keys (RFC 7517)",
        (answered(public_answers.KeySet, "The keys of session JWTs, retiring ones included.", keys=examples.KEY_SET),),
        refusals=(refusals.UNAVAILABLE,),
    ),
)
