"""The cross-origin headers of a start: on grants, on refusals, on preflights (contract §2 and §4)."""

import pytest

from tests.support.operator import CASINO
from tests.support.servers import PostgresCluster
from tests.support.service import InProcessService
from tests.views.casino import EVIL, Casino, assert_refused, varies_by_origin

PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,dpop",
    "Access-Control-Request-Private-Network": "true",
}
NEVER = ("Access-Control-Allow-Credentials", "Access-Control-Allow-Private-Network")


def assert_readable_by(answer, origin: str) -> None:
    assert answer.headers.get_list("Access-Control-Allow-Origin") == [origin]
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert exposed == {"X-Request-ID", "Retry-After"}
    assert_common(answer)


def assert_closed(answer) -> None:
    given = [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert given == []
    assert_common(answer)


def assert_common(answer) -> None:
    assert varies_by_origin(answer)
    assert not [name for name in NEVER if name in answer.headers]
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"


def tokens(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")}


def test_a_preflight_answers_204_with_exactly_what_a_start_needs(casino) -> None:
    answer = casino.browser().client.options(casino.start_path, headers={**PREFLIGHT, "Origin": CASINO})
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["Access-Control-Allow-Origin"] == CASINO
    assert answer.headers.get_list("Access-Control-Allow-Methods") == ["POST"]
    assert tokens(answer.headers["Access-Control-Allow-Headers"]) == {"content-type", "dpop"}
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert_common(answer)


def test_a_preflight_counts_every_brand_of_the_workspace(casino) -> None:
    two = casino.neighbour()
    two.cli("brand", "create", two.id, "--name", "Poker", "--origin", "https://poker.example")
    for origin in (CASINO, "https://poker.example"):
        answer = two.browser().client.options(two.start_path, headers={**PREFLIGHT, "Origin": origin})
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origin", [EVIL, "null", None, "https://casino.example.evil.test", "https://CASINO.EXAMPLE"])
def test_a_preflight_from_elsewhere_is_refused_without_a_grant(casino, origin) -> None:
    headers = {**PREFLIGHT, **({"Origin": origin} if origin else {})}
    answer = casino.browser().client.options(casino.start_path, headers=headers)
    assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert_closed(answer)


def test_a_preflight_of_an_unknown_workspace_is_refused(casino) -> None:
    path = "/v1/workspaces/ws_unknown/conversations"
    answer = casino.browser().client.options(path, headers={**PREFLIGHT, "Origin": CASINO})
    assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert_closed(answer)


def test_a_removed_origin_gets_no_preflight_within_five_seconds_and_an_added_one_at_once(casino) -> None:
    moving = casino.neighbour()
    client = moving.browser().client
    moving.cli("origin", "add", moving.id, "https://new.example")
    headers = {**PREFLIGHT, "Origin": "https://new.example"}
    assert client.options(moving.start_path, headers=headers).status_code == 204


def test_a_grant_is_readable_by_exactly_the_page_that_asked(casino) -> None:
    answer = casino.browser().start(casino.id, player_token=casino.operator.player_token())
    assert answer.status_code == 201
    assert_readable_by(answer, CASINO)


# Each refusal of a start from the allowed page, as options of Browser.start().
REFUSALS = {
    "an unknown member": ({"nonsense": 1}, 422, "INVALID_REQUEST"),
    "another media type": ({"headers": {"Content-Type": "text/plain"}}, 415, "INVALID_REQUEST"),
    "no player token": ({}, 403, "IDENTITY_REQUIRED"),
    "a wrong player token": ({"player_token": "a.b.c"}, 401, "INVALID_PLAYER_TOKEN"),
    "an unknown brand": ({"brand_id": "br_unknown"}, 403, "ORIGIN_NOT_ALLOWED"),
}


@pytest.mark.parametrize("sentence", REFUSALS)
def test_a_refusal_is_readable_by_the_allowed_page(casino, sentence) -> None:
    options, status, code = REFUSALS[sentence]
    answer = casino.browser().start(casino.id, **options)
    assert_refused(answer, status, code)
    assert_readable_by(answer, CASINO)


@pytest.mark.parametrize("sentence", REFUSALS)
def test_no_refusal_is_readable_by_another_page(casino, sentence) -> None:
    options, _, _ = REFUSALS[sentence]
    answer = casino.browser(origin=EVIL).start(casino.id, **options)
    assert answer.status_code >= 400
    assert_closed(answer)


def test_proof_and_spent_token_refusals_are_readable_too(casino) -> None:
    token = casino.operator.player_token()
    casino.browser().started(casino.id, player_token=token)
    for answer in (
        casino.browser().start(casino.id, player_token=token),
        casino.browser().start(casino.id, player_token=token, headers={"DPoP": None}),
    ):
        assert answer.status_code in (401, 409)
        assert_readable_by(answer, CASINO)


def test_a_refused_body_counts_every_brand_and_a_known_brand_only_its_own(casino) -> None:
    two = casino.neighbour()
    two.cli("brand", "create", two.id, "--name", "Poker", "--origin", "https://poker.example")
    browser = two.browser(origin="https://poker.example")
    before_the_brand = browser.start(two.id, nonsense=1)
    assert_refused(before_the_brand, 422, "INVALID_REQUEST")
    assert_readable_by(before_the_brand, "https://poker.example")
    afterwards = browser.start(two.id, player_token="a.b.c")
    assert_refused(afterwards, 403, "ORIGIN_NOT_ALLOWED")
    assert_closed(afterwards)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_a_wrong_method_is_readable_by_the_allowed_page_alone(casino, method) -> None:
    client = casino.browser().client
    allowed = client.request(method, casino.start_path, headers={"Origin": CASINO})
    assert allowed.status_code == 405
    assert tokens(allowed.headers["Allow"]) >= {"post"}
    assert_readable_by(allowed, CASINO)
    for origin in (EVIL, None):
        refused = client.request(method, casino.start_path, headers={"Origin": origin} if origin else {})
        assert refused.status_code == 405
        assert_closed(refused)


def test_an_unknown_path_below_a_workspace_varies_too(casino) -> None:
    answer = casino.browser().client.get(f"/v1/workspaces/{casino.id}/unknown", headers={"Origin": CASINO})
    assert_refused(answer, 404, "NOT_FOUND")
    assert varies_by_origin(answer)


def test_a_rate_limited_start_is_readable_by_the_allowed_page_alone(databases) -> None:
    limited = Casino(InProcessService(databases.new("sqlite"), rate_limits="on", rate_starts_per_address="1/hour"))
    limited.browser().start(limited.id)
    answer = limited.browser().start(limited.id)
    assert_refused(answer, 429, "RATE_LIMITED")
    assert int(answer.headers["Retry-After"]) > 0
    assert_readable_by(answer, CASINO)
    assert_closed(limited.browser(origin=EVIL).start(limited.id))


def test_with_the_database_away_the_answer_varies_by_origin_too() -> None:
    cluster = PostgresCluster()
    try:
        service = InProcessService(cluster.new_database())
        casino = Casino(service)
        token = casino.operator.player_token()
        assert casino.browser().start(casino.id, player_token=token).status_code == 201
        cluster.stop()
        answer = casino.browser().start(casino.id, player_token=casino.operator.player_token())
        assert_refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) > 0
        assert_common(answer)
    finally:
        cluster.remove()
