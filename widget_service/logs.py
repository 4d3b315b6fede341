"""How every process of the service logs."""

import re
import sys
from collections.abc import Container, Iterable

import structlog

#: Ids that this service makes, as ids.new_id() does. What begins otherwise may be a credential, or a person's name.
_OUR_ID = re.compile(r"(?:aud|avt|br|conv|evt|hd|key|msg|sid|tok|wh|ws)_[0-9a-f]{32}")
HIDDEN = "…"


def configure_logging(level: str) -> None:
    """JSON lines on standard error; nothing below the level is even formatted."""
    number = {"debug": 10, "info": 20, "warning": 30, "error": 40}[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def words_of(rules: Iterable[str]) -> frozenset[str]:
    """The segments that a router's rules state in full: what ``logged_path`` may repeat."""
    return frozenset(word for rule in rules for word in rule.split("/") if "<" not in word)


def logged_path(path: str, words: Container[str]) -> str:
    """A path as logs may have it: words of our own addresses and ids of our own making; the rest is HIDDEN.

    A caller's mistake puts a credential into a path, and a player id may be an e-mail address.
    """
    return "/".join(one if one in words or _OUR_ID.fullmatch(one) else HIDDEN for one in path.split("/"))
