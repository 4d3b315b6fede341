"""The golden vectors, run through this service's own verification."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest

from widget_service.assertions import verify_assertion
from widget_service.confirmation import verify_proof
from widget_service.errors import ServiceError
from widget_service.workspaces import SigningKey

HERE = Path(__file__).parent / "vectors"
TOKENS = json.loads((HERE / "player_tokens.json").read_text(encoding="utf-8"))
PROOFS = json.loads((HERE / "dpop_proofs.json").read_text(encoding="utf-8"))
REFUSED_PROOFS = [case for case in PROOFS["cases"] if "code" in case["expect"]]
ACCEPTED_PROOFS = [case for case in PROOFS["cases"] if "code" not in case["expect"]]


def find_key(kid: str) -> SigningKey | None:
    key = TOKENS["keys"].get(kid)
    if key is None:
        return None
    public = key["secret"].encode() if "secret" in key else jwt.PyJWK(key["public_jwk"], key["algorithm"]).key
    retired_at = TOKENS["now"] - 3600 if key.get("retired") else None
    return SigningKey(TOKENS["workspace_id"], kid, key["algorithm"], public, retired_at=retired_at)


def verify(token: str) -> Any:
    return verify_assertion(
        token,
        workspace_id=TOKENS["workspace_id"],
        audience=TOKENS["audience"],
        find_key=find_key,
        now=TOKENS["now"],
        max_lifetime=TOKENS["max_lifetime"],
        leeway=TOKENS["leeway"],
    )


def names(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"] for case in cases]


@pytest.mark.parametrize("case", TOKENS["signing"], ids=names(TOKENS["signing"]))
def test_a_signed_vector_is_accepted(case: dict[str, Any]) -> None:
    assertion = verify(case["token"])
    assert assertion.player_id == case["payload"]["sub"]
    assert assertion.jti == case["payload"]["jti"]


@pytest.mark.parametrize("case", TOKENS["accepted"], ids=names(TOKENS["accepted"]))
def test_a_token_at_the_edge_of_the_rules_is_accepted(case: dict[str, Any]) -> None:
    assert verify(case["token"]).player_id == case["subject"]


@pytest.mark.parametrize("case", TOKENS["refused"], ids=names(TOKENS["refused"]))
def test_a_hostile_token_is_refused_with_its_code_and_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as refusal:
        verify(case["token"])
    assert {"code": refusal.value.code, "reason": refusal.value.reason} == case["expect"]


def prove(case: dict[str, Any]) -> Any:
    return verify_proof(case["proof"], **case["request"], now=PROOFS["now"])


@pytest.mark.parametrize("case", ACCEPTED_PROOFS, ids=names(ACCEPTED_PROOFS))
def test_a_valid_proof_is_accepted_and_names_its_key(case: dict[str, Any]) -> None:
    proof = prove(case)
    assert {"jkt": proof.jkt, "jti": proof.jti, "issued_at": proof.issued_at} == case["expect"]


@pytest.mark.parametrize("case", REFUSED_PROOFS, ids=names(REFUSED_PROOFS))
def test_a_bad_proof_is_refused_with_its_code_and_reason(case: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as refusal:
        prove(case)
    assert {"code": refusal.value.code, "reason": refusal.value.reason} == case["expect"]


@pytest.mark.parametrize("cases", [TOKENS["signing"], TOKENS["accepted"], TOKENS["refused"], PROOFS["cases"]])
def test_every_vector_has_a_name_of_its_own(cases: list[dict[str, Any]]) -> None:
    assert len(set(names(cases))) == len(cases)


def test_the_vectors_are_what_their_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, HERE / "make_vectors.py", tmp_path], check=True)

    for name in ("player_tokens.json", "dpop_proofs.json"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (HERE / name).read_text(encoding="utf-8")
