"""What the doctor finds: one sentence each."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` is what was looked at: workspace, brand, origin, key, clock, token."""

    level: Literal["good", "note", "problem"]
    check: str
    message: str


def good(check: str, message: str) -> Finding:
    """All is well with it."""
    return Finding("good", check, message)


def note(check: str, message: str) -> Finding:
    """Worth knowing; stops nothing."""
    return Finding("note", check, message)


def problem(check: str, message: str) -> Finding:
    """It stops a start."""
    return Finding("problem", check, message)
