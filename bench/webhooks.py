"""A helpdesk's webhooks: a text that is no reference, a repeated delivery, and a player's first identification."""

import json

from bench.load import Load
from bench.measure import Series, repeated
from bench.requests import Tenant, json_request, raw
from tests.helpdesks.zendesk_simulator import FIELD_ID, Delivery, ZendeskAccount
from tests.support.operator import CASINO

NAMES = ("webhook, unverified", "webhook, duplicate", "webhook, first identification")


class Desk:
    """A tenant's connection to one simulated account."""

    def __init__(self, tenant: Tenant, *options: str) -> None:
        self.tenant, self.account = tenant, ZendeskAccount("zs_bench_kT7wQ2zV9xLp4RbN6sYd1M")
        service = tenant.served.service
        assert service is not None
        given = ("--webhook-secret", self.account.secret, "--field-id", FIELD_ID, *options)
        made = service.cli("helpdesk", "connect", tenant.operator.workspace_id, "zendesk", *given)
        self.connection_id: str = made["connection_id"]

    def delivery(self, text: str) -> bytes:
        """A new ticket's field is set to a text."""
        return self._request(self.account.deliver(self.account.field_changed(self.account.open_ticket(), text)))

    def references(self, load: Load, count: int) -> list[str]:
        """So many, each to a new player."""
        path = f"/v1/workspaces/{self.tenant.operator.workspace_id}/helpdesks/{self.connection_id}/attributes"
        asked = [
            json_request("POST", path, {"Origin": CASINO}, {"player_token": self.tenant.new_visit().player_token})
            for _ in range(count)
        ]
        answered = load.send(self.tenant.served.port, asked, bodies=True).require_only(200)
        return [json.loads(body)["reference"] for body in answered.bodies]

    def _request(self, delivery: Delivery) -> bytes:
        return raw("POST", f"/v1/helpdesks/{self.connection_id}/webhook", delivery.headers, delivery.raw)


def series(load: Load, tenant: Tenant) -> list[Series]:
    """One of each kind."""
    desk, served = Desk(tenant), tenant.served
    unverified, duplicate, first = NAMES
    return [
        Series(unverified, served, lambda count: [desk.delivery("5832") for _ in range(count)]),
        Series(duplicate, served, lambda count: repeated(desk.delivery("5832"))(count)),
        Series(first, served, lambda count: [desk.delivery(one) for one in desk.references(load, count)]),
    ]
