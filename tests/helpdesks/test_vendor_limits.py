"""Limits of vendors: what they would refuse is left out, so that the rest is taken."""

import json

import pytest

from widget_service.helpdesk_connections import find_shared_email
from widget_service.helpdesk_mappings import fit_beside
from widget_service.helpdesks.zendesk.settings import ZendeskSettings

REFERENCE = {"17826865089553": "ref_" + "x" * 120}


@pytest.mark.parametrize(
    "value", ["a" * 255, "я" * 255, "😀" * 255, "\\" * 255], ids=["ascii", "cyrillic", "emoji", "\\"]
)
def test_zendesks_four_kilobytes_hold_the_reference_and_what_fits_beside_it(value: str) -> None:
    mapped = {f"178268650{number:05}": value for number in range(16)}

    fitting = fit_beside(REFERENCE, {**mapped, "17826865089999": "short"}, ZendeskSettings.largest_fields)

    metadata = {f"zen:ticket_field:{name}": one for name, one in fitting.items()}
    assert len(json.dumps(metadata, ensure_ascii=False).encode()) <= 4096
    assert fitting["17826865089553"] == REFERENCE["17826865089553"]
    assert fitting["17826865089999"] == "short"
    assert 2 < len(fitting) < 18


def test_the_reference_stands_whatever_is_mapped() -> None:
    assert fit_beside(REFERENCE, {"17826865089553": "5832"}, 4096) == REFERENCE


GOOD = ("ana@casino.example", "a.b+c@x-y.co.uk", "o'neil@example.com")
BAD = (
    "",
    "ana",
    "ana@",
    "@x.example",
    "ana@localhost",
    "a b@x.example",
    "a@b@c.example",
    "ana@x..example",
    ".a@x.example",
)


@pytest.mark.parametrize("email", GOOD)
def test_a_verified_address_is_shared(email: str) -> None:
    assert find_shared_email(email, is_verified=True) == email
    assert find_shared_email(email, is_verified=False) is None


@pytest.mark.parametrize(
    "email", [*BAD, "a" * 65 + "@x.example", "a@" + "x" * 300 + ".example", "ana@x.example\n", None]
)
def test_what_is_no_address_by_its_form_is_not_shared(email: str | None) -> None:
    assert find_shared_email(email, is_verified=True) is None
