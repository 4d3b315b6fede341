"""Connections: a workspace's link to one account at a helpdesk's vendor, as a value."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from widget_service.ids import base64url, digest

LONGEST_EXTERNAL_ID = 255
# One address as HTML's e-mail fields take it, with a dot in its domain, in the bounds of RFC 5321.
_EMAIL = re.compile(
    r"(?=.{6,254}\Z)(?!\.)(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class HelpdeskConnection:
    """``settings`` and ``secrets`` are what ``helpdesk connect`` was given; the vendor's adapter knows their names.

    ``mapping`` is what else of the player goes into the vendor's fields; see ``helpdesk_mappings.py``.
    """

    id: str
    workspace_id: str
    vendor: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    mapping: Sequence[Mapping[str, Any]] = ()
    #: The settings as the adapter reads them, once it has: a webhook has no time to read them again.
    opened: list[Any] = field(default_factory=list, repr=False, compare=False)


def connection_context(connection_id: str) -> str:
    """The context that a connection's secrets are sealed with."""
    return f"helpdesk_connections:{connection_id}"


def access_context(connection_id: str) -> str:
    """The context that what a login with the vendor gave is sealed with."""
    return f"helpdesk_accesses:{connection_id}"


def reference_context(reference_id: str) -> str:
    """The context that a reference's contact details are sealed with."""
    return f"helpdesk_references:{reference_id}"


def mint_external_id(workspace_id: str, player_id: str) -> str:
    """What names the player in a vendor's login token: of this workspace alone, at most 255 characters.

    Two operators' players of one id never meet in one vendor account. A player id that is too long goes by its hash,
    and so does one that could be taken for such a hash.
    """
    plain = f"{workspace_id}:{player_id}"
    if len(plain) <= LONGEST_EXTERNAL_ID and not player_id.startswith("~"):
        return plain
    return f"{workspace_id}:~{base64url(digest(player_id))}"


def find_shared_email(email: str | None, *, is_verified: bool) -> str | None:
    """A verified address as vendors take it into a login token; one that they would refuse would cost the login."""
    return email if email is not None and is_verified and _EMAIL.fullmatch(email) else None


def names_another_player(external_id: str | None, workspace_id: str, player_id: str) -> bool:
    """Whether an external id is one that we minted, for somebody else. Anybody's own ids say nothing."""
    ours = external_id is not None and external_id.startswith(f"{workspace_id}:")
    return ours and external_id != mint_external_id(workspace_id, player_id)


def find_named_player(external_id: str | None, workspace_id: str) -> str | None:
    """The player that an external id of ours names in clear; None for anybody else's, and for hashes."""
    player_id = (external_id or "").removeprefix(f"{workspace_id}:")
    is_ours = not player_id.startswith("~") and external_id == mint_external_id(workspace_id, player_id)
    return player_id if is_ours and player_id else None
