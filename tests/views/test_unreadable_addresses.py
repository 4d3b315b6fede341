"""A proxy that writes something else than an address: nobody's is good for nothing that needs one."""

import pytest

from tests.support.operator import Agent, Operator
from tests.support.service import InProcessService

PROXY = "10.9.0.1"
#: As some proxies write addresses, and as strangers might.
UNREADABLE = ["203.0.113.9:4711", "[2001:db8::9]:4711", "unknown", "_hidden", "10.9.0.8, 203.0.113.9:4711"]


@pytest.fixture(scope="module")
def service(databases) -> InProcessService:
    return InProcessService(databases.new("sqlite"), trusted_proxies="10.9.0.0/24")


@pytest.fixture(scope="module")
def token(service) -> str:
    """Good inside the operator's own network, where the proxy is too."""
    workspace_id = Operator.create(service).workspace_id
    return service.cli("token", "create", workspace_id, "--scope", "conversations:read", "--allow", "10.0.0.0/8")[
        "token"
    ]


@pytest.mark.parametrize("forwarded", UNREADABLE)
def test_a_caller_whose_address_cannot_be_read_is_not_taken_for_the_proxy(service, token, forwarded) -> None:
    agent = Agent(service.client(address=PROXY), token)

    assert agent.get("/v1/conversations", headers={"X-Forwarded-For": "10.20.0.3"}).status_code == 200
    assert agent.get("/v1/conversations", headers={"X-Forwarded-For": forwarded}).status_code == 401
