"""The memory of proofs: each is accepted once, on every worker, also after a restart.

In the database the memory need not be flushed before the answer; in Redis it may be lost with Redis, so that proofs
older than the memory itself are then refused.
"""

from typing import Protocol

from widget_service.confirmation import Proof, ProofClaim
from widget_service.ids import digest
from widget_service.storage import Storage

REMEMBERED = 120  # seconds


class ProofMemory(Protocol):
    """``claim`` is True for exactly one bringer of a proof.

    ``defer`` leaves that to the unit of work that follows, where this memory is in the same database: the claim to
    make there. Where it is not, the proof is spent here (ProofReused) and nothing is left to do: None.
    """

    def claim(self, proof: Proof, now: int) -> bool: ...

    def defer(self, proof: Proof, now: int) -> ProofClaim | None: ...


def proof_hash(proof: Proof) -> bytes:
    """A proof's id belongs to its key: nobody can spend the id of another's proof."""
    return digest(f"{proof.jkt}\0{proof.jti}")


class DatabaseProofMemory:
    """In the ``proofs`` table."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def claim(self, proof: Proof, now: int) -> bool:
        """See ProofMemory."""
        key = proof_hash(proof)
        return self._storage.claim(lambda store: store.claim_proof(key, now + REMEMBERED))

    def defer(self, proof: Proof, now: int) -> ProofClaim | None:
        """See ProofMemory."""
        return ProofClaim(proof_hash(proof), now + REMEMBERED)
