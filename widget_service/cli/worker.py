"""``widget-service worker``."""

import os
import signal

import click

from widget_service.logs import configure_logging
from widget_service.settings import load_settings
from widget_service.storage import migrate
from widget_service.storage.opening import open_storage, require_fit_database
from widget_service.worker import THREADS, Worker


@click.command("worker")
@click.option("--threads", default=THREADS, show_default=True, type=click.IntRange(1, 256), help="Deliveries at once.")
def command(threads: int) -> None:
    """Deliver events to the agents' webhooks, and remove what has ended. Any number may run."""
    settings = load_settings(os.environ)
    configure_logging(settings.log_level)
    require_fit_database(settings)
    migrate.prepare(settings.database_url)
    worker = Worker(settings, open_storage(settings), threads=threads)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    click.echo("widget-service worker delivers events", err=True)
    worker.run()
