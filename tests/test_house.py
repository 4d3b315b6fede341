"""The house's own rules that no checker knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EMPTY_WORDS = {"utils", "helpers", "common", "core", "services", "models", "manager", "types"}
SOURCE = {".py", ".js", ".mjs", ".ts", ".css", ".html", ".php", ".sh", ".toml", ".sql"}
UNTRACKED = {".venv", ".git", "node_modules", "__pycache__", "build", "dist", "test-results"}


def committed_files() -> list[Path]:
    """What is (or is about to be) committed; in an unpacked sdist without git, everything that is there."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    paths = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in paths if not UNTRACKED & set(path.relative_to(ROOT).parts)]


FILES = committed_files()
ROOMS = [path for path in FILES if path.is_relative_to(ROOT / "widget_service") and path.suffix == ".py"]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


#: What runs on the operator's page is one classic file, which can import nothing (docs/decisions/0007).
LONGER = {"sdk_snippet/messenger.js": 580}


def test_no_source_file_is_longer_than_400_lines() -> None:
    sources = [path for path in FILES if path.suffix in SOURCE]
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}

    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGER.get(name, 400)} == {}


def test_no_room_has_a_name_that_says_nothing() -> None:
    named = {shown(path) for path in FILES if {*path.relative_to(ROOT).parts[:-1], path.stem.lower()} & EMPTY_WORDS}

    assert named == set()


# Spelled in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(rb"/(?:home/\w|work/(?:main|shared)|roo" + rb"t/\.)")
REGISTRIES = re.compile(
    rb"(?:pypi\.or" + rb"g|pythonhosted\.or" + rb"g|registry\.npmj" + rb"s|deb\.debian\.or" + rb"g|/opt/py" + rb"pi)"
)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["machine paths", "registry addresses"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[bytes]) -> None:
    found = {shown(path): match[0] for path in FILES if (match := pattern.search(path.read_bytes()))}

    assert found == {}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-runtime.lock"])
def test_a_lock_file_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=\S)", text.strip())

    assert "://" not in text
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_what_runs_is_pinned_as_what_is_tested() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements-runtime.lock") <= pins("requirements.lock")


def test_only_the_settings_and_the_command_line_read_the_environment() -> None:
    allowed = ("widget_service/settings.py", "widget_service/server.py", "widget_service/cli/", "widget_service/demo/")
    readers = {shown(path) for path in ROOMS if reads_environment(path) and not shown(path).startswith(allowed)}

    assert readers == set()


def reads_environment(path: Path) -> bool:
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in names:
                return True
            case ast.ImportFrom(module="os", names=imported) if names & {alias.name for alias in imported}:
                return True
    return False


def test_anything_is_caught_in_one_place_only() -> None:
    catchers = {shown(path) for path in ROOMS if catches_anything(path)}

    # The SQLite writer hands what it caught to the caller who waits in another thread and raises it there.
    assert catchers <= {"widget_service/views/problems.py", "widget_service/storage/sqlite.py"}


def catches_anything(path: Path) -> bool:
    """Whether a handler takes every exception and keeps it: one that ends in ``raise`` only tidies up on its way."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.ExceptHandler(type=None | ast.Name(id="Exception" | "BaseException"), body=[*_, last]):
                if not isinstance(last, ast.Raise):
                    return True
    return False
