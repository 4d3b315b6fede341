"""A casino with LiveChat: its pages fetch references, its chats bring them, its agent hears of it."""

import secrets
from typing import Any

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.livechat_simulator import Chat, Customer, LiveChatAccount, carrying
from tests.support.service import InProcessService
from tests.views.casino import Casino


class LiveChatDesk(ZendeskDesk):
    """What a desk with Zendesk can ask, of another account."""

    def __init__(self, service: InProcessService, *options: str) -> None:
        self.casino = Casino(service)
        self.casino.connect_webhook()
        self.account: Any = LiveChatAccount("lc_whsec_" + secrets.token_urlsafe(32))
        self.connection_id, self.webhook_url = self.connect(*options)
        self.client = service.client()

    def connect(self, *options: str) -> tuple[str, str]:
        fixed = ("--webhook-secret", self.account.secret, "--organization-id", self.account.organization_id)
        made = self.casino.cli("helpdesk", "connect", self.casino.id, "livechat", *fixed, *options)
        return made["connection_id"], made["webhook_url"]

    def post(self, content: Any, **headers: str) -> Any:
        return self.account.post(self.client, self.webhook_url, content, **headers)

    def tell(self, content: Any) -> None:
        """One webhook, taken."""
        answer = self.post(content)
        assert answer.status_code == 200, answer.text

    def start(self, text: Any, customer: Customer | None = None) -> Chat:
        """A chat that starts with the variable set to a text, in a new browser unless told."""
        customer = customer or Customer()
        customer.fields = carrying(text).fields if text is not None else []
        chat = Chat(customer)
        self.tell(self.account.incoming_chat(chat))
        return chat

    def change(self, chat: Chat, fields: Any) -> None:
        """The page sets its variables anew while the chat runs."""
        chat.customer.fields = fields
        self.tell(self.account.variables(chat))
