"""``doctor``: replays a conversation start without writing, and says in words what stands in its way."""

import click

from widget_service.cli.answers import Answer
from widget_service.cli.diagnosis import diagnose
from widget_service.cli.findings import Finding
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Verb

_SIGNS = {"good": "✓", "note": "·", "problem": "✗"}


@click.command(cls=Verb)
@click.argument("workspace_id", metavar="WS")
@click.option("--origin", metavar="O", help="The page's origin, as location.origin says it.")
@click.option("--player-token", metavar="T", help="A fresh player token: its value, -, or @file.")
@click.option("--brand", "brand_id", metavar="BR", help="Which brand; the first unless told.")
def command(workspace_id: str, origin: str | None, player_token: str | None, brand_id: str | None) -> Answer:
    """Find out why a conversation does not start. Ends with 0 when it would, else with 2."""
    token = None if player_token is None else read_secret(player_token).strip()
    findings = diagnose(open_installation(), workspace_id, brand_id, origin, token)
    problems = sum(finding.level == "problem" for finding in findings)
    verdict = f"{problems} problem{'s' if problems > 1 else ''} found" if problems else "all good"
    members = {"ok": not problems, "verdict": verdict, "findings": [_described(finding) for finding in findings]}
    lines = [f"{_SIGNS[finding.level]} {finding.check}: {finding.message}" for finding in findings]
    return Answer(members, [*lines, f"Verdict: {verdict}."], failure=f"doctor: {verdict}." if problems else None)


def _described(finding: Finding) -> dict[str, str]:
    return {"level": finding.level, "check": finding.check, "message": finding.message}
