"""The gateway's connections: which back office is asked, how often, and for how long its answer is kept."""

import time

import jwt

from tests.backoffice.scripted_back_office import API_TOKEN, ScriptedBackOffice
from tests.support.operator import Agent
from tests.support.service import InProcessService
from tests.views.casino import Casino, assert_refused
from tests.views.player_caller import OTHER, PLAYER, Caller


def test_without_a_back_office_nothing_is_available(casino) -> None:
    alone = Caller(casino.neighbour())

    assert_refused(alone.ask("player"), 501, "CAPABILITY_NOT_AVAILABLE")


def test_another_connection_takes_the_place_of_the_one_before(casino, office) -> None:
    moving, elsewhere = casino.neighbour(), ScriptedBackOffice()
    caller = Caller(moving)
    for target in (office, elsewhere):
        made = moving.cli("backoffice", "connect", moving.id, "--url", target.url, "--api-token", API_TOKEN)
        time.sleep(0.3)  # the directory's entry is as old as that at most
        assert caller.ask("player").status_code == 200
    assert (len(office.asked), len(elsewhere.asked)) == (1, 1)
    elsewhere.close()
    listed = moving.cli("backoffice", "list", moving.id)["connections"]
    assert [row["disconnected_at"] is None for row in listed] == [False, True]
    moving.cli("backoffice", "disconnect", made["connection_id"])
    time.sleep(0.3)
    assert_refused(caller.ask("player"), 501, "CAPABILITY_NOT_AVAILABLE")


def test_a_read_answer_is_kept_for_its_session_until_something_is_written(casino, office) -> None:
    kept = casino.neighbour()
    kept.cli("backoffice", "connect", kept.id, "--url", office.url, "--api-token", API_TOKEN, "--cache", "10")
    caller, second = Caller(kept), Caller(kept)
    for _ in range(3):
        caller.ask("balances")
    caller.ask("withdrawals", params={"limit": 1})
    caller.ask("withdrawals", params={"limit": 2})
    assert len(office.asked) == 3
    second.ask("balances")
    assert len(office.asked) == 4
    caller.ask("withdrawals.cancel")
    caller.ask("balances")
    assert len(office.asked) == 6


def test_a_write_of_which_nobody_knows_whether_it_was_done_ends_what_was_kept_too(casino, office) -> None:
    kept = casino.neighbour()
    kept.cli("backoffice", "connect", kept.id, "--url", office.url, "--api-token", API_TOKEN, "--cache", "10")
    caller, honest = Caller(kept), office.answering
    caller.ask("balances")
    office.answering = lambda _player, _rest: (500, {})
    assert_refused(caller.ask("withdrawals.cancel"), 502, "BACK_OFFICE_UNAVAILABLE")
    office.answering = honest
    caller.ask("balances")

    assert len(office.asked) == 3


def test_what_was_read_beside_a_write_is_not_kept(casino, office) -> None:
    kept = casino.neighbour()
    kept.cli("backoffice", "connect", kept.id, "--url", office.url, "--api-token", API_TOKEN, "--cache", "10")
    caller, honest = Caller(kept), office.answering

    def writing_meanwhile(player_id: str, rest: str) -> tuple[int, dict[str, object]]:
        office.answering = honest
        said = honest(player_id, rest)
        assert caller.ask("withdrawals.cancel").status_code == 200
        return said

    office.answering = writing_meanwhile
    caller.ask("balances")
    caller.ask("balances")

    assert len(office.asked) == 3


def test_a_session_jwt_is_for_the_connected_back_office(connected, office) -> None:
    conversation_id = connected.visit(PLAYER).conversation_id
    issued = connected.agent().issue_session(conversation_id, format="jwt").json()

    assert jwt.decode(issued["session_jwt"], options={"verify_signature": False})["aud"] == office.url


def test_one_session_asks_so_often_and_others_go_on(databases, office) -> None:
    limited = Casino(InProcessService(databases.new("sqlite"), rate_limits="on", rate_player_data_per_session="2/hour"))
    limited.cli("backoffice", "connect", limited.id, "--url", office.url, "--api-token", API_TOKEN)
    first, second = Caller(limited), Caller(limited, player_id=OTHER)

    assert [first.ask("balances").status_code for _ in range(3)] == [200, 200, 429]
    assert int(first.ask("balances").headers["Retry-After"]) > 0
    assert second.ask("balances", OTHER).status_code == 200


def test_player_data_is_read_on_either_store(each_casino, office) -> None:
    each_casino.cli("backoffice", "connect", each_casino.id, "--url", office.url, "--api-token", API_TOKEN)
    caller = Caller(each_casino)

    assert caller.ask("balances").status_code == 200
    assert caller.ask("withdrawals.cancel").status_code == 200
    assert [row["preset"] for row in each_casino.cli("backoffice", "list", each_casino.id)["connections"]] == [None]
    written = each_casino.row("SELECT COUNT(*) FROM audit WHERE action = 'player_data.write_sent'")
    assert written is not None
    assert written[0] == 1
    allowed = ("--scope", "conversations:read", "--allow", "192.0.2.0/24")
    token = each_casino.cli("token", "create", each_casino.id, *allowed)["token"]
    assert_refused(Agent(caller.agent.client, token).get("/v1/conversations"), 401, "UNAUTHORIZED")
