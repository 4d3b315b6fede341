"""A database's address that is mistyped or leads nowhere: one line, in which nothing of it stands."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.shell import Shell

CANARY = "zanahoria"
#: Mistyped in each part. Whatever a part is called, a password may have ended up in it.
UNREADABLE = [
    f"postgresql://u:{CANARY}%zzpw@127.0.0.1/db",
    f"postgresql://u:{CANARY} {CANARY}@127.0.0.1/db",
    f"postgresql://u:{CANARY}@[bad/x",
    f"postgresql://u:{CANARY}%00@127.0.0.1/db",
    f"postgresql://u:p@127.0.0.1/db?{CANARY}=1",
    f"postgresql://u:p@127.0.0.1/db?x={CANARY}&y",
]
LEADING_NOWHERE = [
    f"postgresql://{CANARY}:{CANARY}@127.0.0.1:1/{CANARY}",
    f"postgresql://u:pa/{CANARY}@127.0.0.1:1/db",
    f"postgresql://u:p@{CANARY}@127.0.0.1:1/db",
    f"postgresql://u:p@127.0.0.1:{CANARY}/db",
    f"postgresql://u:p@127.0.0.1:1/db?sslmode={CANARY}",
    f"postgresql://u:p@127.0.0.1:1/db?target_session_attrs={CANARY}",
    f"postgresql://{CANARY}.invalid/db",
    f"postgresql://u:p@/db?host=/{CANARY}",
    f"postgresql://?service={CANARY}",
    f"sqlite:////{CANARY}/widget.db",
    f"sqlite:///{CANARY * 600}",
]
COMMANDS = [("db", "upgrade"), ("serve",), ("worker",), ("workspace", "list")]


@pytest.mark.parametrize("url", UNREADABLE)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_unreadable_address_names_the_setting_and_none_of_its_value(command, url: str) -> None:
    line = Shell(url).refused(*command)
    assert "WIDGET_DATABASE_URL" in line
    assert CANARY not in line


@pytest.mark.parametrize("url", LEADING_NOWHERE)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_that_cannot_be_reached_is_told_without_its_address(command, url: str) -> None:
    line = Shell(url).refused(*command)
    assert "database" in line.lower()
    assert CANARY not in line


def test_what_the_server_says_of_a_login_is_told_in_our_words(databases) -> None:
    there = databases.new("postgres", migrated=False)
    line = Shell(urlsplit(there)._replace(path=f"/{CANARY}").geturl()).refused("db", "upgrade")
    assert "no such database or user" in line
    assert CANARY not in line


@pytest.mark.parametrize(
    "setting",
    [
        {"redis_url": f"redis://:{CANARY}/x@127.0.0.1:1"},
        {"redis_url": f"redis://:x@127.0.0.1:{CANARY}"},
        {"redis_url": f"redis://:{CANARY}@[bad/x"},
        {"redis_url": f"redis://:[{CANARY}]@x"},
        {"redis_url": f"redis://:{CANARY}\u2100@127.0.0.1"},
        {"egress_proxy": f"http://u:[{CANARY}]@proxy.example:8080"},
        {"egress_proxy": f"http://u:{CANARY}\u2100@proxy.example:8080"},
        {"egress_proxy": f"http://proxy.example:{CANARY}"},
    ],
    ids=repr,
)
def test_no_other_address_of_the_settings_is_repeated_either(tmp_path: Path, setting: dict[str, str]) -> None:
    line = Shell(f"sqlite:///{tmp_path / 'widget.db'}", **setting).refused("workspace", "list")
    assert f"WIDGET_{next(iter(setting)).upper()}" in line
    assert CANARY not in line
