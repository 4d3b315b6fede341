"""The database goes away under a vendor's webhooks: nothing is lost that the vendor tries again."""

import sqlite3

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.support.servers import PostgresCluster, wait_until
from tests.support.service import InProcessService
from tests.views.casino import assert_refused


@pytest.fixture
def far_database():
    cluster = PostgresCluster()
    yield cluster
    cluster.remove()


def test_with_the_database_away_a_webhook_is_to_come_again_and_then_counts(far_database) -> None:
    desk = ZendeskDesk(InProcessService(far_database.new_database()))
    ticket = desk.account.open_ticket()
    delivery = desk.account.deliver(desk.account.field_changed(ticket, desk.reference("5832")))
    far_database.stop()

    refused = delivery.post(desk.client, desk.webhook_url)

    assert_refused(refused, 503, "UNAVAILABLE")
    assert refused.headers["Retry-After"] == "30"
    far_database.start()
    wait_until(
        lambda: delivery.post(desk.client, desk.webhook_url).status_code == 200, "recovery", seconds=30, every=0.2
    )
    assert desk.status(ticket) == "verified"
    assert delivery.post(desk.client, desk.webhook_url).status_code == 200
    assert len(desk.told("helpdesk.identified")) == 1
    desk.counted()  # nothing is left that would be told once the database is gone for good


def test_with_the_database_file_held_by_another_a_webhook_is_to_come_again_and_then_counts(databases) -> None:
    database_url = databases.new("sqlite")
    desk = ZendeskDesk(InProcessService(database_url))
    ticket = desk.account.open_ticket()
    delivery = desk.account.deliver(desk.account.field_changed(ticket, desk.reference("5832")))
    holder = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    refused = delivery.post(desk.client, desk.webhook_url)

    assert_refused(refused, 503, "UNAVAILABLE")
    assert refused.headers["Retry-After"] == "30"
    holder.execute("ROLLBACK")
    holder.close()
    assert delivery.post(desk.client, desk.webhook_url).status_code == 200
    assert desk.status(ticket) == "verified"
    assert len(desk.told("helpdesk.identified")) == 1
