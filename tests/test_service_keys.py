"""Our own keys: what they sign verifies with what is published, offline and by anybody's library."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import jwt
import pytest

from widget_service.encryption import Cipher
from widget_service.errors import ConfigurationError
from widget_service.service_keys import (
    PUBLISHED_AFTER_RETIREMENT,
    ServiceKey,
    new_service_key,
    open_service_key,
    public_key_set,
    require_signing_key,
    seal_service_key,
    sign_session_jwt,
)
from widget_service.storage import migrate
from widget_service.storage.administration.change import Change, changing
from widget_service.storage.administration.service_keys import (
    ensure_service_key,
    list_service_keys,
    rotate_service_key,
)

NOW = 1_800_000_000
CIPHER = Cipher("Nc7Qe2Vt9Lx4Rb6Kd1Wm8Zs3Hy5Pj0Gu")


@pytest.fixture
def empty(empty_database_url: str) -> str:
    migrate.upgrade(empty_database_url)
    return empty_database_url


@contextmanager
def change(database_url: str, now: int = NOW) -> Iterator[Change]:
    with changing(database_url, actor="test", now=now) as opened:
        yield opened


def keys(database_url: str) -> list[ServiceKey]:
    with change(database_url) as opened:
        return list(list_service_keys(opened.connection, CIPHER))


def test_a_session_jwt_verifies_with_the_published_key() -> None:
    key = new_service_key(NOW)
    token = sign_session_jwt(key, {"sub": "5832", "sid": "sid_1"})
    published = jwt.PyJWKSet.from_dict(public_key_set([key], NOW))

    assert jwt.decode(token, published[key.kid].key, algorithms=["ES256"]) == {"sub": "5832", "sid": "sid_1"}
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": key.kid, "typ": "at+jwt"}


def test_the_published_key_has_no_private_member_and_its_thumbprint_as_its_id() -> None:
    key = new_service_key(NOW)
    (published,) = public_key_set([key], NOW)["keys"]

    assert set(published) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert jwt.PyJWK.from_dict(published).key.key_size == 256
    assert len(published["kid"]) == 43
    assert "private" not in repr(key)


def test_a_key_survives_the_store_and_opens_in_its_own_row_only() -> None:
    key = new_service_key(NOW)
    sealed, public_jwk = seal_service_key(CIPHER, key)
    opened = open_service_key(CIPHER, (key.kid, sealed, public_jwk, NOW, None))

    assert opened.private_key.private_numbers() == key.private_key.private_numbers()
    assert dict(opened.public_jwk) == json.loads(public_jwk)
    with pytest.raises(ConfigurationError):
        open_service_key(CIPHER, ("another", sealed, public_jwk, NOW, None))


def test_the_first_key_is_made_once(empty: str) -> None:
    with change(empty) as opened:
        first = ensure_service_key(opened, CIPHER)
    with change(empty) as opened:
        assert ensure_service_key(opened, CIPHER).kid == first.kid
    assert [key.kid for key in keys(empty)] == [first.kid]


def test_a_foreign_secret_key_is_noticed_at_the_start(empty: str) -> None:
    with change(empty) as opened:
        ensure_service_key(opened, CIPHER)

    with pytest.raises(ConfigurationError, match="WIDGET_SECRET_KEY"), change(empty) as opened:
        ensure_service_key(opened, Cipher("Ym3Fw8Ta5Cn1Xk7Bq9Ev2Sd6Jr4Lz0Oh"))


def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_published_for_a_day(empty: str) -> None:
    with change(empty) as opened:
        old = ensure_service_key(opened, CIPHER)
    with change(empty, NOW + 60) as opened:
        new = rotate_service_key(opened, CIPHER)

    def published(now: int) -> list[str]:
        return [key["kid"] for key in public_key_set(keys(empty), now)["keys"]]

    assert require_signing_key(keys(empty)).kid == new.kid
    assert published(NOW + 60 + PUBLISHED_AFTER_RETIREMENT - 1) == [new.kid, old.kid]
    assert published(NOW + 60 + PUBLISHED_AFTER_RETIREMENT) == [new.kid]


def test_a_key_that_is_published_no_more_is_forgotten_at_the_next_rotation(empty: str) -> None:
    for days in (0, 2, 4):
        with change(empty, NOW + days * 86_400) as opened:
            rotate_service_key(opened, CIPHER)

    assert len(keys(empty)) == 2


def test_without_a_key_the_refusal_says_what_to_run() -> None:
    with pytest.raises(ConfigurationError, match="service-key rotate"):
        require_signing_key([])
