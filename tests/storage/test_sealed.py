"""``secret-key rewrap``: everything sealed is sealed anew, in batches, and may be interrupted."""

import json

import pytest
from sqlalchemy import insert

from tests.support.desk import NOW, OLD, SECRET, Desk
from tests.support.operator import new_private_key, public_pem
from widget_service.backoffice_connections import BackOfficeConnection
from widget_service.encryption import Cipher
from widget_service.storage import schema
from widget_service.storage.administration import backoffice, helpdesks, sealed, signing_keys, webhooks
from widget_service.storage.administration.signing_keys import KeyDraft

NEW_SECRET = "Ym3Fw8Ta5Cn1Xk7Bq9Ev2Sd6Jr4Lz0Oh"
NEW = Cipher(NEW_SECRET, SECRET)


@pytest.fixture
def desk(database_url: str) -> Desk:
    return Desk(database_url)


def seal_contacts(desk: Desk, count: int) -> None:
    with desk.change() as change:
        for number in range(count):
            conversation_id = f"conv_{number:06}"
            contact = OLD.seal(json.dumps({"email": "a@b.example"}).encode(), f"conversations:{conversation_id}")
            change.connection.execute(
                insert(schema.conversations).values(
                    id=conversation_id,
                    workspace_id=desk.workspace_id,
                    brand_id=desk.brand_id,
                    jkt=conversation_id,
                    created_at=NOW,
                    contact=contact if number % 2 == 0 else None,
                )
            )


def rewrapped(desk: Desk, cipher: Cipher) -> dict[str, tuple[int, int, int]]:
    counts = sealed.rewrap(desk.database_url, cipher, actor="test", now=NOW)
    return {name: (count.rewrapped, count.current, count.unreadable) for name, count in counts.items()}


def test_everything_sealed_is_sealed_anew_and_the_old_key_can_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "BATCH", 3)
    seal_contacts(desk, 15)
    with desk.change() as change:
        webhook_id, secret = webhooks.create_webhook(change, OLD, desk.workspace_id, "https://agent.example/hook")
        pem = public_pem(new_private_key("ES256"))
        secrets = {"webhook_secret": "a-helpdesks-secret"}
        access = {"connection_id": "hd_1", "content": OLD.seal(b"{}", "helpdesk_accesses:hd_1"), "updated_at": NOW}
        change.connection.execute(insert(schema.helpdesk_accesses).values(access))
        helpdesks.connect_helpdesk(change, OLD, desk.workspace_id, "zendesk", settings={}, secrets=secrets)
        office = BackOfficeConnection(
            "bo_1", desk.workspace_id, "reference", None, "https://bo.example", secrets={"api_token": "t"}
        )
        backoffice.connect_back_office(change, OLD, office)
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, KeyDraft("k1", "ES256", pem))

    first, again = rewrapped(desk, NEW), rewrapped(desk, NEW)
    del first["service_keys.private_key"], again["service_keys.private_key"]
    assert first == {
        "signing_keys.material": (1, 0, 0),
        "webhooks.secret": (1, 0, 0),
        "conversations.contact": (8, 0, 0),
        "helpdesk_connections.secrets": (1, 0, 0),
        "backoffice_connections.secrets": (1, 0, 0),
        "helpdesk_accesses.content": (1, 0, 0),
        "helpdesk_references.contact": (0, 0, 0),
    }
    assert again == {name: (0, count[0], 0) for name, count in first.items()}

    alone = Cipher(NEW_SECRET)
    (hook,) = desk.rows(schema.webhooks)
    assert alone.open(hook.secret, f"webhooks:{webhook_id}").decode() == secret
    for row in desk.rows(schema.conversations):
        if row.contact is not None:
            assert b"a@b.example" in alone.open(row.contact, f"conversations:{row.id}")


def test_what_no_key_opens_is_counted_and_left_alone(desk: Desk) -> None:
    before = desk.rows(schema.signing_keys)

    assert rewrapped(desk, Cipher("Hq5Zt1Vb8Ny3Kc6Xw0Rm7Js4Gd9Pf2Le"))["signing_keys.material"] == (0, 0, 1)
    assert desk.rows(schema.signing_keys) == before
