"""``widget-service doctor``: the cause in words, whatever stands in a start's way."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.support.shell import CASINO, PUBLIC_URL, Shell
from widget_service.storage import schema
from widget_service.storage.engine import reading

SECRET = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(f"sqlite:///{tmp_path / 'widget.db'}")


Doctor = Callable[..., Any]


@pytest.fixture
def doctor(shell: Shell) -> Doctor:
    made = shell.workspace()

    def examine(token: str | Callable[[dict[str, Any], str, str], str] | None = None, **options: str) -> Any:
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        if callable(token):
            now = int(time.time())
            claims = {"iss": made["workspace_id"], "aud": PUBLIC_URL, "sub": "5832", "iat": now, "exp": now + 120}
            token = token({**claims, "jti": "one-of-its-kind"}, made["secret"], made["kid"])
        if token is not None:
            arguments += ["--player-token", token]
        result = shell.run("doctor", made["workspace_id"], *arguments, "--json")
        answer = json.loads(result.stdout)
        assert result.exit_code == (0 if answer["ok"] else 2)
        assert len(result.stderr.splitlines()) == (0 if answer["ok"] else 1)
        return answer

    return examine


def problems(answer: Any) -> list[str]:
    return [finding["message"] for finding in answer["findings"] if finding["level"] == "problem"]


def sign(claims: dict[str, Any], secret: Any, kid: str, **header: Any) -> str:
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": kid, **header})


def test_the_doctor_finds_nothing_where_nothing_is_wrong(doctor: Doctor) -> None:
    answer = doctor(sign, origin=CASINO)

    assert answer["ok"] is True
    assert problems(answer) == []
    assert {finding["check"] for finding in answer["findings"]} >= {"workspace", "origin", "key", "clock", "token"}


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        ("https://evil.example", "not allowed"),
        ("https://casino.example/", "slash"),
        ("https://Casino.example", "A browser says https://casino.example"),
        ("https://www.casino.example", "Near to it is https://casino.example"),
        ("http://casino.example", "https"),
        ("null", "null_origin"),
    ],
)
def test_the_doctor_says_what_is_wrong_with_an_origin(doctor: Doctor, origin: str, said: str) -> None:
    (message,) = problems(doctor(origin=origin))

    assert said in message


def decoded(secret: str) -> bytes:
    return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))


@pytest.mark.parametrize(
    ("signer", "said"),
    [
        (lambda claims, secret, kid: sign(claims, decoded(secret), kid), "decodes the secret from base64"),
        (lambda claims, secret, kid: sign(claims, secret + "\n", kid), "line end"),
        (lambda claims, secret, kid: sign(claims, f'"{secret}"', kid), "quotation marks"),
        (lambda claims, secret, kid: sign(claims, secret.encode().hex(), kid), "encodes the secret as hex"),
        (lambda claims, secret, kid: sign(claims, SECRET, kid), "another secret"),
        (lambda claims, secret, kid: sign(claims, secret, "k9"), "no key has the id k9"),
        (lambda claims, secret, kid: sign({**claims, "aud": "https://other.example"}, secret, kid), PUBLIC_URL),
        (lambda claims, secret, kid: sign({**claims, "iss": "casino"}, secret, kid), "iss must be ws_"),
        (lambda claims, secret, kid: sign({**claims, "exp": claims["iat"] + 3600}, secret, kid), "300 s at most"),
        (lambda claims, secret, kid: sign({**claims, "sub": 5832}, secret, kid), "sub is 5832"),
        (lambda claims, secret, kid: sign({**claims, "jti": None}, secret, kid), "jti is None"),
        (lambda claims, secret, kid: sign(claims, secret, kid, typ="at+jwt"), "typ JWT or none"),
        (
            lambda claims, secret, kid: sign(
                {**claims, "iat": claims["iat"] - 400, "exp": claims["iat"] - 200}, secret, kid
            ),
            "PLAYER_TOKEN_EXPIRED",
        ),
        (
            lambda claims, secret, kid: sign(
                {**claims, "iat": claims["iat"] + 90, "exp": claims["iat"] + 120}, secret, kid
            ),
            "clock_skew",
        ),
        (lambda *_: "not.a.token", "malformed_token"),
        (lambda *_: "", "malformed_token"),
    ],
)
def test_the_doctor_says_what_is_wrong_with_a_token(doctor: Doctor, signer: Any, said: str) -> None:
    (message,) = problems(doctor(signer))

    assert said in message


def test_the_doctor_notices_milliseconds(doctor: Doctor) -> None:
    def in_milliseconds(claims: dict[str, Any], secret: str, kid: str) -> str:
        return sign({**claims, "iat": claims["iat"] * 1000, "exp": claims["iat"] * 1000 + 300}, secret, kid)

    assert any("milliseconds" in message for message in problems(doctor(in_milliseconds)))


def test_the_doctor_writes_nothing(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    token = shell("player-token", workspace_id, "--sub", "5832")["player_token"]

    def rows() -> list[int]:
        with reading(shell.database_url) as connection:
            return [len(connection.execute(table.select()).all()) for table in schema.metadata.sorted_tables]

    before = rows()
    shell("doctor", workspace_id, "--origin", CASINO, "--player-token", "-", stdin=token)
    assert rows() == before


def test_the_doctor_notices_a_disabled_workspace(shell: Shell) -> None:
    workspace_id = shell.workspace()["workspace_id"]
    shell("workspace", "disable", workspace_id)

    result = shell.run("doctor", workspace_id)
    assert result.exit_code == 2
    assert "disabled" in result.stdout
