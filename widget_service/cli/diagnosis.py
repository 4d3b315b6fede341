"""The doctor's round: workspace, brand, origin, keys, then the token, in the order of a conversation start."""

from collections.abc import Callable, Iterator

from widget_service.cli.findings import Finding, good, note, problem
from widget_service.cli.installation import Installation
from widget_service.cli.token_diagnosis import TokenCheck, check_token
from widget_service.destinations import safe_client
from widget_service.errors import ConfigurationError, OriginNotAllowed
from widget_service.key_sets import KeySets, KeySetUnavailable, fetch_key_set, parse_key_set
from widget_service.origins import AllowedOrigin, InvalidOrigin, require_allowed
from widget_service.storage.administration.workspaces import require_workspace
from widget_service.storage.directory import Directory
from widget_service.storage.opening import open_storage
from widget_service.workspaces import Brand, Workspace

FETCH_TIMEOUT = 5.0  # seconds
SOON = 14 * 86_400  # seconds


def diagnose(
    installation: Installation, workspace_id: str, brand_id: str | None, origin: str | None, token: str | None
) -> list[Finding]:
    """Everything found. Raises ConfigurationError for an unknown workspace, and Unavailable."""
    with installation.reading() as connection:
        if require_workspace(connection, workspace_id).disabled_at is not None:
            return [problem("workspace", "it is disabled. Run: widget-service workspace enable " + workspace_id)]
    storage = open_storage(installation.settings)
    client = safe_client(installation.settings.public_url, False, FETCH_TIMEOUT)
    directory = Directory(storage, installation.cipher, KeySets(lambda url: fetch_key_set(client, url)))
    try:
        workspace = directory.find_workspace(workspace_id)
        if workspace is None:
            return [problem("workspace", "it has no brand. Run: widget-service brand create " + workspace_id)]
        findings = [good("workspace", f"{workspace.name} is enabled")]
        findings += _check_brand(workspace, brand_id, origin, anonymous=token is None)
        findings += _check_keys(workspace, installation.now)
        findings += (_check_key_set(url, lambda url: fetch_key_set(client, url)) for url in workspace.jwks_urls)
        if token is not None:
            findings += check_token(TokenCheck(installation, directory, workspace), token)
        return findings
    except ConfigurationError as error:
        return [problem("key", str(error))]
    finally:
        client.close()
        storage.close()


def _check_brand(
    workspace: Workspace, brand_id: str | None, origin: str | None, *, anonymous: bool
) -> Iterator[Finding]:
    brand = workspace.find_brand(brand_id)
    if brand is None:
        yield problem("brand", f"the workspace has no brand {brand_id}")
        return
    if anonymous and not brand.anonymous:
        yield note("brand", f"{brand.id} takes no anonymous visitors: a start needs a player token")
    if brand.session_binding == "bearer":
        yield note("brand", f"{brand.id} allows bearer sessions: a stolen session token works anywhere")
    if not brand.allowed_origins:
        yield problem("origin", f"{brand.id} lists no origin. Run: widget-service origin add {workspace.id} https://…")
    elif origin is None:
        yield good("origin", f"{brand.id} may be embedded in {', '.join(brand.allowed_origins)}")
    if origin is not None:
        yield _check_origin(workspace, brand, origin)


def _check_origin(workspace: Workspace, brand: Brand, origin: str) -> Finding:
    try:
        require_allowed(origin, brand.allowed_origins)
    except OriginNotAllowed as error:
        other = next((each.id for each in workspace.brands if each.allowed_origins.allows(origin)), None)
        if other is not None:
            return problem("origin", f"{origin} belongs to another brand, {other}: the page must say that brand_id")
        return problem("origin", f"{origin} is not allowed ({error.reason}).{_hint(brand, origin)}")
    return good("origin", f"{origin} is allowed for {brand.id}")


def _hint(brand: Brand, origin: str) -> str:
    try:
        shown = str(AllowedOrigin.parse(origin))
    except InvalidOrigin as error:
        return f" {error}"
    if shown != origin and brand.allowed_origins.allows(shown):
        return f" A browser says {shown}, which is."
    host = shown.partition("://")[2].partition(":")[0].removeprefix("www.")
    near = [listed for listed in brand.allowed_origins if host in listed]
    return f" Near to it is {near[0]}: scheme, host and port must all agree." if near else ""


def _check_keys(workspace: Workspace, now: int) -> Iterator[Finding]:
    live = [key for key in workspace.signing_keys.values() if key.retired_at is None]
    for key in live:
        if key.not_after is not None and key.not_after <= now:
            yield note("key", f"{key.kid} ({key.algorithm}) has expired")
        elif key.not_after is not None and key.not_after < now + SOON:
            yield note("key", f"{key.kid} ({key.algorithm}) expires within {(key.not_after - now) // 86_400 + 1} days")
        else:
            yield good("key", f"{key.kid} ({key.algorithm}) is live")
    if not workspace.jwks_urls and not any(key.not_after is None or key.not_after > now for key in live):
        yield problem("key", f"no key is live. Run: widget-service key create {workspace.id} --algorithm HS256")


def _check_key_set(url: str, fetch: Callable[[str], bytes]) -> Finding:
    try:
        keys = parse_key_set(fetch(url))
    except KeySetUnavailable as error:
        return problem("key", f"{url}: {error}")
    if not keys:
        return problem("key", f"{url} holds no usable key")
    return good("key", f"{url} holds {', '.join(f'{kid} ({key[0]})' for kid, key in keys.items())}")
