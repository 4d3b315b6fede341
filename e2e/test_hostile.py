"""The hostile site, with everything a site can get hold of: the snippet, the ids, even a player's token."""

import json

from playwright.sync_api import expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite


def test_the_snippet_on_a_hostile_site_shows_nothing(visit: Visit, evil: OperatorSite, player_id: str) -> None:
    evil.log_in(player_id, "Ana Ruiz")
    page = visit(evil)
    assert page.expect_event("identity:error")["code"] == "ORIGIN_NOT_ALLOWED"
    expect(page.page.locator("player-messenger")).to_have_count(0)
    assert any("ORIGIN_NOT_ALLOWED" in line and evil.origin in line for line in page.console)


def test_a_stolen_token_starts_nothing_on_a_hostile_site(
    visit: Visit, casino: OperatorSite, evil: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    page = visit(evil, "attack.html").page
    path = f"/v1/workspaces/{casino.workspace['workspace_id']}/conversations"
    options = {
        "method": "POST",
        "headers": {"content-type": "application/json", "dpop": "a.b.c"},
        "body": json.dumps({"player_token": casino.sign()}),
    }
    assert "refused" in page.evaluate("([path, options]) => attempt(path, options)", [path, options])
    simple = {"method": "POST", "body": options["body"], "mode": "no-cors"}  # sent, never readable
    assert page.evaluate("([path, options]) => attempt(path, options)", [path, simple])["text"] == ""
    assert service.conversations(player_id=player_id, include_empty="true") == []


def test_a_hostile_site_cannot_embed_the_frame_of_an_allowed_one(
    visit: Visit, casino: OperatorSite, evil: OperatorSite, service: Service, player_id: str
) -> None:
    workspace = casino.workspace["workspace_id"]
    page = visit(evil, "attack.html").page
    for origin in (casino.origin, evil.origin):
        page.evaluate("address => embed(address)", f"{service.url}/v1/workspaces/{workspace}/messenger?origin={origin}")
    page.wait_for_timeout(500)
    assert page.evaluate("heard") == []
    assert all(not frame.url.startswith(service.url) or frame.title() != "Support" for frame in page.frames[1:])


def test_a_frame_of_the_casino_takes_no_second_port_and_no_strangers_word(
    visit: Visit, casino: OperatorSite, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("My secret question.")
    answers = player.page.evaluate(
        """async () => {
            const frame = document.querySelector('player-messenger').shadowRoot.querySelector('iframe').contentWindow;
            const heard = [];
            const channel = new MessageChannel();
            channel.port1.onmessage = (event) => heard.push(event.data);
            frame.postMessage({type: 'messenger:port'}, '*', [channel.port2]);
            channel.port1.postMessage({id: 1, type: 'logout'});
            frame.postMessage({id: 2, type: 'logout'}, '*');
            await new Promise((done) => setTimeout(done, 500));
            return heard;
        }"""
    )
    assert answers == []
    expect(player.bubble("My secret question.")).to_be_visible()


def test_the_casinos_own_page_reads_neither_transcript_nor_key(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("My secret question.")
    service.reply(service.conversation_with("My secret question.", player_id=player_id), "My secret answer.")
    expect(player.bubble("My secret answer.")).to_be_visible()
    assert "secret" not in json.dumps(player.page.evaluate("seen"))
    assert player.panel.evaluate("frame => frame.contentDocument") is None
    exported = player.page.frames[1].evaluate(
        """async () => {
            const open = indexedDB.open('player-messenger');
            const database = await new Promise((done) => (open.onsuccess = () => done(open.result)));
            const all = database.transaction('sessions').objectStore('sessions').getAll();
            const [record] = await new Promise((done) => (all.onsuccess = () => done(all.result)));
            return crypto.subtle.exportKey('jwk', record.keys.privateKey).then(() => 'exported', (error) => error.name);
        }"""
    )
    assert exported == "InvalidAccessError"


def test_a_session_token_is_useless_to_who_has_only_the_token(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino)
    with player.page.expect_response(lambda answer: answer.url.endswith("/conversations") and answer.ok) as start:
        player.open()
    token = start.value.json()["session"]["token"]
    player.say("Mine.")
    conversation = service.conversation_with("Mine.", player_id=player_id)
    bearer, dpop = {"Authorization": f"Bearer {token}"}, {"Authorization": f"DPoP {token}"}
    for headers in (bearer, dpop, {**dpop, "DPoP": "a.b.c"}):
        assert service.request("GET", f"/v1/conversations/{conversation}/messages", headers=headers).status_code == 401
