"""Agents' pictures: uploaded to us, served from our origin, so that the messenger loads nothing from elsewhere."""

from flask import Blueprint, Response, jsonify, request

from widget_service.errors import InvalidRequest, NotFound
from widget_service.ids import new_id
from widget_service.settings import Settings
from widget_service.views.authentication import require_agent
from widget_service.views.requests import read_raw
from widget_service.views.runtime import clock, runtime

blueprint = Blueprint("avatars", __name__)
#: By their first bytes: what is served must be what was declared.
SIGNATURES = {"image/png": (b"\x89PNG\r\n\x1a\n",), "image/jpeg": (b"\xff\xd8\xff",), "image/webp": (b"RIFF",)}


@blueprint.post("/v1/avatars")
def upload() -> tuple[Response, int]:
    """A PNG, JPEG or WebP of at most 64 KiB; its id goes into a reply's ``author.avatar_id``."""
    parts = runtime()
    token = require_agent("conversations:write")
    media_type = request.mimetype
    if media_type not in SIGNATURES:
        raise InvalidRequest("media_type", status=415)
    content = read_raw()
    if not content.startswith(SIGNATURES[media_type]) or (media_type == "image/webp" and content[8:12] != b"WEBP"):
        raise InvalidRequest("picture", status=422, details={"reason": "not a picture of that type"})
    avatar_id, now = new_id("avt"), clock()
    parts.storage.write(lambda store: store.add_avatar(avatar_id, token.workspace_id, media_type, content, now))
    return jsonify(success=True, avatar_id=avatar_id, avatar_url=avatar_url(parts.settings, avatar_id)), 201


@blueprint.get("/v1/avatars/<avatar_id>")
def show(avatar_id: str) -> Response:
    """The picture, for ever the same under its id."""
    with runtime().storage.reading() as store:
        found = store.find_avatar(avatar_id)
    if found is None:
        raise NotFound
    response = Response(found[2], mimetype=found[1])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def avatar_url(settings: Settings, avatar_id: str) -> str:
    """Where the messenger loads it from."""
    return f"{settings.public_url}/v1/avatars/{avatar_id}"
