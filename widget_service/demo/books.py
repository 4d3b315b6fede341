"""Where the players' money is kept: the reference back office, or a simulated platform in its place; and connected."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from widget_service.backoffice.preset_files import read_preset
from widget_service.backoffice_connections import API_TOKEN, BackOfficeConnection
from widget_service.demo.platforms import SETTINGS
from widget_service.encryption import Cipher
from widget_service.storage.administration.api_tokens import create_api_token
from widget_service.storage.administration.backoffice import connect_back_office, new_back_office_id
from widget_service.storage.administration.change import Change


@dataclass(frozen=True, slots=True)
class Books:
    """What each of those who deal with the books is told."""

    port: int
    service_url: str
    platform: str | None
    introspection_token: str = field(repr=False)
    api_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self.port}"

    def of_casino(self) -> dict[str, str]:
        """The casino is their owner."""
        token = {} if self.platform else {"back_office_token": self.api_token}
        return {"platform": self.platform or "", "back_office_url": self.url, **token}

    def of_platform(self) -> dict[str, str]:
        """A simulated platform."""
        own = {"name": self.platform or "", "port": str(self.port), "api_token": self.api_token}
        return {**own, "service_url": self.service_url, "introspection_token": self.introspection_token}

    def of_reference(self, folder: Path) -> dict[str, str]:
        """The reference back office's settings; the service's own are none of its business."""
        return {
            "WIDGET_BACK_OFFICE_DATABASE_URL": f"sqlite:///{folder / 'back-office.db'}",
            "WIDGET_BACK_OFFICE_API_TOKEN": self.api_token,
            "WIDGET_BACK_OFFICE_INTROSPECTION_URL": f"{self.service_url}/v1/oauth/introspect",
            "WIDGET_BACK_OFFICE_INTROSPECTION_TOKEN": self.introspection_token,
            "WIDGET_LOG_LEVEL": "warning",
        }

    def as_connection(self, workspace_id: str) -> BackOfficeConnection:
        """How the service reaches them."""
        return BackOfficeConnection(
            id=new_back_office_id(),
            workspace_id=workspace_id,
            kind="connector" if self.platform else "reference",
            preset=self.platform,
            url=self.url,
            document=read_preset(self.platform) if self.platform else "",
            secrets={API_TOKEN: self.api_token},
            settings=SETTINGS.get(self.platform or "", {}),
        )


def connect_books(change: Change, cipher: Cipher, workspace_id: str, port: int, told: tuple[str, str | None]) -> Books:
    """``told`` are the service's URL and the platform, None for the reference back office."""
    _, introspection_token = create_api_token(change, workspace_id, ["sessions:introspect"])
    books = Books(port, *told, introspection_token)
    connect_back_office(change, cipher, books.as_connection(workspace_id))
    return books
