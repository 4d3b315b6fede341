"""Which function answers which endpoint of a player."""

from collections.abc import Mapping
from types import MappingProxyType

from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE, Capability
from widget_service.backoffice.reference import (
    accounts,
    bonuses,
    notes,
    payments,
    profiles,
    responsible_gaming,
    verifications,
)
from widget_service.backoffice.reference.asked import Endpoint

ENDPOINTS: Mapping[str, Endpoint] = MappingProxyType(
    {
        "player": profiles.read_player,
        "player.update": profiles.update_player,
        "balances": accounts.read_balances,
        "balances.adjust": accounts.adjust,
        "cash.deduct": accounts.deduct_cash,
        "transactions": accounts.list_transactions,
        "transactions.summary": accounts.summarise,
        "withdrawals": payments.list_withdrawals,
        "withdrawals.pending": payments.list_pending_withdrawals,
        "withdrawals.cancel": payments.cancel_withdrawal,
        "deposits": payments.list_deposits,
        "deposits.summary": payments.summarise_deposits,
        "bonuses": bonuses.list_bonuses,
        "bonuses.eligible": bonuses.list_eligible,
        "bonus.add": bonuses.add_bonus,
        "bonus.cancel": bonuses.cancel_bonus,
        "kyc": verifications.read_kyc,
        "kyc.add_document": verifications.add_document,
        "responsible_gaming": responsible_gaming.read_responsible_gaming,
        "responsible_gaming.closed": responsible_gaming.read_closed,
        "responsible_gaming.set_limit": responsible_gaming.set_limit,
        "responsible_gaming.exclude": responsible_gaming.exclude,
        "notes": notes.list_notes,
        "notes.add": notes.add_note,
    }
)
PLAYER_CAPABILITIES: Mapping[str, Capability] = MappingProxyType({**CAPABILITIES, **WITHOUT_SCOPE})
