"""The pretend casino: a login, a wallet, and the one endpoint that an operator's backend adds for the messenger."""

import importlib.util
import secrets
from types import ModuleType

from flask import Flask, Response, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from widget_service.assets import sdk_folder
from widget_service.demo.pages import Policy, new_site, read_part, serve, snippet
from widget_service.demo.player_api import new_player_api
from widget_service.demo.players import PLAYERS, Player


def create_casino(part: dict[str, str]) -> Flask:
    """The site and its player API."""
    app = new_site(__name__, Policy(part["service_url"]))
    app.secret_key = secrets.token_bytes(32)
    app.config.update(SESSION_COOKIE_NAME="casino", SESSION_COOKIE_SAMESITE="Lax")
    app.register_blueprint(new_player_api(part["service_url"], part["introspection_token"], part["api_token"]))
    _add_pages(app, part)
    _add_player_token(app, part)
    return app


def _add_pages(app: Flask, part: dict[str, str]) -> None:
    @app.get("/")
    def home() -> str:
        """The login, or the player's wallet."""
        player = _find_player()
        return render_template(
            "login.html" if player is None else "wallet.html",
            player=player,
            players=PLAYERS.values(),
            snippet=snippet(part["workspace_id"], part["service_url"], g.nonce),
        )

    @app.post("/login")
    def log_in() -> AnyResponse:
        """Whoever is chosen is logged in: it is a pretend casino."""
        if request.form.get("player_id") in PLAYERS:
            session["player_id"] = request.form["player_id"]
        return redirect("/", 303)

    @app.post("/logout")
    def log_out() -> AnyResponse:
        """The page has told the messenger before it sends this."""
        session.clear()
        return redirect("/", 303)


def _add_player_token(app: Flask, part: dict[str, str]) -> None:
    signing = _load_signing_sample()

    @app.get("/player-token")
    def player_token() -> Response:
        """A new token for the player of the login session, signed by the sample that the documentation shows."""
        player = _find_player()
        if player is None:
            return Response(status=401)
        token = signing.sign_player(
            player.claims,
            secret=part["secret"],
            kid=part["kid"],
            workspace_id=part["workspace_id"],
            service_url=part["service_url"],
        )
        return Response(token, mimetype="text/plain")


def _find_player() -> Player | None:
    return PLAYERS.get(session.get("player_id", ""))


def _load_signing_sample() -> ModuleType:
    path = sdk_folder() / "sign" / "python" / "sign_player.py"
    spec = importlib.util.spec_from_file_location("sign_player", path)
    assert spec is not None  # noqa: S101 - the file is part of this package
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    PART = read_part()
    serve(create_casino(PART), PART["port"])
