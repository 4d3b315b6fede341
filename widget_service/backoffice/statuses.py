"""The words of a status, a kind or a direction, as platforms write them: ``PENDING``, ``Pending``, ``TX_PENDING``.

A word is compared without case, separators and what every value begins with; those that platforms use for more
than one thing have a ``?``.
"""

from collections.abc import Mapping, Sequence

from widget_service.backoffice.names import words

_CANCELLED = (
    "cancelled, canceled, cancel, cancelled by user, cancelled by player, cancelled by customer, cancelled by client, "
    "canceled by user, canceled by player, canceled by customer, recalled, roll back, rolled back, rollback, voided, "
    "void, reversed, aborted, revoked, withdrawn by player"
)
_WAITING = (
    "pending, pending approval, pending notification, pending review, new, waiting, waiting approval, "
    "waiting for approval, awaiting, awaiting approval, created, initiated, open?, submitted, queued, reserved, "
    "requested, request?, received?, in review, under review, manual review, on hold?, unprocessed"
)
_FAILED = (
    "failed, failure, auth failed, debit failed, credit failed, error, declined, rejected, denied, refused, decline, "
    "unsuccessful, timed out, timeout"
)
_DONE = "success, successful, succeeded, completed, complete, done, settled, executed, finished, processed?, ok?"
_KYC = {
    "not_started": "not started, none?, not submitted, init, unverified?, not verified?",
    "pending": "pending, requested, waiting, submitted?, awaiting documents, documents requested",
    "in_review": "in review, under review, reviewing, processing?, in progress?, manual review, queued?",
    "approved": "approved, verified, accepted, passed, green, confirmed, success?, completed?, complete?",
    "rejected": "rejected, declined, denied, failed, refused, red, not approved",
    "expired": "expired",
}
#: (capability, canonical member) → canonical word → the platforms' words. ``*`` is any capability.
WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("withdrawals", "status"): {
        "pending": _WAITING,
        "processing": "processing, in progress, in process, processing debit, processing credit, sent?, sending, "
        "in transit, executing, being processed",
        "approved": "approved, accepted?, allowed, authorized, authorised, confirmed?",
        "paid": f"paid, paid out, credited, {_DONE}",
        "rejected": f"{_FAILED}, not approved",
        "cancelled": _CANCELLED,
    },
    ("deposits", "status"): {
        "completed": f"{_DONE}, paid, credited, captured, approved?, accepted?, confirmed?",
        "pending": f"{_WAITING}, processing, in progress, in process, authorized?, authorised?",
        "failed": _FAILED,
    },
    ("transactions", "status"): {
        "completed": f"{_DONE}, paid, posted, booked, approved?, confirmed?",
        "pending": f"{_WAITING}, processing, in progress",
        "failed": _FAILED,
        "cancelled": _CANCELLED,
    },
    ("bonuses", "status"): {
        "pending": "pending, created, issued, wait, waiting, not activated, inactive?, available?, new?",
        "active": "active, ongoing, handle bets, activated, started, in progress, wagering, opened?, open?, running",
        "completed": "completed, complete, auto completed, wager done, finished?, converted, released, won?, wagered",
        "cancelled": f"{_CANCELLED}, forfeited, forfeit, declined?, removed?",
        "expired": "expired, timed out",
        "lost": "lost, busted",
    },
    ("transactions", "event_type"): {
        "deposit": "deposit, top up, pay in, cash in, topup",
        "withdrawal": "withdrawal, withdraw, cash out, cashout, payout?, pay out?",
        "bet": "bet, wager, stake, bet placed, place bet",
        "win": "win, winnings, bet won, prize?, bet win",
        "bonus": "bonus, bonus credit, bonus granted, free spin?",
        "adjustment": "adjustment, correction, manual, manual adjustment, manual correction, balance correction",
    },
    ("transactions", "direction"): {
        "credit": "credit, cr, in, incoming, plus?, c?, increase",
        "debit": "debit, dr, out, outgoing, minus?, d?, decrease",
    },
    ("kyc", "status"): _KYC,
    ("*", "kyc_status"): _KYC,
    ("kyc", "level"): {
        "basic": "basic",
        "enhanced": "enhanced, intermediate?",
        "full": "full, advanced?",
    },
    ("*", "withdrawal_status"): {
        "Active": "active, enabled, allowed",
        "Blocked": "blocked, disabled, suspended, not allowed",
    },
}
#: What values say besides: whose status it is.
_WHOSE = "transaction tx status state payment withdrawal deposit request bonus game type kyc event"
_OF = frozenset(_WHOSE.split())


def find_word(capability: str, member: str, value: str) -> tuple[str, bool] | None:
    """The canonical word for a platform's, and whether it is sure; None if it is not known."""
    table = WORDS.get((capability, member)) or WORDS.get(("*", member)) or {}
    for meant in _readings(value):
        for canonical, phrases in table.items():
            for phrase in phrases.split(", "):
                if phrase.removesuffix("?") == meant:
                    return canonical, not phrase.endswith("?")
    return None


def _readings(value: str) -> Sequence[str]:
    """All of it; then without the words that say whose status it is."""
    whole = tuple(word for word in words(value) if not word.isdigit())
    less = tuple(word for word in whole if word not in _OF)
    readings = [" ".join(whole), " ".join(less)]
    return [reading for reading in readings if reading]
