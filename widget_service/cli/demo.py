"""``widget-service demo``."""

from pathlib import Path

import click

PORT = click.IntRange(1, 65535)


@click.command("demo")
@click.option("--port", type=PORT, help="The service's port; otherwise the next free one from 8080 on.")
@click.option("--casino-port", type=PORT, help="The casino's.")
@click.option("--hostile-port", type=PORT, help="The hostile site's.")
@click.option("--agent-port", type=PORT, help="Where the agent listens for events.")
@click.option("--helpdesk-port", type=PORT, help="The pretend helpdesk's.")
@click.option("--back-office-port", type=PORT, help="The reference back office's, or the simulated platform's.")
@click.option("--platform", metavar="NAME", help="Connect a simulated platform instead: a preset of docs/platforms.md.")
@click.option("--keep", metavar="DIR", type=click.Path(path_type=Path), help="Keep data and logs in this new folder.")
def command(port: int | None, platform: str | None, keep: Path | None, **others: int | None) -> None:
    """Run the service, a pretend casino, a hostile site, a sample AI agent and a pretend helpdesk, until Ctrl-C."""
    from widget_service.backoffice.preset_files import read_preset
    from widget_service.demo.run import choose_ports, run

    if platform is not None:
        read_preset(platform)
    ports = choose_ports(service=port, **{name.removesuffix("_port"): one for name, one in others.items()})
    run(ports, keep, platform)
