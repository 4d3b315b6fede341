"""Login tokens that only the vendor can make: fetched for a player, who is one customer of the vendor's for good."""

from functools import partial

from widget_service.errors import Unavailable
from widget_service.helpdesk_calls import Access, Errand, Never, NotYet
from widget_service.helpdesk_connections import HelpdeskConnection
from widget_service.helpdesk_customers import HelpdeskCustomer
from widget_service.helpdesks import Helpdesk, UserToken
from widget_service.references import Reference
from widget_service.storage.store import Store
from widget_service.views.runtime import Runtime


def has_customer_tokens(helpdesk: Helpdesk, connection: HelpdeskConnection) -> bool:
    """Whether the connection's vendor makes login tokens for us."""
    return helpdesk.customer_token(connection, None, Access(), 0) is not None


def fetch_customer_token(
    parts: Runtime, helpdesk: Helpdesk, connection: HelpdeskConnection, login: Reference, now: int
) -> UserToken:
    """A token of the player's own customer: the page has no say in who that is. Raises Unavailable.

    From then on the customer stands for the player, as long as ``login`` lives.
    """
    with parts.storage.reading() as store:
        customer_id = store.find_minted_customer(connection.id, login.player_id)
    token = _fetch(parts, helpdesk, connection, customer_id, now)
    kept = _keep(parts, login, token, customer_id, now)
    if kept != token.customer_id:  # another page of the player's was faster
        token = _fetch(parts, helpdesk, connection, kept, now)
        if _keep(parts, login, token, kept, now) != token.customer_id:
            raise Unavailable("vendor: customer_changes")
    return token


def _fetch(
    parts: Runtime, helpdesk: Helpdesk, connection: HelpdeskConnection, customer_id: str | None, now: int
) -> UserToken:
    def begin(access: Access) -> Errand[UserToken]:
        errand = helpdesk.customer_token(connection, customer_id, access, now)
        assert errand is not None  # noqa: S101 - asked before
        return errand

    try:
        return parts.vendors.run(helpdesk, connection, begin, now)
    except NotYet as failure:
        raise Unavailable(f"vendor: {failure.reason}", retry_after=max(2, failure.retry_after)) from failure
    except Never as failure:
        raise Unavailable(f"vendor: {failure.reason}") from failure


def _keep(parts: Runtime, login: Reference, token: UserToken, old: str | None, now: int) -> str:
    """The player's customer after all. Raises Unavailable for one who is another player's."""
    customer_id = token.customer_id or ""
    work = partial(_keep_customer, login=login, customer_id=customer_id, old=old, now=now)
    kept = parts.storage.write(lambda store: work(store))
    if kept is None:
        raise Unavailable("vendor: customer_of_another_player")
    return kept


def _keep_customer(store: Store, *, login: Reference, customer_id: str, old: str | None, now: int) -> str | None:
    connection_id, player_id = login.connection_id, login.player_id
    known = store.find_customer(connection_id, customer_id)
    if known is not None and known.player_id != player_id:
        return None
    kept = store.keep_minted_customer(connection_id, player_id, customer_id, old, now)
    if kept == customer_id:
        store.keep_customer(HelpdeskCustomer(connection_id, customer_id, player_id, login.id, now))
    return kept
