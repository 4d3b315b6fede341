"""What platforms call the canonical members, and the names that look like one and are another.

The names were read in public documents and clients; a person confirms whatever is proposed by them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TIMES = {
    "registration_date": "Created CreatedLocalDate reg_date registrationTime created_at registered_at RegistrationDate",
    "ftd_date": "FirstDepositTime FirstDepositDateLocal FirstDepositTimeLocal first_deposit_at",
    "last_login": "LastLoginTime LastLoginLocalDate last_login_date lastLogin preLoginDate lastLoginTime "
    "current_sign_in_at last_login_at",
}
PLAYER = {
    "name": "full_name fullName displayName",
    "email": "Email mail",
    "phone": "MobilePhone Phone mobile_phone phone_number",
    "currency": "CurrencyId currency_name currencyCode preferredCurrency",
    "language": "Language lang locale",
    **_TIMES,
    "kyc_status": "IsVerified is_verified verified sumsub_verified verified_at playerVerification kyc_state",
    "blocked": "IsLocked is_blocked disabled locked",
    "affiliate_source": "AffilateId BTag affiliate_id btag affiliateMarker affiliate_reference",
    "segments": "roles statuses groups tags",
    "balances.total_balance": "totalAmount amount_cents total_balance",
    "balances.cash_balance": "Balance totalCashAmount moneyBalance cash_balance cash",
    "balances.bonus_balance": "totalBonusAmount bonusBalance bonus_balance bonus",
    "balances.withdrawable_balance": "totalWithdrawableAmount available_to_cashout_cents availableBalance withdrawable",
    "balances.pending_withdrawal": "reservedBalance lockedBalance pendingWithdrawals pending_withdrawals",
    "kpi.ltd": "DepositAmount lifetime_deposits deposits_sum total_deposits",
    "kpi.ltw": "WithdrawalAmount lifetime_withdrawals cashouts_sum total_withdrawals",
}
_MONEY = {"currency": "CurrencyId currency_name currencyCode", "amount": "Amount realAmount amount_cents sum value"}
ALIASES: Mapping[str, Mapping[str, str]] = {
    "player": PLAYER,
    "balances": {
        "currency": PLAYER["currency"],
        **{name.removeprefix("balances."): seen for name, seen in PLAYER.items() if name.startswith("balances.")},
        "updated_at": "updated updatedAt",
    },
    "withdrawals": {
        "withdrawal_id": "Id transId withdrawalId payout_id request_id",
        **_MONEY,
        "status": "State StateName state",
        "payment_method": "PaymentSystemName payment_system_name payment_system system_name brand creditVendorName "
        "debitVendorName method",
        "requested_at": "RequestTimeLocal date created created_at createdAt requestedAt time",
        "processed_at": "AllowTimeLocal PaymentCreatedLocal completed finished_at processedAt completed_at",
        "cancellable": "is_cancelable recallable isRallbackAllowed canCancel is_cancellable",
        "rejection_reason": "RejectReason RejectedReason rejectionNote cancellation_reason",
    },
    "deposits": {
        "deposit_id": "Id transId depositId payment_id",
        **_MONEY,
        "status": "State StateName state",
        "payment_method": "PaymentSystemName payment_system_name payment_system system_name brand debitVendorName "
        "creditVendorName method",
        "created_at": "CreatedLocal date created createdAt time",
        "completed_at": "completed finished_at completedAt processed_at",
        "failure_reason": "rejectionNote cancellation_reason error failureReason",
    },
    "transactions": {
        "transaction_id": "Id TransactionId transId transactionID",
        "event_type": "TypeId DocumentTypeId DocumentTypeName transType type action",
        **_MONEY,
        "balance_after": "Balance balance_after balanceAfter",
        "status": "State state",
        "description": "Note Game gameName comment",
        "reference_id": "roundId round_id externalReference",
        "created_at": "CreatedLocal Created ins createdAt time date",
    },
    "bonuses": {
        "bonus_id": "bonusWalletID Id award_id",
        "bonus_type_id": "PartnerBonusId partner_bonus_id bonusId template_id",
        "name": "Name title bonus_name",
        "code": "bonusCode bonus_code group_key",
        "amount": "Amount amount_cents grantedAmount awardedAmount",
        "wager_requirement": "amount_wager_requirement_cents initialWagerRequirementAmount amount_to_wager "
        "required_wagering_amount turnoverBonusGoal totalRequired wageringRequirement",
        "wagered": "amount_wager_cents wagered_amount turnoverBonus totalWagered",
        "status": "stage bonusStatus state localizedStatus",
        "issued_at": "CreatedLocal grantedDate created_at start_date awarded_at",
        "expires_at": "ClientBonusExpirationDateLocal client_bonus_expiration_date expiration_date expiryDate "
        "valid_until validTo",
        "reason": "Note comment",
    },
    "kyc": {
        "status": "kycStatus active_step_state playerVerification kyc_status verification_status",
        "level": "kyc_level verification_level",
        "verified_at": "VerificationDate verifiedAt",
        "expires_at": "validUntil expiryDate",
    },
    "responsible_gaming": {"rg_closed": "is_excluded Excluded selfExcluded is_self_excluded"},
    "notes": {
        "note_id": "Id commentId",
        "content": "commentText comment text body message",
        "author": "user createdByUsername admin created_by",
        "category": "topic kind",
        "pinned": "isPinned is_pinned",
        "created_at": "createdDate created createdAt",
    },
}
#: Members that are put together: canonical ← the parts, of which each is one of several names.
JOINED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "name": (
        ("FirstName", "first_name", "firstname"),
        ("MiddleName", "middle_name"),
        ("LastName", "last_name", "sur_name", "surname"),
    ),
    "phone": (("mobilePhonePrefix", "mobile_prefix", "phone_prefix"), ("mobilePhone", "mobile")),
}
#: Where an answer names its player, the likelier first.
PLAYER_IDS = (
    "ClientId",
    "player_id",
    "playerId",
    "user_id",
    "userId",
    "memberId",
    "ext_user_id",
    "unique_id",
)
#: In a player's own record the plain id too.
OWN_IDS = (*PLAYER_IDS, "Id")
TOTALS = ("Count", "total", "total_count", "totalCount", "totalRecordCount", "totalElements", "count")
#: What each platform calls the list.
LISTS: Mapping[str, str] = {
    "withdrawals": "ClientRequests WithdrawalRequests withdrawal_requests request payouts cashouts payments awaiting",
    "deposits": "deposits_requests request deposits payments Objects",
    "transactions": "Objects Documents details transactions history",
    "bonuses": "bonuses items awards grantedBonuses",
    "notes": "notes comments",
}
#: Words of a status, by capability (§13): only those that sources agree on.
WORDS: Mapping[str, Mapping[str, str]] = {
    "withdrawals": {
        "pending": "pending Pending PendingApproval PendingNotification Awaiting New reserved",
        "processing": "processing Processing ProcessingDebit ProcessingCredit",
        "approved": "approved Allowed",
        "paid": "paid Paid succeeded Success",
        "rejected": "rejected Rejected declined AuthFailed Failed DebitFailed CreditFailed",
        "cancelled": "cancelled canceled Cancelled recalled RollBack",
    },
    "deposits": {
        "completed": "completed succeeded Success paid Paid",
        "pending": "pending Pending Processing processing",
        "failed": "failed Failed AuthFailed DebitFailed CreditFailed rejected declined",
    },
    "bonuses": {
        "pending": "pending Pending Created issued wait",
        "active": "active Ongoing handle_bets",
        "completed": "completed Completed AutoCompleted wager_done",
        "cancelled": "cancelled canceled Forfeited Reversed",
        "expired": "expired Expired",
        "lost": "lost Lost",
    },
    "transactions": {
        "deposit": "deposit Deposit",
        "withdrawal": "withdrawal Withdrawal cashout",
        "bet": "bet Bet",
        "win": "win Win",
        "bonus": "bonus Bonus",
    },
}


@dataclass(frozen=True, slots=True)
class FalseFriend:
    """A name that is not what it looks like, where the names beside it (if any are told) stand beside it."""

    name: str
    looks_like: str
    reason: str
    capabilities: frozenset[str]
    beside: frozenset[str] = frozenset()


def _friend(name: str, looks_like: str, reason: str, capabilities: str, beside: str = "") -> FalseFriend:
    beside_names = frozenset(plain(one) for one in beside.split())
    return FalseFriend(plain(name), looks_like, reason, frozenset(capabilities.split()), beside_names)


def plain(name: str) -> str:
    """A name without case, underscores and hyphens."""
    return re.sub(r"[_\-\s]", "", name).lower()


_BALANCES = "player balances"
_REMAINING = "it is what remains to be wagered: wagered = requirement - remaining"
#: Of a bonus: what is still to be wagered.
REMAINING = frozenset({"remainingwagerrequirementamount", "remainingwagering", "wageringremaining"})
FALSE_FRIENDS: tuple[FalseFriend, ...] = (
    _friend("frozen_balance", "pending_withdrawal", "it is bonus-side money, no pending withdrawal", _BALANCES),
    _friend("account", "id", "it may be a login or a wallet: say which path is the player's id", "player balances kyc"),
    _friend("PartnerBonusId", "bonus_id", "it is the template, the award has an id of its own", "bonuses"),
    _friend("partner_bonus_id", "bonus_id", "it is the template, the award has an id of its own", "bonuses"),
    _friend("bonusId", "bonus_id", "beside bonusWalletID it is the template", "bonuses", "bonusWalletID"),
    _friend("id", "bonus_id", "beside bonusWalletID it is not the player's award", "bonuses", "bonusWalletID"),
    _friend("remainingWagerRequirementAmount", "wagered", _REMAINING, "bonuses"),
    _friend("remainingWagering", "wagered", _REMAINING, "bonuses"),
    _friend("wageringRemaining", "wagered", _REMAINING, "bonuses"),
    _friend("amount_to_wager", "wr", "it is the whole requirement, not what remains", _BALANCES),
    _friend("documents", "documents", "with amounts in it, it is the ledger and no KYC", "kyc", "amount"),
    _friend("documents", "transactions", "with document types in it, it is KYC and no ledger", "transactions"),
    _friend("type", "status", "it is a kind, no status: 1 may be a withdrawal, or «allowed»", "withdrawals deposits"),
    _friend("Note", "content", "on a ledger row it is no note about the player", "notes", "amount"),
    _friend("authentication", "session", "a staff token is no player's session", "player kyc balances"),
)
