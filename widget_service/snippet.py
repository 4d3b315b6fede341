"""What an operator pastes: the snippet, its script pinned by a hash, and the lines of a Content-Security-Policy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_service.assets import MESSENGER, bridge_name, bridged_vendors, sdk_folder, sdk_integrity, sdk_version

#: What stands in ``sdk_snippet/snippet.html`` where an installation has its own.
SERVICE, WORKSPACE = "https://widget.example.com", '"ws_YOUR_WORKSPACE"'
#: What of a brand's look stands in the page itself: the launcher is there before anything of ours is asked.
IN_THE_PAGE = {
    "primary_color": "primaryColor",
    "theme": "theme",
    "alignment": "alignment",
    "vertical_padding": "verticalPadding",
    "horizontal_padding": "horizontalPadding",
    "z_index": "zIndex",
    "sound": "sound",
    "locale": "locale",
}


@dataclass(frozen=True, slots=True)
class PinnedScript:
    """A script of ours, byte for byte, or nothing."""

    version: str
    url: str
    integrity: str

    @property
    def script(self) -> str:
        """The tag that lets no other script run than the one that is served now."""
        return f'<script async src="{self.url}" integrity="{self.integrity}" crossorigin="anonymous"></script>'

    def public(self) -> dict[str, str]:
        """As the manifest shows it."""
        return {"version": self.version, "url": self.url, "integrity": self.integrity, "script": self.script}


@dataclass(frozen=True, slots=True)
class Snippet:
    """The snippet of the service at one public address."""

    service_url: str

    @property
    def messenger(self) -> PinnedScript:
        """The messenger's script."""
        return self._pin(MESSENGER)

    @property
    def bridges(self) -> dict[str, PinnedScript]:
        """What goes beside a helpdesk's own script, by vendor."""
        return {vendor: self._pin(bridge_name(vendor)) for vendor in bridged_vendors()}

    @property
    def sources(self) -> dict[str, str]:
        """What a page's Content-Security-Policy has to allow, by directive."""
        return dict.fromkeys(("script-src", "frame-src", "connect-src"), self.service_url)

    @property
    def policy(self) -> list[str]:
        """The same as lines of the header."""
        return [f"{directive} {source};" for directive, source in self.sources.items()]

    def fill_in(self, workspace_id: str, brand_id: str | None = None, look: Mapping[str, Any] | None = None) -> str:
        """The shipped snippet for that workspace, or for one of its brands, with what the page says of its look."""
        named = {"brandId": brand_id} if brand_id else {}
        shown = {IN_THE_PAGE[name]: value for name, value in (look or {}).items() if name in IN_THE_PAGE}
        more = [f"{name}: {_literal(value)}" for name, value in {**named, **shown}.items()]
        text = (sdk_folder() / "snippet.html").read_text(encoding="utf-8")
        return text.replace(WORKSPACE, ",\n    ".join([json.dumps(workspace_id), *more])).replace(
            SERVICE, self.service_url
        )

    def _pin(self, name: str) -> PinnedScript:
        version = sdk_version(name)
        return PinnedScript(version, f"{self.service_url}/sdk/{version}/{name}", sdk_integrity(name))


def _literal(value: Any) -> str:
    # Inside a script element: no value may end it.
    return json.dumps(value).replace("<", "\\u003c")
