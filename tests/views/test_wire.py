"""What goes over the wire to a player's browser, and under which headers."""

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha384
from html import unescape
from typing import Any

import httpx
import pytest

from bench.weight import FRAME_BUDGET, SDK_BUDGET, weigh, weigh_frame
from tests.support.operator import CASINO
from tests.views.casino import Casino
from widget_service.locales import languages

SDK = "/sdk/v1/messenger.js"


@pytest.fixture(scope="module")
def client(casino: Casino) -> httpx.Client:
    """Takes what comes: only a test's own ``Accept-Encoding`` is sent."""
    client = casino.service.client()
    del client.headers["Accept-Encoding"]
    return client


def frame_path(casino: Casino, **query: str) -> str:
    return str(httpx.URL(f"/v1/workspaces/{casino.id}/messenger", params={"origin": CASINO, **query}))


def settings_in(document: str) -> dict[str, Any]:
    found = re.search(r"<meta name=\"messenger-settings\" content='([^']*)'>", document)
    assert found is not None
    settings: dict[str, Any] = json.loads(unescape(found[1]))
    return settings


# --- how much


def test_the_script_on_the_operators_page_keeps_to_its_budget(client: httpx.Client) -> None:
    assert weigh(client, SDK).sent <= SDK_BUDGET


@pytest.mark.parametrize("language", languages())
def test_the_frame_keeps_to_its_budget_in_every_language(client: httpx.Client, casino: Casino, language: str) -> None:
    files = weigh_frame(client, frame_path(casino, locale=language))

    assert len(files) == 3  # the document, a style sheet, a script
    assert sum(file.sent for file in files) <= FRAME_BUDGET


# --- compressed for whom


@pytest.fixture(params=["sdk", "style", "document"])
def address(request: pytest.FixtureRequest, client: httpx.Client, casino: Casino) -> str:
    """One of each kind of answer."""
    document = frame_path(casino)
    style = re.search(r'href="([^"]+\.css)"', client.get(document).text)
    assert style is not None
    return {"sdk": SDK, "style": style[1], "document": document}[request.param]


@pytest.mark.parametrize(
    "accepted", ["gzip", "gzip, deflate, br", "*", "gzip;q=0.5", "identity;q=0.5, *;q=1", "br, gzip;q=0.1", "GZIP"]
)
def test_who_takes_gzip_gets_it(client: httpx.Client, address: str, accepted: str) -> None:
    plain = client.get(address)
    answer = client.get(address, headers={"Accept-Encoding": accepted})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.num_bytes_downloaded == int(answer.headers["Content-Length"]) < len(plain.content)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert without_time(answer) == without_time(plain)


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *", "*;q=0", "gzip;q=0.5, identity"])
def test_who_does_not_gets_it_as_it_is(client: httpx.Client, address: str, accepted: str) -> None:
    answer = client.get(address, headers={"Accept-Encoding": accepted})

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


def without_time(answer: httpx.Response) -> str:
    return re.sub(r'"server_time":\d+', "", answer.text)


def test_a_head_request_tells_the_same_and_sends_nothing(client: httpx.Client, address: str) -> None:
    asked = {"Accept-Encoding": "gzip"}
    got, told = client.get(address, headers=asked), client.head(address, headers=asked)

    assert told.status_code == 200
    assert told.content == b""
    for name in ("Content-Encoding", "Content-Type", "Vary", "Cache-Control"):
        assert told.headers[name] == got.headers[name]


def test_what_a_browser_has_already_is_not_sent_again(client: httpx.Client) -> None:
    for accepted in ("identity", "gzip"):
        asked = {"Accept-Encoding": accepted}
        first = client.get(SDK, headers=asked)
        again = client.get(SDK, headers={**asked, "If-None-Match": first.headers["ETag"]})

        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Accept-Encoding" in again.headers["Vary"]


def test_other_bytes_have_another_etag(client: httpx.Client) -> None:
    plain, compressed = (client.get(SDK, headers={"Accept-Encoding": it}) for it in ("identity", "gzip"))

    assert plain.headers["ETag"] != compressed.headers["ETag"]
    crossed = client.get(SDK, headers={"Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]})
    assert crossed.status_code == 200


# --- under which headers


def test_the_frames_files_never_change_and_are_for_the_frame_alone(client: httpx.Client, casino: Casino) -> None:
    linked = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get(frame_path(casino)).text)

    assert linked
    for address in linked:
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_state_of_the_tree_is_not_there(client: httpx.Client) -> None:
    assert client.get("/static/0123456789abcdef/messenger/main.js").status_code == 404


def test_nothing_that_is_loaded_sets_a_cookie(client: httpx.Client, address: str) -> None:
    assert "Set-Cookie" not in client.get(address).headers


def test_the_frame_allows_scripts_and_requests_of_its_own_origin_alone(client: httpx.Client, casino: Casino) -> None:
    headers = client.get(frame_path(casino)).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
        f" form-action 'none'; frame-ancestors {CASINO}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Origin-Agent-Cluster"] == "?1"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_no_brand_named_is_the_first(client: httpx.Client, casino: Casino) -> None:
    named, unnamed = client.get(frame_path(casino)), client.get(frame_path(casino, brand_id=""))

    assert unnamed.status_code == 200
    assert settings_in(unnamed.text)["brand_id"] == settings_in(named.text)["brand_id"]


# --- in which language


@pytest.mark.parametrize(
    ("asked", "chosen", "direction"),
    [
        ("de", "de", "ltr"),
        ("de-AT", "de", "ltr"),
        ("PT-br", "pt", "ltr"),
        ("ar-EG", "ar", "rtl"),
        ("sv", "en", "ltr"),
        ("", "en", "ltr"),
        ("../en", "en", "ltr"),
        ("de" + "-abcdefgh" * 5, "en", "ltr"),
    ],
)
def test_the_document_is_in_the_language_that_was_asked_for(
    client: httpx.Client, casino: Casino, asked: str, chosen: str, direction: str
) -> None:
    document = client.get(frame_path(casino, locale=asked)).text
    settings = settings_in(document)

    assert f'<html lang="{chosen}" dir="{direction}"' in document
    assert settings["language"] == chosen
    assert settings["languages"] == list(languages())
    address = re.search(r'src="([^"]+)/main\.js"', document)
    assert address is not None
    assert settings["words"] == client.get(f"{address[1]}/locales/{chosen}.json").json()
    assert f"<title>{settings['words']['title']}</title>" in document


def test_a_language_that_there_is_not_is_the_brands(client: httpx.Client, open_casino: Casino) -> None:
    open_casino.service.cli("brand", "set", open_casino.operator.brand_id, "look.locale=fi")

    settings = settings_in(client.get(frame_path(open_casino, locale="sv-SE")).text)
    assert (settings["language"], settings["locale"]) == ("fi", "sv-SE")
    settings = settings_in(client.get(frame_path(open_casino)).text)
    assert (settings["language"], settings["locale"]) == ("fi", "fi")
    settings = settings_in(client.get(frame_path(open_casino, locale="it")).text)
    assert settings["language"] == "it"


def test_a_brands_texts_cannot_leave_their_place(client: httpx.Client, casino: Casino) -> None:
    brand = casino.neighbour()
    hostile = """</title>'"><script src="https://evil.example/x.js"></script>&amp;<!--"""
    brand.service.cli(
        "brand", "set", brand.operator.brand_id, f"texts.greeting={hostile}", f"texts.de.title={hostile[:60]}"
    )
    document = client.get(frame_path(brand, locale="de")).text

    assert settings_in(document)["texts"] == {"greeting": hostile, "de.title": hostile[:60]}
    assert document.count("<script") == 1
    assert "<!--" not in document


# --- what a strict page pastes


def test_the_manifest_has_all_that_a_strict_page_needs(client: httpx.Client, casino: Casino) -> None:
    url = casino.service.url
    manifest = client.get("/sdk/v1/manifest.json").json()
    script = client.get(manifest["url"], headers={"Accept-Encoding": "gzip"})

    assert manifest["integrity"] == "sha384-" + b64encode(sha384(script.content).digest()).decode()
    assert manifest["script"] == (
        f'<script async src="{manifest["url"]}" integrity="{manifest["integrity"]}" crossorigin="anonymous"></script>'
    )
    assert manifest["content_security_policy_lines"] == [
        f"script-src {url};",
        f"frame-src {url};",
        f"connect-src {url};",
    ]
    assert script.headers["Access-Control-Allow-Origin"] == "*"
    assert script.headers["Cache-Control"].endswith("immutable")


def test_what_is_compressed_once_is_what_is_hashed(client: httpx.Client) -> None:
    with client.stream("GET", SDK, headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())) == client.get(SDK).content


def test_the_command_line_shows_the_same(client: httpx.Client, casino: Casino) -> None:
    manifest = client.get("/sdk/v1/manifest.json").json()
    shown = casino.service.cli("snippet", casino.id)
    lines = casino.service.run("snippet", casino.id).stdout

    assert shown["pinned_script"] == manifest["script"]
    assert shown["content_security_policy"] == manifest["content_security_policy_lines"]
    assert f'workspaceId: "{casino.id}"' in shown["snippet"]
    assert f'src="{casino.service.url}{SDK}"' in shown["snippet"]
    assert "YOUR" not in shown["snippet"]
    assert "example.com" not in shown["snippet"]
    for part in (shown["snippet"], shown["pinned_script"], *shown["content_security_policy"]):
        assert part in lines


def test_a_snippet_can_be_for_one_brand(casino: Casino) -> None:
    brand = casino.service.cli("brand", "create", casino.id, "--name", "B", "--origin", "https://b.example")["brand_id"]

    assert f'brandId: "{brand}"' in casino.service.cli("snippet", casino.id, "--brand", brand)["snippet"]


@pytest.mark.parametrize("arguments", [("ws_absent",), ("{id}", "--brand", "br_absent")])
def test_there_is_no_snippet_for_what_there_is_not(casino: Casino, arguments: tuple[str, ...]) -> None:
    result = casino.service.run("snippet", *(argument.format(id=casino.id) for argument in arguments))

    assert result.exit_code == 2
    assert "absent" in result.stderr
