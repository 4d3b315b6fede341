"""A fresh installation for one run: secrets, a database, the casino's workspace, the credentials of each part."""

import os
import secrets
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

from widget_service.demo.books import connect_books
from widget_service.demo.helpdesk_accounts import HelpdeskAccounts
from widget_service.encryption import Cipher
from widget_service.settings import PREFIX
from widget_service.storage import migrate
from widget_service.storage.administration.api_tokens import create_api_token
from widget_service.storage.administration.brands import BrandDraft, set_brand
from widget_service.storage.administration.change import Change, changing
from widget_service.storage.administration.onboarding import create_workspace
from widget_service.storage.administration.webhooks import create_webhook

AGENT_SCOPES = ("conversations:read", "conversations:write", "sessions:issue", "player:read")
SETTINGS_FILE = "settings.env"
QUESTIONS = ("Where is my withdrawal?", "What can you do for me?", "I would like to talk to a person")
LOOK = {
    "look.primary_color": "#1f5c4d",
    "look.theme": "light",
    "texts.title": "Casino Alameda",
    "texts.suggestions": "|".join(QUESTIONS),
    "debug": "on",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each part listens on loopback."""

    service: int
    casino: int
    hostile: int
    agent: int
    helpdesk: int
    back_office: int

    @property
    def service_url(self) -> str:
        """Its public URL."""
        return f"http://127.0.0.1:{self.service}"

    @property
    def casino_url(self) -> str:
        """Cross-site to the service and to the hostile site."""
        return f"http://casino.localhost:{self.casino}"

    @property
    def hostile_url(self) -> str:
        """On nobody's list."""
        return f"http://evil.localhost:{self.hostile}"

    @property
    def back_office_url(self) -> str:
        """Of the reference back office, or of the simulated platform in its place."""
        return f"http://127.0.0.1:{self.back_office}"

    @property
    def helpdesk_url(self) -> str:
        """Where browsers find the vendors' scripts, and the inbox."""
        return f"http://helpdesk.localhost:{self.helpdesk}"

    @property
    def helpdesk_api_url(self) -> str:
        """The same for programs, which do not resolve the name."""
        return f"http://127.0.0.1:{self.helpdesk}"


@dataclass(frozen=True, slots=True)
class Installation:
    """The service's environment, and what each of the other parts is told."""

    environment: dict[str, str]
    casino: dict[str, str]
    hostile: dict[str, str]
    agent: dict[str, str]
    helpdesk: dict[str, str]
    back_office: dict[str, str]

    def parts(self) -> dict[str, dict[str, str]]:
        """Those that are the demo's own, by name."""
        return {"casino": self.casino, "hostile": self.hostile, "agent": self.agent, "helpdesk": self.helpdesk}


def install(folder: Path, ports: Ports, platform: str | None = None) -> Installation:
    """Makes everything new in the folder; with a platform in place of the reference back office."""
    secret_key = secrets.token_urlsafe(48)
    database_url = f"sqlite:///{folder / 'widget.db'}"
    environment = {
        "WIDGET_DATABASE_URL": database_url,
        "WIDGET_PUBLIC_URL": ports.service_url,
        "WIDGET_SECRET_KEY": secret_key,
        "WIDGET_LOG_LEVEL": "warning",
    }
    _keep_settings(folder / SETTINGS_FILE, environment)
    migrate.upgrade(database_url)
    with changing(database_url, actor="demo", now=int(time.time())) as change:
        cipher = Cipher(secret_key)
        casino, hostile, agent = _open_casino(change, cipher, ports)
        shown, helpdesk = _open_helpdesk(change, cipher, casino["workspace_id"], ports)
        books = connect_books(change, cipher, casino["workspace_id"], ports.back_office, (ports.service_url, platform))
    told = {**casino, **shown, **books.of_casino()}
    back_office = books.of_platform() if platform else {**_clean_environment(), **books.of_reference(folder)}
    return Installation({**_clean_environment(), **environment}, told, hostile, agent, helpdesk, back_office)


def _open_casino(change: Change, cipher: Cipher, ports: Ports) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """What the casino, the hostile site and the agent are told: each its own credentials and nobody else's."""
    draft = BrandDraft("Casino Alameda", (ports.casino_url,), anonymous=True)
    made = create_workspace(change, cipher, draft)
    set_brand(change, made.brand_id, LOOK)
    _, agent_token = create_api_token(change, made.workspace_id, AGENT_SCOPES)
    events_url = f"http://127.0.0.1:{ports.agent}/events"
    _, webhook_secret = create_webhook(change, cipher, made.workspace_id, events_url)
    known = {"service_url": ports.service_url, "workspace_id": made.workspace_id}
    casino = {"port": str(ports.casino), "kid": made.kid, "secret": made.secret}
    hostile = {"port": str(ports.hostile), "origin": ports.hostile_url, "casino_url": ports.casino_url}
    agent = {
        "port": str(ports.agent),
        "service_url": ports.service_url,
        "api_token": agent_token,
        "webhook_secret": webhook_secret,
    }
    return {**known, **casino}, {**known, **hostile}, agent


def _open_helpdesk(
    change: Change, cipher: Cipher, workspace_id: str, ports: Ports
) -> tuple[dict[str, str], dict[str, str]]:
    """What the casino's pages say of the vendors, and what the helpdesk is told."""
    urls = {"service": ports.service_url, "helpdesk_api": ports.helpdesk_api_url}
    accounts = HelpdeskAccounts(change, cipher, workspace_id, urls)
    _, webhook_secret = create_webhook(change, cipher, workspace_id, f"{ports.helpdesk_api_url}/events")
    own = {"port": str(ports.helpdesk), "service_url": ports.service_url, "casino_url": ports.casino_url}
    casino = {**accounts.of_casino(), "helpdesk_url": ports.helpdesk_url}
    return casino, {**own, **accounts.of_helpdesk(), "webhook_secret": webhook_secret}


def _clean_environment() -> dict[str, str]:
    """Ours, without a setting of another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def _keep_settings(file: Path, environment: dict[str, str]) -> None:
    """For ``--keep``: with these, the command line works on what the demo left."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        target.writelines(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())
