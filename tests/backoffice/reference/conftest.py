import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.back_office import TOLD_AT, BackOffice

FILE = "back-office.db"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the cast as it is told, for copies."""
    folder = tmp_path_factory.mktemp("seeded")
    BackOffice(folder, lambda: TOLD_AT).close()
    return folder / FILE


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[BackOffice]:
    """The cast as it is told, to be read."""
    yield from _copy(tmp_path_factory.mktemp("told"), seeded)


@pytest.fixture
def office(tmp_path: Path, seeded: Path) -> Iterator[BackOffice]:
    """The cast as it is told, to be changed."""
    yield from _copy(tmp_path, seeded)


def _copy(folder: Path, seeded: Path) -> Iterator[BackOffice]:
    shutil.copy(seeded, folder / FILE)
    made = BackOffice(folder, lambda: TOLD_AT)
    yield made
    made.close()
