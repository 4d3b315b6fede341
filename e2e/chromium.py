"""Which Chromium is run, and with which flags, so that a page meets in it what players' browsers have."""

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Playwright

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")

# Playwright switches storage partitioning off; the last --disable-features wins and leaves it on, as players have it.
# The address bar's pop-ups are pages of 400 files, loaded with each window: 0.8 s of a processor beside every test.
OWN_FEATURES = (
    "--disable-features=Translate,MediaRouter,OptimizationHints,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "PaintHolding,DestroyProfileOnBrowserClose,WebUIOmniboxPopup,WebUIOmniboxAimPopup"
)
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    OWN_FEATURES,
)
#: What the browser lets a cross-site frame keep: chrome's own preferences of each mode.
STORAGE_MODES: dict[str, dict[str, Any]] = {
    "partitioned": {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}},
    "default": {"profile": {"cookie_controls_mode": 0}},
    "denied": {"profile": {"default_content_setting_values": {"cookies": 2}}},
}


class NoBrowser(Exception):
    """None of the browsers we know is installed."""


def find_browser(playwright: Playwright) -> str:
    """Playwright's own Chromium if it is installed, else the system's. Raises NoBrowser."""
    own = playwright.chromium.executable_path
    if Path(own).exists():
        return own
    for name in SYSTEM_BROWSERS:
        if found := shutil.which(name):
            return found
    choice = ", ".join(SYSTEM_BROWSERS)
    raise NoBrowser(f"no browser: run `playwright install chromium`, or install one of {choice}")
