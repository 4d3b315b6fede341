"""The bridges as a page gets them: one classic file each, pinned by its hash, the same where they do the same."""

import base64
import hashlib
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.support.service import InProcessService
from widget_service.assets import sdk_folder

PAGES = Path(__file__).parent / "bridges"
VENDORS = ("livechat", "zendesk")
SHARED = "  // --- the same in every bridge"


def source(vendor: str) -> str:
    return (sdk_folder() / "helpdesks" / f"{vendor}.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def client(databases) -> httpx.Client:
    return InProcessService(databases.new("sqlite")).client()


def test_the_bridges_are_the_same_but_for_their_vendor() -> None:
    parts = {vendor: source(vendor).partition(SHARED) for vendor in VENDORS}

    assert all(found for _, found, _ in parts.values())
    assert len({shared for _, _, shared in parts.values()}) == 1


@pytest.mark.parametrize("sentences", [*VENDORS, "identity"])
def test_a_bridge_does_what_its_page_needs(sentences: str) -> None:
    """Each sentence of ``bridges/*.test.mjs``."""
    command = ["node", "--test", "--test-reporter=spec", str(PAGES / f"{sentences}.test.mjs")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_bridge_is_a_classic_script_that_makes_no_markup(vendor: str) -> None:
    text = source(vendor)

    assert text.count("\n(() => {") == 1
    for word in ("import(", "export ", "innerHTML", "setAttribute", "eval", "postMessage", "document.write"):
        assert word not in text
    assert "\nimport " not in text


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_bridge_can_be_pinned_by_its_hash(client: httpx.Client, vendor: str) -> None:
    pinned = client.get("/sdk/v1/manifest.json").json()["helpdesks"][vendor]
    script = client.get("/sdk/" + pinned["url"].partition("/sdk/")[2])

    assert script.headers["Cache-Control"].endswith("immutable")
    assert pinned["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(script.content).digest()).decode()
    assert f'src="{pinned["url"]}" integrity="{pinned["integrity"]}" crossorigin' in pinned["script"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_newest_bridge_is_there_for_every_page(client: httpx.Client, vendor: str) -> None:
    script = client.get(f"/sdk/v1/helpdesks/{vendor}.js", headers={"Accept-Encoding": "gzip"})

    assert script.headers["Content-Encoding"] == "gzip"
    assert script.headers["Access-Control-Allow-Origin"] == "*"
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert script.headers["Cache-Control"] == "public, max-age=300"
    assert len(script.content) < len(source(vendor))


@pytest.mark.parametrize("path", ["v1/helpdesks/intercom.js", "v1/helpdesks/bridges.js", "0.1.0/helpdesks/zendesk.js"])
def test_there_is_no_bridge_but_these(client: httpx.Client, path: str) -> None:
    assert client.get(f"/sdk/{path}").status_code == 404
