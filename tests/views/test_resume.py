"""Which conversation a start meets: corners of contract §4, one after the other."""

import time

import pytest

from tests.support.servers import wait_until
from tests.views.casino import assert_refused


def start(casino, browser, sub: str | None = None, *, token: str | None = None, **claims):
    """The answer of a granted start of that player (of nobody, without one)."""
    if sub is not None:
        token = casino.operator.player_token(sub, **claims)
    return browser.started(casino.id, player_token=token)


def conversation_of(started) -> str:
    return started["conversation"]["id"]


def test_the_same_token_and_key_get_the_same_conversation(each_casino) -> None:
    browser, token = each_casino.browser(), each_casino.operator.player_token()
    first = browser.start(each_casino.id, player_token=token)
    again = browser.start(each_casino.id, player_token=token)
    assert (first.status_code, again.status_code) == (201, 200)
    assert conversation_of(first.json()) == conversation_of(again.json())
    assert first.json()["conversation"] == again.json()["conversation"]
    assert first.json()["player"] == again.json()["player"]


def test_both_tabs_keep_their_own_session_token(each_casino) -> None:
    browser, token = each_casino.browser(), each_casino.operator.player_token()
    first = start(each_casino, browser, token=token)["session"]["token"]
    second = start(each_casino, browser, token=token)["session"]["token"]
    path = f"/v1/conversations/{browser.conversation_id}"
    assert browser.get(path, token=first).status_code == 200
    assert browser.get(path, token=second).status_code == 200


def test_another_key_cannot_bring_the_token(each_casino) -> None:
    token = each_casino.operator.player_token()
    start(each_casino, each_casino.browser(), token=token)
    written = each_casino.count("conversations"), each_casino.count("sessions")
    assert_refused(each_casino.browser().start(each_casino.id, player_token=token), 409, "PLAYER_TOKEN_REUSED")
    assert (each_casino.count("conversations"), each_casino.count("sessions")) == written


def test_the_same_jti_in_another_token_is_the_same_token(casino) -> None:
    start(casino, casino.browser(), "first", jti="the-one-jti")
    reused = casino.operator.player_token("second", jti="the-one-jti")
    assert_refused(casino.browser().start(casino.id, player_token=reused), 409, "PLAYER_TOKEN_REUSED")


def test_a_jti_is_spent_in_its_own_workspace_only(casino, open_casino) -> None:
    start(casino, casino.browser(), "first", jti="jti-of-both")
    start(open_casino, open_casino.browser(), "first", jti="jti-of-both")


def test_a_refused_start_does_not_spend_the_token(casino) -> None:
    token = casino.operator.player_token()
    assert_refused(
        casino.browser(origin="https://evil.example").start(casino.id, player_token=token), 403, "ORIGIN_NOT_ALLOWED"
    )
    assert_refused(casino.browser().start(casino.id, player_token=token, proof="x"), 401, "INVALID_PROOF")
    start(casino, casino.browser(), token=token)


def test_after_the_conversation_was_closed_the_same_token_and_key_get_a_new_one(each_casino) -> None:
    browser, token = each_casino.browser(), each_casino.operator.player_token()
    first = conversation_of(start(each_casino, browser, token=token))
    assert browser.post(f"/v1/conversations/{first}/close").status_code == 200
    again = browser.start(each_casino.id, player_token=token)
    assert again.status_code == 201
    assert again.json()["resumed"] is False
    assert conversation_of(again.json()) != first


def test_the_same_key_with_another_player_gets_a_new_conversation(each_casino) -> None:
    browser = each_casino.browser()
    ana = start(each_casino, browser, "ana")
    bob = start(each_casino, browser, "bob")
    assert bob["resumed"] is False
    assert conversation_of(bob) != conversation_of(ana)
    assert bob["player"]["player_id"] == "bob"
    back = start(each_casino, browser, "ana")
    assert conversation_of(back) == conversation_of(ana), "each player has one open conversation with this key"


def test_players_are_told_apart_byte_by_byte(each_casino) -> None:
    browser = each_casino.browser()
    found = {
        conversation_of(start(each_casino, browser, sub))
        for sub in ("ana", "Ana", "\u00e9", "e\u0301", "5832", "05832")
    }
    assert len(found) == 6


def test_a_start_without_a_token_never_resumes_a_players_conversation(each_casino) -> None:
    browser = each_casino.browser()
    ana = start(each_casino, browser, "ana")
    nobody = start(each_casino, browser)
    assert nobody["resumed"] is False
    assert nobody["player"] is None
    assert conversation_of(nobody) != conversation_of(ana)


def test_an_anonymous_visitor_resumes_by_the_key_alone(each_casino) -> None:
    browser = each_casino.browser()
    first = start(each_casino, browser)
    again = browser.start(each_casino.id)
    assert again.status_code == 200
    assert again.json()["resumed"] is True
    assert conversation_of(again.json()) == conversation_of(first)
    assert conversation_of(start(each_casino, each_casino.browser())) != conversation_of(first)


def test_an_anonymous_visitor_who_logs_in_takes_the_conversation_along(each_casino) -> None:
    browser = each_casino.browser()
    before = start(each_casino, browser)
    old_token = browser.session_token
    assert browser.send("as nobody").status_code == 201
    answer = browser.start(each_casino.id, player_token=each_casino.operator.player_token("5832", name="Ana"))
    assert answer.status_code == 200
    assert answer.json()["resumed"] is True
    assert conversation_of(answer.json()) == conversation_of(before)
    assert answer.json()["player"] == {"player_id": "5832", "name": "Ana", "verified": True}
    path = f"/v1/conversations/{browser.conversation_id}"
    assert_refused(browser.get(path, token=old_token), 401, "INVALID_SESSION")
    assert browser.send("as Ana").status_code == 201
    assert [message["author"]["verified"] for message in browser.messages()] == [False, True]
    types = [event["type"] for event in each_casino.outbox(browser.conversation_id)]
    assert types == ["conversation.started", "message.created", "conversation.identified", "message.created"]
    identified = each_casino.outbox(browser.conversation_id)[2]
    assert set(identified) == {"type", "timestamp", "data"}
    assert identified["data"]["player"] == {"player_id": "5832", "verified": True}


def test_who_has_an_open_conversation_already_resumes_it_and_the_anonymous_one_is_closed(each_casino) -> None:
    browser = each_casino.browser()
    known = conversation_of(start(each_casino, browser, "ana"))
    anonymous = conversation_of(start(each_casino, browser))
    old_token = browser.session_token
    back = start(each_casino, browser, "ana")
    assert conversation_of(back) == known
    assert back["resumed"] is True
    status = {one["id"]: one["status"] for one in each_casino.agent().conversations()}
    assert status == {known: "open", anonymous: "closed"}
    assert_refused(browser.get(f"/v1/conversations/{anonymous}", token=old_token), 401, "INVALID_SESSION")
    assert [event["type"] for event in each_casino.outbox(anonymous)] == ["conversation.started", "conversation.closed"]


def test_history_device_gives_a_new_device_a_new_conversation(casino) -> None:
    first = start(casino, casino.browser(), "two devices")
    second = casino.browser().start(casino.id, player_token=casino.operator.player_token("two devices"))
    assert second.status_code == 201
    assert conversation_of(second.json()) != conversation_of(first)


def test_history_player_gives_every_device_the_players_open_conversation(each_casino) -> None:
    each_casino.set_brand("history=player")
    phone, desk = each_casino.browser(), each_casino.browser()
    first = start(each_casino, phone, "5832")
    phone.send("from the phone")
    second = desk.start(each_casino.id, player_token=each_casino.operator.player_token("5832"))
    assert second.status_code == 200
    assert second.json()["resumed"] is True
    assert conversation_of(second.json()) == conversation_of(first)
    assert [message["text"] for message in desk.messages()] == ["from the phone"]
    assert conversation_of(start(each_casino, each_casino.browser(), "40217")) != conversation_of(first)
    assert start(each_casino, each_casino.browser())["player"] is None
    desk.post(f"/v1/conversations/{desk.conversation_id}/close")
    assert start(each_casino, phone, "5832")["resumed"] is False


def test_history_player_stays_within_the_brand(casino) -> None:
    two = casino.neighbour()
    poker = two.cli("brand", "create", two.id, "--name", "Poker", "--origin", "https://casino.example")["brand_id"]
    for brand_id in (two.operator.brand_id, poker):
        two.set_brand("history=player", brand_id=brand_id)
    browser = two.browser()
    first = browser.started(two.id, player_token=two.operator.player_token(), brand_id=poker)
    second = browser.started(two.id, player_token=two.operator.player_token())
    assert conversation_of(first) != conversation_of(second)


def test_the_name_follows_the_newest_token(casino) -> None:
    browser = casino.browser()
    start(casino, browser, "renamed", name="Ana")
    assert start(casino, browser, "renamed", name="Ana Ruiz")["player"]["name"] == "Ana Ruiz"


def test_a_logout_of_the_frame_kills_the_token_it_was_started_with(each_casino) -> None:
    browser, token = each_casino.browser(), each_casino.operator.player_token("5832")
    start(each_casino, browser, token=token)
    assert browser.log_out().status_code == 200
    error = assert_refused(browser.start(each_casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")
    assert "details" not in error
    back = browser.start(each_casino.id, player_token=each_casino.operator.player_token("5832"))
    assert back.status_code == 200, "logging out does not close the conversation"


def test_a_logout_kills_every_token_that_was_pinned_to_the_sessions(casino) -> None:
    browser = casino.browser()
    tokens = [casino.operator.player_token("many") for _ in range(3)]
    for token in tokens:
        start(casino, browser, token=token)
    browser.log_out()
    for token in tokens:
        assert_refused(browser.start(casino.id, player_token=token), 401, "INVALID_PLAYER_TOKEN")


def test_a_logout_of_the_player_refuses_tokens_signed_before_even_unused_ones(each_casino) -> None:
    browser = each_casino.browser()
    start(each_casino, browser, "5832")
    now = int(time.time())
    unused = each_casino.operator.player_token("5832", iat=now - 5)
    assert each_casino.agent().post("/v1/players/5832/logout").status_code == 200
    assert_refused(each_casino.browser().start(each_casino.id, player_token=unused), 401, "INVALID_PLAYER_TOKEN")
    other = each_casino.operator.player_token("40217", iat=now - 5)
    assert each_casino.browser().start(each_casino.id, player_token=other).status_code == 201
    assert (
        each_casino.browser().start(each_casino.id, player_token=each_casino.operator.player_token("5832")).status_code
        == 201
    )


def test_the_reason_logged_out_is_shown_while_debug_is_on(casino) -> None:
    debugged = casino.neighbour()
    debugged.set_brand("debug=on")
    browser, token = debugged.browser(), debugged.operator.player_token()
    start(debugged, browser, token=token)
    browser.log_out()
    answer = browser.start(debugged.id, player_token=token)
    assert assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")["details"] == {"reason": "logged_out"}


def test_pins_are_kept_until_a_minute_after_the_token_expired(casino) -> None:
    expires_at = int(time.time()) + 100
    start(casino, casino.browser(), "pinned", exp=expires_at)
    row = casino.row("SELECT COUNT(*) FROM spent_tokens WHERE expires_at = ?", expires_at + 60)
    assert row == (1,)


def test_contact_details_and_the_operators_session_are_not_stored_in_clear(casino) -> None:
    secret = {"email": "ana@mail.example", "phone": "+34600111222", "session_id": "operator-session-4711"}
    start(casino, casino.browser(), "secretive", **secret)
    with casino.storage.reading() as store:
        tables = ("conversations", "sessions", "outbox", "audit", "spent_tokens")
        stored = [str(row) for table in tables for row in store.connection.all(f"SELECT * FROM {table}")]  # noqa: S608
    assert not [text for text in stored for value in secret.values() if value in text]


@pytest.mark.parametrize("closed", [True, False])
def test_a_player_closed_for_responsible_gaming_still_chats(casino, closed) -> None:
    browser = casino.browser()
    assert (
        browser.start(
            casino.id, player_token=casino.operator.player_token(f"rg{closed}", rg={"closed": closed})
        ).status_code
        == 201
    )
    assert browser.send("let me talk").status_code == 201


def test_a_bearer_session_is_given_only_while_the_brand_allows_it(casino) -> None:
    app = casino.neighbour()
    token = app.operator.player_token()
    assert_refused(app.browser().start(app.id, player_token=token, headers={"DPoP": None}), 401, "INVALID_PROOF")
    app.set_brand("session_binding=bearer")
    time.sleep(1)  # what a brand was a second ago may still be believed
    browser = app.browser()
    answer = browser.start(app.id, player_token=token, headers={"DPoP": None})
    assert answer.status_code == 201, answer.text
    assert answer.json()["session"]["token_type"] == "Bearer"
    path = f"/v1/conversations/{browser.conversation_id}"
    bearer = {"Authorization": f"Bearer {browser.session_token}", "DPoP": None}
    assert browser.get(path, headers=bearer).status_code == 200
    assert_refused(browser.get(path), 401, "INVALID_SESSION")
    second = app.browser().start(app.id, player_token=token, headers={"DPoP": None})
    assert_refused(second, 409, "PLAYER_TOKEN_REUSED")
    app.set_brand("session_binding=dpop")
    wait_until(lambda: browser.get(path, headers=bearer).status_code == 401, "bearer to end", seconds=5, every=0.2)
