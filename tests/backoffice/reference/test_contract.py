"""Every endpoint of the player API answers as it is written: members, order, numbers digit by digit."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.back_office import BackOffice

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "player_api.json").read_text(encoding="utf-8"),
    parse_float=lambda text: f"number {text}",
    parse_int=lambda text: f"number {text}",
)
#: Said by chance or by the order of things; and the profile's example differs from the example of its own KYC.
FREE = {"session_id", "transaction_id", "reference_id", "kyc_status", "total", "expires_in"}
WITHOUT_SESSION = ("2.1", "8.5")


def written(text: str) -> Any:
    """What a text says, with its members' order and its numbers' digits."""
    return json.loads(text, parse_float=lambda number: f"number {number}", parse_int=lambda number: f"number {number}")


def plain(value: Any) -> Any:
    """An example's request with its numbers as numbers."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, str) and value.startswith("number "):
        return float(value.removeprefix("number "))
    return value


def fixed(value: Any) -> Any:
    """Members in their order, without the values that are free."""
    if isinstance(value, dict):
        return [(name, "…" if name in FREE else fixed(member)) for name, member in value.items()]
    return [fixed(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['section']} {example['method']}")
def test_every_endpoint_answers_as_written(office: BackOffice, example: dict[str, Any]) -> None:
    headers = office.headers(None if example["section"] in WITHOUT_SESSION else "40217")
    body = None if example["request"] is None else plain(example["request"])
    if "duration_days" in (body or {}):
        body["duration_days"] = int(body["duration_days"])

    answer = office.client().open(
        example["path"], method=example["method"], query_string=example["query"], json=body, headers=headers
    )

    assert answer.status_code == int(str(example["status"]).removeprefix("number "))
    assert fixed(written(answer.text)) == fixed(example["answer"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"].startswith("req_")


def test_the_examples_are_of_every_endpoint() -> None:
    from widget_service.backoffice.canonical import BACK_OFFICE_ONLY, CAPABILITIES, WITHOUT_SCOPE

    known = {
        (capability.method, capability.path.format(player_id="40217", withdrawal_id="wd_20931"))
        for capability in (*CAPABILITIES.values(), *WITHOUT_SCOPE.values(), *BACK_OFFICE_ONLY.values())
    }

    assert {(example["method"], example["path"]) for example in EXAMPLES} == known


def test_totals_count_everything_that_matches(told: BackOffice) -> None:
    client, headers = told.client(), told.headers("40217")
    totals = {
        name: client.get(f"/v1/players/40217/{name}?limit=1", headers=headers).get_json()["total"]
        for name in ("transactions", "withdrawals", "deposits", "bonuses", "notes")
    }

    assert totals == {"transactions": 214, "withdrawals": 8, "deposits": 19, "bonuses": 6, "notes": 1}


def test_the_description_names_every_endpoint_and_no_player_but_the_samples(told: BackOffice) -> None:
    document = told.client().get("/openapi.json").get_json()

    assert document["openapi"] == "3.1.0"
    assert sum(len(methods) for methods in document["paths"].values()) == len(EXAMPLES)
    assert {"40217", "5832"} <= {player["player_id"] for player in document["x-sample-players"]}
    assert len(document["x-sample-players"]) >= 12
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert {tag for operation in operations for tag in operation["tags"]} == {tag["name"] for tag in document["tags"]}


def test_the_description_is_a_valid_one(told: BackOffice) -> None:
    from openapi_spec_validator import validate

    validate(told.client().get("/openapi.json").get_json())
