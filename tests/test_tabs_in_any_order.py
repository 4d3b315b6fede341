"""Sessions across tabs without a browser: the messenger's own modules, in the orders that a schedule chooses."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SENTENCES = [TESTS / "tabs" / name for name in ("sessions.test.mjs", "logouts.test.mjs")]
MESSENGER = TESTS.parent / "static" / "messenger"


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """The messenger's modules where Node takes them for modules."""
    for source in MESSENGER.glob("*.js"):
        shutil.copy(source, tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}), encoding="utf-8")
    return tmp_path


def test_in_whatever_order_tabs_act_nobody_gets_another_players_chat(modules: Path) -> None:
    """Each sentence of ``tabs/*.test.mjs``; ``MOST_RUNS`` schedules of each story."""
    command = ["node", "--test", "--test-reporter=spec", *map(str, SENTENCES)]
    environment = {**os.environ, "MESSENGER_MODULES": str(modules)}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)

    assert ran.returncode == 0, ran.stdout
    assert sum(map(int, re.findall(r"(\d+) schedules", ran.stdout))) > 2_000
