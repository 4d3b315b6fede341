"""The documentation is complete: every error code, every setting and every command is in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from widget_service import errors
from widget_service.cli import main
from widget_service.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


def subclasses(kind: type) -> Iterator[type]:
    yield kind
    for below in kind.__subclasses__():
        yield from subclasses(below)


ERRORS = {kind.code: kind for kind in subclasses(errors.ServiceError)}


def commands(group: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of the command line as one types it: ``workspace create``."""
    if not isinstance(group, click.Group):
        yield " ".join(path)
        return
    for name, command in group.commands.items():
        if not command.hidden:
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_error_code_is_explained_with_its_status(code: str) -> None:
    rows = [line for line in (DOCS / "errors.md").read_text(encoding="utf-8").splitlines() if f"`{code}`" in line]

    assert rows, f"docs/errors.md does not name {code}"
    assert any(str(ERRORS[code].status) in row for row in rows), f"no line of docs/errors.md gives {code} its status"


def test_no_error_code_is_explained_that_does_not_exist() -> None:
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| *`([A-Z_]+)`", text, re.MULTILINE)

    assert sorted(set(first_cells) - set(ERRORS)) == []


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_setting_is_explained_with_its_default(name: str) -> None:
    field = Settings.model_fields[name]
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if f"`WIDGET_{name.upper()}`" in line]

    assert rows, f"docs/settings.md does not name WIDGET_{name.upper()}"
    assert field.description
    if not field.is_required() and field.default not in ("", None):
        assert any(str(field.default) in row for row in rows), f"the default {field.default} is missing"


def test_no_setting_is_explained_that_does_not_exist() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| *`(WIDGET_[A-Z_]+)`", text, re.MULTILINE)

    assert sorted(set(first_cells) - {f"WIDGET_{name.upper()}" for name in Settings.model_fields}) == []


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_a_command_is_shown_in_the_documentation(command: str) -> None:
    pages = [ROOT / "README.md", *PAGES]

    assert any(f"widget-service {command}" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_a_command_explains_itself(command: str) -> None:
    found: click.Command = main
    for name in command.split():
        assert isinstance(found, click.Group)
        found = found.commands[name]

    assert found.help or found.short_help


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []
