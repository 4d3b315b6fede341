"""Sunshine Conversations: who sent it, what a batch tells, and what a login with the vendor is worth."""

import json
import secrets
from typing import Any

import pytest

from tests.helpdesks.desk import MESSAGING, ZendeskDesk
from tests.helpdesks.sunshine_simulator import Chat, SunshineApp, User, carrying
from tests.helpdesks.zendesk_simulator import FIELD_ID, PUBLIC_TEST_SECRET
from tests.views.casino import assert_refused
from tests.views.conftest import Clock

REFERENCE = "cv1.k3J9xQ2mT7uVbN4pLr8sWg.aaP5wA.5aYc0w2Hj7q3vX1tKz9dRnE4uBs"


class SunshineDesk(ZendeskDesk):
    """A casino whose chats are told of by Sunshine Conversations."""

    app: SunshineApp

    def connect(self, *options: str) -> tuple[str, str]:
        self.app = SunshineApp("sc_whsec_" + secrets.token_hex(24))
        fixed = ("--webhook-secret", self.app.secret, "--field-id", FIELD_ID)
        app = ("--sunshine-app-id", self.app.app_id, "--webhook-id", self.app.webhook_id)
        made = self.casino.cli("helpdesk", "connect", self.casino.id, "zendesk", *fixed, *app, *options)
        return made["connection_id"], made["webhook_url"]

    def tell(self, *events: Any) -> None:
        answer = self.app.deliver(*events).post(self.client, self.webhook_url)
        assert answer.status_code == 200, answer.text

    def logged_in(self, sub: str) -> User:
        """Somebody whom our login token has named."""
        assert self.ask("user-token", sub).status_code == 200
        return User(external_id=f"{self.casino.id}:{sub}", authenticated=True)


@pytest.fixture(scope="module")
def desk(databases) -> SunshineDesk:
    from tests.support.service import InProcessService

    return SunshineDesk(InProcessService(databases.new("sqlite")), *MESSAGING)


@pytest.fixture
def each_desk(each_app_service) -> SunshineDesk:
    return SunshineDesk(each_app_service, *MESSAGING)


# --- who sent it -----------------------------------------------------------------------------------------------------


def test_zd_27_only_the_exact_key_in_the_header_passes(desk: SunshineDesk) -> None:
    event = desk.app.created(carrying(desk.reference()))
    good = desk.app.deliver(event)
    secret = desk.app.secret

    for key in ("", "x", secret.upper(), secret + "x", f"{secret[:9]} {secret[9:]}", f"{secret}, {secret}"):
        assert good.with_headers(X_API_Key=key).post(desk.client, desk.webhook_url).status_code == 401, key
    assert_refused(good.with_headers(X_API_Key=None).post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    in_query = good.with_headers(X_API_Key=None).post(desk.client, f"{desk.webhook_url}?X-API-Key={secret}")
    assert_refused(in_query, 401, "INVALID_WEBHOOK")
    lower = {name.lower(): value for name, value in good.headers.items()}
    assert desk.client.post(desk.webhook_url, content=good.raw, headers=lower).status_code == 200


def test_zd_27_the_public_test_secret_is_no_key(desk: SunshineDesk) -> None:
    delivery = desk.app.deliver(desk.app.created(Chat()), key=PUBLIC_TEST_SECRET)

    assert_refused(delivery.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")


@pytest.mark.parametrize("named", ["app", "webhook"])
@pytest.mark.parametrize("value", [{"id": "65f1a2b3c4d5e6f708192fff"}, {}, None, "65f1a2b3c4d5e6f708192fff"])
def test_zd_27_another_app_or_webhook_is_refused_with_the_right_key(desk: SunshineDesk, named: str, value: Any) -> None:
    chat = carrying(desk.reference())
    delivery = desk.app.deliver(desk.app.created(chat), **{named: value})

    assert_refused(delivery.post(desk.client, desk.webhook_url), 403, "INVALID_WEBHOOK")
    assert desk.thread(chat) is None


def test_zd_27_the_domain_check_is_answered(desk: SunshineDesk) -> None:
    answer = desk.client.head(desk.webhook_url)

    assert (answer.status_code, answer.content) == (200, b"")
    assert desk.client.get(desk.webhook_url).status_code == 405
    assert desk.client.head(desk.casino.service.url + "/").status_code == 200


def test_a_support_signature_is_none_for_sunshine_and_the_other_way_round(desk: SunshineDesk) -> None:
    support = ZendeskDesk(desk.casino.service, casino=desk.casino)
    event = support.account.field_changed(support.account.open_ticket(), None)

    signed = support.account.deliver(event)
    assert_refused(signed.post(desk.client, desk.webhook_url), 401, "INVALID_WEBHOOK")
    keyed = desk.app.deliver(desk.app.created(Chat()), key=support.account.secret)
    assert_refused(keyed.post(desk.client, support.webhook_url), 401, "INVALID_WEBHOOK")


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b'"x"', b"7"])
def test_zd_27_what_is_no_object_is_refused(desk: SunshineDesk, raw: bytes) -> None:
    delivery = desk.app.deliver_raw(raw, desk.app.secret)

    assert_refused(delivery.post(desk.client, desk.webhook_url), 400, "INVALID_REQUEST")


# --- what a batch tells ----------------------------------------------------------------------------------------------


def test_a_reference_in_the_metadata_makes_the_chat_its_players(each_desk: SunshineDesk) -> None:
    desk = each_desk
    chat = carrying(desk.reference("5832"))

    desk.tell(desk.app.created(chat), desk.app.said(chat))

    assert desk.status(chat) == "verified"
    (told,) = desk.told("helpdesk.identified")
    assert told["data"]["player"] == {"player_id": "5832", "verified": True}
    assert told["data"]["helpdesk"]["thread_id"] == chat.id
    issued = desk.casino.agent().issue_session(told["data"]["conversation"]["id"])
    assert issued.is_success


def test_the_references_example_is_read_and_says_nobody(desk: SunshineDesk) -> None:
    """Example D's shapes, with an app of ours: a placeholder for a reference, an external id of another operator."""
    user = User(external_id="acme:plr_7781", authenticated=True)
    chat = carrying(REFERENCE, user=user)
    created, said = desk.app.created(chat), desk.app.said(chat)
    created["payload"]["conversation"]["activeSwitchboardIntegration"] = {"id": "1", "name": "support-bot"}
    before = desk.counted().get(("unverified", "malformed"), 0)

    desk.tell(created, said)

    assert desk.status(chat) == "unverified"
    assert desk.counted()[("unverified", "malformed")] == before + 2


def test_zd_28_a_batch_of_fifty_has_each_effect_once(each_desk: SunshineDesk) -> None:
    desk = each_desk
    chats = [carrying(desk.reference(f"5{number}")) for number in range(16)]
    created = [desk.app.created(chat) for chat in chats]
    strange: list[Any] = [
        None,
        7,
        [],
        {},
        {"id": 5, "type": "conversation:create", "payload": {}},
        {"id": "e", "type": {}, "payload": 1},
        desk.app.event("conversation:typing", {"conversation": {"id": "x"}}),
        desk.app.event("conversation:create", {"conversation": {"id": 42}}),
        desk.app.event("conversation:create", {"conversation": {"id": "g", "type": "sdkGroup"}}),
        desk.app.event("conversation:create", {"conversation": {"id": "m", "metadata": []}, "user": 3}),
        desk.app.event("user:merge", {"mergedConversations": None}),
    ]

    desk.tell(*created, *strange, *created, *created[:7])

    assert [desk.status(chat) for chat in chats] == ["verified"] * 16
    assert len(desk.told("helpdesk.identified")) == 16
    counted = desk.counted()
    assert counted[("identified", "-")] == 16
    assert counted[("duplicate", "-")] == 23
    assert counted[("ignored", "malformed")] == 6
    assert counted[("ignored", "unknown_type")] == 1


@pytest.mark.parametrize("text", ["\ud800", "\x00"])
def test_zd_28_what_one_player_types_drops_nobody_elses_event(desk: SunshineDesk, text: str) -> None:
    mine, theirs = carrying(desk.reference("5901")), carrying(desk.reference("5902"))

    desk.tell(desk.app.said(mine, text), desk.app.created(theirs))

    assert desk.status(theirs) == "verified"
    assert desk.status(mine) is None


def test_zd_28_a_repeated_delivery_has_no_second_effect(each_desk: SunshineDesk) -> None:
    desk = each_desk
    delivery = desk.app.deliver(desk.app.created(carrying(desk.reference())))

    assert [delivery.post(desk.client, desk.webhook_url).status_code for _ in range(3)] == [200] * 3
    assert len(desk.told("helpdesk.identified")) == 1


@pytest.mark.parametrize("what", ["plain", "minted", "number", "of another connection"])
def test_zd_10_forged_metadata_binds_nobody(desk: SunshineDesk, what: str) -> None:
    other, _ = ZendeskDesk(desk.casino.service, casino=desk.casino).connect()
    forged = {
        "plain": "5832",
        "minted": f"{desk.casino.id}:5832",
        "number": 5832,
        "of another connection": desk.reference("5832", connection_id=other),
    }[what]
    chat = carrying(forged, user=User(external_id=f"{desk.casino.id}:5832"))

    desk.tell(desk.app.created(chat), desk.app.said(chat))

    assert desk.status(chat) == "unverified"


def test_an_agents_message_is_no_change_of_the_customer(desk: SunshineDesk) -> None:
    chat = carrying(desk.reference("5833"))

    desk.tell(desk.app.created(chat), desk.app.said(chat, author={"type": "business", "userId": "agent-1"}))

    assert desk.status(chat) == "verified"


def test_a_removed_chat_is_closed(desk: SunshineDesk) -> None:
    chat = carrying(desk.reference("5834"))

    desk.tell(desk.app.created(chat), desk.app.event("conversation:remove", {"conversation": {"id": chat.id}}))

    assert desk.status(chat) == "closed"


# --- logins ----------------------------------------------------------------------------------------------------------


def test_a_player_whom_our_login_token_named_is_verified_without_a_reference(each_desk: SunshineDesk) -> None:
    desk = each_desk
    chats = [Chat(desk.logged_in("5832")), Chat(User(external_id=f"{desk.casino.id}:5832", authenticated=True))]

    desk.tell(*map(desk.app.created, chats), *map(desk.app.said, chats))

    threads = [desk.thread(chat) for chat in chats]
    assert [thread and (thread["status"], thread["player_id"]) for thread in threads] == [("verified", "5832")] * 2
    assert len(desk.told("helpdesk.identified")) == 2


@pytest.mark.parametrize("authenticated", [None, False, "true", 1])
def test_zd_13_an_external_id_that_was_not_authenticated_is_nobody(desk: SunshineDesk, authenticated: Any) -> None:
    user = desk.logged_in("5835")
    user.authenticated = authenticated
    chat = Chat(user)

    desk.tell(desk.app.created(chat))

    assert desk.status(chat) in (None, "unverified")


@pytest.mark.parametrize("external_id", ["5836", "ws_other:5836", "ws:5836 ", ":5836", ""])
def test_an_authenticated_id_that_is_not_ours_is_nobody(desk: SunshineDesk, external_id: str) -> None:
    desk.logged_in("5836")
    chat = Chat(User(external_id=external_id, authenticated=True))

    desk.tell(desk.app.created(chat))

    assert desk.status(chat) == "unverified"


def test_after_the_players_logout_a_login_with_the_vendor_is_nobody(desk: SunshineDesk) -> None:
    user = desk.logged_in("5837")
    assert desk.casino.agent().post("/v1/players/5837/logout", json={}).is_success

    chat = Chat(user)
    desk.tell(desk.app.created(chat))

    assert desk.status(chat) == "unverified"


def test_a_login_with_the_vendor_ends_with_our_grant(each_desk: SunshineDesk, clock: Clock) -> None:
    user = each_desk.logged_in("5838")
    clock.advance(8 * 3600 + 1)

    chat = Chat(user)
    each_desk.tell(each_desk.app.created(chat))

    assert each_desk.status(chat) == "unverified"


def test_another_players_login_in_a_bound_chat_ends_it(desk: SunshineDesk) -> None:
    chat = carrying(desk.reference("5839"))
    desk.tell(desk.app.created(chat))

    chat.user = desk.logged_in("5840")
    desk.tell(desk.app.said(chat))

    assert desk.status(chat) == "closed"


def test_the_players_own_login_in_a_bound_chat_changes_nothing(desk: SunshineDesk) -> None:
    chat = carrying(desk.reference("5841"))
    desk.tell(desk.app.created(chat))

    chat.user = desk.logged_in("5841")
    desk.tell(desk.app.said(chat), desk.app.said(chat))

    assert desk.status(chat) == "verified"


def test_zd_29_a_merge_ends_the_discarded_chat_and_trusts_nothing_from_before(desk: SunshineDesk) -> None:
    forged = carrying("5842")
    bound = carrying(desk.reference("5843"))
    surviving = Chat(desk.logged_in("5842"))
    desk.tell(desk.app.created(forged), desk.app.created(bound))

    desk.tell(desk.app.merged(surviving, forged), desk.app.merged(surviving, bound))

    assert (desk.status(forged), desk.status(bound)) == ("closed", "closed")
    surviving.metadata = forged.metadata
    desk.tell(desk.app.created(surviving))
    thread = desk.thread(surviving)
    assert thread is not None
    assert (thread["status"], thread["player_id"]) == ("verified", "5842")  # by the login alone


def test_zd_29_an_anonymous_chat_stays_nobodys_when_another_user_logs_in_to_it(desk: SunshineDesk) -> None:
    chat = carrying("5844")
    desk.tell(desk.app.created(chat))

    chat.user = desk.logged_in("5844")
    desk.tell(desk.app.said(chat), desk.app.said(chat))

    assert desk.status(chat) == "unverified"
    chat.metadata[f"zen:ticket_field:{FIELD_ID}"] = desk.reference("5844")
    desk.tell(desk.app.said(chat))
    assert desk.status(chat) == "verified"


@pytest.mark.parametrize("strangers", [1, 2])
def test_zd_29_a_chat_in_which_strangers_have_only_written_is_not_the_players_who_logs_in(
    desk: SunshineDesk, strangers: int
) -> None:
    chat, player = Chat(), desk.logged_in("5845")
    for stranger in [User(authenticated=False), User(player.id)][:strangers]:
        chat.user = stranger
        desk.tell(desk.app.said(chat))

    chat.user = player
    desk.tell(desk.app.said(chat))

    assert desk.status(chat) == "unverified"


def test_zd_29_the_references_example_of_a_merge_is_read(desk: SunshineDesk) -> None:
    event = json.loads(
        '{"id":"69a42f1e5b7d3c0011aa22d0","type":"user:merge","createdAt":"2026-03-01T12:01:00.000Z","payload":'
        '{"mergedUsers":{"surviving":{"id":"69a42f1d5b7d3c0011aa2201","externalId":"acme:plr_7781"},"discarded":'
        '{"id":"69a42f005b7d3c0011aa21f0"}},"mergedConversations":{"surviving":{"id":"69a42f1e5b7d3c0011aa22bb"},'
        '"discarded":{"id":"69a42f005b7d3c0011aa21ff"}},"reason":"sdkLogin"}}'
    )

    desk.tell(event)

    assert desk.status(Chat(id="69a42f005b7d3c0011aa21ff")) == "closed"
    assert desk.status(Chat(id="69a42f1e5b7d3c0011aa22bb")) is None


DAMAGE = {
    "number_too_large": "100000000000000000000",
    "400 digits": "9" * 400,
    "not_finite": "1e400",
    "too_deep": "[" * 14 + "]" * 14,
    "duplicate_member": '{"a": 1, "a": 2}',
    "nul": r'"\u0000"',
    "nul beside another": r'["\u0000", 1e400, "\ud800"]',
}


@pytest.mark.parametrize("damaged", DAMAGE.values(), ids=DAMAGE)
def test_zd_28_one_bad_value_drops_one_event_and_hides_no_ending(desk: SunshineDesk, damaged: str) -> None:
    mine, theirs, over = (carrying(desk.reference(sub)) for sub in ("5911", "5912", "5913"))
    desk.tell(desk.app.created(over))
    removed = desk.app.event("conversation:remove", {"conversation": {"id": over.id}, "user": "DAMAGED"})
    mine.metadata["score"] = "DAMAGED"

    delivery = desk.app.deliver(desk.app.created(mine), removed, desk.app.created(theirs))
    raw = delivery.raw.replace(b'"DAMAGED"', damaged.encode())
    assert desk.app.deliver_raw(raw, desk.app.secret).post(desk.client, desk.webhook_url).status_code == 200

    assert [desk.status(chat) for chat in (mine, theirs, over)] == [None, "verified", "closed"]
