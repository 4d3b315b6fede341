"""API tokens that are good from some networks only."""

import pytest

from tests.support.operator import Agent, Operator
from tests.support.service import InProcessService
from tests.views.casino import assert_refused

PROXIED = "10.9.0.1"


@pytest.fixture(scope="module")
def service(databases) -> InProcessService:
    return InProcessService(databases.new("sqlite"), trusted_proxies="10.9.0.0/24")


@pytest.fixture(scope="module")
def made(service) -> dict[str, str]:
    workspace_id = Operator.create(service).workspace_id
    allowed = ("--allow", "203.0.113.7", "198.51.100.0/24", "2001:db8::/48")
    made = service.cli("token", "create", workspace_id, "--scope", "conversations:read", *allowed)
    return {**made, "ws": workspace_id}


ADDRESSES = [
    ("203.0.113.7", None, 200),
    ("198.51.100.99", None, 200),
    ("2001:db8::5", None, 200),
    ("::ffff:203.0.113.7", None, 200),
    ("203.0.113.8", None, 401),
    ("127.0.0.1", None, 401),
    # What a trusted proxy says counts, what anybody else says does not.
    (PROXIED, "203.0.113.7", 200),
    (PROXIED, "203.0.113.7, 192.0.2.1", 401),
    (PROXIED, None, 401),
    ("192.0.2.1", "203.0.113.7", 401),
]


@pytest.mark.parametrize(("address", "forwarded", "status"), ADDRESSES)
def test_a_token_is_good_from_its_networks_only(service, made, address, forwarded, status) -> None:
    agent = Agent(service.client(address=address), made["token"])
    answer = agent.get("/v1/conversations", headers={"X-Forwarded-For": forwarded} if forwarded else None)

    assert answer.status_code == status
    if status == 401:
        assert_refused(answer, 401, "UNAUTHORIZED")
        assert "address" not in answer.text


def test_a_token_without_networks_is_good_from_anywhere(service, made) -> None:
    other = service.cli("token", "create", made["ws"], "--scope", "conversations:read")

    assert Agent(service.client(address="192.0.2.55"), other["token"]).get("/v1/conversations").status_code == 200


def test_the_networks_of_a_token_are_listed(service, made) -> None:
    listed = {row["token_id"]: row["networks"] for row in service.cli("token", "list", made["ws"])["tokens"]}

    assert listed[made["token_id"]] == ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/48"]


def test_a_network_that_is_none_is_refused(service, made) -> None:
    asked = ("token", "create", made["ws"], "--scope", "conversations:read", "--allow", "203.0.113.7/8")
    refused = service.run(*asked)

    assert refused.exit_code == 2
    assert "--allow" in refused.stderr
