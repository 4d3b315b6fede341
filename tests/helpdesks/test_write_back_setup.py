"""How write-back is set up, what is refused then, and that the worker does it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpdesks.desk import ZendeskDesk
from tests.helpdesks.vendor_apis import ZendeskApi
from tests.helpdesks.writing import OAUTH, Hand, verified, zendesk
from tests.support.servers import wait_until
from tests.support.service import InProcessService, Service


@pytest.fixture
def api() -> Iterator[ZendeskApi]:
    api = ZendeskApi()
    yield api
    api.close()


@pytest.fixture(scope="module")
def desk(databases: Any) -> ZendeskDesk:
    return ZendeskDesk(InProcessService(databases.new("sqlite")))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--player-field-id", "17826865089570"), "needs api_url"),
        (("--player-field-id", "17826865089570", "--api-url", "https://a.zendesk.com"), "OAuth client"),
        (("--oauth-client-id", "x"), "belong together"),
        (("--api-url", "https://10.0.0.7"), "--api-url"),
        (("--api-url", "ftp://a.zendesk.com"), "--api-url"),
        (
            ("--player-field-id", "17826865089553", "--api-url", "https://a.zendesk.com", *OAUTH),
            "the field that players write",
        ),
    ],
)
def test_what_cannot_be_written_back_is_refused_when_it_is_given(
    desk: ZendeskDesk, options: tuple[str, ...], says: str
) -> None:
    fixed = ("helpdesk", "connect", desk.casino.id, "zendesk", "--field-id", "17826865089553")
    result = desk.casino.service.run(*fixed, "--webhook-secret", "a-secret-of-the-webhook", *options)

    assert result.exit_code == 2
    assert says in result.stderr


def test_an_installation_that_is_connected_already_is_given_the_rest(databases: Any, api: ZendeskApi) -> None:
    desk = ZendeskDesk(InProcessService(databases.new("sqlite")))
    given = ("--api-url", api.url, "--player-field-id", api.field_id, *OAUTH, "--allow-private")
    desk.casino.cli("helpdesk", "set", desk.connection_id, *given)
    _, shown = verified(desk, api)

    Hand(desk).work()

    assert shown.fields[api.field_id] == "5832"
    (listed,) = desk.casino.cli("helpdesk", "list", desk.casino.id)["connections"]
    assert listed["settings"]["allow_private"] is True
    refused = desk.casino.service.run("helpdesk", "set", desk.connection_id, "--webhook-secret", "x" * 20)
    assert refused.exit_code == 2
    desk.casino.cli("helpdesk", "set", desk.connection_id, "--player-field-id", "")
    _, other = verified(desk, api)
    assert Hand(desk).work() == 0
    assert other.fields[api.field_id] is None


def test_the_worker_writes_back_by_itself(databases: Any, api: ZendeskApi) -> None:
    database_url = databases.new("sqlite")
    desk, machine = zendesk(InProcessService(database_url), api), Service(database_url)
    worker = machine.spawn("worker")

    tickets = [verified(desk, api, sub) for sub in ("5832", "40217")]

    wait_until(lambda: all(shown.fields[api.field_id] for _, shown in tickets), "both to be written", seconds=30)
    assert [shown.fields[api.field_id] for _, shown in tickets] == ["5832", "40217"]
    worker.terminate()
    assert worker.wait(timeout=20) == 0
    machine.remove()
