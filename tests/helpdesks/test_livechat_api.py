"""LiveChat's APIs: verified players in private properties, and customers' tokens for players."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpdesks.livechat_desk import LiveChatDesk
from tests.helpdesks.livechat_simulator import Chat, Customer, carrying
from tests.helpdesks.vendor_apis import CLIENT_ID, FIRST_REFRESH_TOKEN, LiveChatApi
from tests.helpdesks.writing import LICENSE_ID, Hand, forget_jobs, livechat
from tests.support.service import InProcessService
from tests.views.casino import assert_refused, in_parallel

PROPERTIES = ("--player-property", "player_id", "--identity-property", "identity")
TOKENS = ("--customer-tokens", "--license-id", LICENSE_ID)


@pytest.fixture(scope="module")
def one_api() -> Iterator[LiveChatApi]:
    api = LiveChatApi()
    yield api
    api.close()


@pytest.fixture
def api(one_api: LiveChatApi) -> LiveChatApi:
    one_api.reset()
    return one_api


@pytest.fixture(scope="module")
def one_desk(databases: Any, one_api: LiveChatApi) -> LiveChatDesk:
    return livechat(InProcessService(databases.new("sqlite")), one_api, *PROPERTIES, *TOKENS)


@pytest.fixture
def desk(one_desk: LiveChatDesk, api: LiveChatApi) -> LiveChatDesk:
    forget_jobs(one_desk)
    return one_desk


@pytest.fixture
def hand(desk: LiveChatDesk) -> Iterator[Hand]:
    hand = Hand(desk)
    yield hand
    hand.writer.close()


def verified(desk: LiveChatDesk, api: LiveChatApi, sub: str = "5832") -> tuple[Chat, dict[str, Any]]:
    chat = desk.start(desk.reference(sub))
    return chat, api.add(chat)


# --- write-back ------------------------------------------------------------------------------------------------------


def test_a_verified_player_is_written_to_the_chats_private_properties(
    desk: LiveChatDesk, hand: Hand, api: LiveChatApi
) -> None:
    chat, shown = verified(desk, api)
    assert api.asked == []

    hand.work()

    assert shown["properties"] == {CLIENT_ID: {"player_id": "5832", "identity": "verified"}}
    assert hand.jobs() == [(chat.id, "done", "", 1)]


def test_another_player_in_the_chat_takes_it_back(desk: LiveChatDesk, hand: Hand, api: LiveChatApi) -> None:
    chat, shown = verified(desk, api)
    hand.work()

    desk.change(chat, carrying(desk.reference("40217")).fields)
    hand.work()

    assert desk.status(chat) == "mismatch"
    assert shown["properties"] == {CLIENT_ID: {}}


def test_a_chat_that_is_over_shows_nobody_until_its_next_thread_has(
    desk: LiveChatDesk, hand: Hand, api: LiveChatApi
) -> None:
    chat, shown = verified(desk, api)
    hand.work()

    desk.tell(desk.account.ended(chat))
    hand.work()
    assert shown["properties"] == {CLIENT_ID: {}}
    chat.take_up()
    desk.tell(desk.account.incoming_chat(chat))
    hand.work()

    assert shown["properties"] == {CLIENT_ID: {"player_id": "5832", "identity": "verified"}}


def test_lc_20_a_chat_with_another_customer_is_not_written_to(desk: LiveChatDesk, hand: Hand, api: LiveChatApi) -> None:
    chat, shown = verified(desk, api)
    shown["users"][0]["id"] = Customer().id

    hand.work()

    assert shown["properties"] == {}
    assert hand.jobs() == [(chat.id, "failed", "other_customer", 1)]


@pytest.mark.parametrize("content", [b"[]", b"<html>", {"id": "ANOTHER", "users": []}])
def test_what_is_no_answer_about_the_chat_is_asked_again(
    desk: LiveChatDesk, hand: Hand, api: LiveChatApi, content: Any, clock: Any
) -> None:
    chat, shown = verified(desk, api)
    api.moods.append((200, {}, content))
    hand.work()
    assert hand.jobs() == [(chat.id, "pending", "unknown_answer", 1)]

    clock.advance(5)
    hand.work()

    assert shown["properties"][CLIENT_ID]["player_id"] == "5832"


@pytest.mark.parametrize("open_to", [["write"], ["read", "write"]])
def test_lc_21_properties_that_customers_may_write_are_not_written_and_that_is_seen(
    desk: LiveChatDesk, hand: Hand, api: LiveChatApi, open_to: list[str], clock: Any
) -> None:
    chat, shown = verified(desk, api)
    api.customer_writes = open_to
    hand.work()
    assert hand.jobs() == [(chat.id, "pending", "property_open_to_customers", 1)]
    assert shown["properties"] == {}

    api.customer_writes = ["read"]
    clock.advance(5)
    hand.work()

    assert shown["properties"][CLIENT_ID]["player_id"] == "5832"


def test_lc_21_a_property_told_by_a_webhook_identifies_nobody_whoever_wrote_it(desk: LiveChatDesk, hand: Hand) -> None:
    before, chat = desk.bindings(), Chat(Customer())
    written = {CLIENT_ID: {"player_id": "5832", "identity": "verified"}}
    shown = desk.account.incoming_chat(chat)
    shown["payload"]["chat"]["properties"] = written
    shown["additional_data"] = {"chat_properties": written}

    desk.tell(shown)
    desk.tell(desk.account.envelope("chat_properties_updated", {"chat_id": chat.id, "properties": written}))

    assert desk.bindings() == before
    assert desk.status(chat) == "unverified"
    assert hand.work() == 0


def test_lc_22_our_own_property_leads_to_no_other_write(desk: LiveChatDesk, hand: Hand, api: LiveChatApi) -> None:
    chat, shown = verified(desk, api)
    hand.work()
    before, asked = desk.thread(chat), len(api.asked)

    told = {"chat_id": chat.id, "properties": shown["properties"]}
    desk.tell(desk.account.envelope("chat_properties_updated", told))

    assert hand.work() == 0
    assert (desk.thread(chat), len(api.asked)) == (before, asked)


def test_an_account_in_another_region_is_found_there(desk: LiveChatDesk, hand: Hand, api: LiveChatApi) -> None:
    _, shown = verified(desk, api)
    api.region = "fra"

    hand.work()

    assert shown["properties"][CLIENT_ID]["player_id"] == "5832"


def test_refresh_tokens_count_once_and_outlive_the_worker(desk: LiveChatDesk, api: LiveChatApi, clock: Any) -> None:
    for hand in (Hand(desk), Hand(desk)):
        _, shown = verified(desk, api)
        hand.work()
        assert shown["properties"][CLIENT_ID]["player_id"] == "5832"
        api.forget_tokens()

    assert [one.answered for one in api.calls("POST", "/v2/token")] == [200, 200]
    assert FIRST_REFRESH_TOKEN not in api.refresh_tokens


# --- customers' tokens -----------------------------------------------------------------------------------------------


def test_lc_24_a_player_is_one_customer_of_livechats_in_every_browser(desk: LiveChatDesk, api: LiveChatApi) -> None:
    first, second = desk.ask("user-token", "5832").json(), desk.ask("user-token", "5832").json()
    other = desk.ask("user-token", "40217").json()

    entities = [one["widget_token"]["entityId"] for one in (first, second, other)]
    assert entities[0] == entities[1] != entities[2]
    assert api.calls("POST", "customer/token")[1].body["entity_id"] == entities[0]
    assert first["token"] != second["token"]


def test_lc_25_the_widget_gets_its_own_units_and_members(desk: LiveChatDesk) -> None:
    answer = desk.ask("user-token", "5832")

    body, token = answer.json(), answer.json()["widget_token"]
    assert set(token) == {"accessToken", "entityId", "expiresIn", "tokenType", "creationDate", "licenseId"}
    assert (token["expiresIn"], token["tokenType"]) == (28_800_000, "Bearer")
    assert abs(token["creationDate"] - time.time() * 1000) < 60_000
    assert token["licenseId"] == int(LICENSE_ID)
    assert token["accessToken"] == body["token"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("lives", [None, 0, -1, "28800", 1e9, True])
def test_lc_25_a_token_without_a_sound_life_is_not_handed_on(desk: LiveChatDesk, api: LiveChatApi, lives: Any) -> None:
    desk.ask("user-token", "5832")
    api.moods.append((200, {}, {"access_token": "dal:x", "entity_id": Customer().id, "expires_in": lives}))

    assert_refused(desk.ask("user-token", "lc25"), 503, "UNAVAILABLE")


def test_lc_24_the_page_cannot_say_which_customer_it_is(desk: LiveChatDesk, api: LiveChatApi) -> None:
    for member in ("entity_id", "customer_id", "entityId"):
        assert_refused(desk.ask("user-token", "5832", **{member: Customer().id}), 422, "INVALID_REQUEST")
    assert_refused(desk.ask("user-token", origin="https://evil.example"), 403, "ORIGIN_NOT_ALLOWED")
    assert_refused(desk.ask("user-token", player_token="x"), 401, "INVALID_PLAYER_TOKEN")
    assert_refused(desk.ask("user-token", origin=None), 403, "ORIGIN_NOT_ALLOWED")

    assert api.calls("POST", "customer/token") == []


def test_lc_24_a_player_token_is_spent_by_one_customer_token(desk: LiveChatDesk, api: LiveChatApi) -> None:
    token = desk.casino.operator.player_token("5832")

    assert desk.ask("user-token", player_token=token).status_code == 200
    asked = len(api.asked)

    assert_refused(desk.ask("user-token", player_token=token), 409, "PLAYER_TOKEN_REUSED")

    assert len(api.asked) == asked


def test_lc_24_pages_that_ask_at_once_get_one_customer(desk: LiveChatDesk, api: LiveChatApi) -> None:
    answers = in_parallel([lambda: desk.ask("user-token", "lc24-many")] * 6)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["widget_token"]["entityId"] for answer in answers}) == 1
    assert len(api.calls("POST", "/v2/token")) == 1


AWAY: dict[str, tuple[int, dict[str, str], Any]] = {
    "down": (503, {}, {}),
    "an error of OAuth": (400, {}, {"oauth_exception": "unauthorized_client", "exception_description": "no"}),
    "too many": (429, {"Retry-After": "17"}, {}),
    "no JSON": (200, {}, b"<html>"),
    "no customer": (200, {}, {"access_token": "dal:x", "expires_in": 100}),
    "a customer that is none": (200, {}, {"access_token": "dal:x", "expires_in": 100, "entity_id": "../x"}),
}


@pytest.mark.parametrize("mood", AWAY.values(), ids=AWAY)
def test_lc_26_an_accounts_service_on_a_bad_day_gives_nobody_a_customer(
    desk: LiveChatDesk, api: LiveChatApi, mood: tuple[int, dict[str, str], Any]
) -> None:
    desk.ask("user-token", "5832")
    api.moods.append(mood)

    answer = desk.ask("user-token", "lc26")

    assert_refused(answer, 503, "UNAVAILABLE")
    if mood[1]:
        assert answer.headers["Retry-After"] == "17"
    assert desk.casino.row("SELECT 1 FROM helpdesk_minted_customers WHERE player_id = 'lc26'") is None


def test_lc_26_another_players_customer_is_never_shared(desk: LiveChatDesk, api: LiveChatApi) -> None:
    entity_id = desk.ask("user-token", "5832").json()["widget_token"]["entityId"]
    shared = {"access_token": "dal:x", "expires_in": 100, "entity_id": entity_id.upper()}
    api.moods.append((200, {}, shared))
    assert_refused(desk.ask("user-token", "lc26-b"), 503, "UNAVAILABLE")
    desk.ask("user-token", "lc26-c")
    api.moods.append((200, {}, shared))

    assert_refused(desk.ask("user-token", "lc26-c"), 503, "UNAVAILABLE")


def test_lc_26_a_login_that_is_refused_says_so_and_no_more(desk: LiveChatDesk, api: LiveChatApi) -> None:
    api.refresh_tokens.clear()

    error = assert_refused(desk.ask("user-token", "5832"), 503, "UNAVAILABLE")

    assert FIRST_REFRESH_TOKEN not in str(error)


def test_lc_27_a_customer_that_livechat_has_removed_is_made_anew(desk: LiveChatDesk, api: LiveChatApi) -> None:
    first = desk.ask("user-token", "lc27").json()["widget_token"]["entityId"]
    api.customers.clear()

    second, third = (desk.ask("user-token", "lc27").json()["widget_token"]["entityId"] for _ in range(2))

    assert first != second == third


def test_a_chat_of_the_players_customer_is_the_players_without_any_variable(
    each_app_service: InProcessService, api: LiveChatApi
) -> None:
    desk = livechat(each_app_service, api, *TOKENS)
    entity_id = desk.ask("user-token", "5832").json()["widget_token"]["entityId"]
    mine, strange = Chat(Customer(id=entity_id)), Chat(Customer())

    desk.tell(desk.account.incoming_chat(mine))
    desk.tell(desk.account.incoming_chat(strange))

    assert (desk.status(mine), desk.thread(mine)["player_id"]) == ("verified", "5832")
    assert desk.status(strange) in (None, "unverified")


def test_after_a_logout_the_customers_chats_are_nobodys(each_app_service: InProcessService, api: LiveChatApi) -> None:
    desk = livechat(each_app_service, api, *TOKENS)
    entity_id = desk.ask("user-token", "5832").json()["widget_token"]["entityId"]
    desk.casino.agent().post("/v1/players/5832/logout")
    chat = Chat(Customer(id=entity_id))

    desk.tell(desk.account.incoming_chat(chat))

    assert desk.status(chat) == "unverified"


def test_lc_23_the_customer_of_one_player_with_another_ones_reference_is_a_mismatch(
    desk: LiveChatDesk, api: LiveChatApi
) -> None:
    entity_id = desk.ask("user-token", "5832").json()["widget_token"]["entityId"]

    chat = desk.start(desk.reference("40217"), Customer(id=entity_id))

    assert desk.status(chat) == "mismatch"


def test_lc_05_a_hanging_vendor_holds_up_no_webhook_and_a_late_repetition_is_ignored(
    desk: LiveChatDesk, hand: Hand, api: LiveChatApi
) -> None:
    before = len(desk.told("helpdesk.identified"))
    verified(desk, api)
    api.awake.clear()
    working = threading.Thread(target=hand.work)
    working.start()

    chat = Chat(carrying(desk.reference("40217")))
    content = desk.account.incoming_chat(chat)
    shown = api.add(chat)

    assert desk.account.deliver(desk.client, desk.webhook_url, content) == [200]
    assert desk.status(chat) == "verified"
    assert working.is_alive()
    assert desk.account.deliver(desk.client, desk.webhook_url, content) == [200]
    assert len(desk.told("helpdesk.identified")) == before + 2
    api.awake.set()
    working.join()
    hand.work()
    assert shown["properties"][CLIENT_ID]["player_id"] == "40217"
