"""Static files: the SDK under a moving and an immutable address, and what our own frame loads."""

from flask import Blueprint, Response, jsonify, request
from flask.blueprints import BlueprintSetupState

from widget_service.assets import Asset, sdk_integrity, sdk_script, sdk_version, static_assets, static_digest
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
    sdk_script()


@blueprint.get("/sdk/v1/messenger.js")
def moving() -> Response:
    """The newest SDK of version 1."""
    return _script(MOVING)


@blueprint.get("/sdk/<version>/messenger.js")
def immutable(version: str) -> Response:
    """Exactly this SDK, for a page that pins it by its hash."""
    if version != sdk_version():
        raise NotFound
    return _script(IMMUTABLE)


@blueprint.get("/sdk/v1/manifest.json")
def manifest() -> Response:
    """What a strict page needs: the immutable address, its hash, the tag with both, and the three CSP lines."""
    snippet = Snippet(runtime().settings.public_url)
    response = jsonify(
        version=sdk_version(),
        url=snippet.pinned_url,
        integrity=sdk_integrity(),
        script=snippet.pinned_script,
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


def _script(cache: str) -> Response:
    response = _answer(sdk_script(), cache)
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
