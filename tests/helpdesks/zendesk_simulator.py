"""Zendesk as a webhook's receiver meets it: the one that the demo shows, for tests."""

from widget_service.demo.helpdesk.zendesk_account import (
    FIELD_ID,
    PUBLIC_TEST_SECRET,
    SIGNATURE,
    TIMESTAMP,
    Delivery,
    Ticket,
    ZendeskAccount,
    sign,
    written_exactly,
)

__all__ = [
    "FIELD_ID",
    "PUBLIC_TEST_SECRET",
    "SIGNATURE",
    "TIMESTAMP",
    "Delivery",
    "Ticket",
    "ZendeskAccount",
    "sign",
    "written_exactly",
]
