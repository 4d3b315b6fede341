"""An agent that asks for one player's data through the gateway."""

from typing import Any

from tests.views.casino import EVERY_SCOPE, Casino
from widget_service.backoffice.canonical import CAPABILITIES, WITHOUT_SCOPE

PLAYER, OTHER = "5832", "40217"
PLAYER_SCOPES = "player:read withdrawals:cancel bonuses:write notes:write"
HOME = f"/v1/players/{PLAYER}"
BODIES: dict[str, dict[str, Any]] = {
    "withdrawals.cancel": {"reason": "The player wants to play on"},
    "bonus.add": {"bonus_type_id": "bt_1", "amount": 15},
    "bonus.cancel": {"reason": "The player asked for it"},
    "notes.add": {"content": "Asked about payout times."},
}


class Caller:
    """An agent with one player's session."""

    def __init__(self, casino: Casino, *scopes: str, player_id: str = PLAYER, asked: str = PLAYER_SCOPES) -> None:
        self.agent = casino.agent(*(scopes or EVERY_SCOPE))
        conversation_id = casino.visit(player_id).conversation_id
        self.conversation_id = conversation_id
        self.session_id = casino.agent().issue_session(conversation_id, scope=asked).json()["session_id"]

    def request(self, method: str, path: str, **options: Any) -> Any:
        headers = {"X-Session-ID": self.session_id, **options.pop("headers", {})}
        return self.agent.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.request("GET", path, **options)

    def ask(self, name: str, player_id: str = PLAYER, **options: Any) -> Any:
        capability = {**CAPABILITIES, **WITHOUT_SCOPE}[name]
        path = capability.path.format(player_id=player_id, withdrawal_id="wd_1")
        body = {"json": BODIES.get(name, {})} if capability.writes else {}
        return self.request(capability.method, path, **{**body, **options})
