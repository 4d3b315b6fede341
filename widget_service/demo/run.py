"""The demo from its start to Ctrl-C."""

import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from widget_service.demo.installation import SETTINGS_FILE, Installation, Ports, install
from widget_service.demo.processes import Processes
from widget_service.errors import ConfigurationError

FIRST_PORT = 8080
START_WITHIN = 180.0  # seconds: a quiet machine needs ten, and nobody is helped by giving up on a slow one
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

TEXT = """
widget-service demo: everything runs on this machine, with made-up players.

  Casino        {casino}
  Hostile site  {hostile}
  Service       {service}   (try its API: {service}/playground)
  Helpdesk      {helpdesk}   (the inbox of a pretend Zendesk and a pretend LiveChat)
  {books}
  AI agent      a process of its own that hears of events at http://127.0.0.1:{agent}/events

Try this:
  1. Open the casino, log in as Ana Ruiz, and open the chat at the bottom right: the agent greets her by name.
  2. Ask “where is my withdrawal?”: the agent gets a session id for this one player, and answers with amount and state.
  3. Cancel the withdrawal on the casino's page, and ask again: the agent reads it anew, through the service.
  4. Reload the page: the chat goes on. Log out, log in as Jonas Weber: nothing of Ana's is there.
  5. Write “human”: the agent hands over and keeps quiet.
  6. Open the hostile site, which has copied the casino's snippet, and read what it gets.
  7. Open the casino's page /zendesk or /livechat, log in, and write in that vendor's chat: the helpdesk's inbox shows
     it as verified, and whose it is. Change the field in the browser's console, as the page says: unverified.
{kept}
Ctrl-C stops everything.
"""


class Stopped(Exception):
    """A signal asked for the end."""


def run(ports: Ports, keep: Path | None, platform: str | None = None) -> None:
    """Runs until a signal comes. Raises ConfigurationError when a part ends by itself or does not start."""
    with _stopped_by_signals(), _folder(keep) as folder:
        made = install(folder, ports, platform)
        processes = Processes(folder, made.environment)
        try:
            processes.wait_for(_start_all(processes, ports, made, platform), START_WITHIN)
            print(_text(ports, keep, _books(ports, made, platform)), flush=True)
            while True:
                time.sleep(0.2)
                processes.require_all()
        except Stopped:
            print("\nStopping.", flush=True)
        finally:
            _ignore_signals()
            processes.stop()


def _start_all(processes: Processes, ports: Ports, made: Installation, platform: str | None) -> list[str]:
    """The addresses at which each says that it is there."""
    processes.start_command("serve", "serve", "--port", str(ports.service))
    processes.start_command("worker", "worker", "--threads", "8")
    if platform is None:
        serve = ("back-office", "--port", str(ports.back_office))
        processes.start_command("back-office", *serve, environment=made.back_office)
        books = f"{ports.back_office_url}/openapi.json"
    else:
        processes.start_part("platform", made.back_office)
        books = f"{ports.back_office_url}/simulator/health"
    for name, part in made.parts().items():
        processes.start_part(name, part)
    others = (ports.casino, ports.hostile, ports.agent, ports.helpdesk)
    return [f"{ports.service_url}/health/ready", books, *(f"http://127.0.0.1:{port}/health" for port in others)]


def choose_ports(**asked: int | None) -> Ports:
    """The ports asked for, which must be free, or the next free ones from 8080 on. Raises ConfigurationError."""
    chosen: dict[str, int] = {}
    for part, wanted in asked.items():
        if wanted is not None and (wanted in chosen.values() or not _is_free(wanted)):
            raise ConfigurationError(f"Port {wanted} is taken. Choose another one, or none.")
        chosen[part] = wanted or _next_free({*chosen.values(), *filter(None, asked.values())})
    return Ports(**chosen)


def _next_free(taken: set[int]) -> int:
    for port in range(FIRST_PORT, 65536):
        if port not in taken and _is_free(port):
            return port
    raise ConfigurationError(f"There is no free port from {FIRST_PORT} on.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _text(ports: Ports, keep: Path | None, books: str) -> str:
    kept = f"\nData and logs stay in {keep}. For the command line: set -a; . {keep / SETTINGS_FILE}\n" if keep else ""
    return TEXT.format(
        casino=ports.casino_url,
        hostile=ports.hostile_url,
        service=ports.service_url,
        helpdesk=ports.helpdesk_url,
        agent=ports.agent,
        books=books,
        kept=kept,
    )


def _books(ports: Ports, made: Installation, platform: str | None) -> str:
    if platform is None:
        token = made.back_office["WIDGET_BACK_OFFICE_API_TOKEN"]
        return f"Back office   {ports.back_office_url}/playground   (its API token: {token})"
    return f"Platform      {ports.back_office_url}   (a simulated {platform}; docs/platforms.md)"


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="widget-demo-") as name:
            yield Path(name)
        return
    keep.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(keep.iterdir()):
        raise ConfigurationError(f"{keep} is not empty: every run makes its own secrets and database.")
    yield keep.resolve()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    except Stopped:
        return  # before anything had been started
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """An impatient second Ctrl-C must not leave half of the processes behind."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
