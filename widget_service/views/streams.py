"""The conversation's events: server-sent (WHATWG HTML §9.2) or, with ``Accept: application/json``, one answer."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request

from widget_service.errors import InvalidRequest, InvalidSession, RateLimited, ServiceError
from widget_service.messages import ConversationEvent
from widget_service.views.authentication import Caller, require_messenger, require_session
from widget_service.views.limits import address_prefix, client_address
from widget_service.views.requests import read_query
from widget_service.views.runtime import Runtime, clock, runtime
from widget_service.views.shapes import EventsQuery

blueprint = Blueprint("streams", __name__)
HEARTBEAT = 12.0  # seconds: within 15 s a stream must have noticed that its session ended elsewhere
BATCH = 100


@blueprint.get("/v1/conversations/<conversation_id>/events")
def follow(conversation_id: str) -> Response:
    """Events after the last one seen. Without one a stream tells what happens from now on, a poll everything."""
    parts = runtime()
    caller = require_messenger(conversation_id)
    after = _last_seen()
    if request.accept_mimetypes.best_match(["text/event-stream", "application/json"]) == "application/json":
        return _poll(parts, conversation_id, after or 0)
    stream = _stream(parts, caller.token_hash, conversation_id, after, _require_room(parts, caller))
    response = Response(_forgetful(request.environ, stream), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _last_seen() -> int | None:
    header = request.headers.get("Last-Event-ID")
    if header is not None:
        if not header.isascii() or not header.isdigit() or len(header) > 15:
            raise InvalidRequest("last_event_id", status=422, details={"field": "Last-Event-ID", "reason": "unknown"})
        return int(header)
    return read_query(EventsQuery).after


def _poll(parts: Runtime, conversation_id: str, after: int) -> Response:
    with parts.storage.reading() as store:
        events = store.find_events(conversation_id, after, BATCH, clock())
    told = [{"id": str(event.seq), "type": event.type, "data": dict(event.content)} for event in events]
    return jsonify(events=told, next=str(events[-1].seq if events else after))


def _require_room(parts: Runtime, caller: Caller) -> tuple[str, str]:
    """Whom the stream is counted for: its session and its address. RateLimited when one of them has enough open."""
    settings = parts.settings
    owners = (caller.session.sid, address_prefix(client_address(request, settings.trusted_proxies)))
    if settings.rate_limits == "on":
        allowed = (settings.streams_per_session, settings.streams_per_address)
        for owner, most in zip(owners, allowed, strict=True):
            if parts.fanout.count_of(owner) >= most:
                raise RateLimited("streams", retry_after=int(HEARTBEAT))
    return owners


def _forgetful(environ: dict[str, Any], stream: Iterator[bytes]) -> Iterator[bytes]:
    """The stream alone: it may last for hours, there are thousands, and the server holds on to each one's request."""
    environ.clear()  # as an application may (PEP 3333): credentials, headers, Flask's request
    yield from stream


def _stream(
    parts: Runtime, token_hash: bytes, conversation_id: str, after: int | None, owners: tuple[str, str]
) -> Iterator[bytes]:
    subscription = parts.fanout.subscribe(conversation_id, owners)
    parts.metrics.streams.inc()
    try:
        seen = _newest(parts, conversation_id) if after is None else after
        yield b"retry: 3000\nid: %d\n\n" % seen
        while True:
            events, alive = _look(parts, token_hash, conversation_id, seen)
            for event in events:
                seen = event.seq
                yield _framed(event)
            if not alive:
                return
            if len(events) < BATCH and not subscription.wait(HEARTBEAT):
                yield b":\n\n"
    finally:
        parts.metrics.streams.dec()
        subscription.close()


def _newest(parts: Runtime, conversation_id: str) -> int:
    with parts.storage.reading() as store:
        return store.find_last_seq(conversation_id)


def _look(parts: Runtime, token_hash: bytes, conversation_id: str, seen: int) -> tuple[list[ConversationEvent], bool]:
    """What is new, and whether the session still lives. With the store away the stream ends; its client comes again."""
    now = clock()
    try:
        alive = _is_alive(parts, token_hash, now)
        with parts.storage.reading() as store:
            events = store.find_events(conversation_id, seen, BATCH, now)
        return events if alive else _until_closed(events), alive
    except ServiceError:
        return [], False


def _until_closed(events: list[ConversationEvent]) -> list[ConversationEvent]:
    """What was said before the conversation was closed; whoever has logged out of an open one hears nothing more."""
    closed = next((place for place, event in enumerate(events) if event.type == "closed"), None)
    return [] if closed is None else events[: closed + 1]


def _is_alive(parts: Runtime, token_hash: bytes, now: int) -> bool:
    try:
        require_session(parts, token_hash, now)
    except InvalidSession:
        return False
    return True


def _framed(event: ConversationEvent) -> bytes:
    content = json.dumps(event.content, ensure_ascii=False)
    return f"id: {event.seq}\nevent: {event.type}\ndata: {content}\n\n".encode()
