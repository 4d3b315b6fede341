"""Serving the app: gunicorn with gevent workers, one process for everything unless asked for more.

gevent holds thousands of event streams in one process; the SQLite writer runs on a native thread outside its hub.
``python -m widget_service.server HOST PORT WORKERS`` is what ``widget-service serve`` becomes.
"""

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import os
import sys
import tempfile
from typing import Any

from gunicorn.app.base import BaseApplication

from widget_service.http_worker import HttpWorker
from widget_service.settings import Settings, load_settings

#: Seconds a thread keeps the interpreter before it lets another in: the writer thread must not wait five
#: milliseconds for each turn while the hub is busy.
SWITCH_INTERVAL = 0.0005


class Server(BaseApplication):
    """gunicorn, configured in code: nothing is read from its own files or environment."""

    def __init__(self, settings: Settings, host: str, port: int, workers: int) -> None:
        self._settings = settings
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
        from widget_service.app import create_app
        from widget_service.logs import configure_logging

        configure_logging(self._settings.log_level)
        return create_app(self._settings)


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
    HOST, PORT, WORKERS = sys.argv[1:4]
    del sys.argv[1:]  # gunicorn would read them as its own
    serve(load_settings(os.environ), HOST, int(PORT), int(WORKERS))
