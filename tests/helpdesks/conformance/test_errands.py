"""What every vendor's errands keep to, whatever the vendor answers."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpdesks.conformance.kits import KITS, SECRET, Kit
from tests.helpdesks.conformance.test_conformance import ANYTHING
from widget_service.helpdesk_calls import Access, Errand, LoggedOut, Never, NotYet, VendorAnswer, VendorCall
from widget_service.helpdesk_write_backs import ThreadIdentity

PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
URL = "https://api.vendor.example"
WRITING: dict[str, dict[str, Any]] = {
    "zendesk": {
        "api_url": URL,
        "player_field_id": "42",
        "oauth_client_id": "client",
        "oauth_client_secret": SECRET + "-api",
    },
    "livechat": {
        "api_url": URL,
        "accounts_url": URL,
        "owner_client_id": "client",
        "oauth_client_secret": SECRET + "-api",
        "oauth_refresh_token": SECRET + "-refresh",
        "player_property": "player_id",
        "customer_tokens": True,
        "license_id": "1",
    },
    "intercom": {"api_url": URL, "player_attribute": "verified_player_id", "access_token": SECRET + "-api"},
}
every_kit = pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
VERIFIED, NOBODY = ThreadIdentity("48213", "5832", None), ThreadIdentity("48213", None, None)
ACCESS = Access("a-token", 2**40)
#: Members that vendors answer, each with anything in it.
NAMES = ("ticket", "custom_attributes", "properties", "access_token", "expires_in", "entity_id", "error", "data")
INNER = ("tags", "custom_fields", "requester_id", "updated_at", "client", "access", "type", "region", "player_id")
DOCUMENTS = st.dictionaries(
    st.sampled_from(NAMES), ANYTHING | st.dictionaries(st.sampled_from(INNER), ANYTHING, max_size=4), max_size=4
)
ANSWERS = st.builds(VendorAnswer, st.sampled_from([200, 200, 200, 204, 302, 400, 403, 404, 409, 429, 500]), DOCUMENTS)


def writing(kit: Kit) -> Kit:
    return replace(kit, options={**kit.options, **WRITING[kit.vendor]})


def run(errand: Errand[Any], answers: list[VendorAnswer]) -> tuple[list[VendorCall], Any]:
    """The calls that were made, and the result."""
    calls: list[VendorCall] = []
    try:
        calls.append(next(errand))
        for answer in answers:
            calls.append(errand.send(answer))
    except StopIteration as ended:
        return calls, ended.value
    return calls, None


@every_kit
def test_nothing_is_written_back_unless_it_was_asked_for(kit: Kit) -> None:
    assert not kit.helpdesk.writes_back(kit.connection)
    assert writing(kit).helpdesk.writes_back(writing(kit).connection)


@every_kit
def test_a_write_back_looks_before_it_writes(kit: Kit) -> None:
    kit = writing(kit)
    calls, _ = run(kit.helpdesk.write_back(kit.connection, VERIFIED, ACCESS), [])

    assert len(calls) == 1
    assert "5832" not in repr(calls[0].body)
    assert calls[0].url.startswith(URL)


@every_kit
@PATIENT
@given(answers=st.lists(ANSWERS, max_size=8), of_nobody=st.booleans())
def test_whatever_a_vendor_answers_an_errand_ends_or_says_why_it_does_not(
    kit: Kit, answers: list[VendorAnswer], of_nobody: bool
) -> None:
    kit = writing(kit)
    helpdesk, connection = kit.helpdesk, kit.connection
    errands = [
        helpdesk.write_back(connection, NOBODY if of_nobody else VERIFIED, ACCESS),
        helpdesk.log_in(connection, Access(), 0),
        helpdesk.customer_token(connection, None if of_nobody else "c1", ACCESS, 0),
    ]
    for errand in errands:
        try:
            calls, _ = run(errand, answers) if errand is not None else ([], None)
        except (LoggedOut, NotYet, Never):
            continue
        assert len(calls) <= 9


@every_kit
@pytest.mark.parametrize(
    ("status", "raised"),
    [(401, LoggedOut), (403, NotYet), (404, Never), (422, Never), (429, NotYet), (500, NotYet), (503, NotYet)],
)
def test_a_vendors_codes_mean_the_same_everywhere(kit: Kit, status: int, raised: type[Exception]) -> None:
    kit = writing(kit)

    with pytest.raises(raised):
        run(kit.helpdesk.write_back(kit.connection, VERIFIED, ACCESS), [VendorAnswer(status)])


def test_intercoms_attribute_gets_the_player_and_loses_it() -> None:
    kit = writing(KITS["intercom"])
    empty, full = ({"custom_attributes": {"verified_player_id": value}} for value in (None, "5832"))

    def written(identity: ThreadIdentity, found: dict[str, Any]) -> list[Any]:
        answers = [VendorAnswer(200, found), VendorAnswer(200)]
        calls, _ = run(kit.helpdesk.write_back(kit.connection, identity, ACCESS), answers)
        return [call.body for call in calls[1:]]

    assert written(VERIFIED, empty) == [{"custom_attributes": {"verified_player_id": "5832"}}]
    assert written(NOBODY, full) == [{"custom_attributes": {"verified_player_id": None}}]
    assert written(VERIFIED, full) == written(NOBODY, empty) == []


@every_kit
def test_no_credential_of_a_call_is_shown(kit: Kit) -> None:
    kit = writing(kit)
    calls, _ = run(kit.helpdesk.log_in(kit.connection, Access(), 0), [])
    calls += run(kit.helpdesk.write_back(kit.connection, VERIFIED, ACCESS), [])[0]

    shown = repr((calls, ACCESS, VendorAnswer(200, {"access_token": "a-token"})))
    assert SECRET not in shown
    assert "a-token" not in shown
