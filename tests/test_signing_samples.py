"""The signing samples that operators copy, run against the golden vectors in each language."""

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sdk_snippet" / "sign"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "player_tokens.json").read_text(encoding="utf-8"))
SIGNING = VECTORS["signing"]
INSTALL = {"node": "apt-get install -y nodejs", "php": "apt-get install -y php-cli"}

Sign = Callable[..., str]

NODE_DRIVER = """
import { readFileSync } from 'node:fs';
const { signPlayer } = await import(process.argv[1]);
const { player, workspace_id, service_url, ...rest } = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(signPlayer(player, { workspaceId: workspace_id, serviceUrl: service_url, ...rest }));
"""

PHP_DRIVER = """
require $argv[1];
$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$given['workspaceId'] = $given['workspace_id'];
$given['serviceUrl'] = $given['service_url'];
unset($given['workspace_id'], $given['service_url']);
echo sign_player(...$given);
"""


def sign_in_python(given: dict[str, Any]) -> str:
    path = SAMPLES / "python" / "sign_player.py"
    spec = importlib.util.spec_from_file_location("sign_player_sample", path)
    assert spec is not None
    assert spec.loader is not None
    sample = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sample)
    return str(sample.sign_player(given["player"], **{name: given[name] for name in given if name != "player"}))


def sign_in_node(given: dict[str, Any]) -> str:
    sample = SAMPLES / "node" / "signPlayer.mjs"
    return run(["node", "--input-type=module", "--eval", NODE_DRIVER, sample.as_uri()], given)


def sign_in_php(given: dict[str, Any]) -> str:
    return run(["php", "-r", PHP_DRIVER, "--", str(SAMPLES / "php" / "sign_player.php")], given)


def run(command: list[str], given: dict[str, Any]) -> str:
    # An emoji or an "ñ" must survive whatever locale the operator's server has.
    environ = {**os.environ, "LC_ALL": "C"}
    asked = json.dumps(given).encode()
    done = subprocess.run(command, input=asked, capture_output=True, timeout=60, env=environ, check=False)
    if done.returncode != 0 or done.stderr:
        raise ValueError(f"{command[0]}: {(done.stderr or done.stdout).decode()}")
    return done.stdout.decode()


LANGUAGES = {"python": sign_in_python, "node": sign_in_node, "php": sign_in_php}


def require_language(language: str) -> Sign:
    """The sample of one language; a missing language fails, or skips with a reason if that was asked for."""
    if language in INSTALL and shutil.which(language) is None:
        if os.environ.get("WIDGET_TEST_ALLOW_MISSING_LANGUAGES") == "1":
            pytest.skip(f"not run: {language} is not installed")
        pytest.fail(f"{language} is not installed. Install it with: {INSTALL[language]}")
    return LANGUAGES[language]


@pytest.fixture(params=sorted(LANGUAGES))
def sign(request: pytest.FixtureRequest) -> Sign:
    return require_language(request.param)


def secret_text(kid: str) -> str:
    """What the operator configures: the HS256 secret's text, or the private key as PEM."""
    key = VECTORS["keys"][kid]
    if "secret" in key:
        return str(key["secret"])
    private = jwt.PyJWK(key["private_jwk"], algorithm=key["algorithm"]).key
    return str(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


def verifying_key(kid: str) -> Any:
    key = VECTORS["keys"][kid]
    return key["secret"].encode() if "secret" in key else jwt.PyJWK(key["public_jwk"], algorithm=key["algorithm"]).key


def given(vector: dict[str, Any], **changes: Any) -> dict[str, Any]:
    kid = vector["input"]["kid"]
    return {**vector["input"], "secret": secret_text(kid), **changes}


def segment(token: str, number: int) -> Any:
    text = token.split(".")[number]
    assert "=" not in text
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.mark.parametrize("vector", SIGNING, ids=[vector["name"] for vector in SIGNING])
def test_a_sample_makes_the_token_of_the_vector(sign: Sign, vector: dict[str, Any]) -> None:
    token = sign(given(vector))

    assert segment(token, 0) == vector["header"]
    assert segment(token, 1) == vector["payload"]
    algorithm, key = vector["header"]["alg"], verifying_key(vector["header"]["kid"])
    jwt.decode(token, key, algorithms=[algorithm], options={"verify_exp": False, "verify_iat": False}, **expected())


@pytest.mark.parametrize("vector", SIGNING, ids=[vector["name"] for vector in SIGNING])
def test_the_token_of_a_vector_verifies_and_decodes_to_what_is_stated(vector: dict[str, Any]) -> None:
    key = verifying_key(vector["header"]["kid"])
    algorithms = [vector["header"]["alg"]]
    options = {"verify_exp": False, "verify_iat": False}
    complete = jwt.decode_complete(vector["token"], key, algorithms=algorithms, options=options, **expected())
    assert complete["header"] == vector["header"]
    assert complete["payload"] == vector["payload"]


def expected() -> dict[str, str]:
    return {"audience": VECTORS["audience"], "issuer": VECTORS["workspace_id"]}


def test_many_elliptic_curve_signatures_of_a_sample_all_verify(sign: Sign) -> None:
    # A DER signature with a short or a padded number is rare: some 1 in 128.
    vector = next(vector for vector in SIGNING if vector["input"]["algorithm"] == "ES256")
    key = verifying_key(vector["input"]["kid"])
    for number in range(20):
        token = sign(given(vector, jti=f"many-signatures-{number}"))
        jwt.decode(token, key, algorithms=["ES256"], options={"verify_exp": False, "verify_iat": False}, **expected())


def test_a_sample_makes_a_fresh_jti_and_the_present_time_by_itself(sign: Sign) -> None:
    asked = given(SIGNING[0])
    for name in ("jti", "now", "lifetime", "algorithm"):
        del asked[name]
    before = int(time.time())
    first, second = segment(sign(asked), 1), segment(sign(asked), 1)

    assert first["jti"] != second["jti"]
    assert len(first["jti"]) >= 16
    assert isinstance(first["iat"], int)
    assert isinstance(first["exp"], int)
    assert before <= first["iat"] <= time.time()
    assert first["exp"] - first["iat"] == 120


def test_a_sample_drops_one_line_end_of_a_secret_read_from_a_file(sign: Sign) -> None:
    vector = SIGNING[0]
    for line_end in ("\n", "\r\n"):
        token = sign(given(vector, secret=secret_text("hs-1") + line_end))
        assert token.split(".")[2] == sign(given(vector)).split(".")[2]


def test_a_sample_drops_the_trailing_slash_of_the_service_url(sign: Sign) -> None:
    assert segment(sign(given(SIGNING[0], service_url="https://support.example/")), 1)["aud"] == VECTORS["audience"]


@pytest.mark.parametrize(
    "player",
    [{}, {"player_id": None}, {"player_id": ""}, {"player_id": True}, {"player_id": 58.5}, {"player_id": ["5832"]}],
    ids=str,
)
def test_a_sample_refuses_a_player_without_a_usable_id(sign: Sign, player: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="player_id must be"):
        sign(given(SIGNING[0], player=player))


@pytest.mark.parametrize("secret", ["", "too-short"])
def test_a_sample_refuses_a_secret_that_is_missing_or_cut_off(sign: Sign, secret: str) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        sign(given(SIGNING[0], secret=secret))


@pytest.mark.parametrize("language", sorted(INSTALL))
def test_a_missing_language_fails_with_the_install_command_or_says_that_it_was_not_run(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WIDGET_TEST_ALLOW_MISSING_LANGUAGES", raising=False)
    with pytest.raises(pytest.fail.Exception, match=INSTALL[language]):
        require_language(language)
    monkeypatch.setenv("WIDGET_TEST_ALLOW_MISSING_LANGUAGES", "1")
    with pytest.raises(pytest.skip.Exception, match=f"not run: {language} is not installed"):
        require_language(language)
