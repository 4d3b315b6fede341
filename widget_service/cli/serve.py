"""``widget-service serve``."""

import os

import click

from widget_service.settings import load_settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the browser, agent and RFC endpoints."""
    from widget_service.server import serve as run
    from widget_service.storage.migrate import prepare

    shown = f"[{host}]" if ":" in host else host
    loopback = host in ("127.0.0.1", "::1", "localhost")
    defaults = {"public_url": f"http://{shown}:{port}"} if loopback else {}
    settings = load_settings(os.environ, **defaults)
    prepare(settings.database_url)
    click.echo(f"widget-service serves {settings.public_url} on {shown}:{port}", err=True)
    run(settings, host, port, workers)
