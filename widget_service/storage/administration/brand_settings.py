"""What ``brand set`` knows: every name, and what a value must look like."""

import re
from collections.abc import Callable
from typing import Any

from widget_service.errors import ConfigurationError
from widget_service.storage.administration.change import require_name

Parser = Callable[[str], Any]
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
_COLOR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")
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


def _text(longest: int) -> Parser:
    def parse(text: str) -> str:
        if len(text) > longest or not text.replace("\n", "").isprintable():
            raise ConfigurationError(f"must be a text of at most {longest} printable characters")
        return text

    return parse


def _switch(text: str) -> int:
    if text.lower() not in _SWITCH:
        raise ConfigurationError("must be on or off")
    return int(_SWITCH[text.lower()])


def _shown(text: str) -> bool:
    return bool(_switch(text))


def _color(text: str) -> str:
    # It ends up in a style sheet: nothing but a hexadecimal colour may pass.
    if _COLOR.fullmatch(text.lower()) is None:
        raise ConfigurationError("must be a colour such as #0a7c5a")
    return text.lower()


BRAND_SETTINGS: dict[str, Parser] = {
    "name": require_name,
    "history": _one_of("device", "player"),
    "debug": _switch,
    "session_binding": _one_of("dpop", "bearer"),
    "anonymous": _switch,
    "look.primary_color": _color,
    "look.theme": _one_of("light", "dark", "auto"),
    "look.alignment": _one_of("left", "right"),
    "look.vertical_padding": _number(0, 500),
    "look.horizontal_padding": _number(0, 500),
    "look.z_index": _number(0, _LARGEST_Z_INDEX),
    "look.launcher": _shown,
    "texts.title": _text(80),
    "texts.subtitle": _text(160),
    "texts.greeting": _text(1000),
    "texts.placeholder": _text(80),
    "texts.launcher": _text(80),
    "texts.send": _text(40),
    "texts.closed": _text(255),
    "texts.offline": _text(255),
}


def parse_setting(name: str, text: str) -> Any:
    """The value of one ``NAME=VALUE``; None for an emptied look or text. Raises ConfigurationError with the name."""
    parser = BRAND_SETTINGS.get(name)
    if parser is None:
        raise ConfigurationError(f"{name}: there is no such brand setting. Known: {', '.join(BRAND_SETTINGS)}")
    if text == "" and "." in name:
        return None
    try:
        return parser(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{name}: {error}") from error
