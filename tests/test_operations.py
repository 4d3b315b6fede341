"""The proxy that the documentation puts in front lets through what the service takes, and no more."""

import re
from pathlib import Path

from widget_service.views.helpdesks import LARGEST_WEBHOOK
from widget_service.views.requests import LARGEST_BODY

NGINX = (Path(__file__).parent.parent / "docs" / "operations.md").read_text(encoding="utf-8").split("```nginx")[1]
NGINX = NGINX.split("```")[0]


def largest_body(location: str | None = None) -> int:
    """What ``client_max_body_size`` says in a location, or outside of all."""
    within = re.search(rf"location {re.escape(location)} {{(.*?)}}", NGINX, re.DOTALL) if location else None
    size = re.search(r"client_max_body_size (\d+)k;", within[1] if within else NGINX)
    return int(size[1]) * 1024 if size else 0


def test_the_proxy_takes_bodies_as_large_as_the_service() -> None:
    assert largest_body() == LARGEST_BODY


def test_the_proxy_takes_webhooks_as_large_as_the_service() -> None:
    assert largest_body("/v1/helpdesks/") == LARGEST_WEBHOOK
