"""Static files: the SDK under a moving and an immutable address, and what our own frame loads."""

import hashlib

from flask import Blueprint, Response, jsonify, request

from widget_service.assets import Asset, sdk_integrity, sdk_script, sdk_version, static_assets, static_digest
from widget_service.errors import NotFound
from widget_service.views.runtime import runtime

blueprint = Blueprint("sdk", __name__)
MOVING = "public, max-age=300"
IMMUTABLE = "public, max-age=31536000, immutable"


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
    """What a strict page needs: the immutable address, its hash and the three CSP lines."""
    url = runtime().settings.public_url
    response = jsonify(
        version=sdk_version(),
        url=f"{url}/sdk/{sdk_version()}/messenger.js",
        integrity=sdk_integrity(),
        content_security_policy={"script-src": url, "frame-src": url, "connect-src": url},
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
    response = Response(asset.content, mimetype=asset.media_type)
    response.headers["Cache-Control"] = cache
    response.set_etag(hashlib.sha256(asset.content).hexdigest()[:32])
    response.make_conditional(request)
    return response
