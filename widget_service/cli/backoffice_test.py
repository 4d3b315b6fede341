"""``backoffice test``: asks a connected back office everything, and shows what comes of it beside its own names."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import click

from widget_service.backoffice import Caller, Question
from widget_service.backoffice.calls import UpstreamAnswer
from widget_service.backoffice.canonical import CAPABILITIES
from widget_service.backoffice.gateway import ask_and_check, egress_of
from widget_service.backoffice.offices import OpenBackOffice, open_back_office
from widget_service.cli.answers import Answer
from widget_service.cli.inputs import read_secret
from widget_service.cli.installation import open_installation
from widget_service.cli.program import Verb
from widget_service.errors import ConfigurationError, ServiceError
from widget_service.storage.administration.backoffice import find_back_office

MOST_NAMES = 200
READS = [name for name, capability in CAPABILITIES.items() if not capability.writes]


@click.command(cls=Verb)
@click.argument("workspace_id", metavar="WS")
@click.option("--player", required=True, help="The player to ask for.")
@click.option("--session", default="sess_test", help="A session id that the back office accepts; - and @file do too.")
@click.option("--operator-session", help="The operator's own session id, for connectors that send it.")
@click.option("--capability", "capabilities", multiple=True, help="Only these; every read one otherwise.")
def test(
    workspace_id: str, player: str, session: str, operator_session: str | None, capabilities: tuple[str, ...]
) -> Answer:
    """Ask the back office for a player, and show the answers beside the names it used. Nothing is written."""
    installation = open_installation()
    with installation.reading() as connection:
        found = find_back_office(connection, installation.cipher, workspace_id)
    office = open_back_office(found, egress_of(installation.settings))
    operator_name = None if operator_session is None else read_secret(operator_session).strip()
    caller = Caller(workspace_id, player, read_secret(session).strip(), operator_name)
    tried = [_try(office, _require_read(name), caller) for name in capabilities or READS]
    members = {"connection_id": found.id, "player_id": player, "capabilities": tried}
    return Answer(members, [line for one in tried for line in _lines(one)])


def _require_read(name: str) -> str:
    if name not in READS:
        raise ConfigurationError(f"--capability: there is no {name} to read. Known: {', '.join(READS)}")
    return name


def _try(office: OpenBackOffice, name: str, caller: Caller) -> dict[str, Any]:
    seen: list[UpstreamAnswer] = []
    watched = OpenBackOffice(office.adapter, office.line, seen.append)
    arguments = CAPABILITIES[name].query().model_dump(exclude_none=True)
    outcome: dict[str, Any] = {"capability": name}
    try:
        answer = ask_and_check(watched, Question(name, arguments), caller, contact=False)
        outcome |= {"answer": json.loads(answer)}
    except ServiceError as error:
        outcome |= {"error": error.code, "reason": error.reason}
    return {**outcome, "upstream": [_described(one) for one in seen]}


def _described(answer: UpstreamAnswer) -> dict[str, Any]:
    names = list(dict.fromkeys(_names(answer.body, "$")))[:MOST_NAMES]
    return {"status": answer.status, "names": names}


def _names(value: object, path: str) -> Iterator[str]:
    """Where the back office's members stand, and of what kind they are; never what is in them."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _names(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, f"{path}[*]")
    else:
        yield f"{path} ({_kind(value)})"


def _kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | Decimal):
        return "number"
    return f"text, {_looks(str(value))}" if _looks(str(value)) else "text"


def _looks(text: str) -> str:
    try:
        datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return "e-mail" if "@" in text else ""
    return "date"


def _lines(outcome: dict[str, Any]) -> Iterator[str]:
    if "error" in outcome:
        yield f"{outcome['capability']}: {outcome['error']} ({outcome['reason']})"
    else:
        yield f"{outcome['capability']}:"
        yield from (f"  {line}" for line in json.dumps(outcome["answer"], indent=2, ensure_ascii=False).splitlines())
    for upstream in outcome["upstream"]:
        yield f"  from an answer {upstream['status']} with {', '.join(upstream['names']) or 'no members'}"
