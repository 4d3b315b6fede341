"""The pretend casino: a login, a wallet, and the one endpoint that an operator's backend adds for the messenger.

Its backend keeps no books of its own: it asks the bank, as the support service does on its own way (by the gateway).
"""

import importlib.util
import secrets
from types import ModuleType

from flask import Flask, Response, g, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from widget_service.assets import sdk_folder
from widget_service.demo.bank import Bank, open_bank
from widget_service.demo.pages import Policy, new_site, read_part, serve, snippet
from widget_service.demo.players import PLAYERS, Player
from widget_service.demo.vendor_chats import new_vendor_chats


def create_casino(part: dict[str, str]) -> Flask:
    """The site."""
    app = new_site(__name__, Policy(part["service_url"]))
    app.secret_key = secrets.token_bytes(32)
    app.config.update(SESSION_COOKIE_NAME="casino", SESSION_COOKIE_SAMESITE="Lax")
    app.register_blueprint(new_vendor_chats(part, _find_player))
    bank = open_bank(part)
    _add_pages(app, part, bank)
    _add_player_token(app, part, bank)
    return app


def _add_pages(app: Flask, part: dict[str, str], bank: Bank) -> None:
    @app.get("/")
    def home() -> str:
        """The login, or the player's wallet."""
        player = _find_player()
        return render_template(
            "login.html" if player is None else "wallet.html",
            player=player,
            wallet=None if player is None else bank.read(player.player_id),
            players=PLAYERS.values(),
            snippet=snippet(part["workspace_id"], part["service_url"], g.nonce),
        )

    @app.post("/login")
    def log_in() -> AnyResponse:
        """Whoever is chosen is logged in: it is a pretend casino."""
        if request.form.get("player_id") in PLAYERS:
            session["player_id"] = request.form["player_id"]
        return redirect("/", 303)

    @app.post("/withdrawals/<withdrawal_id>/cancel")
    def cancel(withdrawal_id: str) -> AnyResponse:
        """What the bank does not cancel stays as it is; the page shows it."""
        player = _find_player()
        if player is not None:
            bank.cancel(player.player_id, withdrawal_id)
        return redirect("/", 303)

    @app.post("/logout")
    def log_out() -> AnyResponse:
        """The page has told the messenger before it sends this."""
        session.clear()
        return redirect("/", 303)


def _add_player_token(app: Flask, part: dict[str, str], bank: Bank) -> None:
    signing = _load_signing_sample()

    @app.get("/support/player-token")
    def player_token() -> Response:
        """A new token for the player of the login session, signed by the sample that the documentation shows."""
        player = _find_player()
        if player is None:
            return Response(status=401)
        token = signing.sign_player(
            {**player.claims, "session_id": bank.sign_in(player.player_id)},
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
