"""Finds ``static/`` and ``sdk_snippet/`` in a source tree and in an installed wheel, and names them by their content.

An immutable address holds a digest of the whole tree, so that modules may import one another by relative paths.
"""

import base64
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from widget_service import __version__

PACKAGE = Path(__file__).resolve().parent
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
#: What is served; sources for type checkers and templates are not.
SERVED = frozenset(TYPES) | {".png", ".ico", ".webp", ".woff2"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, read once."""

    content: bytes
    media_type: str


def _find_tree(name: str) -> Path:
    """The folder in the wheel, else beside the package. FileNotFoundError when neither is there."""
    for candidate in (PACKAGE / "_bundled" / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}/ is neither in the package nor beside it")


@lru_cache(maxsize=1)
def static_assets() -> dict[str, Asset]:
    """Every served file below ``static/``, by its path."""
    root = _find_tree("static")
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.suffix in SERVED)
    return {
        path.relative_to(root).as_posix(): Asset(path.read_bytes(), media_type(path))
        for path in files
        if path.name != "tsconfig.json"
    }


@lru_cache(maxsize=1)
def static_digest() -> str:
    """Names the state of the whole ``static/`` tree."""
    whole = hashlib.sha256()
    for name, asset in static_assets().items():
        whole.update(name.encode() + b"\0" + hashlib.sha256(asset.content).digest())
    return whole.hexdigest()[:16]


def static_base(part: str) -> str:
    """The immutable address of a folder of ``static/``."""
    return f"/static/{static_digest()}/{part}"


def template_folders() -> list[str]:
    """Where the HTML documents are."""
    return [str(_find_tree("static"))]


@lru_cache(maxsize=1)
def sdk_script() -> Asset:
    """The one classic file that runs on the operator's page."""
    path = sdk_folder() / "messenger.js"
    return Asset(path.read_bytes(), "text/javascript")


def sdk_folder() -> Path:
    """The ``sdk_snippet/`` folder."""
    return _find_tree("sdk_snippet")


def sdk_version() -> str:
    """Names the SDK's content: the release and a digest, so that an address never changes what it gives."""
    return f"{__version__}-{hashlib.sha256(sdk_script().content).hexdigest()[:12]}"


def sdk_integrity() -> str:
    """The SDK's hash for ``integrity=`` (W3C Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(sdk_script().content).digest()).decode()


def media_type(path: Path) -> str:
    """What a file is served as."""
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
