"""Withdrawals as a staff API lists them, and a document that maps them."""

HEAD = """
format = 1
name = "Test"
[settings]
zone = { kind = "zone", default = "Europe/Istanbul" }
[dates]
zone = "{settings.zone}"
[authentication]
kind = "bearer"
"""
MAP = """
[capabilities.withdrawals.map]
withdrawal_id = "$.Id"
amount = "$.Amount"
currency = "$.CurrencyId"
requested_at = "$.RequestTimeLocal"
cancellable = "$.Cancel"
[capabilities.withdrawals.map.status]
path = "$.State"
transform = "enum"
values = { 0 = "pending", 3 = "paid", -2 = "rejected" }
"""


def row(number: int, state: object = 3, **more: object) -> dict[str, object]:
    return {
        "Id": number, "ClientId": 5832, "Amount": 10.5, "CurrencyId": "EUR", "State": state, "Cancel": True,
        "RequestTimeLocal": f"2026-03-{number:02}T12:00:00", **more,
    }  # fmt: skip


def ids(answer: dict[str, object]) -> list[object]:
    listed = answer["withdrawals"]
    assert isinstance(listed, list)
    return [item["withdrawal_id"] for item in listed]
