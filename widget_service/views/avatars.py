"""Agents' pictures: uploaded to us, served from our origin, so that the messenger loads nothing from elsewhere."""

from flask import Blueprint, Response, jsonify, request

from widget_service.errors import InvalidRequest, NotFound
from widget_service.ids import new_id
from widget_service.settings import Settings
from widget_service.storage.store import Store
from widget_service.views.authentication import require_agent, require_writer
from widget_service.views.requests import read_optional_body, read_raw
from widget_service.views.runtime import clock, runtime
from widget_service.views.shapes import EmptyBody

blueprint = Blueprint("avatars", __name__)
#: By their first bytes: what is served must be what was declared.
SIGNATURES = {"image/png": (b"\x89PNG\r\n\x1a\n",), "image/jpeg": (b"\xff\xd8\xff",), "image/webp": (b"RIFF",)}


@blueprint.post("/v1/avatars")
def upload() -> tuple[Response, int]:
    """A PNG, JPEG or WebP of at most 64 KiB; its id goes into a reply's ``author.avatar_id``. Each picture once."""
    parts, now = runtime(), clock()
    token = require_agent("conversations:write")
    parts.limits.require("avatars_per_token", token.workspace_id, token.id)
    media_type = request.mimetype
    if media_type not in SIGNATURES:
        raise InvalidRequest("media_type", status=415)
    content = read_raw()
    if not content.startswith(SIGNATURES[media_type]) or (media_type == "image/webp" and content[8:12] != b"WEBP"):
        raise InvalidRequest("picture", status=422, details={"reason": "not a picture of that type"})
    most = parts.settings.avatar_bytes_per_workspace

    def work(store: Store) -> tuple[str, bool]:
        store.lock_avatars(token.workspace_id)
        kept = store.find_avatar_id(token.workspace_id, media_type, content)
        if kept is not None:
            return kept, False
        if store.sum_avatar_bytes(token.workspace_id) + len(content) > most:
            raise InvalidRequest("avatars_full", status=413, details={"reason": f"all pictures: {most} bytes at most"})
        avatar_id = new_id("avt")
        store.add_avatar(avatar_id, token.workspace_id, media_type, content, now)
        return avatar_id, True

    avatar_id, is_new = parts.storage.write(work)
    answer = jsonify(success=True, avatar_id=avatar_id, avatar_url=avatar_url(parts.settings, avatar_id))
    return answer, 201 if is_new else 200


@blueprint.delete("/v1/avatars/<avatar_id>")
def remove(avatar_id: str) -> Response:
    """Gone, also from what was said with it; a browser that has shown it may keep its copy."""
    parts = runtime()
    token = require_writer("avatar", "conversations:write")
    read_optional_body(EmptyBody)
    if not parts.storage.write(lambda store: store.remove_avatar(avatar_id, token.workspace_id)):
        raise NotFound
    return jsonify(success=True)


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
