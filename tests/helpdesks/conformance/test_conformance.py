"""What every vendor's adapter answers alike. A new vendor needs a kit here, and nothing else changes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.helpdesks.conformance.kits import FORMS, KITS, SECRET, Kit, as_request
from widget_service.errors import InvalidRequest, InvalidWebhook
from widget_service.helpdesk_events import HelpdeskEvent
from widget_service.helpdesks import Ignored, available

every_kit = pytest.mark.parametrize("kit", KITS.values(), ids=KITS)
REFERENCE = "ref_" + "0" * 44 + "." + "x" * 43
ANYTHING: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    # What stands in JSON that the strict reader takes.
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdeiprstuy_:", max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def test_every_vendor_has_a_kit() -> None:
    assert set(KITS) == set(available())


@every_kit
def test_a_genuine_webhook_brings_its_text_to_one_thread(kit: Kit) -> None:
    (event,) = kit.read(kit.bring(REFERENCE))

    assert isinstance(event, HelpdeskEvent)
    assert (event.kind, event.reference) == ("identity", REFERENCE)
    assert event.thread_id
    assert all(isinstance(one, str) for one in (event.thread_id, event.delivery_key, event.customer_id or ""))


@every_kit
def test_the_page_sets_the_reference_and_nothing_else(kit: Kit) -> None:
    assert list(kit.helpdesk.attributes(kit.connection, REFERENCE).values()) == [REFERENCE]


@every_kit
def test_what_is_not_signed_is_refused(kit: Kit) -> None:
    raw, headers = kit.sign(kit.bring(REFERENCE))
    unsigned = raw.replace(SECRET.encode(), b"")
    plain = {name: value for name, value in headers.items() if "signature" not in name.lower()}

    with pytest.raises(InvalidWebhook) as refused:
        kit.helpdesk.authenticate(as_request(unsigned, plain), kit.connection)
    assert refused.value.status == 401


@every_kit
def test_another_secret_is_refused(kit: Kit) -> None:
    other = replace(kit, options={**kit.options, "webhook_secret": SECRET[::-1]})

    with pytest.raises(InvalidWebhook) as refused:
        kit.helpdesk.authenticate(kit.request(kit.bring(REFERENCE)), other.connection)
    assert refused.value.status == 401


@every_kit
def test_the_secret_before_counts_while_it_is_kept(kit: Kit) -> None:
    request = kit.request(kit.bring(REFERENCE))
    secrets = {"webhook_secret": SECRET[::-1], "webhook_secret_previous": SECRET}
    rotated = replace(kit, options={**kit.options, **secrets})

    assert kit.helpdesk.authenticate(request, kit.connection).key == "current"
    assert kit.helpdesk.authenticate(request, rotated.connection).key == "previous"


@pytest.mark.parametrize("vendor", ["zendesk", "intercom"])  # LiveChat's secret binds no body
@PATIENT
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_signed_body_with_one_bit_changed_is_refused(vendor: str, at: int, bit: int) -> None:
    kit = KITS[vendor]
    request = kit.request(kit.bring(REFERENCE))
    altered = bytearray(request.raw)
    altered[at % len(altered)] ^= 1 << bit

    with pytest.raises(InvalidWebhook):
        kit.helpdesk.authenticate(replace(request, raw=bytes(altered)), kit.connection)


@every_kit
def test_an_authentic_webhook_of_somebody_else_is_refused_with_403(kit: Kit) -> None:
    with pytest.raises(InvalidWebhook) as refused:
        kit.helpdesk.authenticate(kit.request({**kit.bring(REFERENCE), **kit.stranger}), kit.connection)

    assert refused.value.status == 403


@every_kit
@PATIENT
@given(raw=st.binary(max_size=200))
@example(b"")
@example(b"[]")
@example(b"\xff\xfe{}")
@example(b'{"a":' * 5000)
@example(b'{"a":1e400}')
def test_no_bytes_at_all_raise_anything_but_a_refusal(kit: Kit, raw: bytes) -> None:
    try:
        verdict = kit.helpdesk.authenticate(kit.request(raw), kit.connection)
    except (InvalidWebhook, InvalidRequest):
        return
    assert all(isinstance(one, Ignored) for one in kit.helpdesk.events(verdict, kit.connection))


@every_kit
@PATIENT
@given(data=st.data())
def test_whatever_stands_at_any_place_of_a_webhook_is_read_without_raising(kit: Kit, data: Any) -> None:
    content = kit.bring(REFERENCE)
    place, steps = content, data.draw(st.integers(1, 6))
    for step in range(steps):
        if not isinstance(place, dict) or not place:
            break
        name = data.draw(st.sampled_from(sorted(place)))
        if step == steps - 1 or not isinstance(place[name], dict):
            place[name] = data.draw(ANYTHING)
            break
        place = place[name]

    try:
        events = kit.read(content)
    except (InvalidWebhook, InvalidRequest):
        return
    assert all(isinstance(one, HelpdeskEvent | Ignored) for one in events)


@pytest.mark.parametrize("kit", FORMS.values(), ids=FORMS)
def test_no_kind_of_value_at_any_place_of_a_webhook_raises(kit: Kit) -> None:
    genuine = json.dumps(kit.bring(REFERENCE))
    places = [*find_places(json.loads(genuine))]
    assert len(places) > 7

    for *path, last in places:
        for value in (None, True, 0, -1.5, 2**63 - 1, "", "\u2028", [], {}, [[]], [{}], {"id": {}}):
            content = json.loads(genuine)
            reduce(getitem, path, content)[last] = value
            try:
                events = kit.read(content)
            except (InvalidWebhook, InvalidRequest):
                continue
            assert all(isinstance(one, HelpdeskEvent | Ignored) for one in events)


def find_places(value: Any, *path: Any) -> Iterator[tuple[Any, ...]]:
    """The way to each member and item."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from find_places(one, *path, name)


@every_kit
@PATIENT
@given(
    content=st.dictionaries(st.sampled_from(["action", "payload", "data", "topic", "type", "event", "id"]), ANYTHING)
)
def test_any_object_is_read_without_raising(kit: Kit, content: dict[str, Any]) -> None:
    try:
        events = kit.read(content)
    except (InvalidWebhook, InvalidRequest):
        return
    assert all(isinstance(one, HelpdeskEvent | Ignored) for one in events)


@every_kit
@pytest.mark.parametrize("forged", ["5832", 5832, True, 1.5, ["x"], {"a": REFERENCE}, "ana@example.com", "x" * 9999])
def test_a_forged_field_is_a_text_to_verify_and_never_an_identity(kit: Kit, forged: Any) -> None:
    (event,) = kit.read(kit.bring(forged))

    assert isinstance(event, HelpdeskEvent)
    assert len(event.reference or "") <= 1024
    assert event.reference != REFERENCE
    assert not event.vendor_authenticated


@every_kit
@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_field_is_no_text(kit: Kit, empty: Any) -> None:
    (event,) = kit.read(kit.bring(empty))

    assert isinstance(event, HelpdeskEvent)
    assert event.reference is None


@every_kit
def test_a_repetition_has_the_same_key_and_another_event_another(kit: Kit) -> None:
    content = kit.bring(REFERENCE)
    keys = [kit.read(one)[0].delivery_key for one in (content, {**content}, kit.bring(REFERENCE))]

    assert keys[0] == keys[1] != keys[2]


@every_kit
def test_what_was_taken_is_acknowledged_with_200(kit: Kit) -> None:
    assert kit.helpdesk.acknowledge().status == 200


@every_kit
def test_no_secret_or_text_of_a_webhook_is_shown(kit: Kit) -> None:
    request = kit.request(kit.bring(REFERENCE))
    shown = repr((request, kit.helpdesk.authenticate(request, kit.connection)))

    assert SECRET not in shown
    assert REFERENCE not in shown


@every_kit
def test_an_unknown_type_is_ignored(kit: Kit) -> None:
    content = {**kit.bring(REFERENCE), "type": "x", "topic": "x", "action": "x"}

    assert [type(one) for one in kit.read(content)] == [Ignored]
