"""``widget-service back-office``."""

import os
import secrets
import sys
import time

import click

from widget_service.cli.listening import require_address
from widget_service.settings import load_settings


@click.command("back-office")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def command(host: str, port: int) -> None:
    """Serve the reference back office: the whole player API with made-up players.

    It stands alone: it reads WIDGET_BACK_OFFICE_… and has a SQLite file of its own. Its playground is at /playground.
    """
    from widget_service.backoffice.reference.app import open_office

    # The service's own secret is not needed here.
    settings = load_settings(os.environ, secret_key=secrets.token_urlsafe(48))
    open_office(settings, lambda: int(time.time())).database.close()
    require_address(host, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"The reference back office is on http://{shown}:{port}/playground", err=True)
    # A new program in this process: gevent must come before everything that this one has already imported.
    arguments = [sys.executable, "-P", "-m", "widget_service.server", host, str(port), "1", "back-office"]
    os.execv(sys.executable, arguments)  # noqa: S606 - our own interpreter, no shell
