"""What of a player goes into a vendor's fields: declared as TOML, signed only, refused with the field's name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.zendesk_simulator import FIELD_ID
from tests.support.shell import Shell
from widget_service.helpdesk_mappings import HelpdeskMapping, MappedAttribute, write_mapping

HEAD = f'vendor = "zendesk"\nreference = "{FIELD_ID}"\n'


def attribute(**members: str) -> str:
    return "[[attributes]]\n" + "".join(f'{name} = "{value}"\n' for name, value in members.items())


def import_mapping(desk: ZendeskDesk, tmp_path: Path, *attributes: str, head: str = HEAD) -> dict[str, Any]:
    file = tmp_path / "mapping.toml"
    file.write_text(head + "".join(attributes), encoding="utf-8")
    return desk.casino.cli("helpdesk", "mapping", "import", desk.connection_id, str(file))


def fields(desk: ZendeskDesk, **claims: Any) -> dict[str, Any]:
    """What the page sets beside the reference."""
    answer = desk.ask("attributes", claims=claims).json()
    assert answer["attributes"].pop(desk.account.field_id) == answer["reference"]
    return answer["attributes"]


def test_what_is_mapped_goes_to_the_page_with_its_type_and_transform(each_desk: ZendeskDesk, tmp_path) -> None:
    made = import_mapping(
        each_desk,
        tmp_path,
        attribute(name="country", field="11", transform="lowercase"),
        attribute(name="vip_level", field="12", type="number"),
        attribute(name="segments", field="13", transform="joined"),
        attribute(name="custom.welcome_bonus", field="14", type="boolean"),
        attribute(name="player_id", field="15"),
    )

    assert made["attributes"] == 5
    given = {"country": "ES", "vip_level": 4, "segments": ["high", "new"], "custom": {"welcome_bonus": True}}
    assert fields(each_desk, **given) == {"11": "es", "12": 4, "13": "high,new", "14": True, "15": "5832"}


def test_what_the_player_has_not_or_what_does_not_fit_is_left_out(each_desk: ZendeskDesk, tmp_path) -> None:
    import_mapping(
        each_desk,
        tmp_path,
        attribute(name="country", field="11"),
        attribute(name="vip_level", field="12", type="number"),
        attribute(name="segments", field="13"),
        attribute(name="custom.note", field="14"),
    )

    assert fields(each_desk) == {}
    assert fields(each_desk, vip_level="gold", segments=["high"], custom={"note": "n" * 256}) == {}


def test_without_a_mapping_only_the_reference_goes(desk: ZendeskDesk) -> None:
    assert fields(desk, country="ES", name="Ana Ruiz") == {}


def test_the_field_of_the_reference_is_the_mappings_too(each_desk: ZendeskDesk, tmp_path) -> None:
    import_mapping(each_desk, tmp_path, head='vendor = "zendesk"\nreference = "099"\n')

    each_desk.account.field_id = "99"
    assert fields(each_desk) == {}
    assert each_desk.identified().id


def test_an_exported_mapping_is_imported_as_it_is(each_desk: ZendeskDesk, tmp_path) -> None:
    import_mapping(each_desk, tmp_path, attribute(name="country", field="11", transform="lowercase"))
    shown = each_desk.casino.cli("helpdesk", "mapping", "export", each_desk.connection_id)

    assert shown["attributes"] == [{"name": "country", "field": "11", "type": "text", "transform": "lowercase"}]
    again = write_mapping(HelpdeskMapping.model_validate(shown))
    assert import_mapping(each_desk, tmp_path, head=again)["attributes"] == 1
    assert each_desk.casino.cli("helpdesk", "mapping", "export", each_desk.connection_id) == shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('vendor = "livechat"\nreference = "1"\n', "vendor"),
        ('vendor = "zendesk"\nreference = "player_ref"\n', "reference: player_ref"),
        ('vendor = "zendesk"\n', "reference"),
        (HEAD + 'colour = "red"\n', "colour"),
        (HEAD + attribute(name="email", field="11"), "attributes[0].name"),
        (HEAD + attribute(name="phone", field="11"), "attributes[0].name"),
        (HEAD + attribute(name="balance", field="11"), "attributes[0].name"),
        (HEAD + attribute(name="custom.", field="11"), "attributes[0].name"),
        (HEAD + attribute(name="country"), "attributes[0].field"),
        (HEAD + attribute(name="country", field="vip"), "attributes[0].field: vip"),
        (HEAD + attribute(name="country", field=FIELD_ID), f"attributes[0].field: {FIELD_ID}"),
        (HEAD + attribute(name="country", field="11") + attribute(name="name", field="11"), "attributes[1].field: 11"),
        (HEAD + attribute(name="country", field="11") + attribute(name="name", field="011"), "attributes[1].field"),
        (HEAD + attribute(name="country", field="11", type="date"), "attributes[0].type"),
        (HEAD + attribute(name="country", field="11", transform="eval"), "attributes[0].transform"),
        (HEAD + attribute(name="country", field="11", signed="no"), "attributes[0].signed"),
        (HEAD + "".join(attribute(name="country", field=str(n)) for n in range(17)), "attributes"),
        (HEAD + "".join(attribute(name="country", field=f"17826865{n:06}") for n in range(14)), "zendesk keeps 4096"),
        ("vendor = zendesk", "TOML"),
        ("", "vendor"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place_and_changes_nothing(tmp_path, text: str, named: str) -> None:
    shell = Shell(f"sqlite:///{tmp_path / 'widget.db'}")
    options = ("--webhook-secret", "kT7-wQ2_zV9xLp4RbN6sYd1M", "--field-id", FIELD_ID)
    made = shell("helpdesk", "connect", shell.workspace()["workspace_id"], "zendesk", *options)
    before = shell("helpdesk", "mapping", "export", made["connection_id"])
    file = tmp_path / "mapping.toml"
    file.write_text(text, encoding="utf-8")

    line = shell.refused("helpdesk", "mapping", "import", made["connection_id"], str(file))

    assert named in line
    assert shell("helpdesk", "mapping", "export", made["connection_id"]) == before


@given(name=st.text(max_size=50), field=st.text(min_size=1, max_size=50), reference=st.text(min_size=1, max_size=50))
def test_whatever_a_mapping_says_its_toml_says_the_same(name: str, field: str, reference: str) -> None:
    attributes = [MappedAttribute(name=f"custom.x{name}", field=field)]
    mapping = HelpdeskMapping(vendor="zendesk", reference=reference, attributes=attributes)

    assert HelpdeskMapping.model_validate(tomllib.loads(write_mapping(mapping))) == mapping
