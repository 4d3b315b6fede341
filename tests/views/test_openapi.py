"""The OpenAPI page tells the whole truth: every route, every member of a real answer, every code."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.helpdesks.desk import MESSAGING, ZendeskDesk
from tests.support.browser import Browser
from tests.support.operator import CASINO
from tests.support.service import InProcessService
from tests.views.casino import Casino
from tests.views.openapi_document import Document, watched
from widget_service import errors
from widget_service.views.endpoints import ENDPOINTS
from widget_service.views.endpoints.endpoint import schema_name

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
METRICS_TOKEN = "a-token-of-the-metrics-page"
BODIES = {schema_name(one.body.model): one.body.model for one in ENDPOINTS if one.body and one.body.model}


@pytest.fixture(scope="module")
def casino(databases) -> Casino:
    """A workspace that takes anonymous visitors too, in a service with metrics."""
    return Casino(InProcessService(databases.new("sqlite"), metrics_token=METRICS_TOKEN), "--anonymous")


@pytest.fixture(scope="module")
def document(casino) -> Document:
    answer = casino.service.client().get("/openapi.json")
    assert answer.status_code == 200
    return Document(answer.json())


def routes(service: InProcessService) -> set[tuple[str, str]]:
    """(method, path) of every route, in OpenAPI's spelling; preflights and the frame's files are not listed."""
    rules = [rule for rule in service.app.url_map.iter_rules() if not rule.rule.startswith("/static/")]
    return {
        (method.lower(), re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def media_types(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every media type of every answer, with the name of its operation and status."""
    for _, _, operation in document.operations():
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                yield f"{operation['operationId']} {status}", media


def request_examples(document: Document) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """(operation, schema, value) of every example of a body that has a schema."""
    for _, _, operation in document.operations():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for example in media.get("examples", {}).values():
                yield operation["operationId"], media["schema"], example["value"]


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_is_valid_openapi_3_1(document) -> None:
    OpenAPIV31SpecValidator(document.content).validate()

    assert document.content["openapi"].startswith("3.1")


def test_every_route_is_described_and_nothing_else(document, casino) -> None:
    described = {(method, path) for path, method, _ in document.operations()}

    assert described == routes(casino.service)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document) -> None:
    operations = [operation for _, _, operation in document.operations()]
    tags = {tag["name"] for tag in document.content["tags"]}

    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert [one for one in operations if not one["summary"] or not one["description"]] == []
    assert {tag for one in operations for tag in one["tags"]} == tags


def test_every_body_of_a_request_has_an_example_that_its_schema_and_its_model_accept(document) -> None:
    examples = list(request_examples(document))
    bodies = {op["operationId"] for _, _, op in document.operations() if "requestBody" in op} - {
        "upload_avatar",
        "take_webhook",
    }

    assert {name for name, _, _ in examples} == bodies
    for _, schema, value in examples:
        document.validate(schema, value)
        BODIES[schema["$ref"].rpartition("/")[2]].model_validate(value, strict=True)


def test_every_answer_in_json_has_an_example_that_its_schema_accepts(document) -> None:
    for name, media in media_types(document):
        if "$ref" not in media.get("schema", {}) and "anyOf" not in media.get("schema", {}):
            continue
        assert media.get("examples"), f"{name} has no example"
        for example in media["examples"].values():
            document.validate(media["schema"], document.resolve(example)["value"])


def test_no_schema_of_an_answer_lets_an_undocumented_member_pass(document) -> None:
    objects = {name: one for name, one in document.components["schemas"].items() if one.get("type") == "object"}
    forms = {"TokenForm", "LogoutForm"}  # the RFCs ask to ignore what is unknown

    assert {name for name, one in objects.items() if one.get("additionalProperties") is not False} == forms


def test_every_code_of_the_catalogue_appears_with_an_example(document) -> None:
    codes = {
        kind.code for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ServiceError)
    }
    examples = document.components["examples"].values()

    assert set(document.components["schemas"]["Problem"]["properties"]["code"]["enum"]) == codes
    assert {example["value"]["error"]["code"] for example in examples} == codes


def test_the_page_is_written_once(casino) -> None:
    from widget_service.views.openapi import written

    assert written(casino.service.url) is written(casino.service.url)


# --- real answers ----------------------------------------------------------------------------------------------------


def test_what_is_really_answered_is_what_the_page_says(document, casino) -> None:
    browser = watched(document, casino.browser())
    agent = watched(document, casino.agent())
    visit_the_messenger(casino, browser)
    serve_as_an_agent(casino, browser, agent)
    end_everything(casino, browser, agent)
    serve_a_helpdesk(ZendeskDesk(casino.service, *MESSAGING, casino=casino), document, agent)
    read_what_is_public(casino, watched(document, casino.service.client()))

    answered = {name for name, status in document.seen if status < 300}
    others = [op for _, _, op in document.operations() if "Player data" not in op["tags"]]
    assert answered == {operation["operationId"] for operation in others}


def visit_the_messenger(casino: Casino, browser: Browser) -> None:
    page = {"url": "https://casino.example/wallet?secret=1", "title": "Wallet"}
    claims = {"name": "Ana Ruiz", "vip_level": 3, "segments": ["vip"], "custom": {"table": 7}, "auth_time": 1772357400}
    casino.visit("5832", browser, **claims)
    token = casino.operator.player_token("5832", **claims)
    path = f"/v1/conversations/{browser.conversation_id}"
    assert (
        browser.start(casino.id, player_token=token, page=page, locale="en", attributes={"a": None}).status_code == 200
    )
    assert browser.get(path).status_code == 200
    assert browser.send("Hello", client_message_id="m-1").status_code == 201
    assert browser.send("Hello", client_message_id="m-1").status_code == 200
    assert browser.send("Other", client_message_id="m-1").status_code == 409
    assert len(browser.messages()) == 1
    assert browser.refresh().status_code == 200
    with browser.client.stream("GET", path + "/events", headers=browser.headers("GET", path + "/events")) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")


def serve_as_an_agent(casino: Casino, browser: Browser, agent: Any) -> None:
    path = f"/v1/conversations/{browser.conversation_id}"
    uploaded = agent.post("/v1/avatars", content=PNG, headers={"Content-Type": "image/png"})
    assert agent.client.get(f"/v1/avatars/{uploaded.json()['avatar_id']}").content == PNG
    again = agent.post("/v1/avatars", content=PNG, headers={"Content-Type": "image/png"})
    assert (again.status_code, again.json()) == (200, uploaded.json())
    author = {"name": "Robin", "kind": "ai", "avatar_id": uploaded.json()["avatar_id"]}
    assert agent.get("/v1/conversations", params={"include_empty": "true", "limit": 1}).status_code == 200
    assert agent.get(path).json()["conversation"]["attributes"]["table"]["value"] == 7
    assert agent.get(path + "/messages", params={"limit": 1}).status_code == 200
    reply = {"text": "Yes", "client_message_id": "r-1", "author": author}
    assert [agent.post(path + "/replies", json=reply).status_code for _ in range(2)] == [201, 200]
    assert agent.post(path + "/typing").status_code == 200
    assert agent.post(path + "/typing", json={"author": author}).status_code == 200
    assert agent.request("DELETE", f"/v1/avatars/{uploaded.json()['avatar_id']}").status_code == 200
    assert agent.post(path + "/handover", json={"note": "Mia takes over"}).status_code == 200
    assert agent.post(path + "/handover").status_code == 200
    assert agent.get(path).json()["conversation"]["handover_note"] == "Mia takes over"
    assert agent.request("DELETE", path + "/handover").status_code == 200
    polled = browser.get(path + "/events", headers={"Accept": "application/json"})
    assert {event["type"] for event in polled.json()["events"]} == {"message", "typing", "handover"}
    issued = agent.issue_session(browser.conversation_id, format="jwt")
    assert agent.introspect(issued.json()["session_id"])["token_use"] == "session_id"
    assert agent.introspect(browser.session_token)["token_use"] == "session_token"
    assert agent.introspect("sess_unknown") == {"active": False}
    assert agent.revoke(issued.json()["session_id"]).status_code == 200


def end_everything(casino: Casino, browser: Browser, agent: Any) -> None:
    closed = browser.post(f"/v1/conversations/{browser.conversation_id}/close")
    assert closed.json()["conversation"]["status"] == "closed"
    visitor = Browser(casino.service, CASINO, browser.key)
    visitor.client.event_hooks = browser.client.event_hooks
    assert visitor.started(casino.id)["player"] is None
    assert visitor.send("Who is there?").status_code == 201
    assert agent.introspect(visitor.session_token)["active"] is True
    path = f"/v1/conversations/{visitor.conversation_id}"
    assert agent.post(path + "/session").status_code == 403
    assert visitor.log_out().status_code == 200
    assert agent.post(path + "/close").status_code == 200
    assert agent.post(path + "/close").status_code == 409
    casino.visit("77", Browser(casino.service, CASINO))
    assert agent.post("/v1/players/77/logout").json()["conversations"] == 1
    leave = {"logout_token": casino.operator.logout_token(sub="77")}
    back_channel = f"/v1/workspaces/{casino.id}/backchannel-logout"
    assert [agent.client.post(back_channel, data=leave).status_code for _ in range(2)] == [200, 400]


def serve_a_helpdesk(desk: ZendeskDesk, document: Document, agent: Any) -> None:
    watched(document, desk)
    assert desk.ask("user-token").status_code == 200
    assert desk.ask("user-token", origin="https://evil.example").status_code == 403
    assert agent.introspect(desk.reference(), token_type_hint="reference")["token_use"] == "reference"
    ticket = desk.identified()
    assert desk.account.deliver({}).with_raw(b"[]").post(desk.client, desk.webhook_url).status_code == 401
    assert desk.post([]).status_code == 400
    assert agent.issue_session(desk.thread(ticket)["conversation_id"]).status_code == 200


def read_what_is_public(casino: Casino, client: httpx.Client) -> None:
    frame = f"/v1/workspaces/{casino.id}/messenger"
    assert client.get(frame, params={"origin": CASINO}).status_code == 200
    assert client.get(frame, params={"origin": "https://evil.example"}).status_code == 403
    manifest = client.get("/sdk/v1/manifest.json").json()
    for url in (manifest["url"], manifest["helpdesks"]["zendesk"]["url"]):
        pinned = url.removeprefix(casino.service.url)
        script = client.get(pinned)
        assert client.get(pinned, headers={"If-None-Match": script.headers["ETag"]}).status_code == 304
    assert client.get("/sdk/0.0.0/messenger.js").status_code == 404
    assert client.get("/sdk/v1/helpdesks/nobody.js").status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).status_code == 200
    for path in (
        "/sdk/v1/messenger.js",
        "/sdk/v1/helpdesks/zendesk.js",
        "/health/live",
        "/health/ready",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
        "/openapi.json",
        "/playground",
    ):
        assert client.get(path).status_code == 200


def test_the_refusals_of_a_start_are_what_the_page_says(document, casino) -> None:
    browser = watched(document, casino.browser())
    strict = casino.neighbour()
    token = casino.operator.player_token()
    stolen = casino.operator.player_token()
    proof = browser.proof("POST", casino.start_path)
    Browser(casino.service).started(casino.id, player_token=stolen)
    answers = [
        browser.start(casino.id, origin="https://evil.example"),
        browser.start(casino.id, player_token="not.a.token"),
        browser.start(casino.id, player_token=casino.operator.player_token(iat=1000, exp=1100)),
        browser.start(casino.id, player_token=stolen),
        browser.start(casino.id, player_token=token, proof="none"),
        browser.start(casino.id, proof=proof),
        browser.start(casino.id, proof=proof),
        browser.start(casino.id, colour="red"),
        browser.client.post(casino.start_path, content=b"{", headers={"Content-Type": "application/json"}),
        browser.client.post(casino.start_path, content=b"{}"),
        browser.client.post(casino.start_path, content=b" " * 70_000, headers={"Content-Type": "application/json"}),
        browser.start(strict.id),
    ]

    assert [answer.status_code for answer in answers] == [403, 401, 401, 409, 401, 201, 401, 422, 400, 415, 413, 403]


def test_the_refusals_of_messengers_and_agents_are_what_the_page_says(document, casino) -> None:
    browser = watched(document, casino.visit("refused"))
    agent, weak = watched(document, casino.agent()), watched(document, casino.agent("conversations:read"))
    path = f"/v1/conversations/{browser.conversation_id}"
    unknown = "/v1/conversations/conv_" + "0" * 32
    answers = [
        browser.get(path, token="wst_unknown"),
        browser.get(path, proof="none"),
        browser.get(unknown),
        browser.get(path + "/messages", params={"limit": "many"}),
        browser.get(path + "/events", headers={"Last-Event-ID": "x"}),
        browser.send(""),
        agent.get(unknown),
        agent.client.get(path),
        weak.post(path + "/typing"),
        agent.post(path + "/replies", json={"text": "x", "author": {"name": "Mia", "avatar_id": "avt_unknown"}}),
        agent.post("/v1/avatars", content=b"GIF89a", headers={"Content-Type": "image/gif"}),
        agent.post("/v1/avatars", content=b"GIF89a", headers={"Content-Type": "image/png"}),
        agent.client.get("/v1/avatars/avt_unknown"),
        agent.client.get("/metrics"),
    ]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [401, 401, 404, 422, 422, 422, 404, 401, 403, 422, 415, 422, 404, 401]


def test_the_refusals_of_introspection_are_what_the_page_says(document, casino) -> None:
    agent, weak = watched(document, casino.agent()), watched(document, casino.agent("conversations:read"))
    path = "/v1/oauth/introspect"
    answers = [
        agent.client.post(path, data={"token": "sess_x"}),
        weak.post(path, data={"token": "sess_x"}),
        agent.post(path, data={}),
        agent.post(path, json={"token": "sess_x"}),
        agent.post(path, data={"token": "s" * 70_000}),
        agent.post(path, data={"token": ["sess_x", "sess_y"]}),
    ]

    assert [answer.status_code for answer in answers[:5]] == [401, 403, 400, 400, 413]
    assert answers[5].json()["error"] == "invalid_request"


def test_too_many_starts_are_refused_as_the_page_says(document, databases) -> None:
    limited = InProcessService(databases.new("sqlite"), rate_limits="on", rate_starts_per_address="1/minute")
    casino = Casino(limited, "--anonymous")
    browser = watched(document, casino.browser())

    assert [browser.start(casino.id).status_code for _ in range(2)] == [201, 429]
