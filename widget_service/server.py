"""Serving the app: gunicorn with gevent workers, one process for everything unless asked for more.

gevent holds thousands of event streams in one process; the SQLite writer runs on a native thread outside its hub.
``python -m widget_service.server HOST PORT WORKERS`` is what ``widget-service serve`` becomes, and with the word
``back-office`` behind it what ``widget-service back-office`` becomes.
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from widget_service.http_worker import HttpWorker
from widget_service.settings import Settings, load_settings

#: Seconds a thread keeps the interpreter before it lets another in: the writer thread must not wait five
#: milliseconds for each turn while the hub is busy.
SWITCH_INTERVAL = 0.0005


def make_service(settings: Settings) -> Any:
    """The service itself."""
    from widget_service.app import create_app

    return create_app(settings)


def make_back_office(settings: Settings) -> Any:
    """The reference back office."""
    from widget_service.backoffice.reference.app import create_back_office

    return create_back_office(settings)


class Server(BaseApplication):
    """gunicorn, configured in code: nothing is read from its own files or environment."""

    def __init__(
        self, settings: Settings, host: str, port: int, workers: int, make: Callable[[Settings], Any] = make_service
    ) -> None:
        self._settings, self._make = settings, make
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._workers = workers
        super().__init__()

    def load_config(self) -> None:
        """See BaseApplication."""
        values: dict[str, Any] = {
            "bind": self._address,
            "workers": self._workers,
            "worker_class": HttpWorker,
            "worker_connections": 10_000,
            "keepalive": 75,
            "graceful_timeout": 5,
            "timeout": 60,
            # Whoever is in front says nothing that we believe but X-Forwarded-For, and that is judged by the views.
            "forwarded_allow_ips": "",
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "limit_request_field_size": 16_380,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "widget-service",
            "post_worker_init": _post_worker_init,
            "child_exit": _child_exit,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108 - heartbeat file
        }
        for name, value in values.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Makes the app, in the worker: connections and threads must not cross a fork."""
        from widget_service.logs import configure_logging

        configure_logging(self._settings.log_level)
        return self._make(self._settings)


def _post_worker_init(_worker: Any) -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)


def _child_exit(_server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serves until a signal ends it."""
    if workers > 1:
        with tempfile.TemporaryDirectory(prefix="widget-metrics-") as folder:
            # prometheus-client adds the workers' numbers up through files in this folder.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            Server(settings, host, port, workers).run()
        return
    Server(settings, host, port, workers).run()


if __name__ == "__main__":
    HOST, PORT, WORKERS, *WHICH = sys.argv[1:]
    del sys.argv[1:]  # gunicorn would read them as its own
    if WHICH == ["back-office"]:
        # One process: it seeds its own file, and nothing of the service's is read but its settings.
        Server(
            load_settings(os.environ, secret_key=secrets.token_urlsafe(48)), HOST, int(PORT), 1, make_back_office
        ).run()
    else:
        serve(load_settings(os.environ), HOST, int(PORT), int(WORKERS))
