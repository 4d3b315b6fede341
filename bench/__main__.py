"""``python -m bench [part …]``: figures as ratios, side by side in one run. ``make bench`` runs all of it."""

import argparse
import os
import sys
import time

from bench import browser, gateway, growth, speed, streams, vendors
from bench.load import Load
from bench.report import Report
from bench.servers import STORES, Machine
from bench.speed import Variant

PARTS = (*speed.PARTS, "vendors", "gateway", "streams", "growth")
#: Only when asked for: it needs a browser, which a server's machine has not.
ASKED_FOR = ("browser",)


def main() -> int:
    """Runs the chosen parts. Exit code 1 when a goal is not met and --strict asks for it."""
    options = _read_options()
    parts = options.parts or list(PARTS)
    report = Report({**vars(options), "parts": parts})
    machine = Machine()
    try:
        with Load() as load:
            _run(machine, load, report, parts, options)
    finally:
        machine.close()
    file = report.finish()
    print(f"\n{time.time() - report.began:.0f} s; written to {os.path.relpath(file)}")
    return 1 if options.strict and any(one.met is False for one in report.verdicts) else 0


def _run(machine: Machine, load: Load, report: Report, parts: list[str], options: argparse.Namespace) -> None:
    timing = {"rounds": options.rounds, "seconds": options.seconds}
    answered = [part for part in parts if part in speed.PARTS]
    if answered:
        speed.run(machine, load, report, answered, _variants(options), **timing)
    if "vendors" in parts:
        vendors.run(machine, load, report, options.stores, **timing)
    if "gateway" in parts:
        gateway.run(machine, load, report, options.stores, **timing)
    if "streams" in parts:
        streams.run(machine, load, report, options.stores, streams=options.streams, **timing)
    if "growth" in parts:
        growth.run(machine, load, report, options.stores, sizes=options.sizes, **timing)
    if "browser" in parts:
        browser.run(machine, load, report, rounds=options.visits)


def _variants(options: argparse.Namespace) -> list[Variant]:
    redis = [Variant(store, redis=True) for store in options.stores] if options.redis else []
    quiet = [] if options.quick else [Variant(store, log_level="warning") for store in options.stores]
    return [Variant(store) for store in options.stores] + quiet + redis


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        choices=[*PARTS, *ASKED_FOR, []],
        metavar="part",
        help=f"{', '.join(PARTS)}; default all of these; and {', '.join(ASKED_FOR)}",
    )
    parser.add_argument("--stores", nargs="+", choices=STORES, default=list(STORES))
    parser.add_argument("--rounds", type=int, help="interleaved rounds, of which medians are quoted (5)")
    parser.add_argument("--seconds", type=float, help="of load per figure and round (2)")
    parser.add_argument("--streams", type=int, help="idle event streams (2000)")
    parser.add_argument("--visits", type=int, help="of the browser, of which medians are quoted (15)")
    parser.add_argument("--redis", action="store_true", help="with Redis beside the stores, too")
    parser.add_argument(
        "--quick", action="store_true", help="a minute or two: fewer rounds, streams and stored sessions"
    )
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a goal is not met")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = options.seconds or (1.0 if options.quick else 2.0)
    options.visits = options.visits or (5 if options.quick else 15)
    options.streams = options.streams or (500 if options.quick else 2000)
    options.sizes = growth.SIZES[:2] if options.quick else growth.SIZES
    return options


if __name__ == "__main__":
    sys.exit(main())
