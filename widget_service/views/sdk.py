"""Static files: the SDK under a moving and an immutable address, and what our own frame loads."""

from flask import Blueprint, Response, jsonify, request
from flask.blueprints import BlueprintSetupState

from widget_service.assets import (
    MESSENGER,
    Asset,
    bridge_name,
    sdk_scripts,
    sdk_version,
    static_assets,
    static_digest,
)
from widget_service.errors import NotFound
from widget_service.snippet import Snippet
from widget_service.views.encodings import GZIP, takes_gzip
from widget_service.views.runtime import runtime

blueprint = Blueprint("sdk", __name__)
MOVING = "public, max-age=300"
IMMUTABLE = "public, max-age=31536000, immutable"


@blueprint.record_once
def read_everything(_state: BlueprintSetupState) -> None:
    """A file that cannot be served stops the start, not a player."""
    static_assets()
    sdk_scripts()


@blueprint.get("/sdk/v1/messenger.js")
def moving() -> Response:
    """The newest SDK of version 1."""
    return _script(MESSENGER, MOVING)


@blueprint.get("/sdk/<version>/messenger.js")
def immutable(version: str) -> Response:
    """Exactly this SDK, for a page that pins it by its hash."""
    return _pinned_script(MESSENGER, version)


@blueprint.get("/sdk/v1/helpdesks/<vendor>.js")
def moving_bridge(vendor: str) -> Response:
    """The newest bridge to a vendor's widget."""
    return _script(bridge_name(vendor), MOVING)


@blueprint.get("/sdk/<version>/helpdesks/<vendor>.js")
def immutable_bridge(version: str, vendor: str) -> Response:
    """Exactly this bridge."""
    return _pinned_script(bridge_name(vendor), version)


@blueprint.get("/sdk/v1/manifest.json")
def manifest() -> Response:
    """What a strict page needs: the immutable address, its hash, the tag with both, and the three CSP lines."""
    snippet = Snippet(runtime().settings.public_url)
    response = jsonify(
        **snippet.messenger.public(),
        helpdesks={vendor: bridge.public() for vendor, bridge in snippet.bridges.items()},
        content_security_policy=snippet.sources,
        content_security_policy_lines=snippet.policy,
    )
    response.headers["Cache-Control"] = MOVING
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/static/<digest>/<path:name>")
def static_file(digest: str, name: str) -> Response:
    """A file of the frame, under the digest of the whole tree."""
    asset = static_assets().get(name)
    if asset is None or digest != static_digest():
        raise NotFound
    response = _answer(asset, IMMUTABLE)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _pinned_script(name: str, version: str) -> Response:
    if name not in sdk_scripts() or version != sdk_version(name):
        raise NotFound
    return _script(name, IMMUTABLE)


def _script(name: str, cache: str) -> Response:
    asset = sdk_scripts().get(name)
    if asset is None:
        raise NotFound
    response = _answer(asset, cache)
    response.headers["Access-Control-Allow-Origin"] = "*"
    # A page under COEP may load it too.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _answer(asset: Asset, cache: str) -> Response:
    compressed = asset.gzipped if takes_gzip() else None
    response = Response(compressed or asset.content, mimetype=asset.media_type)
    response.headers["Cache-Control"] = cache
    if asset.gzipped:
        response.vary.add("Accept-Encoding")
    if compressed:
        response.content_encoding = GZIP
    # Other bytes, another name (RFC 9110 §8.8.3).
    response.set_etag(asset.digest[:32] + ("-gzip" if compressed else ""))
    response.make_conditional(request)
    return response
