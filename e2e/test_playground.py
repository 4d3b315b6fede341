"""The API playground in a real browser: a start, a message and an introspection by hand."""

import json
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from e2e.conftest import Service


def choose(page: Page, operation: str) -> None:
    page.get_by_role("navigation", name="Operations").get_by_role("link", name=operation).click()
    expect(page.get_by_role("heading", name=operation)).to_be_visible()


def send(page: Page, status: int) -> Any:
    """Sends the form as it stands; the answer, which must have that status."""
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text(str(status))
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    return json.loads(page.get_by_role("region", name="Response body").inner_text())


def test_the_api_is_tried_by_hand(context: BrowserContext, service: Service) -> None:
    workspace = service.create_workspace("Playground", service.url, anonymous=True)["workspace_id"]
    api_token = service.command("token", "create", workspace, "--scope", "sessions:introspect", "--json")["token"]
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{service.url}/playground")

    choose(page, "Start or resume a conversation")
    page.get_by_label("workspace_id").fill(workspace)
    page.get_by_label("Example", exact=True).select_option("Anonymous visitor")
    started = send(page, 201)
    assert started["player"] is None

    choose(page, "The player writes")
    expect(page.get_by_label("conversation_id")).to_have_value(started["conversation"]["id"])
    assert send(page, 201)["message"]["author"]["verified"] is False

    page.get_by_text("Credentials", exact=True).click()
    page.get_by_role("textbox", name="API token").fill(api_token)
    choose(page, "What a session is")
    page.get_by_label("Body", exact=False).first.fill(json.dumps({"token": started["session"]["token"]}))
    assert send(page, 200)["token_use"] == "session_token"
    assert problems == []
