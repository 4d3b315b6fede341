"""The service as tests meet it: a real process on loopback, or the same application inside the test."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx
from click.testing import CliRunner, Result

from tests.support.servers import wait_until
from widget_service.cli import main

PROGRAM = Path(sys.executable).parent / "widget-service"

#: One per test session: databases are copies of one that was migrated with it.
SECRET_KEY = secrets.token_urlsafe(48)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def settings_for(database_url: str, public_url: str, **settings: Any) -> dict[str, str]:
    """The environment variables of one installation; a keyword ``rate_limits="on"`` is ``WIDGET_RATE_LIMITS``."""
    chosen = {
        "database_url": database_url,
        "public_url": public_url,
        "secret_key": SECRET_KEY,
        "rate_limits": "off",
        **settings,
    }
    return {f"WIDGET_{name.upper()}": str(value) for name, value in chosen.items() if value is not None}


def clean_environment(settings: dict[str, str]) -> dict[str, str]:
    """This process's environment without any WIDGET_ variable of its own, and with those given."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WIDGET_")}
    return {**own, "PYTHONUNBUFFERED": "1", **settings}


class CommandFailed(AssertionError):
    """A command ended with another exit code than expected."""


def run_here(environment: dict[str, str], *arguments: str, stdin: str | None = None) -> Result:
    """Runs ``widget-service …`` inside this process, which costs no start; no other WIDGET_ variable is seen."""
    unset = {name: None for name in os.environ if name.startswith("WIDGET_")}
    return CliRunner().invoke(main, arguments, input=stdin, env={**unset, **environment})


def answer_here(environment: dict[str, str], *arguments: str, stdin: str | None = None, answers: bool = True) -> Any:
    """Runs a command that must succeed; what it prints with ``--json``, parsed (nothing if ``answers=False``)."""
    result = run_here(environment, *arguments, *(["--json"] if answers else []), stdin=stdin)
    if result.exit_code != 0:
        raise CommandFailed(f"{' '.join(arguments)}: {result.output}{result.exception!r}") from result.exception
    return json.loads(result.stdout) if answers else None


class Service:
    """An installation: settings, a database, and the processes ``serve`` and ``worker`` when started.

    ``Service(url).start()`` … ``stop()``; several of them may share one database and secret (see :meth:`sibling`).
    """

    def __init__(self, database_url: str, *, workers: int = 1, port: int | None = None, **settings: Any) -> None:
        self.port = port or free_port()
        self.workers = workers
        self.url = str(settings.pop("public_url", f"http://127.0.0.1:{self.port}"))
        self.local_url = f"http://127.0.0.1:{self.port}"
        self.settings = settings_for(database_url, self.url, **settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.log = tempfile.NamedTemporaryFile(prefix="widget-log-", delete=False)  # noqa: SIM115 (read when it fails)
        self._clients: list[httpx.Client] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    def started(cls, database_url: str, **options: Any) -> Self:
        return cls(database_url, **options).start()

    @property
    def database_url(self) -> str:
        return self.settings["WIDGET_DATABASE_URL"]

    def sibling(self) -> "Service":
        """A second server of the same installation, on its own port, with the same public URL."""
        names = {name.removeprefix("WIDGET_").lower(): value for name, value in self.settings.items()}
        return type(self)(names.pop("database_url"), workers=self.workers, **names)

    def start(self, *arguments: str) -> Self:
        """Migrates the database, runs ``serve`` and returns when it is ready."""
        self.cli("db", "upgrade", answers=False)
        address = ("--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers))
        self.process = self.spawn("serve", *address, *arguments)
        self.wait_until_ready()
        return self

    def spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Runs a long-lived command (``serve``, ``worker`` …) in its own process group; ended with :meth:`stop`."""
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            env=clean_environment(self.settings),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def wait_until_ready(self, seconds: float = 30) -> None:
        def ready() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise CommandFailed(f"serve ended with exit code {self.process.returncode}:\n{self.output()}")
            try:
                return httpx.get(f"{self.local_url}/health/ready", timeout=5, trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        try:
            wait_until(ready, "/health/ready", seconds=seconds, every=0.05)
        except TimeoutError as error:
            raise CommandFailed(f"{error}:\n{self.output()}") from error

    def output(self) -> str:
        """What its processes have printed and logged so far."""
        return Path(self.log.name).read_text(errors="replace")

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs one command as a process to its end, with this installation's settings."""
        return subprocess.run(
            [PROGRAM, *arguments],
            env=clean_environment(self.settings),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def cli(self, *arguments: str, stdin: str | None = None, answers: bool = True) -> Any:
        """A command that prepares something: not in a process of its own, which takes a second to start."""
        return answer_here(self.settings, *arguments, stdin=stdin, answers=answers)

    def client(self, **options: Any) -> httpx.Client:
        """An HTTP client of this service; closed with it."""
        client = httpx.Client(base_url=self.local_url, timeout=options.pop("timeout", 20), trust_env=False, **options)
        self._clients.append(client)
        return client

    def kill(self) -> None:
        """``kill -9`` to the server and every worker process of it."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ends all that was started here, politely first, and closes the clients."""
        while self._clients:
            self._clients.pop().close()
        self._signal(signal.SIGTERM)

    def remove(self) -> None:
        """Ends it all without waiting for streams that are still open."""
        self._signal(signal.SIGINT)
        self.stop()
        self.log.close()
        Path(self.log.name).unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            if process.poll() is None:
                # Politely to the master alone, which ends its workers; a crash is everybody's at once.
                send = os.killpg if number == signal.SIGKILL else os.kill
                send(process.pid, number)
        while self._processes:
            process = self._processes.pop()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.process = None


class InProcessService:
    """The same interface without a process: the application called through WSGI. Quick, for the tests of views."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        from widget_service.app import create_app
        from widget_service.settings import Settings

        self.url = str(settings.pop("public_url", "http://127.0.0.1:8000"))
        self.environment = settings_for(database_url, self.url, **settings)
        self.cli("db", "upgrade", answers=False)
        names = {name.removeprefix("WIDGET_").lower(): value for name, value in self.environment.items()}
        self.settings = Settings(**names)
        self.app = create_app(self.settings)
        self._made.append(self)

    #: Those made since the last :meth:`close_all`.
    _made: ClassVar[list["InProcessService"]] = []

    @classmethod
    def close_all(cls, after: int) -> None:
        """Closes those that were made when ``after`` of them were open already."""
        while len(cls._made) > after:
            cls._made.pop().close()

    @classmethod
    def open_now(cls) -> int:
        """How many are open."""
        return len(cls._made)

    def close(self) -> None:
        """Gives back connections and threads. A database that was taken away meanwhile is no fault of the test's."""
        from widget_service.errors import ServiceError
        from widget_service.views.runtime import NAME

        with suppress(ServiceError):
            self.app.extensions[NAME].close()

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Runs a command inside this process. Has ``exit_code``, ``stdout``, ``stderr``."""
        return run_here(self.environment, *arguments, stdin=stdin)

    def cli(self, *arguments: str, stdin: str | None = None, answers: bool = True) -> Any:
        """As :meth:`Service.cli`."""
        return answer_here(self.environment, *arguments, stdin=stdin, answers=answers)

    def client(self, *, address: str = "127.0.0.1", **options: Any) -> httpx.Client:
        """An HTTP client that calls the application directly, seen as coming from ``address``."""
        transport = httpx.WSGITransport(app=self.app, raise_app_exceptions=False, remote_addr=address)
        return httpx.Client(transport=transport, base_url=self.url, **options)
