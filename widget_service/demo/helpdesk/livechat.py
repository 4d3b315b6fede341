"""The pretend LiveChat: what its widget calls, its accounts service, and the webhooks that come of it.

A customer is a browser: the widget keeps the key that the site gave out, as LiveChat's own keeps a cookie. With a
customer token, the customer is whom the accounts service has made it for.
"""

import secrets
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request

from widget_service.demo.helpdesk.allowance import Allowance
from widget_service.demo.helpdesk.courier import Courier
from widget_service.demo.helpdesk.inbox import Inbox
from widget_service.demo.helpdesk.livechat_account import Chat, Customer, LiveChatAccount
from widget_service.demo.helpdesk.widgets import allow_every_page, read_call, read_text, script

TOKEN_LIFETIME = 28_800  # seconds
CALLS_PER_MINUTE = 60  # of the accounts service


@dataclass
class Browser:
    """A customer, and the chat that it has."""

    customer: Customer = field(default_factory=Customer)
    chat: Chat | None = None
    is_chatting: bool = False


class PretendLiveChat:
    """One organization: its customers and their chats."""

    def __init__(self, part: dict[str, str], inbox: Inbox) -> None:
        self.account = LiveChatAccount(part["livechat_secret"], part["livechat_organization_id"])
        self._url, self._inbox = part["livechat_webhook_url"], inbox
        self._variable = part["livechat_variable"]
        self._courier = Courier(inbox.note)
        self._browsers: dict[str, Browser] = {}
        self._customers: dict[str, Browser] = {}
        self._guard = threading.Lock()

    def find_browser(self, key: str | None) -> tuple[str, Browser]:
        """The customer of that key or token; somebody new for any other."""
        with self._guard:
            if key not in self._browsers:
                return self._give_key("", Browser())
            return key or "", self._browsers[key or ""]

    def make_token(self, customer_id: str | None) -> tuple[str, str] | None:
        """(token, customer id) for that customer or for a new one; None for an unknown one."""
        with self._guard:
            browser = Browser() if customer_id is None else self._customers.get(customer_id)
            if browser is None:
                return None
            token, _ = self._give_key("dal:", browser)
            return token, browser.customer.id

    def write(self, browser: Browser, text: str) -> Chat:
        """The first message opens a chat."""
        with self._guard:
            chat = browser.chat or self._open(browser)
            told = []
            if not browser.is_chatting:
                chat.take_up()
                told.append(self.account.incoming_chat(chat))
            told.append(self.account.said(chat, text))
            browser.is_chatting = True
        self._inbox.write(chat.id, text=text, value=self._value(browser))
        self._courier.send(chat.id, [partial(self._deliver, one) for one in told])
        return chat

    def end(self, browser: Browser) -> None:
        """The thread is over; the chat may be taken up again."""
        if browser.chat is not None and browser.is_chatting:
            browser.is_chatting = False
            self._courier.send(browser.chat.id, [partial(self._deliver, self.account.ended(browser.chat))])

    def set_variables(self, browser: Browser, variables: dict[str, str]) -> None:
        """LiveChat tells of it while there is a chat."""
        browser.customer.fields = [{name: value} for name, value in variables.items()]
        if browser.chat is not None and browser.is_chatting:
            self._inbox.write(browser.chat.id, value=self._value(browser))
            self._courier.send(browser.chat.id, [partial(self._deliver, self.account.variables(browser.chat))])

    def _open(self, browser: Browser) -> Chat:
        browser.chat = Chat(browser.customer)
        self._inbox.open("livechat", browser.chat.id, f"Customer {browser.customer.id[:8]}")
        return browser.chat

    def _value(self, browser: Browser) -> str:
        values = [pair[self._variable] for pair in browser.customer.fields if self._variable in pair]
        return values[0] if values else ""

    def _give_key(self, prefix: str, browser: Browser) -> tuple[str, Browser]:
        key = prefix + secrets.token_urlsafe(16)
        self._browsers[key] = browser
        self._customers[browser.customer.id] = browser
        return key, browser

    def _deliver(self, told: dict[str, Any]) -> int:
        return self.account.deliver(self._courier.client, self._url, told)[-1]


def new_livechat(livechat: PretendLiveChat) -> Blueprint:
    """What the widget's script calls."""
    site = Blueprint("livechat", __name__, url_prefix="/livechat")
    site.after_request(allow_every_page)
    site.add_url_rule("/tracking.js", "tracking", lambda: script("panel.js", "livechat.js"))
    _add_variables(site, livechat)
    _add_chat(site, livechat)
    return site


def _add_variables(site: Blueprint, livechat: PretendLiveChat) -> None:
    @site.post("/variables")
    def set_variables() -> Response:
        """All of a customer's session variables."""
        call = read_call()
        key, browser = livechat.find_browser(call.get("key"))
        variables = call.get("variables")
        given = variables.items() if isinstance(variables, dict) else ()
        livechat.set_variables(browser, {str(name): str(value) for name, value in given})
        return jsonify(key=key, customer=browser.customer.id)


def _add_chat(site: Blueprint, livechat: PretendLiveChat) -> None:
    @site.post("/end")
    def end() -> Response:
        """The customer ends the chat."""
        key, browser = livechat.find_browser(read_call().get("key"))
        livechat.end(browser)
        return jsonify(key=key, customer=browser.customer.id)

    @site.post("/messages")
    def write() -> Response:
        """Text, into the customer's chat."""
        call = read_call()
        key, browser = livechat.find_browser(call.get("key"))
        chat = livechat.write(browser, read_text(call, "text"))
        return jsonify(key=key, customer=browser.customer.id, chat=chat.id, thread=chat.thread_id)


def new_accounts(livechat: PretendLiveChat, part: dict[str, str]) -> Blueprint:
    """LiveChat's accounts service: the app's login, and customers' tokens."""
    site = Blueprint("accounts", __name__, url_prefix="/v2")
    access_token, allowance = "dal:" + secrets.token_urlsafe(16), Allowance(CALLS_PER_MINUTE)

    @site.before_request
    def limit() -> tuple[Response, int, dict[str, str]] | None:
        """Too many calls are refused until the minute is over."""
        wait = allowance.take()
        refusal = jsonify(oauth_exception="too_many_requests", exception_description="Too many requests")
        return (refusal, 429, {"Retry-After": str(wait)}) if wait else None

    @site.post("/token")
    def refresh() -> tuple[Response, int]:
        """A refresh token for an access token."""
        given = {**request.form, **(request.get_json(silent=True) or {})}
        if given.get("refresh_token") != part["livechat_refresh_token"]:
            return jsonify(oauth_exception="invalid_request"), 400
        return jsonify(access_token=access_token, token_type="Bearer", expires_in=TOKEN_LIFETIME), 200

    @site.post("/customer/token")
    def customer_token() -> tuple[Response, int]:
        """The app asks for a customer's token."""
        if request.headers.get("Authorization") != f"Bearer {access_token}":
            return jsonify(oauth_exception="unauthorized"), 401
        made = livechat.make_token(request.get_json().get("entity_id"))
        if made is None:
            return jsonify(identity_exception="not_found"), 404
        answer = {"access_token": made[0], "entity_id": made[1], "token_type": "Bearer"}
        return jsonify(**answer, expires_in=TOKEN_LIFETIME, organization_id=part["livechat_organization_id"]), 200

    return site
