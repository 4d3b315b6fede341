"""The tables of docs/connector.md are those of the code: members of each capability, and the closed reasons."""

import re
from pathlib import Path

from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.connector.shapes import OURS, Shape, answer_shape

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "connector.md").read_text(encoding="utf-8")
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "widget_service" / "backoffice").rglob("*.py"))
    if "reference" not in path.parts
)
_REASON = re.compile(r'(?:BackOfficeUnavailable|CapabilityNotAvailable|InvalidSession|PlayerNotFound)\(\s*f?"([a-z_]+)')
_NAMED = re.compile(r'^(?:FOREIGN_PLAYER|ID_MISSING) = "([a-z_]+)"', re.MULTILINE)


def names(shape: Shape, before: str = "") -> list[str]:
    listed: list[str] = []
    for name, member in shape.members.items():
        if name in OURS:
            continue
        inner = member.item if member.kind == "list" else member if member.kind == "object" else None
        path = f"{before}{name}{'[]' if member.kind == 'list' else ''}"
        marked = f"**`{path}`**" if name in shape.required else f"`{path}`"
        listed += names(inner, f"{path}.") if inner is not None else [marked]
    return listed


def rows() -> list[str]:
    told = []
    for name, capability in CAPABILITIES.items():
        shape = answer_shape(capability.answer)
        members = shape.shape.members[shape.plural].item if shape.plural else shape.shape
        assert members is not None
        if capability.writes:
            members = Shape("object", members.members)
        if name == "player":
            members = Shape("object", {key: value for key, value in members.members.items() if key != "id"})
        told.append(f"| `{name}` | {', '.join(names(members))} |")
    return told


def test_the_members_of_each_capability_are_listed_and_the_required_ones_marked() -> None:
    assert [row for row in rows() if row not in PAGE] == []


def test_every_closed_reason_is_explained() -> None:
    used = {*_REASON.findall(CODE), *_NAMED.findall(CODE)}
    table = PAGE.partition("## Reasons")[2]
    told = {
        name.rstrip("_:")
        for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
        for name in re.findall(r"`([a-z_]+)", row)
    }

    assert sorted({reason.rstrip("_") for reason in used} - told) == []
