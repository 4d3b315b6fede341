"""What a run found: a table for people, a JSON file for comparing runs."""

import json
import platform
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.measure import Rounds, as_json

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure against its goal, which is a ratio or, where it says so, a size or the work of one thread."""

    figure: str
    found: float
    goal: float | None = None
    unit: str = "×"
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        return None if self.goal is None else self.found <= self.goal


@dataclass
class Report:
    """Gathers measurements and verdicts part by part, and prints each part when it is done."""

    options: dict[str, Any]
    measured: dict[str, dict[str, Rounds]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def add(self, part: str, measured: dict[str, Rounds], verdicts: list[Verdict]) -> None:
        """One part's outcome."""
        self.measured.setdefault(part, {}).update(measured)
        self.verdicts += verdicts
        tables = [_measured_table(measured)] if measured else []
        print(f"\n{part}\n" + "\n\n".join([*tables, verdict_table(verdicts)]), flush=True)

    def finish(self) -> Path:
        """Prints all verdicts together and writes the JSON file; its path."""
        if len(self.measured) > 1:
            print(f"\nall figures\n{verdict_table(self.verdicts)}")
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime(self.began))
        content = {
            "machine": {"python": platform.python_version(), "system": platform.platform()},
            "options": self.options,
            "measured": {part: as_json(one) for part, one in self.measured.items()},
            "verdicts": [{**asdict(one), "met": one.met} for one in self.verdicts],
        }
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return file


def verdict_table(verdicts: list[Verdict]) -> str:
    """Figure, found, goal, met."""
    words = {True: "met", False: "NOT MET", None: ""}
    rows = [
        (
            one.figure,
            f"{one.found:.2f} {one.unit}",
            "" if one.goal is None else f"≤ {one.goal:g} {one.unit}",
            words[one.met],
            one.note,
        )
        for one in verdicts
    ]
    return _table(("figure", "found", "goal", "", ""), rows)


def _measured_table(measured: dict[str, Rounds]) -> str:
    head = ("", "CPU µs/request", "database's", "requests/s", "p50 ms", "p99 ms")
    rows = [
        (
            label,
            f"{one.cpu:.0f}",
            f"{one.database_cpu:.0f}" if one.database_cpu else "",
            f"{one.rate:.0f}",
            f"{one.p50:.2f}",
            f"{one.p99:.2f}",
        )
        for label, one in ((label, rounds.median) for label, rounds in measured.items())
    ]
    return _table(head, rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  "
        + "  ".join(_aligned(cell, width, column) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in (head, *rows)
    ).rstrip()


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
