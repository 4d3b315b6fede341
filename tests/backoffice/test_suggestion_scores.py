"""What is proposed for samples whose meaning is known: most of it right, and nothing wrong that is called sure.

``python -m tests.backoffice.suggestion_scores [unseen]`` prints the tables.
"""

from decimal import Decimal

import pytest

from tests.backoffice.suggestion_scores import score, shape_samples, share, table, unseen_samples
from widget_service.backoffice.suggestion import suggest


@pytest.mark.parametrize(("samples", "least"), [(shape_samples, 0.8), (unseen_samples, 0.8)])
def test_at_least_four_fifths_of_the_members_are_proposed_right(samples: object, least: float) -> None:
    scores = [score(*one) for one in samples()]  # type: ignore[operator]

    assert share(scores) >= least, table(scores)


@pytest.mark.parametrize("samples", [shape_samples, unseen_samples])
def test_nothing_wrong_is_called_sure(samples: object) -> None:
    wrong = [member for one in samples() for member in score(*one).surely_wrong]  # type: ignore[operator]

    assert wrong == []


def row(sample: object, capability: str, canonical: str) -> tuple[object, object, str]:
    """What a member is read from, what becomes of it, and how sure that is."""
    found = {one.canonical: one for one in suggest(sample, capability).rows}
    one = found.get(canonical)
    return (one.field.get("path", one.field.get("of")), one.value, one.confidence) if one else (None, None, "")


@pytest.mark.parametrize("amounts", [("15000", "9900"), (15000, 9900), ("22050000",), (100000,)])
def test_amounts_that_may_be_minor_units_are_asked_about(amounts: tuple[object, ...]) -> None:
    sample = [{"id": f"w{place}", "amount": amount, "currency": "EUR"} for place, amount in enumerate(amounts)]

    suggestion = {one.canonical: one for one in suggest(sample, "withdrawals").rows}["amount"]

    assert (suggestion.confidence, "minor units" in suggestion.remark) == ("low", True)


def test_decimals_beside_say_that_whole_amounts_are_no_minor_units() -> None:
    sample = [{"id": "w1", "amount": 15000, "fee": Decimal("2.5"), "currency": "EUR"}]

    assert row(sample, "withdrawals", "amount") == ("$.amount", Decimal(15000), "low")


@pytest.mark.parametrize("capability", ["transactions", "withdrawals"])
def test_a_negative_amount_is_positive_and_its_sign_is_the_direction(capability: str) -> None:
    sample = [{"id": "t1", "amount": "-150.00"}, {"id": "t2", "amount": "20.00"}]

    assert row(sample, capability, "amount")[1:] == (Decimal(150), "medium")
    assert row(sample, capability, "direction")[1] == ("debit" if capability == "transactions" else None)


@pytest.mark.parametrize(
    ("word", "canonical"),
    [
        ("PENDING", "pending"),
        ("Pending", "pending"),
        ("TRANSACTION_STATUS_PROCESSING", "processing"),
        ("WITHDRAWAL_STATE_PAID", "paid"),
        ("WAITING_APPROVAL", "pending"),
        ("waiting-approval", "pending"),
        ("inProgress", "processing"),
        ("DECLINED", "rejected"),
        ("CANCELLED_BY_USER", "cancelled"),
        ("SUCCESSFUL", "paid"),
        ("NOT_APPROVED", "rejected"),
        ("UNPAID", "unknown"),
        ("NOT_PAID", "unknown"),
        ("PARTIALLY_PAID", "unknown"),
    ],
)
def test_words_are_known_however_they_are_written(word: str, canonical: str) -> None:
    assert row([{"id": "1", "status": word}], "withdrawals", "status")[1] == canonical


@pytest.mark.parametrize(
    ("sample", "award", "template"),
    [
        ({"Id": 7731, "BonusId": 55}, "$.Id", "$.BonusId"),
        ({"id": "a", "bonus_template_id": 5}, "$.id", "$.bonus_template_id"),
        ({"awardId": "a", "campaignId": 5}, "$.awardId", "$.campaignId"),
        ({"playerBonusId": "a", "bonusId": 5}, "$.playerBonusId", "$.bonusId"),
        ({"BONUS_INSTANCE_ID": "a", "BONUS_ID": 5}, "$.BONUS_INSTANCE_ID", "$.BONUS_ID"),
        ({"granted-bonus-id": "a", "bonus-definition-id": 5}, "$[\"granted-bonus-id\"]", "$[\"bonus-definition-id\"]"),
    ],
)  # fmt: skip
def test_an_award_is_not_its_template(sample: dict[str, object], award: str, template: str) -> None:
    items = [{**sample, "status": "active", "amount": "5.00"}]

    assert row(items, "bonuses", "bonus_id")[0] == award
    assert row(items, "bonuses", "bonus_type_id")[0] == template


@pytest.mark.parametrize(
    ("capability", "canonical"),
    [
        ("bonuses", "bonus_id"),
        ("withdrawals", "withdrawal_id"),
        ("notes", "note_id"),
        ("transactions", "transaction_id"),
    ],
)
@pytest.mark.parametrize("holder", ["player", "customer", "bonus", "game", "wallet", "author", "account", "payment"])
def test_the_id_inside_another_object_is_that_objects(holder: str, capability: str, canonical: str) -> None:
    sample = [{"status": "active", "amount": "5.00", "content": "x", "createdAt": "2026-01-01T00:00:00Z"}]

    assert row([{**sample[0], holder: {"id": "55"}}], capability, canonical) == (None, None, "")
    assert row([{**sample[0], "id": "7", holder: {"id": "55"}}], capability, canonical)[0] == "$.id"


def test_the_player_inside_an_item_says_whose_it_is() -> None:
    assert (
        suggest([{"id": "w1", "amount": "5.00", "customer": {"id": "40217"}}], "withdrawals").id_path == "$.customer.id"
    )


def test_a_key_of_the_platforms_is_no_surely_named_payment_method() -> None:
    assert row([{"id": "w1", "amount": "5.00", "payment_method": "pm_1Nx9"}], "deposits", "payment_method")[2] == "low"


def test_a_balance_beside_a_bonus_makes_no_total() -> None:
    assert row({"playerId": "1", "balance": "260.50", "bonus": "40.00"}, "balances", "total_balance") == (
        None,
        None,
        "",
    )


def test_a_lone_bonus_id_is_asked_about() -> None:
    assert row([{"bonusId": 55, "amount": "5.00"}], "bonuses", "bonus_id")[2] == "low"


def test_an_id_that_repeats_is_no_items_own() -> None:
    sample = [{"id": "same", "amount": "1.50"}, {"id": "same", "amount": "2.50"}]

    assert row(sample, "withdrawals", "withdrawal_id") == (None, None, "")


@pytest.mark.parametrize(
    "name",
    ["merchantUserId", "customer_id", "externalUserId", "partyId", "PLAYER_UUID", "member-no", "clientRef", "userid"],
)
def test_the_players_id_is_found_whatever_it_is_called(name: str) -> None:
    sample = [{"id": "w1", "amount": "5.00", name: "40217", "merchantId": "77", "partnerId": "3"}]

    assert suggest(sample, "withdrawals").id_path in (f"$.{name}", f'$["{name}"]')


@pytest.mark.parametrize(
    ("sample", "path"),
    [
        ({"userId": "gullwing", "partyId": "40217"}, "$.partyId"),
        ({"clientId": "C", "externalUserId": "40217"}, "$.externalUserId"),
        ({"userId": "gullwing", "player_number": "40217"}, "$.player_number"),
        ({"agent": {"user_id": "9"}, "customer": {"id": "x"}, "playerId": "40217"}, "$.playerId"),
    ],
)
def test_a_login_or_another_partys_id_is_not_the_players(sample: dict[str, object], path: str) -> None:
    assert suggest({**sample, "email": "a@player.example"}, "player").id_path == path


@pytest.mark.parametrize(
    ("sample", "steps"),
    [
        ({"users": [{"id": "1", "email": "a@player.example", "first_name": "A"}]}, ("users", 0)),
        ({"data": [{"id": "1", "email": "a@player.example", "phone": "+34600000117"}]}, ("data", 0)),
    ],
)
def test_an_object_inside_a_list_is_entered(sample: object, steps: tuple[object, ...]) -> None:
    suggestion = suggest(sample, "player")

    assert suggestion.record.steps == steps
    assert {one.canonical for one in suggestion.rows} >= {"email"}


@pytest.mark.parametrize(
    "other", ["feeAmount", "convertedAmount", "amountUsd", "bonus_amount_total_eur", "limitAmount"]
)
def test_another_amount_is_not_the_amount(other: str) -> None:
    assert row([{"id": "w1", other: "5.00"}], "withdrawals", "amount")[2] in ("", "low")


@pytest.mark.parametrize("around", ["partner", "agent", "referrer", "bank"])
def test_what_is_somebody_elses_is_not_the_players(around: str) -> None:
    sample = {"id": "40217", "phone": "+34600000117", around: {"email": "other@player.example"}}

    assert row(sample, "player", "email")[2] in ("", "low")
