"""What a browser has stored is resumed only while it is stored."""

from playwright.sync_api import Route, expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite
from e2e.test_tabs import KEPT

#: As another tab does at logout; this one has not heard of it yet.
WIPE = """async () => {
    const opening = indexedDB.open('player-messenger');
    await new Promise(resolve => { opening.onsuccess = resolve; });
    const wiping = opening.result.transaction('sessions', 'readwrite').objectStore('sessions').clear();
    await new Promise(resolve => { wiping.onsuccess = resolve; });
    opening.result.close();
}"""


def test_what_another_tab_wiped_while_the_player_was_asked_for_is_not_resumed(
    visit: Visit, casino: OperatorSite, service: Service, player_id: str
) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = visit(casino).open()
    player.say("Before.")
    held: list[Route] = []
    player.page.route("**/player-token", lambda route: held.append(route))
    player.page.reload()
    with player.page.expect_response("**/v1/conversations/*/messages"):
        player.open()
    frame = next(frame for frame in player.page.frames if "/messenger?" in frame.url)
    frame.evaluate(WIPE)
    for route in held:
        route.continue_()
    assert player.expect_event("conversation:started")["resumed"] is False
    expect(player.log.get_by_text("Before.")).to_have_count(0)
    player.say("After.")
    assert len(frame.evaluate(KEPT)["records"]) == 1
    assert service.conversation_with("After.", player_id=player_id) != service.conversation_with(
        "Before.", player_id=player_id
    )
