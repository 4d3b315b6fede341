"""The demo's processes: started, watched, and ended together."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from widget_service.demo.pages import PART
from widget_service.errors import ConfigurationError

STOP_WITHIN = 3.0  # seconds; then they are killed
PR_SET_PDEATHSIG = 1  # linux/prctl.h
SHOWN_LINES = 15


class Processes:
    """Children in groups of their own: Ctrl-C in the terminal reaches the demo alone, which then ends them."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._logs = folder / "log"
        self._logs.mkdir()
        self._environment = dict(environment)
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start_command(self, name: str, *words: str, environment: Mapping[str, str] | None = None) -> None:
        """Starts ``widget-service <words>`` with the installation's settings, or with its own."""
        command = [sys.executable, "-m", "widget_service.cli", *words]
        self._start(name, command, self._environment if environment is None else environment)

    def start_part(self, name: str, part: Mapping[str, str]) -> None:
        """Starts a part, which gets what it is told and no setting of the service."""
        others = {key: value for key, value in self._environment.items() if not key.startswith("WIDGET_")}
        command = [sys.executable, "-m", f"widget_service.demo.{name}"]
        self._start(name, command, {**others, PART: json.dumps(part)})

    def wait_for(self, addresses: Sequence[str], seconds: float) -> None:
        """Returns when every address answers 200. Raises ConfigurationError when a child dies or time runs out."""
        deadline = time.monotonic() + seconds
        waiting = list(addresses)
        while waiting:
            self.require_all()
            if time.monotonic() > deadline:
                raise ConfigurationError(f"{waiting[0]} did not answer within {seconds:.0f} seconds")
            waiting = [address for address in waiting if not _answers(address)]
            time.sleep(0.05)

    def require_all(self) -> None:
        """Raises ConfigurationError, with the end of its log before it, when a child has ended."""
        for name, child in self._children.items():
            if child.poll() is not None:
                print(self._end_of_log(name), file=sys.stderr, flush=True)
                raise ConfigurationError(f"The demo stops: {name} has ended (exit code {child.returncode}).")

    def stop(self) -> None:
        """Ends all, politely first; nothing is left when this returns."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, deadline - time.monotonic()))
        for child in self._children.values():
            # The group too: a server's own workers must not outlive it.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        with (self._logs / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                command,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def _end_of_log(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(f"{name}: {line}" for line in lines[-SHOWN_LINES:])


def _end_with_parent() -> None:
    # Should the demo itself be killed, its children hear of it; elsewhere than on Linux they stay.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
