"""What the operator's page is given for a helpdesk's widget, and what ends it."""

import base64
import json
import time
from typing import Any

import jwt
import pytest

from tests.helpdesks.desk import MESSAGING_KEY_ID, MESSAGING_SECRET, ZendeskDesk
from tests.support.browser import Browser, ConfirmationKey
from tests.support.operator import CASINO
from tests.views.casino import assert_refused, in_parallel, is_time, varies_by_origin

GRANTS = ("attributes", "user-token")
EVIL = "https://evil.example"


def active(desk: ZendeskDesk, reference: str, **form: str) -> bool:
    return desk.casino.agent().introspect(reference, **{"token_type_hint": "reference", **form})["active"]


def test_a_page_gets_the_vendors_field_with_a_reference(desk: ZendeskDesk) -> None:
    answer = desk.ask("attributes")

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"attributes", "reference", "expires_at"}
    assert body["attributes"] == {desk.account.field_id: body["reference"]}
    assert is_time(body["expires_at"])
    assert "5832" not in body["reference"]
    assert answer.headers["Access-Control-Allow-Origin"] == CASINO
    assert answer.headers["Cache-Control"] == "no-store"
    assert varies_by_origin(answer)


def test_asking_for_attributes_opens_no_conversation(each_desk: ZendeskDesk) -> None:
    each_desk.reference()

    assert each_desk.casino.count("conversations") == 0


def test_zd_30_a_login_token_names_the_verified_player_for_minutes(desk: ZendeskDesk) -> None:
    answer = desk.ask("user-token", claims={"name": "Ana Ruiz", "email": "ana@example.com", "email_verified": True})

    body = answer.json()
    assert set(body) == {"token", "token_type", "expires_at"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert jwt.get_unverified_header(body["token"]) == {"alg": "HS256", "kid": MESSAGING_KEY_ID, "typ": "JWT"}
    claims = jwt.decode(body["token"], MESSAGING_SECRET, algorithms=["HS256"])
    assert {**claims, "iat": 0, "exp": 0} == {
        "scope": "user",
        "external_id": f"{desk.casino.id}:5832",
        "name": "Ana Ruiz",
        "iat": 0,
        "exp": 0,
    }
    assert claims["exp"] - claims["iat"] == 600


def test_zd_30_the_e_mail_goes_along_only_where_the_operator_says_so(desk: ZendeskDesk) -> None:
    key = ("--messaging-key-id", MESSAGING_KEY_ID, "--messaging-secret", MESSAGING_SECRET)
    sharing, _ = desk.connect(*key, "--share-email", "true")

    def claims(**more: Any) -> dict[str, Any]:
        answer = desk.ask("user-token", connection_id=sharing, claims={"email": "ana@example.com", **more})
        return jwt.decode(answer.json()["token"], MESSAGING_SECRET, algorithms=["HS256"])

    assert claims(email_verified=True)["email"] == "ana@example.com"
    assert "email" not in claims(email_verified=False)
    assert "email" not in claims()


def test_zd_30_an_external_id_has_at_most_255_characters(desk: ZendeskDesk) -> None:
    token = desk.ask("user-token", "p" * 255).json()["token"]
    external_id = jwt.decode(token, MESSAGING_SECRET, algorithms=["HS256"])["external_id"]

    assert len(external_id) <= 255
    assert external_id.startswith(f"{desk.casino.id}:~")


def test_a_connection_without_a_key_has_no_login_tokens(desk: ZendeskDesk) -> None:
    without, _ = desk.connect()

    assert_refused(desk.ask("user-token", connection_id=without), 404, "NOT_FOUND")


@pytest.mark.parametrize("what", GRANTS)
@pytest.mark.parametrize("origin", [EVIL, None, "null", "https://casino.example.evil.example"])
def test_zd_30_a_strange_page_gets_nothing_and_no_cors(desk: ZendeskDesk, what: str, origin: str | None) -> None:
    answer = desk.ask(what, origin=origin)

    assert_refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert varies_by_origin(answer)


@pytest.mark.parametrize("what", GRANTS)
def test_zd_30_without_a_valid_player_token_there_is_nothing(desk: ZendeskDesk, what: str) -> None:
    neighbour = desk.casino.neighbour().operator
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + ".e30."
    old = desk.casino.operator.player_token(iat=1000, exp=1100)

    assert_refused(desk.ask(what, player_token=unsigned), 401, "INVALID_PLAYER_TOKEN")
    assert_refused(desk.ask(what, player_token=neighbour.player_token()), 401, "INVALID_PLAYER_TOKEN")
    assert_refused(desk.ask(what, player_token=old), 401, "PLAYER_TOKEN_EXPIRED")
    issued = desk.ask("user-token").json()["token"]
    assert_refused(desk.ask(what, player_token=issued), 401, "INVALID_PLAYER_TOKEN")


@pytest.mark.parametrize("what", GRANTS)
@pytest.mark.parametrize("member", ["external_id", "player_id", "name"])
def test_zd_30_the_page_cannot_say_who_the_player_is(desk: ZendeskDesk, what: str, member: str) -> None:
    assert_refused(desk.ask(what, **{member: "40217"}), 422, "INVALID_REQUEST")


@pytest.mark.parametrize("what", GRANTS)
def test_zd_30_another_tenants_connection_is_not_there(desk: ZendeskDesk, what: str) -> None:
    neighbour = ZendeskDesk(desk.casino.service)

    assert_refused(desk.ask(what, connection_id=neighbour.connection_id), 404, "NOT_FOUND")
    assert_refused(desk.ask(what, connection_id="hd_unknown"), 404, "NOT_FOUND")


@pytest.mark.parametrize("what", GRANTS)
def test_zd_30_after_a_logout_the_players_token_is_refused(desk: ZendeskDesk, what: str) -> None:
    sub, key = f"zd30-{what}", ConfirmationKey()
    token = desk.casino.operator.player_token(sub, iat=int(time.time()) - 5)
    assert desk.ask(what, player_token=token, key=key).status_code == 200
    desk.casino.agent().post(f"/v1/players/{sub}/logout")

    answer = desk.ask(what, player_token=token, key=key)

    assert_refused(answer, 401, "INVALID_PLAYER_TOKEN")


@pytest.mark.parametrize("what", GRANTS)
def test_without_a_proof_a_token_is_spent_once_however_many_bring_it(each_desk: ZendeskDesk, what: str) -> None:
    token = each_desk.casino.operator.player_token()

    answers = in_parallel([lambda: each_desk.ask(what, player_token=token)] * 12)

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11


@pytest.mark.parametrize("what", GRANTS)
def test_with_a_proof_the_pages_key_may_bring_its_token_again_and_no_other(desk: ZendeskDesk, what: str) -> None:
    key, token = ConfirmationKey(), desk.casino.operator.player_token()

    assert [desk.ask(what, player_token=token, key=key).status_code for _ in range(2)] == [200, 200]
    assert_refused(desk.ask(what, player_token=token, key=ConfirmationKey()), 409, "PLAYER_TOKEN_REUSED")
    assert_refused(desk.ask(what, player_token=token), 409, "PLAYER_TOKEN_REUSED")
    assert_refused(Browser(desk.casino.service).start(desk.casino.id, player_token=token), 409, "PLAYER_TOKEN_REUSED")


def test_a_proof_of_another_address_or_used_before_is_refused(desk: ZendeskDesk) -> None:
    key, token = ConfirmationKey(), desk.casino.operator.player_token()
    path = f"/v1/workspaces/{desk.casino.id}/helpdesks/{desk.connection_id}/attributes"
    proofs = [key.proof("POST", desk.casino.service.url + where, token) for where in (path, path + "x")]

    def asked(proof: str) -> Any:
        headers = {"Origin": CASINO, "DPoP": proof}
        return desk.client.post(path, json={"player_token": token}, headers=headers)

    assert_refused(asked(proofs[1]), 401, "INVALID_PROOF")
    assert asked(proofs[0]).status_code == 200
    assert_refused(asked(proofs[0]), 401, "PROOF_REUSED")


@pytest.mark.parametrize("what", GRANTS)
def test_a_preflight_is_answered_as_a_starts(desk: ZendeskDesk, what: str) -> None:
    path = f"/v1/workspaces/{desk.casino.id}/helpdesks/{desk.connection_id}/{what}"
    allowed, strange = (desk.client.options(path, headers={"Origin": origin}) for origin in (CASINO, EVIL))

    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == CASINO
    assert allowed.headers["Access-Control-Allow-Headers"] == "content-type, dpop"
    assert_refused(strange, 403, "ORIGIN_NOT_ALLOWED")


# --- introspection and ends ------------------------------------------------------------------------------------------


def test_a_reference_is_active_only_by_its_name_and_for_its_workspace(desk: ZendeskDesk) -> None:
    reference = desk.reference("5832", claims={"name": "Ana", "email": "ana@example.com"})
    told = desk.casino.agent().introspect(reference, token_type_hint="reference")

    assert (told["token_use"], told["sub"], told["client_id"]) == ("reference", "5832", desk.connection_id)
    assert "ana" not in json.dumps(told).lower()
    assert not active(desk, reference, token_type_hint="access_token")
    assert desk.casino.agent().introspect(reference) == {"active": False}
    stranger = desk.casino.neighbour().agent()
    assert stranger.introspect(reference, token_type_hint="reference") == {"active": False}
    for altered in (reference[:-1], reference + "=", reference.partition(".")[0], reference.swapcase(), "ref_", "\0"):
        assert not active(desk, altered)


def test_a_bound_reference_names_its_conversation(desk: ZendeskDesk) -> None:
    ticket, reference = desk.account.open_ticket(), desk.reference("bound")
    desk.bring(ticket, reference)

    told = desk.casino.agent().introspect(reference, token_type_hint="reference")

    assert told["conversation_id"] == desk.thread(ticket)["conversation_id"]


ENDS = {
    "the player's logout": lambda desk, sub: desk.casino.agent().post(f"/v1/players/{sub}/logout"),
    "a back-channel logout": lambda desk, sub: desk.client.post(
        f"/v1/workspaces/{desk.casino.id}/backchannel-logout",
        data={"logout_token": desk.casino.operator.logout_token(sub=sub)},
    ),
    "a back-channel logout of the operator's session": lambda desk, sub: desk.client.post(
        f"/v1/workspaces/{desk.casino.id}/backchannel-logout",
        data={"logout_token": desk.casino.operator.logout_token(sid="operator-session-1")},
    ),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_logout_ends_the_players_references(each_desk: ZendeskDesk, end: Any) -> None:
    desk = each_desk
    ended = desk.reference("5832", claims={"session_id": "operator-session-1"})
    another, ticket = desk.reference("40217"), desk.account.open_ticket()

    assert end(desk, "5832").status_code == 200

    assert (active(desk, ended), active(desk, another)) == (False, True)
    desk.bring(ticket, ended)
    assert desk.status(ticket) == "unverified"


def test_a_reference_ends_with_its_lifetime(desk: ZendeskDesk, clock) -> None:
    reference, ticket = desk.reference("late"), desk.account.open_ticket()
    clock.advance(28_801)

    assert not active(desk, reference)
    desk.bring(ticket, reference)
    assert desk.status(ticket) == "unverified"


def test_a_reference_ends_with_its_origin(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    other = "https://other.example"
    desk.casino.cli("origin", "add", desk.casino.id, other)
    reference, ticket = desk.reference(origin=other), desk.account.open_ticket()

    desk.casino.cli("origin", "remove", desk.casino.id, other)
    while active(desk, reference):
        pass

    desk.bring(ticket, reference)
    assert desk.status(ticket) == "unverified"


def test_a_players_messenger_never_resumes_a_helpdesks_conversation(each_desk: ZendeskDesk) -> None:
    desk = each_desk
    desk.casino.set_brand("history=player")
    ticket = desk.identified("5832")

    browser = desk.casino.visit("5832")

    assert browser.conversation_id != desk.thread(ticket)["conversation_id"]
