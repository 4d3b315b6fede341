"""What operators configure: each verb on both stores, with the trail it leaves."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.support.desk import CASINO, NOW, OLD, SECRET, Desk
from tests.support.operator import new_private_key, public_pem
from widget_service.errors import ConfigurationError
from widget_service.ids import digest
from widget_service.storage import schema
from widget_service.storage.administration import (
    api_tokens,
    brands,
    key_list,
    onboarding,
    origins,
    signing_keys,
    webhooks,
    workspaces,
)
from widget_service.storage.administration.brands import BrandDraft
from widget_service.storage.administration.change import changing
from widget_service.storage.administration.signing_keys import KeyDraft


@pytest.fixture
def desk(database_url: str) -> Desk:
    return Desk(database_url)


def test_a_workspace_comes_with_a_brand_an_origin_and_a_key(desk: Desk) -> None:
    with desk.change() as change:
        (listed,) = workspaces.list_workspaces(change.connection)
        kid, secret = signing_keys.require_secret_key(change.connection, OLD, desk.workspace_id, None, NOW)

    assert (listed.id, listed.name, listed.brand_ids) == (desk.workspace_id, "Casino", (desk.brand_id,))
    assert (kid, secret.decode()) == (desk.made.kid, desk.made.secret)
    assert sorted(desk.trail()) == [
        ("brand.created", desk.brand_id),
        ("key.created", desk.made.kid),
        ("origin.added", desk.brand_id),
        ("workspace.created", desk.workspace_id),
    ]


def test_a_refused_workspace_leaves_nothing(database_url: str) -> None:
    with pytest.raises(ConfigurationError), changing(database_url, actor="test", now=NOW) as change:
        onboarding.create_workspace(change, OLD, BrandDraft("Casino", [CASINO, "http://casino.example"]))

    with changing(database_url, actor="test", now=NOW) as change:
        assert workspaces.list_workspaces(change.connection) == []
        about_workspaces = select(schema.audit).where(schema.audit.c.workspace_id != "")
        assert change.connection.execute(about_workspaces).first() is None


def test_no_secret_is_stored_in_clear(desk: Desk) -> None:
    with desk.change() as change:
        _, token = api_tokens.create_api_token(change, desk.workspace_id, ["sessions:issue"])
        _, hook_secret = webhooks.create_webhook(change, OLD, desk.workspace_id, "https://agent.example/hook")
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in schema.metadata.sorted_tables
        for row in desk.rows(table)
        for value in row
    )

    for secret in (desk.made.secret, token, hook_secret):
        assert secret.encode() not in stored


@pytest.mark.parametrize("name", ["", " Casino", "Casino\n", "C\x00", "x" * 256])
def test_a_name_is_something_people_can_read(desk: Desk, name: str) -> None:
    with pytest.raises(ConfigurationError, match="name"), desk.change() as change:
        onboarding.create_workspace(change, OLD, BrandDraft(name, [CASINO]))


def test_a_workspace_is_disabled_and_enabled_once(desk: Desk) -> None:
    for turn in (workspaces.disable_workspace, workspaces.disable_workspace):
        with desk.change() as change:
            turn(change, desk.workspace_id)
    with desk.change() as change:
        assert workspaces.require_workspace(change.connection, desk.workspace_id).disabled_at == NOW
        workspaces.enable_workspace(change, desk.workspace_id)
        assert workspaces.require_workspace(change.connection, desk.workspace_id).disabled_at is None

    actions = [action for action, _ in desk.trail()]
    assert (actions.count("workspace.disabled"), actions.count("workspace.enabled")) == (1, 1)


def test_an_origin_is_stored_as_browsers_say_it_and_only_once(desk: Desk) -> None:
    with desk.change() as change:
        for text in ("HTTPS://M.Casino.Example:443", "https://m.casino.example", "https://*.casino.example"):
            origins.add_origin(change, desk.workspace_id, desk.brand_id, text)
        listed = origins.list_origins(change.connection, desk.brand_id)

    assert sorted(listed) == ["https://*.casino.example", CASINO, "https://m.casino.example"]
    assert [action for action, _ in desk.trail()].count("origin.added") == 3


def test_an_origin_that_is_not_listed_cannot_be_removed(desk: Desk) -> None:
    with desk.change() as change:
        origins.remove_origin(change, desk.workspace_id, desk.brand_id, CASINO.upper())
    with pytest.raises(ConfigurationError, match="does not list"), desk.change() as change:
        origins.remove_origin(change, desk.workspace_id, desk.brand_id, CASINO)


def test_with_several_brands_one_must_be_chosen(desk: Desk) -> None:
    with desk.change() as change:
        assert brands.choose_brand(change.connection, desk.workspace_id, None).id == desk.brand_id
        second = brands.create_brand(change, desk.workspace_id, BrandDraft("Noir"))
        assert brands.choose_brand(change.connection, desk.workspace_id, second).name == "Noir"
        with pytest.raises(ConfigurationError, match=f"--brand.*{second}"):
            brands.choose_brand(change.connection, desk.workspace_id, None)
        with pytest.raises(ConfigurationError, match="br_none"):
            brands.choose_brand(change.connection, desk.workspace_id, "br_none")


def test_a_brand_is_set_by_names(desk: Desk) -> None:
    with desk.change() as change:
        brand = brands.set_brand(
            change,
            desk.brand_id,
            {
                "history": "player",
                "debug": "on",
                "anonymous": "yes",
                "look.primary_color": "#0A7C5A",
                "look.sound": "on",
                "look.z_index": "900",
                "texts.title": "¿Ayuda?",
            },
        )
    assert (brand.history, brand.debug, brand.anonymous) == ("player", True, True)
    assert brand.look == {"primary_color": "#0a7c5a", "sound": True, "z_index": 900}
    assert brand.texts == {"title": "¿Ayuda?"}

    with desk.change() as change:
        brand = brands.set_brand(change, desk.brand_id, {"look.z_index": "", "texts.title": "", "debug": "off"})
    assert (brand.look, brand.texts) == ({"primary_color": "#0a7c5a", "sound": True}, {})
    assert (brand.history, brand.debug) == ("player", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("look.colour", "red"),
        ("texts.colour", "red"),
        ("look", "{}"),
        ("origins", CASINO),
        ("history", "all"),
        ("history", ""),
        ("debug", "maybe"),
        ("session_binding", "cookie"),
        ("name", ""),
        ("look.primary_color", "red;}body{display:none"),
        ("look.primary_color", "#12345"),
        ("look.theme", "sepia"),
        ("look.alignment", "top"),
        ("look.vertical_padding", "-1"),
        ("look.horizontal_padding", "20px"),
        ("look.z_index", "99999999999"),
        ("texts.title", "x" * 81),
        ("texts.greeting", "bell\a"),
    ],
)
def test_what_a_brand_does_not_know_is_refused_by_name_and_changes_nothing(desk: Desk, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "), desk.change() as change:
        brands.set_brand(change, desk.brand_id, {"texts.greeting": "set before", name: value})

    with desk.change() as change:
        assert brands.require_brand(change.connection, desk.brand_id).texts == {}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_is_kept_as_pem(desk: Desk, algorithm: Any) -> None:
    pem = public_pem(new_private_key(algorithm))
    with desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, KeyDraft("k1", algorithm, pem, NOW + 60))

    assert desk.key("k1").not_after == NOW + 60
    (row,) = [row for row in desk.rows(schema.signing_keys) if row.kid == "k1"]
    assert bytes(row.material).decode() == pem


def test_a_known_or_retired_kid_is_never_used_again(desk: Desk) -> None:
    draft = KeyDraft("k1", "HS256", SECRET)
    with desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, draft)
    with pytest.raises(ConfigurationError, match="there already"), desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, draft)
    with desk.change() as change:
        assert signing_keys.retire_signing_key(change, desk.workspace_id, "k1") == "HS256"
        assert signing_keys.retire_signing_key(change, desk.workspace_id, "k1") == "HS256"
    with pytest.raises(ConfigurationError, match="never used again"), desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, draft)

    assert desk.trail().count(("key.retired", "k1")) == 1
    assert desk.key("k1").retired_at == NOW


@pytest.mark.parametrize(
    "draft",
    [
        KeyDraft("", "HS256", SECRET),
        KeyDraft("k" * 129, "HS256", SECRET),
        KeyDraft("k1", "HS256", "too short"),
        KeyDraft("k1", "ES256", "no key at all"),
        KeyDraft("k1", "HS256", SECRET, not_after=NOW),
    ],
    ids=["no kid", "long kid", "short", "no key", "expired"],
)
def test_a_bad_key_is_refused(desk: Desk, draft: KeyDraft) -> None:
    with pytest.raises(ConfigurationError), desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, draft)


def test_a_key_of_a_key_set_is_retired_by_a_tombstone(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="no key theirs"), desk.change() as change:
        signing_keys.retire_signing_key(change, desk.workspace_id, "theirs")
    with desk.change() as change:
        signing_keys.add_key_set(change, desk.workspace_id, "https://casino.example/jwks.json")
        signing_keys.add_key_set(change, desk.workspace_id, "https://casino.example/jwks.json")
        assert signing_keys.retire_signing_key(change, desk.workspace_id, "theirs") == ""

    entry = desk.key("theirs")
    assert (entry.algorithm, entry.from_key_set, entry.retired_at) == (None, True, NOW)
    draft = KeyDraft("theirs", "HS256", SECRET)
    with pytest.raises(ConfigurationError, match="never used again"), desk.change() as change:
        signing_keys.import_signing_key(change, OLD, desk.workspace_id, draft)


def test_a_key_set_is_added_once_and_can_be_removed(desk: Desk) -> None:
    url = "https://casino.example/jwks.json"
    with desk.change() as change:
        signing_keys.add_key_set(change, desk.workspace_id, url)
        assert signing_keys.find_key_set_urls(change.connection, desk.workspace_id) == (url,)
        signing_keys.remove_key_set(change, desk.workspace_id, url)
        assert signing_keys.find_key_set_urls(change.connection, desk.workspace_id) == ()
    with pytest.raises(ConfigurationError, match="takes no keys"), desk.change() as change:
        signing_keys.remove_key_set(change, desk.workspace_id, url)


def test_a_key_is_safe_to_retire_once_another_has_taken_over(desk: Desk) -> None:
    with desk.change() as change:
        second = signing_keys.create_signing_key(change, OLD, desk.workspace_id).kid
    first = desk.made.kid
    desk.use_key(first, NOW)
    assert not desk.key(first, NOW + 1000).safe_to_retire

    desk.use_key(second, NOW + 60)
    assert not desk.key(first, NOW + 100).safe_to_retire  # tokens that it signed may still be about
    assert desk.key(first, NOW + 1000).safe_to_retire
    assert not desk.key(second, NOW + 1000).safe_to_retire


def test_a_key_that_only_the_key_set_knows_is_listed_when_it_was_used(desk: Desk) -> None:
    desk.use_key("theirs", NOW)

    assert desk.key("theirs").from_key_set
    assert desk.key("theirs").last_used_at == NOW


def test_an_api_token_is_kept_as_its_hash_and_revoked_by_id_or_by_itself(desk: Desk) -> None:
    with desk.change() as change:
        first_id, first = api_tokens.create_api_token(change, desk.workspace_id, ["sessions:issue", "player:read"])
        second_id, second = api_tokens.create_api_token(change, desk.workspace_id, ["sessions:issue"])
    assert {bytes(row.token_hash) for row in desk.rows(schema.api_tokens)} == {digest(first), digest(second)}

    with desk.change() as change:
        assert api_tokens.revoke_api_token(change, first_id) == first_id
        assert api_tokens.revoke_api_token(change, second) == second_id
        listed = api_tokens.list_api_tokens(change.connection, desk.workspace_id)
    assert [(entry.scopes, entry.revoked_at) for entry in listed] == [
        (("sessions:issue", "player:read"), NOW),
        (("sessions:issue",), NOW),
    ]
    with pytest.raises(ConfigurationError, match="tok_none"), desk.change() as change:
        api_tokens.revoke_api_token(change, "tok_none")


@pytest.mark.parametrize("scopes", [[], ["everything"], ["sessions:issue", "sessions"]])
def test_an_api_token_has_known_scopes(desk: Desk, scopes: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="scope"), desk.change() as change:
        api_tokens.create_api_token(change, desk.workspace_id, scopes)


def test_a_webhook_secret_is_one_that_standard_webhooks_takes(desk: Desk) -> None:
    from standardwebhooks import Webhook

    with desk.change() as change:
        webhook_id, secret = webhooks.create_webhook(change, OLD, desk.workspace_id, "https://agent.example/hook")
        (row,) = change.connection.execute(select(schema.webhooks)).all()
        webhooks.disable_webhook(change, webhook_id)
        (listed,) = webhooks.list_webhooks(change.connection, desk.workspace_id)

    Webhook(secret)
    assert OLD.open(row.secret, f"webhooks:{webhook_id}").decode() == secret
    assert listed.disabled_at == NOW
    with pytest.raises(ConfigurationError, match="wh_none"), desk.change() as change:
        webhooks.disable_webhook(change, "wh_none")


@pytest.mark.parametrize(
    "verb",
    [
        lambda change: workspaces.disable_workspace(change, "ws_none"),
        lambda change: brands.create_brand(change, "ws_none", BrandDraft("Noir")),
        lambda change: brands.list_brands(change.connection, "ws_none"),
        lambda change: signing_keys.create_signing_key(change, OLD, "ws_none"),
        lambda change: signing_keys.retire_signing_key(change, "ws_none", "k1"),
        lambda change: signing_keys.add_key_set(change, "ws_none", "https://casino.example/jwks"),
        lambda change: key_list.list_signing_keys(change.connection, "ws_none", NOW),
        lambda change: api_tokens.create_api_token(change, "ws_none", ["sessions:issue"]),
        lambda change: api_tokens.list_api_tokens(change.connection, "ws_none"),
        lambda change: webhooks.create_webhook(change, OLD, "ws_none", "https://agent.example/hook"),
        lambda change: webhooks.list_webhooks(change.connection, "ws_none"),
    ],
)
def test_an_unknown_workspace_is_named(desk: Desk, verb: Any) -> None:
    with pytest.raises(ConfigurationError, match="ws_none"), desk.change() as change:
        verb(change)
