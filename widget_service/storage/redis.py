"""What Redis does when it is configured: remember proofs, and carry wake-ups between processes.

Nothing that must not be lost is kept here alone. Proofs older than Redis's own memory are refused, so that a Redis
without persistence fails closed when it restarts; the few that are dated ahead of our clock would look younger than
that memory, and are remembered in the database too.
"""

import time
from collections.abc import Iterator

import redis

from widget_service.confirmation import Proof, ProofClaim
from widget_service.errors import InvalidProof, ProofReused, Unavailable
from widget_service.storage.replay import REMEMBERED, ProofMemory, proof_hash

PREFIX = "widget:proof:"
EPOCH = "widget:proofs:since"
CHANNEL = "widget:wake"
CLOCK_SLACK = 10  # seconds: our clock is cut to whole ones, and Redis has its own
Client = redis.Redis


def connect(url: str) -> Client:
    """A client with short deadlines; connections are made when first needed."""
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, health_check_interval=15)


class RedisProofMemory:
    """As keys that end by themselves; the time since when Redis remembers is kept beside them."""

    def __init__(self, client: Client, lasting: ProofMemory) -> None:
        self._client = client
        self._lasting = lasting
        self._begin(int(time.time()))

    def claim(self, proof: Proof, now: int) -> bool:
        """See ProofMemory. InvalidProof for a proof made before the memory began."""
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                pipeline.set(PREFIX + proof_hash(proof).hex(), b"1", nx=True, ex=REMEMBERED + CLOCK_SLACK)
                pipeline.get(EPOCH)
                claimed, since = pipeline.execute()
        except redis.RedisError as error:
            raise Unavailable(f"redis: {type(error).__name__}") from error
        began = int(since) if since is not None else self._begin(now)
        if proof.issued_at < began and now - began < REMEMBERED:
            raise InvalidProof("replay_memory_lost", details={"server_time": now})
        return bool(claimed) and (proof.issued_at <= now or self._lasting.claim(proof, now))

    def defer(self, proof: Proof, now: int) -> ProofClaim | None:
        """See ProofMemory."""
        if not self.claim(proof, now):
            raise ProofReused
        return None

    def _begin(self, now: int) -> int:
        try:
            self._client.set(EPOCH, now, nx=True)
            return int(self._client.get(EPOCH) or now)
        except redis.RedisError:
            return now  # away: claims say so themselves


class RedisWire:
    """Publish and subscribe on one channel."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        # A listener waits without a deadline; its health checks notice a dead peer.
        self._listener: Client = redis.Redis.from_url(url, socket_connect_timeout=2, health_check_interval=15)

    def tell(self, conversation_id: str) -> None:
        """See Wire."""
        try:
            self._client.publish(CHANNEL, conversation_id)
        except redis.RedisError as error:
            raise Unavailable(f"redis: {type(error).__name__}") from error

    def listen(self) -> Iterator[str | None]:
        """See Wire; None first, once connected."""
        try:
            with self._listener.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                channel.subscribe(CHANNEL)
                yield None
                for told in channel.listen():
                    yield told["data"].decode()
        except redis.RedisError as error:
            raise Unavailable(f"redis: {type(error).__name__}") from error
