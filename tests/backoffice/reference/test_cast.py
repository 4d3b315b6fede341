"""The cast's histories hold together: what is told at one place follows from what is told at another."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.back_office import PLAYERS, BackOffice
from widget_service import strict_json

UNDER_WAY = ("pending", "processing", "approved")
PLACES = {"JPY": 0, "BTC": 8, "KWD": 3}


class Reader:
    """One player's answers."""

    def __init__(self, office: BackOffice, player_id: str) -> None:
        self._client, self._headers, self._path = office.client(), office.headers(player_id), f"/v1/players/{player_id}"

    def __call__(self, place: str = "") -> Any:
        answer = self._client.get(self._path + place, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return strict_json.parse(answer.data, decimals=True)

    def all(self, plural: str) -> list[Any]:
        """Every item, page by page."""
        found: list[Any] = []
        while True:
            page = self(f"/{plural}?limit=200&offset={len(found)}")
            found += page[plural]
            if len(found) >= page["total"]:
                return found


@pytest.fixture(params=sorted(PLAYERS), scope="module")
def player(request: pytest.FixtureRequest, told: BackOffice) -> Reader:
    return Reader(told, request.param)


def test_balances_follow_from_the_ledger(player: Reader) -> None:
    balances, rows = player("/balances"), player.all("transactions")
    kept = {"cash": Decimal(0), "bonus": Decimal(0)}
    for row in reversed(rows):
        kept[row["balance_type"]] += row["amount"] if row["direction"] == "credit" else -row["amount"]
        assert kept[row["balance_type"]] == row["balance_after"] >= 0
        assert row["amount"] > 0

    assert (balances["cash_balance"], balances["bonus_balance"]) == (kept["cash"], kept["bonus"])
    assert balances["total_balance"] == kept["cash"] + kept["bonus"]


def test_summaries_follow_from_the_rows(player: Reader) -> None:
    summary, rows = player("/transactions/summary"), player.all("transactions")

    def total(event_type: str, direction: str) -> Decimal:
        kinds = (event_type, direction, "completed")
        found = [row["amount"] for row in rows if (row["event_type"], row["direction"], row["status"]) == kinds]
        return sum(found, Decimal(0))

    assert summary["total_deposits"] == summary["ltd"] == total("deposit", "credit")
    assert summary["total_withdrawals"] == summary["ltw"] == total("withdrawal", "debit")
    assert summary["net_gaming"] == summary["ltnc"] == total("bet", "debit") - total("win", "credit")
    assert (summary["from_date"], summary["to_date"]) == (None, None)


def test_payments_agree_with_the_ledger_and_the_profile(player: Reader) -> None:
    profile, summary = player(), player("/transactions/summary")
    withdrawals, deposits = player.all("withdrawals"), player.all("deposits")
    paid = [one["amount"] for one in withdrawals if one["status"] == "paid"]
    completed = [one for one in deposits if one["status"] == "completed"]
    under_way = [one["amount"] for one in withdrawals if one["status"] in UNDER_WAY]

    assert sum(paid, Decimal(0)) == summary["ltw"] == profile["kpi"]["ltw"]
    assert sum((one["amount"] for one in completed), Decimal(0)) == summary["ltd"]
    assert profile["balances"]["pending_withdrawal"] == sum(under_way, Decimal(0))
    assert profile["ftd_date"] == (completed[-1]["created_at"] if completed else None)
    assert player("/deposits/summary")["count"] == len(completed)


def test_the_profile_agrees_with_the_rest(player: Reader) -> None:
    profile, balances = player(), player("/balances")
    active = [one for one in player.all("bonuses") if one["status"] == "active"]
    remaining = sum((max(Decimal(0), one["wager_requirement"] - one["wagered"]) for one in active), Decimal(0))

    assert profile["balances"] == {name: balances[name] for name in profile["balances"]}
    assert profile["kyc_status"] == player("/kyc")["status"]
    assert (profile["kpi"]["active_bonus"], profile["kpi"]["wr"]) == (bool(active), remaining)
    assert (balances["active_bonus"] is None) == (not active)
    assert profile["registration_date"] <= profile["last_login"]


def test_every_amount_has_the_decimals_of_its_currency(player: Reader) -> None:
    profile = player()
    places = PLACES.get(profile["currency"], 2)
    amounts = [*profile["balances"].values(), *(row["amount"] for row in player.all("transactions"))]

    # Without decimals a number is an integer in JSON.
    assert {-Decimal(amount).as_tuple().exponent for amount in amounts} == {places}


def test_nothing_happens_in_the_future_or_before_the_registration(player: Reader) -> None:
    profile, rows = player(), player.all("transactions")

    assert all(profile["registration_date"] <= row["created_at"] <= "2026-03-01T12:00:00Z" for row in rows)
    assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)


def test_the_cast_is_as_varied_as_promised(told: BackOffice) -> None:
    readers = {player_id: Reader(told, player_id) for player_id in PLAYERS}
    profiles = {player_id: reader() for player_id, reader in readers.items()}
    closures = [(reader("/responsible-gaming")["closure"] or {}).get("type") for reader in readers.values()]

    assert len(profiles) >= 12
    assert {"40217", "5832", "61904"} <= set(profiles)
    assert {"EUR", "USD", "GBP", "JPY", "BTC", "KWD"} <= {profile["currency"] for profile in profiles.values()}
    assert {"approved", "in_review", "rejected", "not_started", "pending", "expired"} == {
        profile["kyc_status"] for profile in profiles.values()
    }
    assert {"cooloff", "self_exclusion"} <= set(closures)
    assert any(profile["ftd_date"] is None for profile in profiles.values())
    assert any("VIP" in profile["segments"] for profile in profiles.values())
    assert max(len(profile["name"]) for profile in profiles.values()) > 100
    assert any(not profile["name"].isascii() for profile in profiles.values())


def test_a_status_that_nobody_can_name_keeps_its_original(told: BackOffice) -> None:
    (found,) = [one for one in Reader(told, "70102").all("withdrawals") if one["status"] == "unknown"]

    assert (found["raw_status"], found["cancellable"]) == ("AwaitingPsp", False)


def test_the_documentation_names_the_whole_cast() -> None:
    page = (Path(__file__).parents[3] / "docs" / "back-office.md").read_text(encoding="utf-8")

    assert [player_id for player_id in PLAYERS if f"| `{player_id}` |" not in page] == []
