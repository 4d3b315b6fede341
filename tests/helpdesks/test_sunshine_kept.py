"""Sunshine Conversations: a reference that the widget kept for the next chat, and a user who is removed."""

from typing import Any

import pytest

from tests.helpdesks.desk import MESSAGING
from tests.helpdesks.sunshine_simulator import Chat, User, carrying
from tests.helpdesks.test_zendesk_sunshine import SunshineDesk
from tests.support.service import InProcessService


@pytest.fixture(scope="module")
def desk(databases: Any) -> SunshineDesk:
    return SunshineDesk(InProcessService(databases.new("sqlite")), *MESSAGING)


@pytest.fixture
def each_desk(each_app_service: InProcessService) -> SunshineDesk:
    return SunshineDesk(each_app_service, *MESSAGING)


def test_a_kept_reference_is_no_worse_than_none_for_whoever_is_logged_in(each_desk: SunshineDesk) -> None:
    desk = each_desk
    user = desk.logged_in("5832")
    first = carrying(desk.reference("5832"), user=user)
    second = Chat(user, metadata=dict(first.metadata))

    desk.tell(desk.app.created(first), desk.app.created(second), *(desk.app.said(second) for _ in range(5)))

    assert [desk.status(chat) for chat in (first, second)] == ["verified", "verified"]
    assert desk.told("helpdesk.mismatch") == []


def test_a_stranger_with_a_copied_reference_is_told_of_once(each_desk: SunshineDesk) -> None:
    desk = each_desk
    first = carrying(desk.reference("5832"))
    thief = Chat(User(), metadata=dict(first.metadata))

    desk.tell(desk.app.created(first), desk.app.created(thief), *(desk.app.said(thief) for _ in range(20)))

    assert [desk.status(chat) for chat in (first, thief)] == ["verified", "unverified"]
    assert len(desk.told("helpdesk.mismatch")) == 1


def test_the_kept_reference_of_another_player_is_a_contradiction(desk: SunshineDesk) -> None:
    first = carrying(desk.reference("5921"))
    second = Chat(desk.logged_in("5922"), metadata=dict(first.metadata))

    desk.tell(desk.app.created(first), desk.app.created(second))

    assert [desk.status(chat) for chat in (first, second)] == ["verified", "mismatch"]


def test_a_user_whom_zendesk_has_removed_has_no_open_chat(each_desk: SunshineDesk) -> None:
    desk = each_desk
    user = User()
    chats = [carrying(desk.reference("5832"), user=user), carrying(desk.reference("5832"), user=user)]
    other = carrying(desk.reference("5833"))
    desk.tell(*map(desk.app.created, [*chats, other]))

    desk.tell(desk.app.event("user:remove", {"user": {"id": user.id}}))
    desk.tell(desk.app.said(carrying(desk.reference("5832"), id=chats[0].id, user=user)))

    assert [desk.status(chat) for chat in (*chats, other)] == ["closed", "closed", "verified"]
