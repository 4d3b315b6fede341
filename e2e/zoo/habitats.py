"""Each way in which a site goes from one page to the next, as documents that a pretend casino serves."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any

from playwright.sync_api import Page

from e2e.operator_site import OperatorSite

#: What the page says of its player: a question to the operator's backend, or a token that stands in the document.
SOURCES = ("asked", "stated")


@dataclass(frozen=True)
class Habitat:
    """``head``: what its pages carry besides the snippet; ``travel`` goes to an address without waiting for it."""

    name: str
    travel: Callable[[Page, str], Any]
    head: str = ""
    body: str = ""
    #: Where the snippet stands. A site that does not read the next page's head can state its player in the body alone.
    places: tuple[str, ...] = ("body",)
    settings: tuple[tuple[str, Any], ...] = ()
    tabs: int = 1
    whole_document: str = ""  # the React version that renders it
    away: str = ""  # the page from which it comes back out of the back/forward cache
    delay: int = 0  # milliseconds until the frame's document comes


def click(page: Page, address: str) -> None:
    page.locator(f"#next[href='{address.removeprefix(page.evaluate('location.origin'))}']").click()


def call(page: Page, address: str) -> None:
    page.evaluate("address => void travel(address)", address)


def load(page: Page, address: str) -> None:
    page.goto(address)


#: As routers with view transitions do: head and body of the next document, only scripts that have not run yet.
VIEW_TRANSITIONS = """<script id="router">
const ran = new Set(), key = (script) => script.src || script.textContent;
addEventListener("DOMContentLoaded", () => document.querySelectorAll("script").forEach((it) => ran.add(key(it))));
async function travel(address) {
  const next = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  await document.startViewTransition(() => {
    for (const old of [...document.head.children])
      if (![...next.head.children].some((it) => it.isEqualNode(old))) old.remove();
    for (const one of [...next.head.children])
      if (![...document.head.children].some((it) => it.isEqualNode(one))) document.head.append(one);
    document.body.replaceWith(next.body);
    for (const script of document.querySelectorAll("script")) {
      if (ran.has(key(script))) continue;
      ran.add(key(script));
      const again = document.createElement("script");
      for (const { name, value } of script.attributes) again.setAttribute(name, value);
      again.textContent = script.textContent;
      script.replaceWith(again);
    }
  }).updateCallbackDone;
  document.dispatchEvent(new Event("page-load"));
}
</script>"""

#: As wire:navigate does: the body is swapped and each of its scripts runs again.
SWAPPED_BODY = """<script>
window.travel ||= async (address) => {
  const next = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  document.body.replaceWith(next.body);
  for (const script of document.body.querySelectorAll("script")) {
    const again = document.createElement("script");
    for (const { name, value } of script.attributes) again.setAttribute(name, value);
    again.textContent = script.textContent;
    script.replaceWith(again);
  }
};
</script>"""

#: Old applications write their next page into the same window.
WRITTEN = """<script>
window.travel = async (address) => {
  const next = await (await fetch(address)).text();
  document.open();
  document.write(next);
  document.close();
};
</script>"""

TURBO = '<script src="/libraries/turbo.js"></script>'
HTMX = '<script src="/libraries/htmx.js"></script>'
PROTOTYPE = '<script src="/libraries/prototype.js"></script>'

HABITATS = (
    Habitat("loads", load, places=("head", "body")),
    Habitat("turbo", click, TURBO, places=("head", "body")),
    Habitat("htmx-boost", click, HTMX, body=' hx-boost="true"'),
    Habitat("view-transitions", call, VIEW_TRANSITIONS, places=("head", "body")),
    Habitat("swapped-body", call, SWAPPED_BODY),
    Habitat("document-open", call, WRITTEN, places=("head", "body")),
    Habitat("react-18", call, whole_document="react18.js"),
    Habitat("react-19", call, whole_document="react19.js"),
    Habitat("prototype", load, PROTOTYPE),
    Habitat("deferred", load, settings=(("defer", True),)),
    Habitat("slow-frame", load, delay=700),
    Habitat("slow-frame-turbo", click, TURBO, delay=700),
    Habitat("two-tabs", load, tabs=2),
    Habitat("three-tabs", load, tabs=3),
    Habitat("two-tabs-turbo", click, TURBO, tabs=2),
    Habitat("back-from-elsewhere", load, away="elsewhere"),
    Habitat("back-from-another-chat", load, away="zoo?away"),
)

ASKED = """async () => {
    const answer = await fetch("/support/player-token", { cache: "no-store" });
    if ([204, 401, 403].includes(answer.status)) return null;
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }"""
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Casino</title><link rel="icon" href="data:,">$head$in_head</head>
<body$attributes><main><h1>Casino</h1><p id="who">$who</p><p id="visit">$visit</p>
<a id="next" href="/zoo">Next</a></main>$in_body</body></html>""")
#: What React would have rendered on its server, to the letter.
REACT_PAGE = Template(
    '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/><title>Casino</title><script>$inline</script>'
    '<script src="$sdk" async=""></script><script src="$bundle" async=""></script></head>'
    '<body><main><h1>Casino</h1><p id="who">$who</p><p id="visit">$visit</p></main></body></html>'
)


class ZooSite:
    """What the casino's server answers for one habitat: pages that are numbered by the visit."""

    def __init__(self, site: OperatorSite, habitat: Habitat, source: str, place: str) -> None:
        self.site, self.habitat, self.source, self.place = site, habitat, source, place
        self.visit = 0

    @property
    def who(self) -> str:
        return self.site.player["name"] if self.site.player else "nobody"

    def player(self) -> dict[str, str] | None:
        return {"token": self.site.sign()} if self.site.player else None

    def settings(self) -> str:
        """The statement that a page's own script makes."""
        fixed = {"workspaceId": self.site.workspace["workspace_id"], **dict(self.habitat.settings)}
        stated = f"player: {json.dumps(self.player())}" if self.source == "stated" else f"getPlayerToken: {ASKED}"
        return f"window.playerMessengerSettings = Object.assign({json.dumps(fixed)}, {{ {stated} }});"

    def page(self) -> tuple[str, str]:
        self.visit += 1
        sdk = f"{self.site.service_url}/sdk/v1/messenger.js"
        if self.habitat.whole_document:
            return "text/html; charset=utf-8", self._react(sdk)
        snippet = f'<script>{self.settings()}</script><script async src="{sdk}"></script>'
        return "text/html; charset=utf-8", PAGE.substitute(
            head=self.habitat.head,
            in_head=snippet if self.place == "head" else "",
            in_body=snippet if self.place == "body" else "",
            attributes=self.habitat.body,
            who=escape(self.who),
            visit=self.visit,
        )

    def _react(self, sdk: str) -> str:
        bundle = f"/libraries/{self.habitat.whole_document}"
        state = json.dumps({"who": self.who, "visit": str(self.visit), "sdk": sdk, "bundle": bundle})
        inline = f"{self.settings()} window.firstPage = {json.dumps(state)};"
        return REACT_PAGE.substitute(inline=inline, sdk=sdk, bundle=bundle, who=escape(self.who), visit=self.visit)

    def state(self) -> tuple[str, str]:
        """The next page of a site that renders in the browser, as it fetches it."""
        self.visit += 1
        stated = {"player": self.player()} if self.source == "stated" else {}
        return "application/json", json.dumps({"who": self.who, "visit": str(self.visit), "stated": stated})
