"""Where tests keep databases: in memory, as a commit that is safe on a disk takes fifty times as long."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108
PREFIX = "widget-tests-"
ENOUGH = 4 << 30


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of this process until the block ends; on the disk where little memory can be had."""
    _sweep()
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    with tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if in_memory else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _sweep() -> None:
    """Removes what a run left behind that was killed: it would stay in memory until the next start of the machine."""
    for folder in MEMORY.glob(f"{PREFIX}*"):
        if not Path(f"/proc/{folder.name.removeprefix(PREFIX).partition('-')[0]}").exists():
            shutil.rmtree(folder, ignore_errors=True)
