"""The reference back office's playground: choose a sample player, press send, see request and response."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.back_office import BackOffice


def send(page: Page, status: int) -> Any:
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("main").get_by_role("status")).to_contain_text(str(status))
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    return json.loads(page.get_by_role("region", name="Response body").inner_text())


def test_a_sample_player_is_chosen_and_asked_about(context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    with BackOffice(tmp_path).served() as office:
        page.goto(f"{office.url}/playground")
        page.get_by_label("Sample player").select_option("40217")
        expect(page.get_by_text("Type the API token")).to_be_visible()
        page.get_by_role("textbox", name="API token").fill(office.api_token)
        page.get_by_role("textbox", name="API token").blur()
        expect(page.get_by_text("Logged in.")).to_be_visible()

        page.get_by_role("link", name="Read the balances").click()
        expect(page.get_by_label("playerId")).to_have_value("40217")
        assert send(page, 200)["cash_balance"] == 220.5
        page.get_by_label("Sample player").select_option("5832")
        expect(page.get_by_label("playerId")).to_have_value("5832")
        expect(page.get_by_role("region", name="Response body")).to_have_count(0)
        expect(page.get_by_text("Logged in.")).to_be_visible()
        assert send(page, 200)["cash_balance"] == 1260

        page.get_by_role("link", name="Cancel a withdrawal").click()
        page.get_by_label("withdrawalId").fill("wd_21004")
        assert send(page, 200)["refunded_amount"] == 75
        expect(page.get_by_role("region", name="Response body")).to_contain_text('"refunded_amount": 75.00')
        assert problems == []
