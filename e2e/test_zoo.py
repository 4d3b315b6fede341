"""Whatever way a site goes from page to page: nothing of a player is shown to, or sent by, whoever comes after.

One list (``zoo/habitats.py``): habitat, source of the identity, place of the snippet; four changes in each walk.
"""

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from e2e.chromium import QUIET
from e2e.conftest import PATIENCE, Service
from e2e.operator_site import OperatorSite
from e2e.zoo.cached import CachedWalk
from e2e.zoo.habitats import HABITATS, SOURCES, Habitat, ZooSite
from e2e.zoo.walk import Player, Walk

CHANGES = ("login", "stay", "switch", "logout")
WALKS = [
    pytest.param(habitat, source, place, id=f"{habitat.name}-{source}-{place}")
    for habitat in HABITATS
    if not habitat.away
    for source in SOURCES
    for place in habitat.places
]
RETURNS = [
    pytest.param(habitat, source, id=f"{habitat.name}-{source}")
    for habitat in HABITATS
    if habitat.away
    for source in SOURCES
]
PROTOTYPE = Path("/usr/share/javascript/prototype/prototype.js")


@pytest.fixture(scope="session")
def libraries() -> Path:
    """The folder with the libraries, fetched once per machine and bundled once per run."""
    with (Path(tempfile.gettempdir()) / "widget-service-libraries.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        script = Path(__file__).parent.parent / "setup" / "libraries.sh"
        answer = subprocess.run(["sh", str(script)], check=True, stdout=subprocess.PIPE, text=True)
    return Path(answer.stdout.strip().splitlines()[-1])


@pytest.fixture
def zoo(casino: OperatorSite, libraries: Path) -> OperatorSite:
    for name in ("turbo.js", "htmx.js", "react18.js", "react19.js"):
        text = (libraries / name).read_text(encoding="utf-8")
        casino.routes[f"/libraries/{name}"] = lambda text=text: ("text/javascript", text)  # type: ignore[misc]
    casino.routes["/libraries/prototype.js"] = lambda: ("text/javascript", PROTOTYPE.read_text(encoding="utf-8"))
    return casino


def test_the_list_is_long_enough() -> None:
    assert (len(WALKS) + len(RETURNS)) * len(CHANGES) >= 120


@pytest.mark.parametrize(("habitat", "source", "place"), WALKS)
def test_nobody_meets_the_player_before(
    context: BrowserContext, zoo: OperatorSite, service: Service, habitat: Habitat, source: str, place: str
) -> None:
    pages = ZooSite(zoo, habitat, source, place)
    zoo.routes["/zoo"] = pages.page
    zoo.routes["/zoo/state"] = pages.state
    walk = Walk(context, pages, service)
    walk.begin()
    walk.become(walk.ana)
    walk.expect_player(walk.ana, before=False)
    walk.become(walk.ana)
    walk.expect_player(walk.ana, before=True)
    walk.become(walk.ben)
    walk.expect_player(walk.ben, before=False)
    walk.expect_nothing_of(walk.ana)
    walk.become(None)
    walk.expect_nobody()
    walk.expect_nothing_of(walk.ana)
    walk.expect_nothing_of(walk.ben)
    assert walk.faults == []
    if habitat.whole_document:
        assert walk.page.evaluate("faults") == [], "the site's own rendering was disturbed"


@pytest.fixture(scope="module")
def caching_browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    """With the back/forward cache, which Playwright switches off."""
    off = ["--disable-back-forward-cache"]
    browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET), ignore_default_args=off)
    yield browser
    browser.close()


@pytest.mark.parametrize(("habitat", "source"), RETURNS)
def test_a_page_that_comes_back_shows_nobody_the_player_before(
    caching_browser: Browser, zoo: OperatorSite, service: Service, habitat: Habitat, source: str
) -> None:
    pages = ZooSite(zoo, habitat, source, "body")
    zoo.routes["/zoo"] = pages.page
    zoo.routes["/elsewhere"] = lambda: ("text/html", "<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>")
    zoo.headers = {"Cache-Control": "max-age=0"}
    context = caching_browser.new_context(locale="en-GB", viewport={"width": 1100, "height": 800})
    context.set_default_timeout(PATIENCE)
    walk = CachedWalk(context, pages, service)
    walk.begin()
    before: Player | None = None
    for player in (walk.ana, walk.ana, walk.ben, None):
        walk.become(player)
        walk.expect_back(player, before)
        before = player
    context.close()
