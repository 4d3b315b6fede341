"""The command line: ``widget-service …``.

One file per noun, loaded when it is called. Exit 0, or 2 with one line on standard error.
"""

from widget_service.cli.program import Program

main = Program(
    "widget-service",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Carries a casino operator's login safely into the support conversation.",
)
