"""A member's name as words, however a platform spells it: ``CreationTime``, ``created_at`` and ``createdat`` are one.

Words that mean the same become one word; nothing here knows a platform.
"""

import re
from collections.abc import Mapping
from functools import cache

_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
#: The first word of each line stands for all of it.
_SAME = """
time at on date datetime timestamp ts dt day
id ids identifier uuid guid
number no num nr
reference ref
transaction transactions tx txn trx trans tran
payment payments pay pmt
withdrawal withdrawals withdraw wd cashout cashouts payout payouts
deposit deposits topup
amount amt amounts sum
currency ccy curr cur currencies
phone mobile telephone tel cell msisdn cellphone
email mail
first given fore forename firstname
last family sur surname lastname
middle middlename
language lang locale
created creation create inserted ins
updated update modified changed
processed processing process finalised finalized settled closed
completed complete completion finished
registered registration register reg signup joined join enrolled
login logon signin logged
verified verification validated validation confirmed confirmation verify
blocked locked disabled suspended banned
affiliate affilate aff
bonus bonuses promo promotion promotional
wager wagering rollover turnover playthrough
requirement required target goal threshold requirements
remaining left outstanding remain
status state stage
cancelled canceled cancellation
rejected reject rejection declined decline refused refusal denial
failed failure fail error
expires expire expired expiry expiration
issued granted awarded awarding grant award assigned
balance balances wallet wallets funds money
withdrawable cashable redeemable
available availability
total overall
cash real
pending reserved held hold booked
content text body message
author creator writer
document documents doc docs
player players client clients customer customers user users member members punter punters patron patrons
description narrative
lifetime alltime
exclusion excluded exclude
limit limits
daily daytime
submitted uploaded
reviewed audited
type kind
system provider
name title
"""
SAME: Mapping[str, str] = {word: line.split()[0] for line in _SAME.strip().splitlines() for word in line.split()}
#: Written between words, or to say how a value is written: without meaning of their own.
_BETWEEN = "local utc gmt iso unix epoch ms millis seconds the of in is has was flag"
_EMPTY = frozenset(_BETWEEN.split())
_KNOWN = (
    "main old new sub type code comment comments note notes group tag level vip full user display before after "
    "address country city brand merchant partner operator external internal method self info detail details "
    "secure current contact request requested key value cents minor units game round reason order username"
)
_MORE = frozenset(_KNOWN.split())


def words(name: str) -> tuple[str, ...]:
    """Its words in small letters, as they are written; what is run together is taken apart if all of it is known."""
    pieces = [piece.lower() for piece in _PIECE.findall(name)]
    return tuple(word for piece in pieces for word in _apart(piece))


@cache
def meaning(name: str) -> frozenset[str]:
    """Its words, those that mean the same as one."""
    return frozenset(SAME.get(word, word) for word in words(name) if word not in _EMPTY)


@cache
def _apart(piece: str) -> tuple[str, ...]:
    known = SAME.keys() | _MORE | _EMPTY
    if piece in known or len(piece) < 5:
        return (piece,)
    return _split(piece, known, 4) or (piece,)


def _split(text: str, known: frozenset[str] | set[str], most: int) -> tuple[str, ...] | None:
    """In as few known words as possible; None if something would be left over."""
    if text in known:
        return (text,)
    if most == 1:
        return None
    found: tuple[str, ...] | None = None
    for end in range(len(text) - 2, 1, -1):
        rest = _split(text[end:], known, most - 1) if text[:end] in known else None
        if rest is not None and (found is None or len(rest) + 1 < len(found)):
            found = (text[:end], *rest)
    return found
