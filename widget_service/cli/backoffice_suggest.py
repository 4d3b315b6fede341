"""``backoffice suggest``: from a pasted sample to a proposed map, written only after a yes."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import click

from widget_service import strict_json
from widget_service.backoffice.aliases import ALIASES
from widget_service.backoffice.connector.compiling import compile_document, read_document
from widget_service.backoffice.proposal import BEGINNING, write_piece
from widget_service.backoffice.sample_requests import SampleRequest
from widget_service.backoffice.suggestion import Suggestion, shown, suggest
from widget_service.cli.answers import Answer, as_table
from widget_service.cli.inputs import read_file
from widget_service.cli.program import Verb
from widget_service.errors import ConfigurationError

DEEPEST_SAMPLE = 32


@click.command("suggest", cls=Verb)
@click.option("--capability", required=True, metavar="C", help=f"What the sample answers: {', '.join(ALIASES)}.")
@click.option("--file", "file", default="-", metavar="FILE", help="The sample answer; - (the default) reads it here.")
@click.option("--url", help="The URL that gave it: its path and query become templates.")
@click.option("--body", metavar="FILE", help="The JSON body that was sent to the URL: it becomes a template too.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The connector's TOML to begin or extend.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def suggestion(capability: str, file: str, url: str | None, body: str | None, out: Path | None, yes: bool) -> Answer:
    """Propose a connector's map from a sample answer; nothing is written without a yes."""
    if body is not None and url is None:
        raise ConfigurationError("--body goes with the --url that it was sent to.")
    request = SampleRequest(url, _read_sample(body) if body is not None else None) if url is not None else None
    found = suggest(_read_sample(file), capability, request.named_ids if request is not None else frozenset())
    piece = write_piece(found, request, _declared(out))
    whole = _extended(out, piece) if out is not None else None
    lines = [*_table(found), "", *piece.splitlines()]
    as_json = bool(click.get_current_context().meta.get("widget_service.as_json"))
    agreed = out is not None and (yes or (not as_json and _agree(lines, out)))
    if out is not None and whole is not None and agreed:
        out.write_text(whole, encoding="utf-8")
    members = _members(found, piece) | {"written": str(out) if agreed else None}
    if out is None:
        return Answer(members, [*lines, "", "Nothing is written: --out FILE does, after a yes."])
    outcome = f"Written to {out}. Read it once more: guesses are guesses." if agreed else "Nothing is written."
    return Answer(members, [outcome] if not yes else [*lines, "", outcome])


def _read_sample(file: str) -> object:
    try:
        return strict_json.parse(read_file(file), max_depth=DEEPEST_SAMPLE, decimals=True)
    except strict_json.MalformedJson as error:
        raise ConfigurationError(f"{file}: is no JSON ({error.reason})") from error


def _extended(out: Path, piece: str) -> str:
    """The document with the piece, read once more. Raises ConfigurationError for what would not be one."""
    before = read_file(str(out)) if out.exists() else BEGINNING
    whole = f"{before.rstrip()}\n\n{piece}"
    compile_document(read_document(whole))
    return whole


def _declared(out: Path | None) -> frozenset[str]:
    """The settings of the document that is extended; those of a new one."""
    text = read_file(str(out)) if out is not None and out.exists() else BEGINNING
    try:
        return frozenset(tomllib.loads(text).get("settings", {}))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{out}: is no TOML: {error}") from None


def _agree(lines: list[str], out: Path) -> bool:
    for line in lines:
        click.echo(line)
    try:
        return click.confirm(f"Write this to {out}?", default=False)
    except click.Abort:
        return False


def _table(found: Suggestion) -> list[str]:
    rows: list[list[str]] = [["CANONICAL", "THEIRS", "SAMPLE", "BECOMES", "SURE", ""]]
    for row in found.rows:
        theirs = ", ".join(_sources(row.field))
        transform = f" ({row.field['transform']})" if "transform" in row.field else ""
        rows.append(
            [row.canonical, f"{theirs}{transform}", shown(row.sample), shown(row.value), row.confidence, row.remark]
        )
    lines = as_table(rows)
    lines += [f"not used: {one.path} is not {one.looks_like}: {one.reason}" for one in found.refusals]
    lines += [f"nothing found for: {', '.join(found.missing)}"] if found.missing else []
    lines += [f"begun: {one.canonical} ({one.count} in the sample): {one.remark}" for one in found.lists]
    if found.id_path is None:
        lines.append("no player id found: say where the answer names its player")
    return lines


def _sources(field: object) -> list[str]:
    """The paths that a field is read from."""
    if not isinstance(field, Mapping):
        return [str(field)]
    return [path for one in field.get("of", [field.get("path")]) for path in _sources(one)]


def _members(found: Suggestion, piece: str) -> dict[str, object]:
    members = [
        {
            "canonical": row.canonical,
            "field": dict(row.field),
            "sample": shown(row.sample),
            "becomes": None if row.value is None else shown(row.value),
            "confidence": row.confidence,
            "remark": row.remark or None,
        }
        for row in found.rows
    ]
    refused = [{"path": one.path, "looks_like": one.looks_like, "reason": one.reason} for one in found.refusals]
    return {
        "capability": found.capability,
        "id_path": found.id_path,
        "members": members,
        "refused": refused,
        "missing": list(found.missing),
        "lists": {one.canonical: one.written for one in found.lists},
        "toml": piece,
    }
