"""The player's profile (player API §3)."""

import json
import sqlite3
from typing import Any

from widget_service.backoffice.canonical.profiles import Kpi, LastDeposit, LastWithdrawal, Player, PlayerSettings
from widget_service.backoffice.canonical.values import Written
from widget_service.backoffice.reference.accounts import balances_of, lifetime
from widget_service.backoffice.reference.asked import Asked, moment, moment_or_none
from widget_service.backoffice.reference.ledger import note_operation, operation_id

COLUMNS = ("phone", "affiliate_name", "blocked")


def read_player(asked: Asked) -> Player:
    """§3.1."""
    player, settings = asked.player, json.loads(asked.player["settings"])
    return Player(
        id=player["player_id"],
        name=player["name"],
        email=player["email"],
        phone=player["phone"],
        currency=player["currency"],
        language=player["language"],
        registration_date=moment(player["registered_at"]),
        ftd_date=moment_or_none(_first_deposit_at(asked)),
        last_login=moment_or_none(player["last_login"]),
        kyc_status=player["kyc_status"],
        withdrawal_status=player["withdrawal_status"],
        affiliate_name=player["affiliate_name"],
        affiliate_source=player["affiliate_source"],
        vip_manager=player["vip_manager"],
        blocked=bool(player["blocked"]),
        balances=balances_of(asked),
        kpi=_kpi(asked),
        segments=json.loads(player["segments"]),
        settings=PlayerSettings(**settings),
    )


def update_player(asked: Asked) -> Written:
    """§3.2."""
    changes: dict[str, Any] = asked.body.changes()
    number = note_operation(asked, "player.updated", changes)
    settings = json.loads(asked.player["settings"])
    for name, value in changes.items():
        if name in COLUMNS:
            asked.books.change(
                f"UPDATE players SET {name} = ? WHERE player_id = ?",  # noqa: S608 - one of three names of ours
                value,
                asked.player_id,
            )
        else:
            settings[name] = value
    asked.books.change("UPDATE players SET settings = ? WHERE player_id = ?", json.dumps(settings), asked.player_id)
    return Written(message="Player updated", transaction_id=operation_id(number))


def _kpi(asked: Asked) -> Kpi:
    row = asked.books.find(
        "SELECT count(*) AS active, sum(max(0, coalesce(wager_requirement, 0) - coalesce(wagered, 0))) AS wr"
        " FROM bonuses WHERE player_id = ? AND status = 'active'",
        asked.player_id,
    )
    assert row is not None  # noqa: S101 - an aggregate is one row
    return Kpi.model_validate(
        {
            "active_bonus": row["active"] > 0,
            "wr": asked.money(row["wr"] or 0),
            "last_withdrawal": _last_withdrawal(asked),
            "last_deposit": _last_deposit(asked),
            **lifetime(asked),
        }
    )


def _last_withdrawal(asked: Asked) -> LastWithdrawal | None:
    row = _newest(asked, "withdrawals", "requested_at")
    return None if row is None else LastWithdrawal(amount=asked.money(row["amount"]), status=row["status"])


def _last_deposit(asked: Asked) -> LastDeposit | None:
    row = asked.books.find(
        "SELECT * FROM deposits WHERE player_id = ? AND status = 'completed' ORDER BY created_at DESC, id DESC LIMIT 1",
        asked.player_id,
    )
    return None if row is None else LastDeposit(amount=asked.money(row["amount"]), date=moment(row["created_at"]))


def _newest(asked: Asked, table: str, at: str) -> sqlite3.Row | None:
    return asked.books.find(
        f"SELECT * FROM {table} WHERE player_id = ? ORDER BY {at} DESC, id DESC LIMIT 1",  # noqa: S608
        asked.player_id,
    )


def _first_deposit_at(asked: Asked) -> int | None:
    row = asked.books.find(
        "SELECT min(created_at) FROM deposits WHERE player_id = ? AND status = 'completed'", asked.player_id
    )
    return None if row is None else row[0]
