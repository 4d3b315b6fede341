"""How much of samples with known meanings ``suggest`` proposes right: a table for people, counts for a test."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from widget_service.backoffice.canonical.times import write_moment
from widget_service.backoffice.suggestion import Suggestion, suggest
from widget_service.strict_json import parse

HERE = Path(__file__).parent
#: In a truth: the list is there, whatever is in it.
THERE = "x"
ID_PATH = "_id_path"
#: In a truth: where the platform's clocks stand, which a sample does not say and a person puts into [dates].
ZONE = "_zone"


@dataclass
class Score:
    """What became of one sample's members."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    #: ``member: proposed, not true (certainty)`` for what is wrong, ``member`` for what is missing.
    remarks: list[str] = field(default_factory=list)
    surely_wrong: list[str] = field(default_factory=list)


def shape_samples() -> Iterator[tuple[str, str, object, dict[str, str | None]]]:
    """Of the platforms' shapes: name, capability, sample, truth."""
    for truth in sorted(HERE.glob("shapes/*/truth.json")):
        for place, members in json.loads(truth.read_text(encoding="utf-8")).items():
            capability, _, file = place.partition(":")
            sample = (truth.parent / "samples" / file).read_text(encoding="utf-8")
            yield f"{truth.parent.name} {capability}", capability, _read(sample), members


def unseen_samples() -> Iterator[tuple[str, str, object, dict[str, str | None]]]:
    """Of invented interfaces that nothing was fitted to: name, capability, sample, truth."""
    for file in sorted(HERE.glob("unseen/*.json")):
        for one in json.loads(file.read_text(encoding="utf-8")):
            sample = _read(json.dumps(one["sample"]))
            yield f"{file.stem} {one['capability']}", one["capability"], sample, one["truth"]


def score(name: str, capability: str, sample: object, truth: dict[str, str | None]) -> Score:
    """Each member of the truth is right, wrong or missing; what is proposed for one that is not there is wrong."""
    suggestion, scored = suggest(sample, capability), Score(name)
    truth = dict(truth)
    zone = ZoneInfo(truth.pop(ZONE, None) or "UTC")
    proposed = _proposed(suggestion)
    for member, true in truth.items():
        said, sure = proposed.get(member, (None, ""))
        if said is None:
            scored.counts["missing"] += true is not None
            scored.remarks += [member] if true is not None else []
        elif true is not None and (true == THERE or _same(said, true, zone)):
            scored.counts["right"] += 1
        else:
            scored.counts["wrong"] += 1
            scored.remarks.append(f"{member}: {said}, not {true} ({sure})")
            scored.surely_wrong += [f"{name} {member}"] if sure == "high" else []
    for member in proposed.keys() - truth.keys():
        scored.remarks.append(f"[{member}: {proposed[member]}]")
    return scored


def table(scores: list[Score]) -> str:
    """One line for each sample, and their sum."""
    rows = [f"{one.name:36} {_counts(one.counts)}  {'; '.join(one.remarks)}" for one in scores]
    whole = sum((one.counts for one in scores), Counter[str]())
    return "\n".join([f"{'':36} right wrong missing", *rows, f"{'sum':36} {_counts(whole)}  {share(scores):.0%} right"])


def share(scores: list[Score]) -> float:
    """Of the members that are there, those that are proposed right."""
    whole = sum((one.counts for one in scores), Counter[str]())
    return whole["right"] / sum(whole.values())


def _counts(counts: Counter[str]) -> str:
    return f"{counts['right']:5} {counts['wrong']:5} {counts['missing']:7}"


def _read(text: str) -> object:
    return parse(text, max_depth=32, decimals=True)


def _proposed(suggestion: Suggestion) -> dict[str, tuple[object, str]]:
    found: dict[str, tuple[object, str]] = {
        row.canonical: (row.value, row.confidence) for row in suggestion.rows if row.value not in (None, "unknown")
    }
    found |= {one.canonical: (THERE, "low") for one in suggestion.lists}
    if suggestion.id_path is not None:
        found[ID_PATH] = (suggestion.id_path, "medium")
    return found


def _same(said: object, true: str, zone: ZoneInfo) -> bool:
    if isinstance(said, datetime):
        if said.replace(tzinfo=zone) == datetime.fromisoformat(true):
            return True
        return write_moment(said)[:19] == true[:19]
    if isinstance(said, Decimal):
        return said == Decimal(true)
    return str(said) == true or str(said).replace("[*]", "[0]") == true


if __name__ == "__main__":
    samples = [*shape_samples()] if "unseen" not in sys.argv else [*unseen_samples()]
    print(table([score(*one) for one in samples]))
