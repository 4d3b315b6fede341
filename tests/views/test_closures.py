"""Closed for responsible gaming: a fact of the player, until a token signed later says otherwise."""

import time
from typing import Any

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.support.browser import Browser
from tests.support.operator import Agent
from tests.views.casino import Casino, assert_refused
from widget_service.worker import Housekeeper

BOTH = "player:read bonuses:write"
CLOSED, OPEN = {"closed": True, "type": "self_exclusion"}, {"closed": False}


@pytest.fixture
def agent(each_casino: Casino) -> Agent:
    return each_casino.agent()


def granted(agent: Agent, browser: Browser) -> str:
    answer = agent.issue_session(browser.conversation_id, scope=BOTH)
    assert answer.status_code == 200, answer.text
    return answer.json()["scope"]


def signed(seconds: int) -> int:
    """A time that many seconds from now, within what a player token may bear."""
    return int(time.time()) + seconds


def test_a_closure_holds_however_many_conversations_there_are(each_casino: Casino, agent: Agent) -> None:
    first = each_casino.visit("many", iat=signed(-60))
    for _ in range(60):
        each_casino.visit("many", iat=signed(-60))
    each_casino.visit("many", first, rg=CLOSED)

    assert granted(agent, first) == "player:read"
    assert granted(agent, each_casino.visit("many")) == "player:read"


def test_a_closure_outlives_the_conversation_that_told_of_it(each_casino: Casino, agent: Agent) -> None:
    home = each_casino.visit("excluded", iat=signed(-60))
    empty = each_casino.visit("excluded", rg=CLOSED)
    assert home.send("hello").status_code == 201
    later = Housekeeper(each_casino.storage, each_casino.service.settings, lambda: time.time() + 3 * 86_400)
    later.remove_old()
    later.remove_expired()

    assert each_casino.row("SELECT 1 FROM conversations WHERE id = ?", empty.conversation_id) is None
    assert granted(agent, home) == "player:read"


def test_a_session_id_issued_before_loses_the_bonus_scope_and_its_jwt_never_had_it(
    each_casino: Casino, agent: Agent
) -> None:
    home = each_casino.visit("held", iat=signed(-60))
    held = agent.issue_session(home.conversation_id, scope=BOTH).json()
    bonus_only = agent.issue_session(home.conversation_id, scope="bonuses:write").json()
    each_casino.visit("held", rg=CLOSED)

    assert held["scope"] == BOTH
    assert agent.introspect(held["session_id"])["scope"] == "player:read"
    assert agent.introspect(bonus_only["session_id"])["scope"] == ""
    answer = agent.issue_session(home.conversation_id, scope="bonuses:write", format="jwt")
    assert_refused(answer, 403, "INSUFFICIENT_SCOPE")


#: What the tokens say one after the other, with their signed times; and whether the player is closed after all.
ORDERS = [
    pytest.param([(-30, CLOSED), (-20, None)], True, id="silence lifts nothing"),
    pytest.param([(-30, CLOSED), (-20, OPEN)], False, id="a later token lifts"),
    pytest.param([(-20, CLOSED), (-30, OPEN)], True, id="an earlier token lifts nothing"),
    pytest.param([(-20, OPEN), (-30, CLOSED)], False, id="an earlier token closes nothing"),
    pytest.param([(-20, OPEN), (-20, CLOSED)], True, id="of one second the closure wins, coming last"),
    pytest.param([(-20, CLOSED), (-20, OPEN)], True, id="of one second the closure wins, coming first"),
    pytest.param([(-30, CLOSED), (-20, OPEN), (-10, CLOSED)], True, id="closed again"),
]


@pytest.mark.parametrize(("orders", "closed"), ORDERS)
def test_the_token_signed_last_decides(each_casino: Casino, agent: Agent, orders: Any, closed: bool) -> None:
    home = each_casino.visit("ordered", iat=signed(-60))
    now = int(time.time())
    for seconds, rg in orders:
        each_casino.visit("ordered", iat=now + seconds, rg=rg)

    assert granted(agent, home) == ("player:read" if closed else BOTH)


def test_a_visitor_who_turns_out_to_be_closed_is_closed_everywhere(each_casino: Casino, agent: Agent) -> None:
    home = each_casino.visit("visitor", iat=signed(-60))
    other = each_casino.browser()
    other.started(each_casino.id)
    each_casino.visit("visitor", other, rg=CLOSED)

    assert granted(agent, home) == "player:read"


def test_what_closes_counts_even_where_its_token_is_refused(each_casino: Casino, agent: Agent) -> None:
    home = each_casino.visit("twice", iat=signed(-60))
    assert agent.post("/v1/players/twice/logout").status_code == 200
    late = each_casino.operator.player_token("twice", iat=signed(-30), rg=CLOSED)
    assert_refused(each_casino.browser().start(each_casino.id, player_token=late), 401, "INVALID_PLAYER_TOKEN")

    assert granted(agent, home) == "player:read"


def test_a_refused_token_lifts_nothing(each_casino: Casino, agent: Agent) -> None:
    home = each_casino.visit("lifted", iat=signed(-60), rg=CLOSED)
    assert agent.post("/v1/players/lifted/logout").status_code == 200
    late = each_casino.operator.player_token("lifted", iat=signed(-30), rg=OPEN)
    assert_refused(each_casino.browser().start(each_casino.id, player_token=late), 401, "INVALID_PLAYER_TOKEN")

    assert granted(agent, home) == "player:read"


def test_another_player_of_that_name_in_another_workspace_is_not_closed(each_casino: Casino) -> None:
    other = each_casino.neighbour()
    each_casino.visit("namesake", rg=CLOSED)

    assert granted(other.agent(), other.visit("namesake")) == BOTH


def test_a_token_that_asks_for_a_helpdesks_attributes_closes_too(each_app_service) -> None:
    casino = Casino(each_app_service)
    desk, agent = ZendeskDesk(each_app_service, casino=casino), casino.agent()
    home = casino.visit("helped", iat=signed(-60))
    held = agent.issue_session(home.conversation_id, scope=BOTH).json()
    assert desk.ask("attributes", "helped", claims={"rg": CLOSED}).status_code == 200

    assert agent.introspect(held["session_id"])["scope"] == "player:read"
    assert granted(agent, home) == "player:read"
