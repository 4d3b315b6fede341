"""``python -m e2e.engines``: the messenger in Firefox and in WebKitGTK, as far as they are installed.

It is no part of ``make test``: what is not installed is named, and asked for by name it fails.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.engines import firefox, webkit
from e2e.engines.story import Engine, tell
from e2e.operator_site import OperatorSite
from tests.support.operator import Agent
from tests.support.service import Service

ENGINES: dict[str, tuple[Callable[[], str | None], Callable[[], Engine]]] = {
    "firefox": (firefox.find_missing, firefox.Firefox),
    "webkit": (webkit.find_missing, webkit.WebKit),
}


def main() -> int:
    """Exit code 1 when something did not work, or when an engine that was named is missing."""
    parser = argparse.ArgumentParser(prog="python -m e2e.engines", description=__doc__)
    parser.add_argument("engines", nargs="*", choices=[*ENGINES, []], metavar="engine", help=" or ".join(ENGINES))
    named = parser.parse_args().engines
    failed = [name for name in named or ENGINES if not _try(name, required=bool(named))]
    return 1 if failed else 0


def _try(name: str, *, required: bool) -> bool:
    find_missing, start = ENGINES[name]
    if missing := find_missing():
        print(f"{name}: NOT RUN: {missing}", flush=True)
        return not required
    with _stage() as (casino, agent):
        began, engine = time.monotonic(), start()
        try:
            done = tell(engine, casino, agent)
        except (AssertionError, TimeoutError, RuntimeError) as error:
            print(f"{name}: FAILED: {type(error).__name__}: {error}", flush=True)
            return False
        finally:
            engine.close()
    shown = "".join(f"\n  {line}" for line in done)
    print(f"{name}: {getattr(engine, 'version', '')}, {time.monotonic() - began:.0f} s{shown}", flush=True)
    return True


@contextmanager
def _stage() -> Iterator[tuple[OperatorSite, Agent]]:
    with tempfile.TemporaryDirectory(prefix="widget-engines-") as folder:
        service = Service(f"sqlite:///{Path(folder) / 'widget.db'}").start()
        casino = OperatorSite("casino.localhost", service.url)
        try:
            casino.workspace = service.cli("workspace", "create", "--name", "Casino", "--origin", casino.origin)
            yield casino, Agent.create(service, casino.workspace["workspace_id"])
        finally:
            casino.close()
            service.remove()


if __name__ == "__main__":
    sys.exit(main())
