"""What a player does with the messenger, in each way a browser treats the storage of a frame."""

from playwright.sync_api import expect

from e2e.conftest import Service, Visit
from e2e.operator_site import OperatorSite


def test_a_player_chats_and_sees_the_agents_answer(stored_visit: Visit, casino: OperatorSite, service: Service, player_id: str) -> None:
    casino.log_in(player_id, "Ana Ruiz")
    player = stored_visit(casino).open()
    expect(player.chat.get_by_text("Signed in as Ana Ruiz")).to_be_visible()
    player.say("Where is my withdrawal?")
    conversation = service.conversation_with("Where is my withdrawal?", player_id=player_id)
    service.reply(conversation, "It is being paid today.")
    expect(player.bubble("It is being paid today.")).to_be_visible()
    expect(player.log.get_by_text("Mia", exact=True)).to_be_visible()
    expect(player.log.get_by_text("AI", exact=True)).to_be_visible()
