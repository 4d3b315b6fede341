"""Every endpoint, said once: a test holds this list and the routes against each other."""

from widget_service.views.endpoints.agents import AGENTS, AVATARS
from widget_service.views.endpoints.endpoint import Endpoint
from widget_service.views.endpoints.helpdesks import HELPDESKS
from widget_service.views.endpoints.messenger import CONVERSATIONS, SESSION, START
from widget_service.views.endpoints.oauth import OAUTH
from widget_service.views.endpoints.players import PLAYERS
from widget_service.views.endpoints.public import SDK, SERVICE

ENDPOINTS: tuple[Endpoint, ...] = (
    *START,
    *CONVERSATIONS,
    *SESSION,
    *AGENTS,
    *AVATARS,
    *PLAYERS,
    *OAUTH,
    *HELPDESKS,
    *SDK,
    *SERVICE,
)
