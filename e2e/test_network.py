"""Bad networks: nothing is lost, doubled or out of order, and the chat comes back by itself."""

import random
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Frame, Response, Route, expect

from e2e.conftest import SCOPES, Messenger, Service, Visit, running, serving
from e2e.network import Network
from e2e.operator_site import OperatorSite
from tests.support.servers import wait_until

LONG = 60_000
WAITING = "Waiting for the network…"
HELD = "Busy right now. Trying again…"


@pytest.fixture(scope="module")
def wire() -> Iterator[Network]:
    it = Network()
    yield it
    it.close()


@pytest.fixture(scope="module")
def far_service(wire: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that browsers reach only through the wire; the agent is on the good side."""
    url = f"http://widget.localhost:{wire.port}"
    with serving(tmp_path_factory.mktemp("far"), WIDGET_PUBLIC_URL=url) as it:
        wire.target = it.port
        yield it


@pytest.fixture(scope="module")
def far_site(far_service: Service) -> Iterator[OperatorSite]:
    it = OperatorSite("casino.localhost", far_service.url)
    it.workspace = far_service.workspace = far_service.create_workspace("Far", it.origin)
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    token = far_service.command("token", "create", it.workspace["workspace_id"], *scopes, "--json")
    far_service.api_token = token["token"]
    yield it
    it.close()


@pytest.fixture
def player(
    context: BrowserContext, wire: Network, far_service: Service, far_site: OperatorSite, player_id: str
) -> Iterator[Messenger]:
    """Somebody who chats over the wire; the first message has arrived."""
    far_site.reset()
    far_site.log_in(player_id, "Ana Ruiz")
    it = Messenger(context, f"{far_site.origin}/callback.html").open()
    it.say("Hello.")
    yield it
    wire.heal()


@pytest.fixture
def conversation(player: Messenger, far_service: Service, player_id: str) -> str:
    return far_service.conversation_with("Hello.", player_id=player_id)


def frame_of(player: Messenger) -> Frame:
    return next(frame for frame in player.page.frames if "/messenger?" in frame.url)


def network_is_back(player: Messenger) -> None:
    """What the browser tells a page when it has a network again."""
    frame_of(player).evaluate("window.dispatchEvent(new Event('online'))")


def write(player: Messenger, text: str) -> None:
    """Sends, without waiting for anything."""
    player.field.fill(text)
    player.field.press("Enter")


def transcript(service: Service, conversation: str) -> list[str]:
    answer = service.agent("GET", f"/v1/conversations/{conversation}/messages", params={"limit": "200"})
    return [message["text"] for message in answer["messages"]]


def expect_transcript(player: Messenger, service: Service, conversation: str, count: int) -> None:
    """The page shows what the service has, in its order, and that is all that was written."""
    expect(player.log.locator(".bubble")).to_have_count(count, timeout=LONG)
    expect(player.log.get_by_text(WAITING)).to_have_count(0, timeout=LONG)
    # A message that is just being sent says so only after a moment.
    wait_until(lambda: len(transcript(service, conversation)) >= count, "the messages to be with the service")
    kept = transcript(service, conversation)
    expect(player.log.locator(".bubble")).to_have_text(kept, timeout=LONG)
    assert len(kept) == len(set(kept)) == count


def test_no_message_is_lost_doubled_or_out_of_order_over_200_disconnects(
    player: Messenger, wire: Network, far_service: Service, conversation: str
) -> None:
    wire.chance = chance = random.Random(20)  # noqa: S311
    before = wire.disconnects
    wire.chaos = True
    said: list[str] = []
    answered = 0
    while wire.disconnects - before < 200:
        if len(said) < 60:
            said.append(f"Question {len(said)}")
            write(player, said[-1])
        if answered < 60 and chance.random() < 0.8:
            far_service.reply(conversation, f"Answer {answered}")
            answered += 1
        wire.cut_one()
        network_is_back(player)
    wire.heal()
    network_is_back(player)
    expect_transcript(player, far_service, conversation, 1 + len(said) + answered)
    kept = transcript(far_service, conversation)
    assert [text for text in kept if text.startswith("Question")] == said


def test_an_event_that_breaks_off_in_the_middle_comes_again_whole(
    player: Messenger, wire: Network, far_service: Service, conversation: str
) -> None:
    broken: list[bytes] = []

    def mangle(piece: bytes) -> tuple[bytes, bool]:
        at = piece.find(b"event: message")
        if at < 0 or broken:
            return piece, True
        broken.append(piece)
        return piece[:at], False  # its number has come, and nothing else of it

    wire.mangle = mangle
    far_service.reply(conversation, "In two halves.")
    expect(player.bubble("In two halves.")).to_have_count(1, timeout=LONG)
    assert broken
    far_service.reply(conversation, "A line\u2028separator and a: colon.")
    expect_transcript(player, far_service, conversation, 3)


def test_what_is_written_offline_waits_and_arrives_once_in_order(
    player: Messenger, wire: Network, far_service: Service, conversation: str
) -> None:
    wire.refusing = True
    wire.cut()
    said = [f"Offline {number}" for number in range(5)]
    for text in said:
        write(player, text)
    expect(player.log.get_by_text(WAITING)).to_have_count(5)
    expect(player.log.get_by_text("Not sent.")).to_have_count(0)
    far_service.reply(conversation, "While you were away.")
    wire.heal()
    network_is_back(player)
    expect_transcript(player, far_service, conversation, 7)
    assert transcript(far_service, conversation) == ["Hello.", "While you were away.", *said]


def test_a_message_that_is_refused_says_so_and_can_be_sent_again(
    player: Messenger, far_service: Service, conversation: str
) -> None:
    refusal = {"success": False, "error": {"code": "INVALID_REQUEST", "message": "no", "request_id": "req_1"}}
    messages = "**/messages"
    player.page.context.route(messages, lambda route: route.fulfill(status=422, json=refusal))
    write(player, "Refused at first.")
    expect(player.log.get_by_text("Not sent.")).to_be_visible()
    player.page.context.unroute(messages)
    player.log.get_by_role("button", name="Try again").click()
    expect(player.log.get_by_text("Not sent.")).to_have_count(0)
    expect_transcript(player, far_service, conversation, 2)


def test_a_refusal_that_broke_off_is_no_refusal(player: Messenger, far_service: Service, conversation: str) -> None:
    player.page.context.route("**/messages", lambda route: route.fulfill(status=401, body='{"succ'))
    write(player, "Did you get that?")
    expect(player.log.get_by_text(HELD)).to_be_visible()
    player.page.context.unroute("**/messages")
    network_is_back(player)
    expect_transcript(player, far_service, conversation, 2)


def test_a_service_that_asks_for_patience_gets_it(player: Messenger, far_service: Service, conversation: str) -> None:
    asked: list[Route] = []

    def busy(route: Route) -> None:
        asked.append(route)
        error = {"code": "RATE_LIMITED", "message": "later", "request_id": "req_1"}
        route.fulfill(status=429, headers={"Retry-After": "3"}, json={"success": False, "error": error})

    player.page.context.route("**/messages", busy)
    write(player, "No hurry.")
    expect(player.log.get_by_text(HELD)).to_be_visible()
    began = time.monotonic()
    network_is_back(player)
    player.page.context.unroute("**/messages")
    expect_transcript(player, far_service, conversation, 2)
    assert len(asked) == 1
    assert time.monotonic() - began > 2


def test_what_one_player_wrote_offline_is_never_sent_as_the_next(
    player: Messenger, wire: Network, far_service: Service, far_site: OperatorSite, player_id: str, conversation: str
) -> None:
    wire.refusing = True
    wire.cut()
    write(player, "My secret.")
    expect(player.log.get_by_text(WAITING)).to_be_visible()
    far_site.log_in(f"{player_id}-other", "Ben Okafor")
    wire.heal()
    player.call("identify", far_site.sign())
    expect(player.chat.get_by_text("Signed in as Ben Okafor")).to_be_visible(timeout=LONG)
    player.say("I am Ben.")
    others = far_service.conversation_with("I am Ben.", player_id=f"{player_id}-other")
    assert transcript(far_service, others) == ["I am Ben."]
    assert "My secret." not in transcript(far_service, conversation)


def test_a_session_that_ended_while_offline_is_replaced_in_the_same_conversation(
    player: Messenger, wire: Network, far_service: Service, player_id: str, conversation: str
) -> None:
    wire.refusing = True
    wire.cut()
    write(player, "Written without a session.")
    far_service.agent("POST", f"/v1/players/{player_id}/logout", json={})
    time.sleep(1)  # tokens signed in the second of a logout are refused too
    wire.heal()
    network_is_back(player)
    expect_transcript(player, far_service, conversation, 2)
    assert len(far_service.conversations(player_id=player_id, include_empty="true")) == 1


def test_a_chat_that_was_closed_while_offline_goes_on_in_one_new_one(
    player: Messenger, wire: Network, far_service: Service, player_id: str, conversation: str
) -> None:
    wire.refusing = True
    wire.cut()
    write(player, "One more question.")
    far_service.act(conversation, "close")
    wire.heal()
    network_is_back(player)
    renewed = far_service.conversation_with("One more question.", player_id=player_id)
    assert renewed != conversation
    expect_transcript(player, far_service, renewed, 1)
    expect(player.log.get_by_text("Your earlier chat has ended.")).to_be_visible()
    assert len(far_service.conversations(player_id=player_id, include_empty="true")) == 2


def test_a_first_opening_without_a_network_is_tried_again_by_itself(
    visit: Visit, wire: Network, far_service: Service, far_site: OperatorSite, player_id: str
) -> None:
    far_site.reset()
    far_site.log_in(player_id, "Ana Ruiz")
    late = visit(far_site)
    late.expect_event("ready")
    wire.refusing = True
    wire.cut()
    late.open()
    late.expect_event("identity:error")
    wire.heal()
    network_is_back(late)
    late.say("There you are.")
    assert len(far_service.conversations(player_id=player_id, include_empty="true")) == 1


def test_a_stream_that_went_silent_is_given_up_after_a_while(
    context: BrowserContext,
    visit: Visit,
    wire: Network,
    far_service: Service,
    far_site: OperatorSite,
    player_id: str,
) -> None:
    """As after a computer has slept: nobody told it that its connections are dead."""
    context.clock.install(time=time.time())
    far_site.reset()
    far_site.log_in(player_id, "Ana Ruiz")
    player = visit(far_site).open()
    player.say("Hello.")
    conversation = far_service.conversation_with("Hello.", player_id=player_id)
    wire.flowing.clear()
    far_service.reply(conversation, "While you slept.")
    with context.expect_event("request", lambda request: request.url.endswith("/events"), timeout=LONG):
        context.clock.fast_forward(60_000)
    wire.cut()
    wire.heal()
    context.clock.fast_forward(10_000)
    expect(player.bubble("While you slept.")).to_have_count(1, timeout=LONG)


def is_stream(answer: Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/event-stream")


def hold_streams(route: Route) -> None:
    """A proxy that waits for the end of an answer before it passes it on."""
    if "text/event-stream" not in route.request.headers["accept"]:
        route.continue_()


def test_polling_returns_to_the_stream(
    context: BrowserContext, visit: Visit, far_service: Service, far_site: OperatorSite, player_id: str
) -> None:
    context.clock.install(time=time.time())
    context.route("**/events*", hold_streams)
    far_site.reset()
    far_site.log_in(player_id, "Ana Ruiz")
    player = visit(far_site).open()
    with context.expect_event("request", lambda request: "/events?after=" in request.url, timeout=LONG):
        player.say("Hello.")
        context.clock.fast_forward(6_000)
    context.unroute("**/events*", hold_streams)
    with context.expect_event("response", is_stream, timeout=LONG):
        context.clock.fast_forward(65_000)
    conversation = far_service.conversation_with("Hello.", player_id=player_id)
    far_service.reply(conversation, "At once again.")
    expect_transcript(player, far_service, conversation, 2)


@pytest.mark.parametrize("way", ["aborted", "forbidden", "a page"])
def test_where_only_the_events_are_blocked_answers_come_all_the_same(
    context: BrowserContext, player: Messenger, far_service: Service, conversation: str, way: str
) -> None:
    answers = {"forbidden": {"status": 403, "body": "<p>Blocked"}, "a page": {"body": "<p>Blocked"}}
    context.route("**/events*", lambda route: route.fulfill(**answers[way]) if way in answers else route.abort())
    player.page.reload()
    player.open()
    expect(player.bubble("Hello.")).to_be_visible()
    far_service.reply(conversation, "Here you are.")
    expect(player.bubble("Here you are.")).to_have_count(1, timeout=LONG)
    expect(player.chat.get_by_text("Connection lost.")).to_have_count(0)
    context.unroute_all()
    far_service.reply(conversation, "By the stream again.")
    expect(player.bubble("By the stream again.")).to_have_count(1, timeout=LONG)
    expect_transcript(player, far_service, conversation, 3)


def test_a_long_transcript_that_is_polled_stays_in_order(
    context: BrowserContext, player: Messenger, far_service: Service, conversation: str
) -> None:
    for number in range(60):
        far_service.reply(conversation, f"Answer {number}")
    context.route("**/events*", hold_streams)
    player.page.reload()
    player.open()
    expect(player.bubble("Answer 59")).to_be_visible()
    far_service.reply(conversation, "The last.")
    expect(player.bubble("The last.")).to_have_count(1, timeout=LONG)
    assert player.log.locator(".bubble").all_inner_texts()[-50:] == transcript(far_service, conversation)[-50:]


def test_tabs_that_refresh_at_once_after_a_leap_of_their_clock_stay_in_one_session(
    context: BrowserContext, visit: Visit, far_service: Service, far_site: OperatorSite, player_id: str
) -> None:
    context.clock.install(time=time.time())
    far_site.reset()
    far_site.log_in(player_id, "Ana Ruiz")
    tabs = [visit(far_site).open() for _ in range(3)]
    for tab in tabs:
        expect(tab.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    with context.expect_event("response", lambda answer: answer.url.endswith("/session/refresh") and answer.ok):
        context.clock.fast_forward(800_000)
    for number, tab in enumerate(tabs):
        tab.say(f"From tab {number}.")
        assert tab.seen("session:expired") == []
    assert len(far_service.conversations(player_id=player_id, include_empty="true")) == 1


@pytest.mark.long
def test_a_restart_of_the_service_is_hardly_noticed(
    context: BrowserContext, tmp_path_factory: pytest.TempPathFactory, player_id: str
) -> None:
    with serving(tmp_path_factory.mktemp("restarted")) as service:
        site = OperatorSite("casino.localhost", service.url)
        site.workspace = service.create_workspace("Restarted", site.origin)
        token = ("token", "create", site.workspace["workspace_id"], "--scope", SCOPES[0], "--scope", SCOPES[1])
        service.api_token = service.command(*token, "--json")["token"]
        site.log_in(player_id, "Ana Ruiz")
        player = Messenger(context, f"{site.origin}/callback.html").open()
        player.say("Before.")
        conversation = service.conversation_with("Before.", player_id=player_id)
        service.stop()
        write(player, "Meanwhile.")
        expect(player.log.get_by_text(WAITING)).to_be_visible()
        with running(service):
            network_is_back(player)
            expect_transcript(player, service, conversation, 2)
            service.reply(conversation, "After.")
            expect_transcript(player, service, conversation, 3)
            assert len(service.conversations(player_id=player_id, include_empty="true")) == 1
        site.close()
