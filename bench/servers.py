"""The servers under test: the service on either store and the bare app, each with the CPU time it has used."""

import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.support.operator import Agent, Operator
from tests.support.servers import PostgresCluster, RedisServer, wait_until
from tests.support.service import Service, free_port

STORES = ("sqlite", "postgres")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its descendants, living or waited for."""
    process = psutil.Process(pid)
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Served:
    """One server: where it listens, and the processes whose CPU counts for it (the service's, and its database's)."""

    name: str
    store: str
    port: int
    pid: int
    database_pid: int | None = None
    service: Service | None = None

    def cpu(self) -> tuple[float, float]:
        """(the server's own CPU seconds, its database's); SQLite's are among the server's own."""
        return cpu_seconds(self.pid), cpu_seconds(self.database_pid) if self.database_pid else 0.0

    def workers(self) -> list[psutil.Process]:
        """The worker processes."""
        return psutil.Process(self.pid).children()


class Machine:
    """Starts everything on loopback and throw-away folders, and ends exactly that."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="widget-bench-")))
        self._cluster: PostgresCluster | None = None
        self._redis: RedisServer | None = None
        self._bare: Served | None = None

    def close(self) -> None:
        """Ends all servers and removes their folders."""
        self._stack.close()

    @property
    def cluster(self) -> PostgresCluster:
        """The throw-away PostgreSQL, started when first asked for."""
        if self._cluster is None:
            self._cluster = PostgresCluster()
            self._stack.callback(self._cluster.remove)
        return self._cluster

    @property
    def redis(self) -> RedisServer:
        """The throw-away Redis, started when first asked for."""
        if self._redis is None:
            self._redis = RedisServer()
            self._stack.callback(self._redis.remove)
        return self._redis

    @property
    def postmaster(self) -> int:
        """The pid of PostgreSQL's first process, whose descendants are its backends."""
        return int((self.cluster.folder / "db" / "postmaster.pid").read_text().split()[0])

    def new_database(self, store: str, template: str | None = None) -> str:
        """The URL of a fresh database of that store."""
        if store == "postgres":
            return self.cluster.new_database(template)
        return f"sqlite:///{self.folder / secrets.token_hex(4)}.db"

    def bare(self) -> Served:
        """The bare app on two workers; one for the whole run."""
        if self._bare is None:
            self._bare = self.another_bare()
        return self._bare

    def another_bare(self) -> Served:
        """The bare app once more: what it serves costs others nothing."""
        port = free_port()
        command = [sys.executable, "-m", "bench.bare", str(port), "2"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._stack.callback(_end, process)
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/empty"), "the bare app", seconds=20)
        return Served("bare Flask", "-", port, process.pid)

    @contextmanager
    def serving(
        self, store: str, *, database_url: str | None = None, workers: int = 2, redis: bool = False, **settings: str
    ) -> Iterator[Served]:
        """The service itself, by its own command line. Rate limits are off; the rest is as delivered."""
        options = {"redis_url": self.redis.url, **settings} if redis else settings
        service = Service(database_url or self.new_database(store), workers=workers, **options)
        try:
            service.start()
            assert service.process is not None
            name = " ".join([store, *(["redis"] if redis else []), *settings.values()])
            database = self.postmaster if store == "postgres" else None
            yield Served(name, store, service.port, service.process.pid, database, service)
        finally:
            service.remove()


def new_tenant(served: Served, webhook_url: str) -> tuple[Operator, Agent]:
    """A workspace with an ES256 key, a webhook (each start tells an agent) and an agent's token with every scope."""
    service = served.service
    assert service is not None
    operator = Operator.create(service).with_key("bench-es256", "ES256")
    file = Path(service.log.name + ".pem")
    file.write_text(operator.public_pem)
    try:
        given = ("--kid", operator.kid, "--algorithm", "ES256", "--file", str(file))
        service.cli("key", "import", operator.workspace_id, *given)
    finally:
        file.unlink()
    service.cli("webhook", "create", operator.workspace_id, webhook_url)
    return operator, Agent.create(service, operator.workspace_id)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
