"""Store: every room's verbs on one driver-level connection, within one unit of work."""

from widget_service.storage.backoffice import BackOfficeVerbs
from widget_service.storage.closures import ClosureVerbs
from widget_service.storage.connection import Connection
from widget_service.storage.conversations import ConversationVerbs
from widget_service.storage.handovers import HandoverVerbs
from widget_service.storage.helpdesk_write_backs import WriteBackVerbs
from widget_service.storage.helpdesks import HelpdeskVerbs
from widget_service.storage.messages import MessageVerbs
from widget_service.storage.outbox import OutboxVerbs
from widget_service.storage.records import RecordVerbs
from widget_service.storage.sessions import SessionVerbs
from widget_service.storage.spent import SpentVerbs
from widget_service.storage.starts import StartVerbs
from widget_service.storage.workspaces import WorkspaceVerbs


class Store(
    WorkspaceVerbs,
    ConversationVerbs,
    StartVerbs,
    MessageVerbs,
    HandoverVerbs,
    SessionVerbs,
    SpentVerbs,
    ClosureVerbs,
    OutboxVerbs,
    RecordVerbs,
    HelpdeskVerbs,
    BackOfficeVerbs,
    WriteBackVerbs,
):
    """What the rooms' Protocols ask for, composed."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
