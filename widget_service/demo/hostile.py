"""The hostile site: embeds the casino's snippet, and tries what a page on another origin could try."""

from flask import Flask, g, render_template

from widget_service.demo.pages import Policy, new_site, read_part, serve, snippet


def create_hostile_site(part: dict[str, str]) -> Flask:
    """One page. Its policy lets it call the casino, so that what stops it is not its own policy."""
    app = new_site(__name__, Policy(part["service_url"], part["casino_url"]))

    @app.get("/")
    def home() -> str:
        """The attempts."""
        return render_template(
            "hostile.html",
            part=part,
            snippet=snippet(part["workspace_id"], part["service_url"], g.nonce),
        )

    return app


if __name__ == "__main__":
    PART = read_part()
    serve(create_hostile_site(PART), PART["port"])
