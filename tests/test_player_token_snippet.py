"""How a page asks its backend for a player token: one text everywhere, and it takes no failure for a logout."""

import json
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "sdk_snippet" / "snippet.html"
PLACES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(path for kind in ("md", "html", "ts", "js") for path in (ROOT / "sdk_snippet").rglob(f"*.{kind}")),
    *sorted((ROOT / "widget_service" / "demo").rglob("*.js")),
    *sorted((ROOT / "widget_service" / "demo").rglob("*.html")),
    ROOT / "e2e" / "pages" / "callback.html",
]
PLACES = [path for path in PLACES if not path.name.endswith(".d.ts")]
#: A function given on the spot, whatever its notation. A name alone is somebody else's function, and a type is none.
DEFINITION = re.compile(
    r"(?:getPlayerToken: *(?:async *)?(?:\([^)]*\) *=>|\w+ *=>|function)|(?:async|function) +getPlayerToken *\()"
    r"[^\n]*\n(?P<body>(?:[^\n]*\n){1,4})"
)
#: ``fetch`` of this origin's endpoint, in whatever quotes.
FETCH = re.compile(r"""fetch\(["'`]/[^"'`]*player-token""")

ASK = """
const [settings, status] = JSON.parse(process.argv[1]);
globalThis.window = globalThis;
globalThis.fetch = async (url, options) => {
  if (status === null) throw new TypeError("Failed to fetch");
  return new Response(status === 204 ? null : "a.b.c", { status });
};
new Function(settings)();
const show = (what) => console.log(JSON.stringify(what));
playerMessengerSettings.getPlayerToken().then((value) => show({ value }), () => show({ failed: true }));
"""


def definitions(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8").replace("$${", "${")  # as a page that is filled in by its server writes it
    return [textwrap.dedent(found["body"]) for found in DEFINITION.finditer(text)]


def shipped() -> str:
    (text,) = definitions(SHIPPED)
    return text


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", PLACES, ids=name)
def test_a_page_that_shows_how_to_ask_for_a_token_shows_the_shipped_text(path: Path) -> None:
    assert [text for text in definitions(path) if text != shipped()] == []


@pytest.mark.parametrize("path", PLACES, ids=name)
def test_nothing_asks_the_endpoint_but_the_shipped_text(path: Path) -> None:
    assert len(FETCH.findall(path.read_text(encoding="utf-8"))) == definitions(path).count(shipped())


def test_every_place_that_hands_out_a_snippet_is_looked_at() -> None:
    found = {name(path) for path in PLACES if definitions(path)}

    assert found >= {
        "README.md",
        "docs/helpdesks/livechat.md",
        "docs/helpdesks/zendesk.md",
        "docs/messenger.md",
        "docs/signing.md",
        "e2e/pages/callback.html",
        "sdk_snippet/README.md",
        "sdk_snippet/snippet.html",
        "sdk_snippet/usage.ts",
        "widget_service/demo/static/vendor-chat.js",
    }


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, {"value": "a.b.c"}), *((status, {"value": None}) for status in (204, 401, 403))]
    + [(status, {"failed": True}) for status in (400, 404, 405, 419, 429, 500, 502, 503, 504, None)],
)
def test_only_an_answer_that_says_so_means_that_nobody_is_logged_in(
    status: int | None, answer: dict[str, object]
) -> None:
    script = re.search(r"<script>\n(.*?)</script>", SHIPPED.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None

    arguments = ["node", "-e", ASK, json.dumps([script[1], status])]
    ran = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)

    assert json.loads(ran.stdout) == answer
