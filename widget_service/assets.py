"""What is served of ``static/`` and ``sdk_snippet/``, in a source tree and in an installed wheel, named by its content.

An immutable address holds a digest of the whole tree, so that files may name one another by relative paths.
"""

import base64
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import zopfli.gzip  # type: ignore[import-untyped]

from widget_service import __version__
from widget_service.scripts import join, require_strippable, strip_script, strip_style

PACKAGE = Path(__file__).resolve().parent
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
#: What is served; sources for type checkers and templates are not.
SERVED = frozenset(TYPES) | {".png", ".ico", ".webp", ".woff2"}
#: The script that is served as one file with all that it imports.
JOINED = PurePosixPath("messenger/main.js")
#: What runs on the operator's page, and where the vendors' bridges are.
MESSENGER, BRIDGES = "messenger.js", "helpdesks"
#: What every player waits for.
FIRST_LOADED = frozenset({"messenger.js", "messenger/main.js", "messenger/messenger.css"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes over the wire; ``gzipped`` is None where that saves nothing."""

    content: bytes
    media_type: str
    digest: str
    gzipped: bytes | None


@lru_cache(maxsize=1)
def static_assets() -> dict[str, Asset]:
    """Every served file below ``static/``, by its path. Raises NotServable."""
    root = _find_tree("static")
    files = (path for path in root.rglob("*") if path.suffix in SERVED and path.name != "tsconfig.json")
    sources = {path.relative_to(root).as_posix(): _read(path) for path in sorted(files) if path.is_file()}
    return {name: _asset(name, content) for name, content in _joined(sources).items()}


@lru_cache(maxsize=1)
def static_digest() -> str:
    """Names the state of the whole ``static/`` tree."""
    whole = "".join(f"{name}\0{asset.digest}" for name, asset in static_assets().items())
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def static_base(part: str) -> str:
    """The immutable address of a folder of ``static/``."""
    return f"/static/{static_digest()}/{part}"


def template_folders() -> list[str]:
    """Where the HTML documents are."""
    return [str(_find_tree("static"))]


@lru_cache(maxsize=1)
def sdk_scripts() -> dict[str, Asset]:
    """The classic files that run on the operator's page: the messenger, and a bridge for each vendor that needs one."""
    root = sdk_folder()
    paths = (root / MESSENGER, *sorted((root / BRIDGES).glob("*.js")))
    return {name: _asset(name, _read(root / name)) for name in (path.relative_to(root).as_posix() for path in paths)}


def bridge_name(vendor: str) -> str:
    """The name of a vendor's bridge among the scripts; there may be none."""
    return f"{BRIDGES}/{vendor}.js"


def bridged_vendors() -> list[str]:
    """The vendors that have a bridge."""
    return [PurePosixPath(name).stem for name in sdk_scripts() if name != MESSENGER]


def sdk_script(name: str = MESSENGER) -> Asset:
    """One of them. KeyError for any other."""
    return sdk_scripts()[name]


def sdk_folder() -> Path:
    """The ``sdk_snippet/`` folder."""
    return _find_tree("sdk_snippet")


def sdk_version(name: str = MESSENGER) -> str:
    """Names a script's content: the release and a digest, so that an address never changes what it gives."""
    return f"{__version__}-{sdk_script(name).digest[:12]}"


def sdk_integrity(name: str = MESSENGER) -> str:
    """A script's hash for ``integrity=`` (W3C Subresource Integrity)."""
    return "sha384-" + base64.b64encode(hashlib.sha384(sdk_script(name).content).digest()).decode()


def _find_tree(name: str) -> Path:
    """The folder in the wheel, else beside the package. FileNotFoundError when neither is there."""
    for candidate in (PACKAGE / "_bundled" / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}/ is neither in the package nor beside it")


def _read(path: Path) -> bytes:
    source = path.read_bytes()
    if path.suffix == ".js":
        require_strippable(path.name, source.decode())
    return source


def _joined(sources: dict[str, bytes]) -> dict[str, bytes]:
    folder = JOINED.parent
    scripts = {
        path.name: content.decode()
        for path, content in ((PurePosixPath(name), content) for name, content in sources.items())
        if path.parent == folder and path.suffix == JOINED.suffix
    }
    whole, parts = join(JOINED.name, scripts)
    rest = {name: content for name, content in sources.items() if name not in {f"{folder}/{part}" for part in parts}}
    return {**rest, str(JOINED): whole.encode()}


def _asset(name: str, source: bytes) -> Asset:
    """What is served of that source: stripped, named by its content, compressed once."""
    suffix = PurePosixPath(name).suffix
    content = source
    if suffix == ".js":
        content = strip_script(source.decode()).encode()
    elif suffix == ".css":
        content = strip_style(source.decode()).encode()
    smaller = _compressed(name, content) if suffix in TYPES else content
    return Asset(
        content=content,
        media_type=TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
        digest=hashlib.sha256(content).hexdigest(),
        gzipped=smaller if len(smaller) < len(content) else None,
    )


def _compressed(name: str, content: bytes) -> bytes:
    # A twentieth less, for a fifth of a second at the start.
    if name in FIRST_LOADED:
        return bytes(zopfli.gzip.compress(content, numiterations=5))
    return gzip.compress(content, mtime=0)
