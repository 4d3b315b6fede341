"""A fresh installation for one run: secrets, a database, the casino's workspace, the credentials of each part."""

import os
import secrets
import shlex
import time
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Installation:
    """The service's environment, and what each of the other parts is told."""

    environment: dict[str, str]
    casino: dict[str, str]
    hostile: dict[str, str]
    agent: dict[str, str]


def install(folder: Path, ports: Ports) -> Installation:
    """Makes everything new in the folder."""
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
        casino, hostile, agent = _open_casino(change, Cipher(secret_key), ports)
    return Installation({**_clean_environment(), **environment}, casino, hostile, agent)


def _open_casino(change: Change, cipher: Cipher, ports: Ports) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """What the casino, the hostile site and the agent are told: each its own credentials and nobody else's."""
    draft = BrandDraft("Casino Alameda", (ports.casino_url,), anonymous=True)
    made = create_workspace(change, cipher, draft)
    set_brand(change, made.brand_id, LOOK)
    _, introspection_token = create_api_token(change, made.workspace_id, ["sessions:introspect"])
    _, agent_token = create_api_token(change, made.workspace_id, AGENT_SCOPES)
    events_url = f"http://127.0.0.1:{ports.agent}/events"
    _, webhook_secret = create_webhook(change, cipher, made.workspace_id, events_url)
    player_api_token = secrets.token_urlsafe(32)
    known = {"service_url": ports.service_url, "workspace_id": made.workspace_id}
    casino = {"port": str(ports.casino), "kid": made.kid, "secret": made.secret, "api_token": player_api_token}
    hostile = {"port": str(ports.hostile), "origin": ports.hostile_url, "casino_url": ports.casino_url}
    agent = {
        "port": str(ports.agent),
        "service_url": ports.service_url,
        "api_token": agent_token,
        "webhook_secret": webhook_secret,
        "casino_api_url": f"http://127.0.0.1:{ports.casino}",
        "casino_api_token": player_api_token,
    }
    return {**known, **casino, "introspection_token": introspection_token}, {**known, **hostile}, agent


def _clean_environment() -> dict[str, str]:
    """Ours, without a setting of another installation."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def _keep_settings(file: Path, environment: dict[str, str]) -> None:
    """For ``--keep``: with these, the command line works on what the demo left."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        target.writelines(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())
