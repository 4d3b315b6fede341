"""``widget-service demo``."""

from pathlib import Path

import click

PORT = click.IntRange(1, 65535)


@click.command("demo")
@click.option("--port", type=PORT, help="The service's port; otherwise the next free one from 8080 on.")
@click.option("--casino-port", type=PORT, help="The casino's.")
@click.option("--hostile-port", type=PORT, help="The hostile site's.")
@click.option("--agent-port", type=PORT, help="Where the agent listens for events.")
@click.option("--keep", metavar="DIR", type=click.Path(path_type=Path), help="Keep data and logs in this new folder.")
def command(
    port: int | None, casino_port: int | None, hostile_port: int | None, agent_port: int | None, keep: Path | None
) -> None:
    """Run the service, a pretend casino, a hostile site and a sample AI agent, until Ctrl-C."""
    from widget_service.demo.run import choose_ports, run

    run(choose_ports(port, casino_port, hostile_port, agent_port), keep)
