"""LiveChat as a webhook's receiver meets it: the one that the demo shows, for tests."""

from widget_service.demo.helpdesk.livechat_account import Chat, Customer, LiveChatAccount, carrying

__all__ = ["Chat", "Customer", "LiveChatAccount", "carrying"]
