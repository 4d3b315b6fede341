"""Fills an empty file with the cast: players with a history in which every balance follows from its rows.

The cast's files tell of one moment, ``TOLD_AT``; everything is moved by whole days, so that it ends today.
"""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from widget_service.backoffice.reference.database import Books
from widget_service.backoffice.reference.history import write_history

DAY = 86_400
#: 2026-03-01T12:00:00Z
TOLD_AT = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
#: The next number of each is one more. What the cast names itself is below, or far above.
SEQUENCES = {
    "operation": 0x900000,
    "withdrawal": 11_000,
    "deposit": 61_000,
    "bonus": 5_100,
    "document": 100,
    "note": 1_100,
    "bonus_type": 0,
    "round": 5_400_000,
}
#: From where they go on once the cast is there.
AFTERWARDS = {"withdrawal": 21_100, "deposit": 88_200, "bonus": 7_801, "document": 801, "note": 3_343}
SETTINGS = {
    "marketing_email_subscription": True,
    "email_validation": True,
    "email_account_activation": "activated",
    "marketing_sms_subscription": False,
    "sms_validation": True,
    "sms_account_activation": "activated",
    "want_bonus": True,
}


def cast() -> Iterator[dict[str, Any]]:
    """Every player's file."""
    folder = files("widget_service.backoffice.reference") / "cast"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield tomllib.loads(file.read_text(encoding="utf-8"), parse_float=str)


def seed(books: Books, now: int) -> None:
    """The cast, as of today."""
    shift = (now - TOLD_AT) // DAY * DAY
    for name, last in SEQUENCES.items():
        books.add("sequences", {"name": name, "last": last})
    for told in cast():
        for bonus_type in told.get("bonus_types", []):
            _add_bonus_type(books, bonus_type, shift)
        for player in told.get("players", []):
            _add_player(books, player, shift)
    for name, last in AFTERWARDS.items():
        books.change("UPDATE sequences SET last = max(last, ?) WHERE name = ?", last, name)


def seconds(told: datetime | None, shift: int) -> int | None:
    """A told moment as Unix seconds of today."""
    return None if told is None else int(told.timestamp()) + shift


def _add_bonus_type(books: Books, told: dict[str, Any], shift: int) -> None:
    members = {"criteria_type": None, "description": None, **told}
    books.add("bonus_types", {**members, "expires_at": seconds(told.get("expires_at"), shift)})


def _add_player(books: Books, told: dict[str, Any], shift: int) -> None:
    books.add("players", {**_as_told(told, shift), **_verification(told.get("kyc", {}), shift)})
    write_history(books, told, shift)
    updated = seconds(told.get("updated_at"), shift)
    if updated is not None:
        books.change("UPDATE players SET updated_at = ? WHERE player_id = ?", updated, told["player_id"])
    _add_papers(books, told, shift)


def _as_told(told: dict[str, Any], shift: int) -> dict[str, Any]:
    last_login = seconds(told["last_login"], shift)
    return {
        **{name: told[name] for name in ("player_id", "name", "email", "note", "currency", "language")},
        **{name: told.get(name) for name in ("phone", "affiliate_name", "affiliate_source", "vip_manager")},
        "registered_at": seconds(told["registered_at"], shift),
        "last_login": last_login,
        "withdrawal_status": told.get("withdrawal_status", "Active"),
        "blocked": int(told.get("blocked", False)),
        "segments": json.dumps(told.get("segments", []), ensure_ascii=False),
        "settings": json.dumps({**SETTINGS, **told.get("settings", {})}),
        "minutes_used": told.get("minutes_used", 0),
        "minutes_day": (TOLD_AT + shift) // DAY,
        "updated_at": last_login,
    }


def _verification(kyc: dict[str, Any], shift: int) -> dict[str, Any]:
    return {
        "kyc_status": kyc.get("status", "approved"),
        "kyc_level": kyc.get("level", "basic"),
        "verified_at": seconds(kyc.get("verified_at"), shift),
        "kyc_expires_at": seconds(kyc.get("expires_at"), shift),
        "required_documents": json.dumps(kyc.get("required", [])),
    }


def _add_papers(books: Books, told: dict[str, Any], shift: int) -> None:
    player_id = told["player_id"]
    for document in told.get("kyc", {}).get("documents", []):
        moments = {name: seconds(document.get(name), shift) for name in ("submitted_at", "reviewed_at", "expires_at")}
        number = document.get("id") or books.next("document")
        books.add("documents", {"rejection_reason": None, **document, **moments, "id": number, "player_id": player_id})
    for note in told.get("notes", []):
        number = note.get("id") or books.next("note")
        created = {"created_at": seconds(note["created_at"], shift), "id": number, "player_id": player_id}
        books.add("notes", {"author": None, "category": None, "pinned": 0, **note, **created})
    closure = told.get("closure")
    if closure is not None:
        moments = {name: seconds(closure.get(name), shift) for name in ("start_date", "end_date")}
        books.add("closures", {**closure, **moments, "player_id": player_id})
