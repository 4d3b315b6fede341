"""PostgreSQL and Redis as throw-away servers on a Unix socket: real ones, started in a second, gone with the tests."""

import glob
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

INSTALL = "sh setup/machine.sh postgres redis pgbouncer   (or: apt-get install postgresql redis-server pgbouncer)"

PATIENCE = 4


class ServerMissing(RuntimeError):
    """The machine lacks a server that the tests need; the text has the command that installs it."""


def find_program(*names: str) -> str:
    """The path of the first program found, looking where Debian hides PostgreSQL's too."""
    for name in names:
        hidden = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)
        found = shutil.which(name) or next(iter(hidden), None)
        if found:
            return found
    raise ServerMissing(f"{' or '.join(names)} not found. Install it: {INSTALL}")


class PostgresCluster:
    """One cluster in one folder. It refuses to run as root, so root starts it as nobody."""

    def __init__(self) -> None:
        # Unix sockets allow about 100 characters of path, so the folder is a short one of its own.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._numbers = itertools.count(1)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", "nogroup")
        self._run(
            "initdb", "-D", str(self.folder / "db"), "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        self.start()

    def start(self) -> None:
        """Returns when the cluster answers; also after :meth:`stop` or :meth:`kill`, with what it held."""
        # What is committed survives the cluster's crash, if not the machine's: nothing waits for the disk.
        options = f"-c listen_addresses='' -c max_connections=300 -c fsync=off -c full_page_writes=off -k {self.folder}"
        log = self.folder / "log"
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-w", "-l", str(log), "-o", options, "start")

    def stop(self) -> None:
        """Ends every connection at once."""
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-w", "-m", "fast", "stop")

    def kill(self) -> None:
        """As a crash would: committed transactions survive it."""
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-w", "-m", "immediate", "stop")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://app@/{database}?host={quote(str(self.folder), safe='')}"

    def new_database(self, template: str | None = None) -> str:
        """Creates a database, empty or as a copy of ``template`` (a name; nobody may be connected to it). Its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template1'}")
        return self.url(name)

    def execute(self, sql: str) -> None:
        """As the cluster's owner, outside a transaction; again when somebody is just leaving a template."""
        for left in range(10, -1, -1):
            try:
                with psycopg.connect(self.url(), autocommit=True) as connection:
                    connection.execute(sql.encode())
                return
            except psycopg.OperationalError:
                if not left:
                    raise
                time.sleep(0.3)

    def remove(self) -> None:
        if (self.folder / "db" / "postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
        command = [*(as_nobody if os.geteuid() == 0 else []), find_program(program), *arguments]
        # pg_ctl's server inherits the output: a pipe would never see its end.
        with tempfile.TemporaryFile() as output:
            result = subprocess.run(command, cwd="/", stdout=output, stderr=output, stdin=subprocess.DEVNULL)
            if result.returncode != 0:
                output.seek(0)
                raise RuntimeError(f"{' '.join(command)}\n{output.read().decode(errors='replace')}")


class RedisServer:
    """A Redis on a Unix socket that keeps nothing on disk."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rd-"))
        self.socket = self.folder / "s"
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        program = find_program("redis-server", "valkey-server")
        self.process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers, "Redis to answer", seconds=10)

    def stop(self) -> None:
        """With everything it held: as a restart without persistence is."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as connection:
                return bool(connection.ping())
        except redis.ConnectionError:
            return False


def wait_until(condition, what: str, *, seconds: float = 10, every: float = 0.02):
    """The condition's first true value; fails naming ``what`` when there is none in time.

    ``seconds`` is what a quiet machine needs; a busy one gets several times as much, as nothing here measures speed.
    """
    deadline = time.monotonic() + seconds * PATIENCE
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds * PATIENCE} s for {what}")
        time.sleep(every)
    return value
