"""The casino's pages with a vendor's chat instead of the messenger: ``/zendesk`` and ``/livechat``."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from widget_service.demo.pages import Policy
from widget_service.demo.players import PLAYERS, Player


@dataclass(frozen=True, slots=True)
class VendorPolicy(Policy):
    """The service's scripts and calls, and the vendor's; no frame of ours."""

    vendor_url: str = ""

    def lines(self, nonce: str) -> list[str]:
        """The header's directives, one per line."""
        both = f"{self.service_url} {self.vendor_url}"
        return [
            "default-src 'none'",
            f"script-src 'self' {both}",
            f"connect-src 'self' {both}",
            "style-src 'self'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        ]


@dataclass(frozen=True, slots=True)
class VendorChat:
    """One vendor's page: where its script and our bridge are, and what to try."""

    vendor: str
    title: str
    thread: str
    forging: str
    forgery: str
    third: str
    script: str
    bridge: str
    inbox: str
    workspace_id: str
    connection_id: str
    license_id: str


def new_vendor_chats(part: dict[str, str], find_player: Callable[[], Player | None]) -> Blueprint:
    """Both pages, with a login and a logout that lead back to them."""
    site = Blueprint("vendor_chats", __name__)
    policy = VendorPolicy(part["service_url"], vendor_url=part["helpdesk_url"])
    chats = {chat.vendor: chat for chat in (_zendesk(part), _livechat(part))}

    @site.get("/<any(zendesk, livechat):vendor>")
    def show(vendor: str) -> str:
        """The page."""
        g.policy = policy.lines(g.nonce)
        # LiveChat's page shows both ways: with a session variable alone, and with customer tokens.
        login = vendor == "zendesk" or "login" in request.args
        page = {"chat": chats[vendor], "login": login, "player": find_player(), "players": PLAYERS.values()}
        return render_template("vendor_chat.html", **page, snippet="")

    _add_login(site)
    return site


def _add_login(site: Blueprint) -> None:
    @site.post("/<any(zendesk, livechat):vendor>/login")
    def log_in(vendor: str) -> AnyResponse:
        """As the casino's own."""
        if request.form.get("player_id") in PLAYERS:
            session["player_id"] = request.form["player_id"]
        return redirect(f"/{vendor}", 303)

    @site.post("/<any(zendesk, livechat):vendor>/logout")
    def log_out(vendor: str) -> AnyResponse:
        """The page has told the vendor's widget before it sends this."""
        session.clear()
        return redirect(f"/{vendor}", 303)


def _zendesk(part: dict[str, str]) -> VendorChat:
    return VendorChat(
        vendor="zendesk",
        title="Zendesk",
        thread="ticket",
        forging="Press “New conversation”, open the browser’s console",
        forgery=(
            f"zE('messenger:set', 'conversationFields',\n   [{{ id: '{part['zendesk_field_id']}', value: '5832' }}])"
        ),
        third="Log out, log in as somebody else, and write again: another ticket, and another player’s.",
        script=f"{part['helpdesk_url']}/zendesk/snippet.js",
        bridge=f"{part['service_url']}/sdk/v1/helpdesks/zendesk.js",
        inbox=part["helpdesk_url"],
        workspace_id=part["workspace_id"],
        connection_id=part["zendesk_connection_id"],
        license_id="",
    )


def _livechat(part: dict[str, str]) -> VendorChat:
    return VendorChat(
        vendor="livechat",
        title="LiveChat",
        thread="chat",
        forging="In a private window, log in, open the chat, and before you write open the browser’s console",
        forgery="LiveChatWidget.call('set_session_variables',\n   { player_ref: '5832' })",
        third="LiveChat takes a browser for one customer: log in as somebody else, and the next chat is a mismatch."
        " With customer tokens, which the service fetches for each player, it is not:",
        script=f"{part['helpdesk_url']}/livechat/tracking.js",
        bridge=f"{part['service_url']}/sdk/v1/helpdesks/livechat.js",
        inbox=part["helpdesk_url"],
        workspace_id=part["workspace_id"],
        connection_id=part["livechat_connection_id"],
        license_id=part["livechat_license_id"],
    )
