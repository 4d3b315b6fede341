"""What platforms call the canonical members, and the names that look like one and are another.

The names were read in public documents and clients; a person confirms whatever is proposed by them. They are phrases:
a name is compared by its words (``names.meaning``), so that each spelling of it need not stand here. ``?`` behind a
phrase says that it may mean something else, ``??`` that it often does; behind ``=`` no word may be missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLAYER = {
    "name": "full name, display name?, player name?, holder name?",
    "email": "email, email address, registered email, primary email, contact email?, login email?",
    "phone": "phone, phone number, registered phone, contact phone, contact number, primary phone, full phone",
    "currency": "currency, currency code, currency id, currency name, preferred currency, account currency, "
    "default currency?, base currency?",
    "language": "language, language code, language id, preferred language, language name",
    "registration_date": "registered time, registered, account created, sign up time, signed up time, created, "
    "member since, registered on?",
    "ftd_date": "first deposit time, ftd time, ftd, first deposit",
    "last_login": "last login, last login time, current sign in at, last sign in at, pre login time, "
    "login time?, last seen?, last active?, last activity?",
    "kyc_status": "kyc status, kyc, kyc state, kyc verified, player verified, identity verified, document verified, "
    "documents verified, sumsub verified, verified status, verified, verified at, identity status, review answer?",
    "withdrawal_status": "withdrawal status, ban withdrawal, withdrawal blocked, withdrawal banned, can withdrawal, "
    "withdrawal allowed, withdrawal enabled",
    "blocked": "blocked, account blocked, login blocked",
    "affiliate_name": "affiliate name",
    "affiliate_source": "affiliate id, affiliate source, affiliate code, affiliate marker, affiliate reference, "
    "affiliate, btag, b tag, affiliate tag, tracking code?, referral source?",
    "vip_manager": "vip manager, account manager, vip host, vip manager name, account manager name",
    "segments": "segments, segment, tags, roles, statuses, groups, labels",
    "balances.total_balance": "total balance, total, amount cents?, balance total",
    "balances.cash_balance": "cash balance, cash, main balance, total cash amount, total cash, balance?, "
    "current balance?, main?",
    "balances.bonus_balance": "bonus balance, bonus, total bonus",
    "balances.withdrawable_balance": "withdrawable balance, withdrawable, withdrawable cash, total withdrawable, "
    "available to withdrawal, available for withdrawal, available withdrawal, withdrawal balance, available balance?, "
    "available?",
    "balances.pending_withdrawal": "pending withdrawal, pending withdrawals, withdrawal pending, pending balance?, "
    "pending?, blocked balance?, frozen?, in withdrawal?",
    "kpi.ltd": "lifetime deposit, total deposit, deposit amount, deposit sum, deposit total",
    "kpi.ltw": "lifetime withdrawal, total withdrawal, withdrawal amount, withdrawal sum, withdrawal total, "
    "total cash withdrawn?",
    "kpi.last_deposit.amount": "last deposit amount",
    "kpi.last_deposit.date": "last deposit time",
    "kpi.last_withdrawal.amount": "last withdrawal amount",
    "settings.email_validation": "email verified, email address verified",
    "settings.sms_validation": "phone verified, phone number verified, sms verified",
    "settings.marketing_email_subscription": "marketing email subscription, email marketing, email marketing opt, "
    "email subscription, email subscribed, email opt in, newsletter, send email, receive email, accept email, "
    "marketing email, allow email, email consent, email marketing consent",
    "settings.marketing_sms_subscription": "marketing sms subscription, sms marketing, sms subscription, "
    "sms subscribed, sms opt in, send sms, receive sms, accept sms, marketing sms, allow sms, sms consent, "
    "sms marketing consent",
    "settings.want_bonus": "want bonus, send bonus, accept bonus, receive bonus, bonus opt in",
}
_CURRENCY = {"currency": "currency, currency code, currency id, currency name, amount currency, iso4217, iso currency"}
_MONEY = {
    **_CURRENCY,
    "amount": "amount, requested amount, request amount, gross amount, cash amount, cash amount changed, "
    "amount changed, change amount, amount cents, total amount?, total?, value?, grand total?, net amount?, delta?",
}
_METHOD = (
    "payment method, method, payment method name, payment system name, payment system, system name, =payment type, "
    "method name, payment method type, "
    "payment method details type, payment channel?, =transaction type?, brand?, credit vendor name, debit vendor name, "
    "vendor name?, gateway?, payment system id??, payment method id??, channel?"
)
ALIASES: Mapping[str, Mapping[str, str]] = {
    "player": PLAYER,
    "balances": {
        "currency": PLAYER["currency"],
        **{name.removeprefix("balances."): seen for name, seen in PLAYER.items() if name.startswith("balances.")},
        "updated_at": "updated, updated at, last updated, as of",
    },
    "withdrawals": {
        "withdrawal_id": "withdrawal id, withdrawal request id, id, transaction id, payment id, request id, "
        "=order id, =transaction code, =withdrawal code, =withdrawal number, =withdrawal reference, "
        "secure id?, =transaction number?, =transaction reference?, =order number?, "
        "=entity id?, =increment id?",
        **_MONEY,
        "status": "status, status name, withdrawal status, workflow status, payment status, "
        "transaction status, request status",
        "payment_method": _METHOD,
        "requested_at": "requested time, request time, created, initiation time, initiated time, withdrawal time, "
        "transaction time, submitted time, transaction initiation time, time, placed time",
        "processed_at": "processed time, completed time, completed, allow time, approved time, paid time, "
        "decided time, time payment, =payment created, executed time, resolved time, last updated??, updated??",
        "cancellable": "cancellable, cancelable, recallable, rallback allowed, rollback allowed, can cancel, "
        "can be cancelled, reversible, can reverse",
        "rejection_reason": "rejected reason, rejected note, cancelled reason, rejected comment, failed reason, "
        "rejected message, decision reason, reason?, status reason?",
    },
    "deposits": {
        "deposit_id": "deposit id, deposit request id, id, transaction id, payment id, request id, "
        "=order id, =transaction code, =deposit code, =deposit number, =deposit reference, "
        "secure id?, =transaction number?, =transaction reference?, =order number?, "
        "=entity id?, =increment id?",
        **_MONEY,
        "status": "status, status name, deposit status, payment status, transaction status",
        "payment_method": _METHOD,
        "created_at": "created, deposit time, request time, requested time, initiation time, initiated time, "
        "transaction initiation time, transaction time, time",
        "completed_at": "completed time, completed, processed time, paid time, time payment, credited time, "
        "captured time, approved time, last updated??, updated??",
        "failure_reason": "failed reason, failed message, rejected note, rejected reason, cancelled reason, failed, "
        "rejected message, reason?",
    },
    "transactions": {
        "transaction_id": "transaction id, id, entry id, ledger id, movement id, operation id, posting id, "
        "=transaction number?, =transaction code?",
        "event_type": "event type, transaction type, type, event, operation type, entry type, movement type, "
        "transaction type name, document type name, action, operation, category?, type id??, document type id??, "
        "transaction event code??",
        "direction": "direction, debit credit, credit debit, side, dc, type?",
        **_MONEY,
        "balance_after": "balance after, after balance, after cash balance, cash balance after, new balance, "
        "closing balance, resulting balance, running balance, balance?, ending balance, post balance, end balance",
        "status": "status, status name, transaction status",
        "description": "description, note, game name, game, comment, details?, memo, label",
        "reference_id": "reference id, reference, round id, external reference, related transaction id, related id, "
        "external id, reference number, game round id, linked id",
        "created_at": "created, transaction time, time, posted time, booked time, occurred time, event time, "
        "booking time, transaction initiation time, value time?, entry time, happened time",
    },
    "bonuses": {
        "bonus_id": "bonus balance id, player bonus id, bonus issued id, issued id, bonus instance id, instance id, "
        "=id, =bonus id??",
        "bonus_type_id": "bonus type id, =partner bonus id, bonus template id, template id, campaign id, =bonus id, "
        "definition id, offer id, bonus definition id, bonus campaign id, rule id, program id",
        "name": "bonus name, name, template name, campaign name, offer name, display name",
        "code": "bonus code, code, coupon code, coupon, voucher code, group key",
        "amount": "amount, bonus amount, issued amount, amount cents, bonus prize, prize, bonus value, "
        "initial amount?, value?, reward amount, credit amount?",
        "wager_requirement": "wager requirement, initial wager requirement, amount to wager, requirement?, "
        "wager total?",
        "wagered": "wagered, wager, wager bonus, total wagered, wager progress, wager done, current wager, "
        "wager completed, amount wagered, wagered so far",
        "status": "bonus status, status, status name, localized status, active step status",
        "issued_at": "issued time, issued, created, start time, starts time, activated time, credited time, "
        "bonus time?, time?",
        "expires_at": "expires, expires time, client bonus expires time, valid until, valid to, end time, ends time, "
        "valid till, valid through, deadline",
        "reason": "reason, note, comment",
        "added_by": "added by, created by, issued by",
    },
    "kyc": {
        "status": "kyc status, status, kyc verified status, verified status, active step status, player verified, "
        "overall status, review answer?, review status??, document verified, documents verified, identity verified, "
        "verified?",
        "level": "kyc level, level, verified level, tier, kyc tier",
        "verified_at": "verified time, kyc verified time, approved time, review time??, reviewed time??",
        "expires_at": "expires, valid until, kyc expires",
    },
    "responsible_gaming": {
        "rg_closed": "self exclusion, excluded, self excluded, rg closed, exclusion, exclusion active, "
        "self exclusion active",
        "closure.end_date": "self exclusion until, exclusion until, self exclusion end time, exclusion end time, "
        "excluded until",
    },
    "notes": {
        "note_id": "note id, comment id, id, remark id, entry id, memo id",
        "content": "content, comment text, note text, comment, note, remark, memo, note content",
        "author": "author, author name, created by, author username, created by username, user, admin, agent, "
        "agent name, staff, staff name, operator?, added by, written by",
        "category": "category, topic, type, kind",
        "pinned": "pinned, sticky",
        "created_at": "created, note time, added time, written time, time, posted time",
    },
}
#: What a name may have besides, because it is the capability's own thing.
OWN_WORDS: Mapping[str, str] = {
    "player": "profile account",
    "balances": "account amount",
    "withdrawals": "withdrawal payment transaction request order",
    "deposits": "deposit payment transaction request order",
    "transactions": "transaction ledger entry",
    "bonuses": "bonus",
    "kyc": "kyc",
    "responsible_gaming": "rg",
    "notes": "note comment",
}
#: Objects around a member that change nothing about whose it is; any other one makes a guess unsure.
_AROUND = (
    "info information detail details data record profile personal contact account attribute attributes result "
    "summary current main general basic abs player review login items entry core response object payload node flags "
    "financial verified registered balance"
)
AROUND = frozenset(_AROUND.split())
#: Whoever else an answer speaks of. An id, a name or an amount of theirs is never the player's.
_OTHERS = (
    "partner agent operator merchant referrer referral parent sponsor staff admin reviewer bank brand company "
    "tenant site shop skin vendor provider psp fee tax commission game bonus template campaign author manager host"
)
OTHERS = frozenset(_OTHERS.split())
#: Members that are put together: canonical ← the parts, of which each is one of several names.
JOINED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "name": (("first name", "first"), ("middle name",), ("last name", "last")),
    "phone": (("phone prefix", "phone country code"), ("phone",)),
}
#: Where an answer names its player, the likelier first. A system beside the platform calls the platform's id external.
PLAYER_IDS = (
    "external user id",
    "merchant user id",
    "ext user id",
    "merchant player id",
    "external id of user",
    "party id",
    "player id",
    "player number",
    "player reference",
    "player",
    "unique id",
    "uid",
    "account reference",
    "holder id",
    "owner id",
    "subject id",
    "custom field",
    "custom id",
    "account id",
    "account number",
)
#: In a player's own record the plain id too.
OWN_IDS = (*PLAYER_IDS, "external id", "id")
TOTALS = ("count", "total", "total count", "total record count", "total elements", "total items", "total results",
          "row count total", "record count", "total records", "total rows", "items count")  # fmt: skip
#: What each platform calls the list.
LISTS: Mapping[str, str] = {
    "withdrawals": "ClientRequests WithdrawalRequests withdrawal_requests request payouts cashouts payments awaiting",
    "deposits": "deposits_requests request deposits payments Objects",
    "transactions": "Objects Documents details transactions history",
    "bonuses": "bonuses items awards grantedBonuses",
    "notes": "notes comments",
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
