"""One simulated platform as a process of its own, for ``widget-service demo --platform``."""

import httpx

from widget_service.demo.pages import read_part, serve
from widget_service.demo.platforms import create_platform
from widget_service.demo.platforms.stage import Stage


class Introspection:
    """Whose a session id is, asked of the service (RFC 7662), as an operator's own backend would."""

    def __init__(self, service_url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._service = httpx.Client(base_url=service_url, headers=headers, timeout=5, trust_env=False)

    def find_player(self, session_id: str) -> str | None:
        """The player's id, when it is a live session id (nothing else will do) that may read."""
        if not session_id:
            return None
        told = self._service.post("/v1/oauth/introspect", data={"token": session_id}).raise_for_status().json()
        if not told["active"] or told["token_use"] != "session_id" or "player:read" not in told["scope"].split():
            return None
        return str(told["sub"])


if __name__ == "__main__":
    PART = read_part()
    INTROSPECTION = Introspection(PART["service_url"], PART["introspection_token"])
    STAGE = Stage(introspect=INTROSPECTION.find_player, staff_token=PART["api_token"])
    serve(create_platform(PART["name"], STAGE), PART["port"])
