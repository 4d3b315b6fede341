"""What a failed browser test leaves to be looked at."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page


def describe(item: pytest.Item, folder: Path) -> str:
    """What every open page shows, as text; a picture of each is kept in the folder."""
    contexts = {id(it): it for it in getattr(item, "funcargs", {}).values() if isinstance(it, BrowserContext)}
    pages = [page for context in contexts.values() for page in context.pages]
    name = re.sub(r"\W+", "-", item.name).strip("-")
    return "\n\n".join(_page(page, folder / f"{name}-{number}.png") for number, page in enumerate(pages, 1))


def _page(page: Page, file: Path) -> str:
    try:
        page.screenshot(path=file, timeout=5_000)
        shown = [f"{frame.url}\n{frame.locator('body').inner_text(timeout=5_000)}" for frame in page.frames]
    except Error as error:
        return f"{page.url}: {error.message}"
    return "\n".join(shown)
