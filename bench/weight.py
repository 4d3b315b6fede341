"""``python -m bench.weight``: what a player's browser fetches, in bytes as they are sent. ``make weight`` runs it."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.operator import CASINO, Operator
from tests.support.service import InProcessService
from widget_service.assets import static_assets, static_base

SDK_BUDGET = 6_200  # bytes, gzip; 4,400 are wanted: docs/decisions/0007
FRAME_BUDGET = 21_600  # 20,000 are wanted; # of the document with one language's texts, its scripts and its styles
SDK = "/sdk/v1/messenger.js"
_LINKED = re.compile(r'<(?:script|link)\b[^>]*\b(?:src|href)="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Weight:
    """One answer: its bytes before compression, and as they are sent."""

    name: str
    plain: int
    sent: int


def weigh(client: httpx.Client, address: str) -> Weight:
    """What one address costs."""
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    answer.raise_for_status()
    name = address.partition("?")[0]
    return Weight(
        re.sub(r"^/(static/\w+|v1/workspaces/\w+)/", "", name), len(answer.content), answer.num_bytes_downloaded
    )


def weigh_frame(client: httpx.Client, document: str) -> list[Weight]:
    """The frame's document and all that it names."""
    return [
        weigh(client, address) for address in (document, *dict.fromkeys(_LINKED.findall(client.get(document).text)))
    ]


def main() -> None:
    """Weighs the messenger of a new installation, in English."""
    with tempfile.TemporaryDirectory() as folder:
        service = InProcessService(f"sqlite:///{Path(folder) / 'weight.db'}")
        document = f"/v1/workspaces/{Operator.create(service).workspace_id}/messenger?origin={CASINO}"
        with service.client() as client:
            _show("The operator's page", [weigh(client, SDK)], SDK_BUDGET)
            _show("The frame", weigh_frame(client, document), FRAME_BUDGET)
            needed = set(_LINKED.findall(client.get(document).text))
            later = [f"{static_base('messenger')}/{name}" for name in _names_in("messenger")]
            _show("Only when needed", [weigh(client, address) for address in later if address not in needed])


def _names_in(folder: str) -> list[str]:
    return [name.removeprefix(f"{folder}/") for name in static_assets() if name.startswith(f"{folder}/")]


def _show(title: str, weights: Sequence[Weight], budget: int | None = None) -> None:
    print(f"\n{title:32}{'plain':>9}{'gzip':>9}")
    for weight in weights:
        print(f"  {weight.name:30}{weight.plain:>9,}{weight.sent:>9,}")
    total = sum(weight.sent for weight in weights)
    if budget is not None:
        verdict = "within" if total <= budget else f"{total - budget:,} over"
        print(f"  {'':30}{sum(weight.plain for weight in weights):>9,}{total:>9,}  {verdict} {budget:,}")


if __name__ == "__main__":
    main()
