"""How a document says who is calling: the authentication of the connection, and the player's session."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Limits

from widget_service.backoffice.connector.fields import Strict
from widget_service.backoffice.connector.templates import Template, parse_template


def _as_template(value: object) -> object:
    return parse_template(value) if isinstance(value, str) else value


TemplateText = Annotated[Template, BeforeValidator(_as_template)]
#: What frames a message or says where it goes is the HTTP client's business.
FRAMING = frozenset({
    "host", "content-length", "transfer-encoding", "content-encoding", "accept-encoding", "connection", "keep-alive",
    "te", "trailer", "upgrade", "expect", "forwarded", "x-forwarded-for", "x-forwarded-host",
})  # fmt: skip


def _require_header_name(name: str) -> str:
    if name.lower() in FRAMING or name.lower().startswith("proxy-"):
        raise ValueError(f"{name} is not for a document to say")
    return name


#: A token of RFC 9110.
HeaderName = Annotated[
    str, Limits(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"), AfterValidator(_require_header_name)
]
_API_TOKEN = parse_template("{secrets.api_token}")


class NoAuthentication(Strict):
    """The player's session alone, or the preliminary calls, say who is calling."""

    kind: Literal["none"]


class Bearer(Strict):
    """``Authorization: Bearer …``."""

    kind: Literal["bearer"]
    token: TemplateText = _API_TOKEN


class Headers(Strict):
    """One header by name (``Authentication``), or several: a key and its id."""

    kind: Literal["header", "key_pair"]
    headers: Annotated[dict[HeaderName, TemplateText], Limits(min_length=1)]


class Query(Strict):
    """A key among the query's parameters."""

    kind: Literal["query"]
    query: Annotated[dict[str, TemplateText], Limits(min_length=1)]


class Basic(Strict):
    """HTTP Basic (RFC 7617)."""

    kind: Literal["basic"]
    user: TemplateText
    password: TemplateText = _API_TOKEN


class ClientCredentials(Strict):
    """OAuth 2 client credentials (RFC 6749 §4.4); the token is kept until shortly before it ends."""

    kind: Literal["oauth2"]
    #: A path under the connection's URL, or a URL of its own.
    token_url: TemplateText
    client_id: TemplateText
    client_secret: TemplateText = _API_TOKEN
    scope: str | None = None
    audience: str | None = None
    client_authentication: Literal["basic", "body"] = "basic"
    header: HeaderName = "Authorization"
    scheme: str = "Bearer"


class Signature(Strict):
    """A keyed hash over a declared text.

    ``canonical`` knows method, path, query, body, body_sha256, timestamp and nonce besides settings and secrets;
    ``path`` and ``query`` are what is sent, ``target`` both with "?" between them.
    """

    kind: Literal["hmac"]
    key: TemplateText = _API_TOKEN
    canonical: TemplateText
    algorithm: Literal["sha256", "sha384", "sha512", "sha1"] = "sha256"
    #: ``hash``: no HMAC, but a plain hash of the canonical text, in which the key is named as a secret.
    construction: Literal["hmac", "hash"] = "hmac"
    encoding: Literal["hex", "base64"] = "hex"
    timestamp: Literal["unix", "unix_ms", "iso"] = "unix"
    #: ``{signature}``, ``{timestamp}`` and ``{nonce}`` are known here.
    headers: Annotated[dict[HeaderName, TemplateText], Limits(min_length=1)]


Authentication = NoAuthentication | Bearer | Headers | Query | Basic | ClientCredentials | Signature


class Session(Strict):
    """Which session of the player's goes along, and where."""

    source: Literal["session_id", "operator_session_id", "session_jwt"] = "session_id"
    header: HeaderName | None = None
    query: str | None = None
    body: str | None = None
    prefix: str = ""

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if sum(place is not None for place in (self.header, self.query, self.body)) != 1:
            raise ValueError("needs exactly one of 'header', 'query' and 'body'")
        return self
