"""Writes player_tokens.json and dpop_proofs.json: ``python tests/vectors/make_vectors.py [folder]``."""

import json
import sys
from pathlib import Path
from typing import Any

from proof_vectors import proof_cases
from signing import KEYS, NOW, PROOF_KEY, SERVICE, WORKSPACE, private_jwk, public_jwk, thumbprint
from token_vectors import accepted_tokens, refused_tokens, signing_vectors


def player_tokens() -> dict[str, Any]:
    return {
        "about": "Golden vectors for player tokens; see README.md. Every key is for tests only.",
        "now": NOW,
        "workspace_id": WORKSPACE,
        "audience": SERVICE,
        "max_lifetime": 300,
        "leeway": 30,
        "keys": KEYS,
        "signing": signing_vectors(),
        "accepted": accepted_tokens(),
        "refused": refused_tokens(),
    }


def dpop_proofs() -> dict[str, Any]:
    return {
        "about": "Golden vectors for DPoP proofs (RFC 9449); see README.md. The key is for tests only.",
        "now": NOW,
        "window": 60,
        "private_jwk": private_jwk(PROOF_KEY),
        "public_jwk": public_jwk(PROOF_KEY),
        "jkt": thumbprint(PROOF_KEY),
        "cases": proof_cases(),
    }


def main(folder: Path) -> None:
    for name, content in (("player_tokens.json", player_tokens()), ("dpop_proofs.json", dpop_proofs())):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
