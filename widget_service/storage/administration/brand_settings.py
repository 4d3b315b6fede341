"""What ``brand set`` knows: every name, and what a value must look like."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from widget_service.errors import ConfigurationError
from widget_service.locales import languages
from widget_service.storage.administration.brand_texts import describe_texts, is_text, parse_text
from widget_service.storage.administration.change import require_name
from widget_service.storage.administration.colors import parse_color

Parser = Callable[[str], Any]
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_ADDRESS = re.compile(r"https?://[!-~]{1,2000}")
_LARGEST_Z_INDEX = 2_147_483_647


def _one_of(*words: str) -> Parser:
    def parse(text: str) -> str:
        if text not in words:
            raise ConfigurationError(f"must be {' or '.join(words)}")
        return text

    return parse


def _number(least: int, most: int) -> Parser:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
            raise ConfigurationError(f"must be a number from {least} to {most}")
        return int(text)

    return parse


def _switch(text: str) -> int:
    if text.lower() not in _SWITCH:
        raise ConfigurationError("must be on or off")
    return int(_SWITCH[text.lower()])


def _shown(text: str) -> bool:
    return bool(_switch(text))


def _page(text: str) -> str:
    try:
        url = urlsplit(text)
    except ValueError:  # a bracket too few
        url = urlsplit("")
    host = url.hostname or ""
    secure = url.scheme == "https" or host.rpartition(".")[2] == "localhost"
    if not _ADDRESS.fullmatch(text) or not host or url.username is not None or not secure:
        raise ConfigurationError("must be the https address of a page")
    return text


def _locale(text: str) -> str:
    if not _LANGUAGE_TAG.fullmatch(text) or text.lower().split("-")[0] not in languages():
        raise ConfigurationError(f"must be a language tag such as en or en-GB; there is {', '.join(languages())}")
    return text


BRAND_SETTINGS: dict[str, Parser] = {
    "name": require_name,
    "history": _one_of("device", "player"),
    "debug": _switch,
    "session_binding": _one_of("dpop", "bearer"),
    "anonymous": _switch,
    "look.primary_color": parse_color,
    "look.theme": _one_of("light", "dark", "auto"),
    "look.alignment": _one_of("left", "right"),
    "look.vertical_padding": _number(0, 500),
    "look.horizontal_padding": _number(0, 500),
    "look.z_index": _number(0, _LARGEST_Z_INDEX),
    "look.sound": _shown,
    "look.reopen": _shown,
    "look.sign_in": _page,
    "look.locale": _locale,
    "look.page_title": _shown,
}


def parse_setting(name: str, text: str) -> Any:
    """The value of one ``NAME=VALUE``; None for an emptied look or text. Raises ConfigurationError with the name."""
    parser = _find_parser(name)
    if parser is None:
        known = f"{', '.join(BRAND_SETTINGS)}, {describe_texts()}"
        raise ConfigurationError(f"{name}: there is no such brand setting. Known: {known}")
    if text == "" and "." in name:
        return None
    try:
        return parser(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error}") from error


def _find_parser(name: str) -> Parser | None:
    family, _, member = name.partition(".")
    if family == "texts" and is_text(member):
        return partial(parse_text, member)
    return BRAND_SETTINGS.get(name)
