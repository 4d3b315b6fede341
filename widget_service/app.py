"""The composition root: settings in, a Flask app out. It picks the storage backend and wires the parts."""

import os
import time
from collections.abc import Callable

import structlog
from flask import Flask, Response, g, request

from widget_service.assets import template_folders
from widget_service.backoffice.gateway import Gateway
from widget_service.destinations import safe_client
from widget_service.encryption import Cipher
from widget_service.errors import NotFound
from widget_service.helpdesk_access import VendorAccess
from widget_service.key_sets import KeySets, fetch_key_set
from widget_service.settings import Settings
from widget_service.storage.directory import Directory
from widget_service.storage.fanout import Fanout
from widget_service.storage.opening import open_storage
from widget_service.storage.recorder import Recorder
from widget_service.storage.replay import DatabaseProofMemory, ProofMemory
from widget_service.views import (
    agents,
    avatars,
    conversations,
    cors,
    frame,
    handovers,
    health,
    helpdesks,
    messages,
    oauth,
    openapi,
    players,
    problems,
    sdk,
    sessions,
    streams,
)
from widget_service.views.compact_json import CompactJson
from widget_service.views.limits import Limits
from widget_service.views.metrics import Metrics
from widget_service.views.requests import LARGEST_BODY
from widget_service.views.rules import MatchedRule, WholeConverter
from widget_service.views.runtime import NAME, Runtime, runtime
from widget_service.views.taken import TakenDeliveries

BLUEPRINTS = (
    conversations.blueprint,
    frame.blueprint,
    messages.blueprint,
    streams.blueprint,
    sessions.blueprint,
    agents.blueprint,
    handovers.blueprint,
    avatars.blueprint,
    players.blueprint,
    oauth.blueprint,
    helpdesks.blueprint,
    sdk.blueprint,
    health.blueprint,
    openapi.blueprint,
)
KEY_SET_TIMEOUT = 3.0  # seconds

log = structlog.get_logger()


def create_app(settings: Settings) -> Flask:
    """A WSGI app of its own; two of them in one process share nothing."""
    app = Flask(__name__, static_folder=None, template_folder=template_folders()[0])
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # an OPTIONS request is a preflight, which a view judges
    # One more than a body may have: Werkzeug cuts a body without a length in silence, read_raw() then sees that it is.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.url_rule_class = MatchedRule
    app.url_map.strict_slashes = True
    app.url_map.converters["whole"] = WholeConverter
    app.url_map.merge_slashes = False
    app.json = CompactJson(app)
    app.extensions[NAME] = _wire(settings)
    app.ensure_sync = lambda view: view  # type: ignore[method-assign, assignment]  # views are plain functions
    problems.install(app)
    app.before_request(_name_request)
    app.after_request(_finish)
    app.after_request(cors.add_headers)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _wire(settings: Settings) -> Runtime:
    storage = open_storage(settings)
    proofs: ProofMemory = DatabaseProofMemory(storage)
    fanout = Fanout(storage)
    if settings.redis_url:
        from widget_service.storage.redis import RedisProofMemory, RedisWire, connect

        client = connect(settings.redis_url)
        proofs, fanout = RedisProofMemory(client, proofs), Fanout(storage, RedisWire(client, settings.redis_url))
    cipher = Cipher(settings.secret_key, settings.secret_key_previous)
    return Runtime(
        settings=settings,
        storage=storage,
        directory=Directory(storage, cipher, KeySets(_key_set_fetcher(settings))),
        proofs=proofs,
        fanout=fanout,
        recorder=Recorder(storage, min(60, settings.session_idle_lifetime // 10)),
        cipher=cipher,
        limits=Limits(settings),
        metrics=Metrics(),
        gateway=Gateway(settings),
        vendors=VendorAccess(storage, settings, cipher),
        taken=TakenDeliveries(),
    )


def _key_set_fetcher(settings: Settings) -> Callable[[str], bytes]:
    client = safe_client(settings.public_url, False, KEY_SET_TIMEOUT)
    return lambda url: fetch_key_set(client, url)


def _name_request() -> None:
    g.request_id = "req_" + os.urandom(12).hex()
    g.began = time.perf_counter()
    if "\0" in request.path:  # PostgreSQL keeps none: no id of ours has one
        raise NotFound


def _finish(response: Response) -> Response:
    headers, path = response.headers, request.path
    headers.add("X-Request-ID", g.get("request_id", ""))
    headers.add("X-Content-Type-Options", "nosniff")
    if "Cache-Control" not in headers:
        headers.add("Cache-Control", "no-store")
    if path.startswith("/v1/"):
        _vary_by_origin(response)
    parts = runtime()
    parts.metrics.answered(request.endpoint or "-", response.status_code)
    if parts.settings.log_level == "debug":
        _log_answer(response)
    return response


def _vary_by_origin(response: Response) -> None:
    if "Vary" in response.headers:
        response.vary.add("Origin")
        return
    response.headers.add("Vary", "Origin")


def _log_answer(response: Response) -> None:
    # Each answer is a line at debug only: the proxy in front logs them too, and refusals and failures have lines of
    # their own.
    took = round((time.perf_counter() - g.began) * 1000, 1) if "began" in g else None
    log.debug("answered", method=request.method, status=response.status_code, ms=took, **problems.described_request())
