"""``widget-service serve``."""

import os
import sys
import time

import click

from widget_service.cli.listening import require_address
from widget_service.encryption import Cipher
from widget_service.settings import Settings, load_settings


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def command(host: str, port: int, workers: int) -> None:
    """Serve the browser, agent and RFC endpoints."""
    shown = f"[{host}]" if ":" in host else host
    loopback = host in ("127.0.0.1", "::1", "localhost")
    # Without WIDGET_PUBLIC_URL a service on loopback is reached where it listens.
    settings = load_settings(os.environ, **({"public_url": f"http://{shown}:{port}"} if loopback else {}))
    _prepare(settings)
    require_address(host, port)
    click.echo(f"widget-service serves {settings.public_url} on {shown}:{port}", err=True)
    # A new program in this process: gevent must come before everything that this one has already imported. No file that
    # happens to lie in the current folder may stand in for a library (-P).
    os.environ["WIDGET_PUBLIC_URL"] = settings.public_url
    arguments = [sys.executable, "-P", "-m", "widget_service.server", host, str(port), str(workers)]
    os.execv(sys.executable, arguments)  # noqa: S606 - our own interpreter, no shell


def _prepare(settings: Settings) -> None:
    """The database at this version, with a key of our own to sign with."""
    from widget_service.storage import migrate
    from widget_service.storage.administration.change import changing
    from widget_service.storage.administration.service_keys import ensure_service_key
    from widget_service.storage.opening import require_fit_database

    require_fit_database(settings)
    migrate.prepare(settings.database_url)
    with changing(settings.database_url, actor="serve", now=int(time.time())) as change:
        ensure_service_key(change, Cipher(settings.secret_key, settings.secret_key_previous))
