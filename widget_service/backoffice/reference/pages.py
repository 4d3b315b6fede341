"""The OpenAPI document, and the playground that reads it: nothing is loaded from elsewhere."""

from flask import Blueprint, Response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from widget_service.assets import static_assets, static_base, static_digest, template_folders
from widget_service.backoffice.reference.description import written
from widget_service.errors import NotFound

blueprint = Blueprint("pages", __name__)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
YEAR = "public, max-age=31536000, immutable"


def templates() -> str:
    """Where the playground's document is."""
    return template_folders()[0]


@blueprint.get("/")
def front() -> AnyResponse:
    """To the playground."""
    return redirect("/playground")


@blueprint.get("/playground")
def playground() -> Response:
    """Choose a sample player, press send, see what goes out and what comes back."""
    document = render_template("playground/index.html", asset_base=static_base("playground"))
    response = Response(document, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/openapi.json")
def document() -> Response:
    """The description."""
    return Response(written(), mimetype="application/json")


@blueprint.get("/static/<digest>/playground/<name>")
def static(digest: str, name: str) -> Response:
    """The playground's files, by the digest of what they are."""
    asset = static_assets().get(f"playground/{name}")
    if asset is None or digest != static_digest():
        raise NotFound
    return Response(asset.content, mimetype=asset.media_type, headers={"Cache-Control": YEAR})
