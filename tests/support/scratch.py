"""Where tests keep what they write: in memory, as a commit that is safe on a disk takes fifty times as long.

``--basetemp`` chooses another folder, as does a machine with little memory to spare.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108
PREFIX = "widget-tests-"
ENOUGH = 4 << 30
FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)  # before pytest makes its own folder
def pytest_configure(config: pytest.Config) -> None:
    """One folder for the run; each of xdist's processes gets a part of it."""
    is_part = hasattr(config, "workerinput")
    if is_part or config.option.basetemp or not _has_room():
        return
    _sweep()
    config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY))
    config.option.basetemp = str(config.stash[FOLDER] / "run")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Nothing stays in memory."""
    if folder := config.stash.get(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    return MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH


def _sweep() -> None:
    """Removes what a run left behind that was killed."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.removeprefix(PREFIX).partition("-")[0]).exists():
            shutil.rmtree(folder, ignore_errors=True)
