"""The wheel as a user installs it: in an environment of its own, without the source tree."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import service as harness
from tests.support.service import Service
from widget_service.assets import sdk_script, static_assets, static_base

ROOT = Path(__file__).parent.parent
BUNDLED = ("static", "sdk_snippet")
NOT_SHIPPED = {"__pycache__", "node_modules"}


def source_files(folder: str) -> list[Path]:
    return [
        path.relative_to(ROOT)
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file() and not NOT_SHIPPED & set(path.parts)
    ]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, timeout=380)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment with nothing but the wheel and what it needs.

    The packages that it needs are this run's own, pinned ones; the source tree is not among them.
    """
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    install = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet", "--no-deps"]
    subprocess.run([*install, str(wheel)], check=True, timeout=300)
    paths = sysconfig.get_paths(vars={"base": str(folder / "venv"), "platbase": str(folder / "venv")})
    # Of a folder that is named in such a file, its own such files (ours would name the source tree) are not read.
    Path(paths["purelib"], "pinned.pth").write_text(sysconfig.get_paths()["purelib"])
    return programs


class InstalledService(Service):
    """An installation whose commands are the wheel's own program, far from the source tree."""

    def cli(self, *arguments: str, stdin: str | None = None, answers: bool = True) -> Any:
        result = self.run(*arguments, *(["--json"] if answers else []), stdin=stdin)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout) if answers else None


@pytest.fixture(scope="module")
def wheel_service(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as the wheel's own program, started far from the source tree."""
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as changes:
        changes.chdir(folder)
        changes.setattr(harness, "PROGRAM", installed / "widget-service")
        running = InstalledService(f"sqlite:///{folder / 'wheel.db'}")
        yield running.start()
        running.remove()


def test_the_wheel_holds_every_file_that_is_served(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"widget_service/_bundled/{path.as_posix()}" for folder in BUNDLED for path in source_files(folder)}

    assert expected
    assert expected - held == set()


def test_the_wheel_holds_the_presets_and_the_sample_players(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "widget_service" / "backoffice").rglob("*.toml")}

    assert len(expected) > 5
    assert expected - held == set()


def test_the_wheel_holds_nothing_else_but_the_package_and_its_licence(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0].split("-")[0] for name in held} == {"widget_service"}
    assert any(name.endswith("/licenses/LICENSE") for name in held)
    assert [name for name in held if "__pycache__" in name or name.endswith((".db", ".pyc"))] == []


def test_the_installed_program_explains_itself(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "widget-service"), "--help"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert result.returncode == 0, result.stderr
    assert "serve" in result.stdout


def test_the_installed_package_is_not_the_source_tree(installed: Path, tmp_path: Path) -> None:
    question = "import json, widget_service; print(json.dumps(widget_service.__file__))"
    command = [str(installed / "python"), "-c", question]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)

    assert not Path(json.loads(result.stdout)).is_relative_to(ROOT)


def test_the_installed_service_serves_the_messenger(wheel_service: Service) -> None:
    answer = wheel_service.client().get("/sdk/v1/messenger.js")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.content == sdk_script().content


def test_the_installed_service_serves_every_file_of_the_frame(wheel_service: Service) -> None:
    workspace = wheel_service.cli("workspace", "create", "--name", "W", "--origin", "https://casino.example")
    page = f"/v1/workspaces/{workspace['workspace_id']}/messenger"
    answer = wheel_service.client().get(page, params={"origin": "https://casino.example"})

    assert answer.status_code == 200
    for name in linked_files(answer):
        found = wheel_service.client().get(name)
        assert found.status_code == 200, name
        assert found.content == static_assets()[name.removeprefix(static_base(""))].content


def linked_files(page: httpx.Response) -> list[str]:
    """The addresses of the scripts and style sheets that the frame's document loads."""
    found = re.findall(r'<(?:script|link)[^>]+(?:src|href)="(/[^"]+)"', page.text)
    assert found
    return found
