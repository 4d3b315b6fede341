"""``python -m widget_service.cli``."""

from widget_service.cli import main

main(prog_name="widget-service")
