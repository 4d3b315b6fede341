"""Each preset reads its simulated platform into canonical shapes, and says what it does not know."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.platforms import Simulation
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.connector.connector import Connector
from widget_service.backoffice.preset_files import available_presets, read_preset
from widget_service.demo.platforms import SETTINGS
from widget_service.demo.platforms.stage import STAFF_TOKEN
from widget_service.errors import CapabilityNotAvailable, InvalidRequest, ServiceError, WithdrawalCannotCancel

ANA, JONAS, LEA, NOOR, KENJI, TOVE = "40217", "5832", "61904", "70311", "70544", "88120"
PRESETS = [
    "betconstruct_backoffice",
    "betconstruct_swarm",
    "everymatrix_player",
    "fasttrack_operator",
    "softswiss_relay",
]
WRITES: dict[str, dict[str, object]] = {
    "withdrawals.cancel": {"withdrawal_id": "1", "reason": "asked"},
    "bonus.add": {"bonus_type_id": "1", "amount": Decimal(1)},
    "bonus.cancel": {"reason": "asked"},
    "notes.add": {"content": "a note"},
}


def parsed(name: str) -> Connector:
    return Connector.parse(read_preset(name), "https://api.example", {"api_token": "t"}, SETTINGS.get(name, {}))


def all_text(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(map(all_text, value.values()))
    return " ".join(map(all_text, value)) if isinstance(value, list) else str(value)


def test_there_is_a_preset_for_each_known_platform() -> None:
    assert available_presets() == PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_of_every_capability_whether_it_is_known(name: str) -> None:
    plans = parsed(name).plans

    assert {*plans.plans, *plans.same_as, *plans.unknown} == set(CAPABILITIES)
    assert all(plans.unknown.values()), "each unknown capability says why"


@pytest.mark.parametrize("name", PRESETS)
def test_every_mapped_member_of_a_preset_has_its_evidence(name: str) -> None:
    connector = parsed(name)
    for plan in connector.plans.plans.values():
        marks = plan.evidence(connector.document.evidence)
        assert set(marks.values()) <= {"A", "B", "C", "D"}
        assert plan.is_write or marks


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_unknown_is_not_available_and_the_platform_is_not_asked(
    everywhere: dict[str, Simulation], name: str
) -> None:
    platform = everywhere[name]
    office = platform.connect()
    for capability in parsed(name).plans.unknown:
        with pytest.raises(CapabilityNotAvailable):
            platform.ask(office, ANA, capability, **WRITES.get(capability, {}))

    assert platform.stage.asked == []


@pytest.mark.parametrize("name", PRESETS)
def test_nothing_leaves_that_is_not_canonical(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office = platform.connect()
    for player_id in (ANA, LEA, NOOR):
        for capability in sorted(CAPABILITIES.keys() - WRITES.keys()):
            try:
                told = all_text(platform.ask(office, player_id, capability))
            except CapabilityNotAvailable:
                continue
            for secret in ("never-to-be-seen", "192.0.2.7", "1990-01-01", STAFF_TOKEN, "own-session"):
                assert secret not in told


NAMES = dict.fromkeys(PRESETS, "Ana Ruiz") | {"betconstruct_backoffice": "Ana Isabel Ruiz"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_profile_is_read(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    profile: Any = platform.ask(platform.connect(), ANA, "player")

    assert profile["id"] == ANA
    assert profile["name"] == NAMES[name]
    assert profile["email"] == "ana.ruiz@player.example"
    assert profile["phone"] == "+35020040217"
    assert profile["currency"] == "EUR"
    assert profile["registration_date"].date() == platform.stage.people[ANA].registered.date()


@pytest.mark.parametrize(("name", "kyc"), [(name, "approved") for name in PRESETS if name != "everymatrix_player"])
def test_not_verified_is_not_taken_for_a_refusal(everywhere: dict[str, Simulation], name: str, kyc: str) -> None:
    platform = everywhere[name]
    office = platform.connect()

    assert platform.ask(office, ANA, "player")["kyc_status"] == kyc
    assert platform.ask(office, LEA, "player")["kyc_status"] == "unknown"


CASH = ["betconstruct_backoffice", "betconstruct_swarm", "everymatrix_player", "softswiss_relay"]


@pytest.mark.parametrize("name", CASH)
@pytest.mark.parametrize(
    ("player_id", "currency", "cash"), [(ANA, "EUR", "340.50"), (KENJI, "JPY", "48000"), (TOVE, "BTC", "0.50000000")]
)
def test_balances_are_in_the_players_own_currency(
    everywhere: dict[str, Simulation], name: str, player_id: str, currency: str, cash: str
) -> None:
    platform = everywhere[name]
    balances = platform.ask(platform.connect(), player_id, "balances")

    assert (balances["currency"], balances["cash_balance"]) == (currency, Decimal(cash))


@pytest.mark.parametrize("name", ["betconstruct_swarm", "everymatrix_player", "softswiss_relay"])
def test_the_total_is_cash_and_bonus(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    balances = platform.ask(platform.connect(), KENJI, "balances")

    assert [balances["total_balance"], balances["bonus_balance"]] == [Decimal(49500), Decimal(1500)]


STATUSES = {"20931": "pending", "19877": "paid", "19100": "rejected"}


@pytest.mark.parametrize("name", CASH)
def test_withdrawals_are_read_newest_first_with_their_state(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    answer: Any = platform.ask(platform.connect(), ANA, "withdrawals")

    assert {one["withdrawal_id"]: one["status"] for one in answer["withdrawals"]} == STATUSES
    assert [one["amount"] for one in answer["withdrawals"]] == [Decimal("200.00"), Decimal("120.00"), Decimal("35.10")]
    assert answer["total"] == 3


@pytest.mark.parametrize("name", CASH)
def test_a_single_withdrawal_and_none_at_all_are_lists(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office = platform.connect()
    single: Any = platform.ask(office, LEA, "withdrawals")
    none: Any = platform.ask(office, NOOR, "withdrawals")

    assert [one["amount"] for one in single["withdrawals"]] == [Decimal("60.00")]
    assert (none["withdrawals"], none["total"]) == ([], 0)


@pytest.mark.parametrize("name", CASH)
def test_pending_withdrawals_are_those_that_wait(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    answer: Any = platform.ask(platform.connect(), JONAS, "withdrawals.pending", limit=1)

    assert [one["amount"] for one in answer["withdrawals"]] == [Decimal("75.00")]
    assert answer["total"] == 2


@pytest.mark.parametrize("name", ["everymatrix_player", "softswiss_relay"])
def test_an_account_in_yen_can_have_a_withdrawal_in_bitcoin(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    answer: Any = platform.ask(platform.connect(), KENJI, "withdrawals")

    amounts = [(one["currency"], one["amount"]) for one in answer["withdrawals"]]
    assert amounts == [("JPY", Decimal(15000)), ("BTC", Decimal("0.00250001"))]


@pytest.mark.parametrize("name", ["betconstruct_swarm", "softswiss_relay"])
def test_a_cancelled_withdrawal_is_back_and_cannot_be_cancelled_again(
    everywhere: dict[str, Simulation], name: str
) -> None:
    platform = everywhere[name]
    office = platform.connect()
    done = platform.ask(office, ANA, "withdrawals.cancel", withdrawal_id="20931", reason="asked")

    assert (done["status"], done["refunded_amount"]) == ("cancelled", Decimal(200))
    assert platform.ask(office, ANA, "balances")["cash_balance"] == Decimal("540.50")
    for number in ("20931", "19877", "999", "21004"):  # cancelled, paid, nobody's, another player's
        with pytest.raises(WithdrawalCannotCancel):
            platform.ask(office, ANA, "withdrawals.cancel", withdrawal_id=number, reason="asked")
    assert platform.stage.people[JONAS].find_payment(21004).state == "pending"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", CASH)
def test_bonuses_are_awards_with_what_is_known_of_their_wagering(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    answer: Any = platform.ask(platform.connect(), ANA, "bonuses", status="active")
    active = next(one for one in answer["bonuses"] if one["bonus_id"] == "7731")

    known = name in ("everymatrix_player", "softswiss_relay")
    assert active["name"] == "Weekend Reload"
    assert active["wager_requirement"] == (Decimal(1400) if known else None)
    assert active["wagered"] == (Decimal(760) if known else None)


@pytest.mark.parametrize("name", ["betconstruct_backoffice", "betconstruct_swarm", "softswiss_relay"])
def test_only_an_active_bonus_of_the_player_is_cancelled(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office = platform.connect()
    for number in ("7900", "1"):
        with pytest.raises(InvalidRequest):
            platform.ask(office, ANA, "bonus.cancel", bonus_id=number, reason="asked")
    done = platform.ask(office, ANA, "bonus.cancel", bonus_id="7731", reason="asked")

    assert done["cancelled_count"] == 1
    assert platform.stage.people[ANA].find_bonus(7731).state == "cancelled"  # type: ignore[union-attr]
    assert platform.stage.people[KENJI].find_bonus(7900).state == "active"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["betconstruct_backoffice", "betconstruct_swarm"])
def test_an_exclusion_is_read_with_its_kind(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office = platform.connect()
    kinds = {}
    for player_id in (NOOR, TOVE):
        answer: Any = platform.ask(office, player_id, "responsible_gaming")
        assert answer["rg_closed"] is True
        kinds[player_id] = answer["closure"]["type"]

    assert kinds == {NOOR: "self_exclusion", TOVE: "timeout"}


def test_silence_about_an_exclusion_is_not_taken_for_none(everywhere: dict[str, Simulation]) -> None:
    for name in ("betconstruct_swarm", "softswiss_relay"):
        with pytest.raises(CapabilityNotAvailable):
            everywhere[name].ask(everywhere[name].connect(), ANA, "responsible_gaming")


@pytest.mark.parametrize("name", ["betconstruct_backoffice", "fasttrack_operator"])
def test_who_says_it_is_asked_whether_a_player_is_closed(everywhere: dict[str, Simulation], name: str) -> None:
    platform = everywhere[name]
    office = platform.connect()
    closed = {one: platform.ask(office, one, "responsible_gaming.closed")["rg_closed"] for one in (ANA, NOOR)}

    assert closed == {ANA: False, NOOR: True}


def test_consents_are_the_settings_of_the_player(fasttrack: Simulation) -> None:
    settings: Any = fasttrack.ask(fasttrack.connect(), ANA, "player")["settings"]

    assert (settings["marketing_email_subscription"], settings["marketing_sms_subscription"]) == (True, False)


def test_no_answer_of_a_preset_fails_for_a_player_of_the_cast(everywhere: dict[str, Simulation]) -> None:
    failures = []
    for name, platform in everywhere.items():
        office = platform.connect()
        for player_id in platform.stage.people:
            for capability in sorted(CAPABILITIES.keys() - WRITES.keys()):
                try:
                    platform.ask(office, player_id, capability)
                except CapabilityNotAvailable:
                    continue
                except ServiceError as error:
                    failures.append((name, player_id, capability, error.code, error.reason))

    assert failures == []
