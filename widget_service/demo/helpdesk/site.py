"""The helpdesk's site: the vendors' scripts, what their widgets call, and the inbox."""

from flask import Flask, Response, jsonify, render_template, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from widget_service.demo.helpdesk.inbox import Inbox
from widget_service.demo.helpdesk.livechat import PretendLiveChat, new_accounts, new_livechat
from widget_service.demo.helpdesk.zendesk import PretendZendesk, new_zendesk
from widget_service.demo.pages import Policy, new_site

LARGEST_REQUEST = 262_144


class InboxPolicy(Policy):
    """Nothing of anybody else's."""

    def lines(self, nonce: str) -> list[str]:
        """The header's directives."""
        own = [f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect")]
        return ["default-src 'none'", *own, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]


def create_helpdesk(part: dict[str, str]) -> Flask:
    """Both vendors and the inbox."""
    app = new_site(__name__, InboxPolicy(part["service_url"]))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    inbox = Inbox()
    livechat = PretendLiveChat(part, inbox)
    app.register_blueprint(new_zendesk(PretendZendesk(part, inbox)))
    app.register_blueprint(new_livechat(livechat))
    app.register_blueprint(new_accounts(livechat, part))
    _add_inbox(app, inbox, part)
    return app


def _add_inbox(app: Flask, inbox: Inbox, part: dict[str, str]) -> None:
    webhook = Webhook(part["webhook_secret"])

    @app.get("/")
    def show() -> str:
        """The page, which asks for the entries."""
        return render_template("inbox.html", casino_url=part["casino_url"])

    @app.get("/inbox.json")
    def entries() -> Response:
        """What the page shows."""
        return jsonify(entries=inbox.shown())

    @app.post("/events")
    def hear() -> tuple[str, int]:
        """What widget-service tells every agent (Standard Webhooks)."""
        try:
            event = webhook.verify(request.get_data(), {name.lower(): value for name, value in request.headers.items()})
        except (WebhookVerificationError, ValueError):
            return "", 401
        inbox.hear(event)
        return "", 204
