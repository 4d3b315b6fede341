"""Contact details, masked: enough for a player to recognise them, too little to use them."""

import re
from collections.abc import Mapping

MASK = "•••"
#: Begun only where a word begins, and never taken back: a megabyte of one word would take hours otherwise.
_MAIL = re.compile(r"(?<![^\s@])[^\s@]++@[^\s@]++")
#: As they are written for abroad; digits alone may be anything.
_PHONE = re.compile(r"\+\d(?:[ ()./-]{0,2}\d){7,14}")
_CONTACT_NAME = re.compile(r"mail|phone|mobile|msisdn|telephone|whatsapp|(^|_)tel($|_)", re.IGNORECASE)


def mask_email(text: str) -> str:
    """``ana.ruiz@player.example`` is ``a•••@p•••.example``."""
    local, _, domain = text.rpartition("@")
    name, dot, top = domain.rpartition(".")
    return f"{local[:1]}{MASK}@{name[:1]}{MASK}{dot}{top}" if dot else f"{local[:1]}{MASK}@{MASK}"


def mask_phone(text: str) -> str:
    """``+34 600 000 117`` is ``•••17``."""
    digits = [sign for sign in text if sign.isdigit()]
    return MASK + "".join(digits[-2:] if len(digits) > 4 else [])


def mask_profile(members: Mapping[str, object]) -> dict[str, object]:
    """A canonical answer with its ``email`` and ``phone`` masked, and whatever looks like them in its other texts."""
    return {name: _member(name, value) for name, value in members.items()}


def _member(name: str, value: object) -> object:
    if name == "extra":
        return _masked(value, hidden=False)
    if isinstance(value, Mapping):
        return {name: _member(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_member(name, item) for item in value]
    return _text(name, value) if isinstance(value, str) else value


def _text(name: str, text: str) -> str:
    if name in ("email", "phone"):
        return mask_email(text) if name == "email" else mask_phone(text)
    # An id is what the next call is made with.
    return text if name == "id" or name.endswith("_id") else _without_contact(text)


def _without_contact(text: str) -> str:
    if "@" in text:
        text = _MAIL.sub(lambda found: mask_email(found.group()), text)
    return _PHONE.sub(lambda found: mask_phone(found.group()), text) if "+" in text else text


def _masked(value: object, *, hidden: bool) -> object:
    """What somebody else named: by its name where that says contact, and by its look where it is an e-mail address."""
    if isinstance(value, Mapping):
        return {
            name: _masked(item, hidden=hidden or bool(_CONTACT_NAME.search(str(name)))) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, hidden=hidden) for item in value]
    if isinstance(value, str) and ("@" in value or not hidden):
        return _without_contact(value)
    if hidden and value is not None and not isinstance(value, bool):
        return mask_phone(str(value))
    return value
