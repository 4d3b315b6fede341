"""What an operator pastes: the snippet, its script pinned by a hash, and the lines of a Content-Security-Policy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_service.assets import sdk_folder, sdk_integrity, sdk_version

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
class Snippet:
    """The snippet of the service at one public address."""

    service_url: str

    @property
    def pinned_url(self) -> str:
        """Gives one script, byte for byte, or nothing."""
        return f"{self.service_url}/sdk/{sdk_version()}/messenger.js"

    @property
    def pinned_script(self) -> str:
        """The tag that lets no other script run than the one that is served now."""
        return f'<script async src="{self.pinned_url}" integrity="{sdk_integrity()}" crossorigin="anonymous"></script>'

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


def _literal(value: Any) -> str:
    # Inside a script element: no value may end it.
    return json.dumps(value).replace("<", "\\u003c")
