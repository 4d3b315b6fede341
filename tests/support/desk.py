"""An operator's desk: one workspace on one database, changed by the verbs of administration."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import insert, select

from widget_service.encryption import Cipher
from widget_service.storage import schema
from widget_service.storage.administration import key_list, onboarding
from widget_service.storage.administration.brands import BrandDraft
from widget_service.storage.administration.change import Change, changing

NOW = 1_800_000_000
SECRET = "Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu"
OLD = Cipher(SECRET)
CASINO = "https://casino.example"


class Desk:
    """An operator's desk on one database."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        with self.change() as change:
            self.made = onboarding.create_workspace(change, OLD, BrandDraft("Casino", [CASINO]))
        self.workspace_id, self.brand_id = self.made.workspace_id, self.made.brand_id

    @contextmanager
    def change(self, now: int = NOW) -> Iterator[Change]:
        with changing(self.database_url, actor="test", now=now) as change:
            yield change

    def rows(self, table: Any) -> list[Any]:
        with self.change() as change:
            return list(change.connection.execute(select(table)).all())

    def trail(self) -> list[tuple[str, str]]:
        """What was recorded of the workspace."""
        return [(row.action, row.subject) for row in self.rows(schema.audit) if row.workspace_id == self.workspace_id]

    def use_key(self, kid: str, at: int) -> None:
        with self.change() as change:
            row = {"workspace_id": self.workspace_id, "kid": kid, "last_used_at": at}
            change.connection.execute(insert(schema.key_uses).values(row))

    def key(self, kid: str, now: int = NOW) -> key_list.KeyEntry:
        with self.change() as change:
            listed = key_list.list_signing_keys(change.connection, self.workspace_id, now)
        (found,) = [entry for entry in listed if entry.kid == kid]
        return found
