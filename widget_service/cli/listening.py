"""Whether an address can be listened on: said in one line before the server starts, which would say it in many."""

import errno
import socket
import time

from widget_service.errors import ConfigurationError

#: A server that was just killed may hold its port for a moment.
PATIENCE = 5.0  # seconds
_PAUSE = 0.2


def require_address(host: str, port: int) -> None:
    """Listens there for an instant. Raises ConfigurationError when that cannot be."""
    deadline = time.monotonic() + PATIENCE
    while (refusal := _try(host, port)) is not None:
        if refusal.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            raise ConfigurationError(f"{host}:{port}: cannot be listened on ({refusal.strerror})") from refusal
        time.sleep(_PAUSE)


def _try(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as error:
        return error
    return None
