"""The messenger's frame: a document of our origin that only the asking, allowed origin may embed."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, render_template, request

from widget_service.assets import static_base
from widget_service.locales import choose_language, first_words, languages
from widget_service.views.embedding import find_embedding
from widget_service.views.encodings import compress
from widget_service.views.runtime import clock, runtime
from widget_service.views.shapes import LANGUAGE_TAG
from widget_service.workspaces import Brand

blueprint = Blueprint("frame", __name__)
LONGEST_TAG = 35  # characters (RFC 5646 §4.4.1)
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors {}; require-trusted-types-for 'script'; trusted-types 'none'"
)
DENIED_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
PLAYGROUND_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/v1/workspaces/<workspace_id>/messenger")
def messenger(workspace_id: str) -> tuple[Response, int]:
    """The frame document; a 403 page unless ``origin`` is allowed for the brand."""
    origin = request.args.get("origin")
    brand = find_embedding(runtime().directory, workspace_id, request.args.get("brand_id") or None, origin)
    if brand is None or origin is None:
        return _denied(), 403
    document = _document(brand, _settings(brand, origin))
    response = Response(document, mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAME_POLICY.format(origin)
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Origin-Agent-Cluster"] = "?1"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    return response, 200


@blueprint.get("/playground")
def playground() -> Response:
    """Try the API by hand; loads nothing from elsewhere."""
    response = Response(
        render_template("playground/index.html", asset_base=static_base("playground")), mimetype="text/html"
    )
    response.headers["Content-Security-Policy"] = PLAYGROUND_POLICY
    return response


@blueprint.after_request
def add_headers(response: Response) -> Response:
    """What every document of ours has."""
    response.vary.add("Origin")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    if response.status_code != HTTPStatus.FORBIDDEN:
        # A page that gets no frame can tell trouble on the way from a refusal. What is read holds nothing of a player.
        response.headers["Access-Control-Allow-Origin"] = "*"
    compress(response)
    return response


def _denied() -> Response:
    response = Response(
        render_template("messenger/denied.html", asset_base=static_base("messenger")), mimetype="text/html"
    )
    response.headers["Content-Security-Policy"] = DENIED_POLICY + "; frame-ancestors 'none'"
    return response


def _document(brand: Brand, settings: dict[str, Any]) -> str:
    language, texts = settings["language"], brand.texts
    return render_template(
        "messenger/frame.html",
        lang=language,
        dir="rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
        title=texts.get(f"{language}.title") or texts.get("title") or settings["words"]["title"],
        settings=settings,
        asset_base=static_base("messenger"),
    )


def _asked_locale() -> str | None:
    asked = request.args.get("locale", "")
    return asked if len(asked) <= LONGEST_TAG and LANGUAGE_TAG.fullmatch(asked) else None


def _settings(brand: Brand, origin: str) -> dict[str, Any]:
    url = runtime().settings.public_url
    asked, own = _asked_locale(), brand.look.get("locale")
    language = choose_language(asked, own)
    return {
        "workspace_id": brand.workspace_id,
        "brand_id": brand.id,
        "service_origin": url,
        "parent_origin": origin,
        "start_url": f"{url}/v1/workspaces/{brand.workspace_id}/conversations",
        "server_time": clock(),
        "locale": asked or own,
        "language": language,
        "languages": languages(),
        "words": first_words(language),
        "look": dict(brand.look),
        "texts": dict(brand.texts),
    }
