"""The reference back office as a WSGI app of its own."""

import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from widget_service.backoffice.reference import answers, pages, views
from widget_service.backoffice.reference.access import Access
from widget_service.backoffice.reference.database import Database
from widget_service.backoffice.reference.introspection import Introspection
from widget_service.backoffice.reference.office import Office
from widget_service.backoffice.reference.paths import WholeConverter
from widget_service.backoffice.reference.reading import LARGEST_BODY
from widget_service.backoffice.reference.seeding import seed
from widget_service.errors import ConfigurationError
from widget_service.settings import SECRET_KEY_HINT, Settings

NAME = "back_office"
SQLITE = "sqlite:///"


def create_back_office(settings: Settings, clock: Callable[[], int] = lambda: int(time.time())) -> Flask:
    """The app of these settings. Raises what open_office() does."""
    office = open_office(settings, clock)
    app = Flask("widget_service", static_folder=None, template_folder=pages.templates())
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.url_map.converters["whole"] = WholeConverter
    app.extensions[NAME] = office
    app.before_request(_name_request)
    app.after_request(_finish)
    answers.install(app)
    app.register_blueprint(views.make_blueprint(office))
    app.register_blueprint(pages.blueprint)
    return app


def require_settings(settings: Settings) -> None:
    """Raises ConfigurationError for what it cannot start with."""
    if not settings.back_office_api_token:
        raise ConfigurationError(f"WIDGET_BACK_OFFICE_API_TOKEN is not set. Make one with: {SECRET_KEY_HINT}")
    url = settings.back_office_introspection_url
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError("WIDGET_BACK_OFFICE_INTROSPECTION_URL: must be an http or https URL")
    if bool(url) != bool(settings.back_office_introspection_token):
        raise ConfigurationError("WIDGET_BACK_OFFICE_INTROSPECTION_URL and …_TOKEN: give both, or neither")


def open_office(settings: Settings, clock: Callable[[], int]) -> Office:
    """The file, seeded if it is new, and who may read it. Raises ConfigurationError and Unavailable."""
    require_settings(settings)
    path = settings.back_office_database_url.removeprefix(SQLITE)
    database = Database(path, lambda books: seed(books, clock()))
    introspection = Introspection(
        settings.back_office_introspection_url, settings.back_office_introspection_token, clock
    )
    return Office(database, Access(settings.back_office_api_token, database, introspection), clock)


def _name_request() -> None:
    g.request_id = "req_" + os.urandom(12).hex()


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    return response
