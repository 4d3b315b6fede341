"""Contact details, masked: enough for a player to recognise them, too little to use them."""

import re
from collections.abc import Mapping

MASK = "•••"
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
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
    """A canonical answer with its ``email`` and ``phone`` masked, and those under ``extra``."""
    masked = {name: _with_masked_extra(name, value) for name, value in members.items()}
    for name, mask in (("email", mask_email), ("phone", mask_phone)):
        value = masked.get(name)
        if isinstance(value, str):
            masked[name] = mask(value)
    return masked


def _with_masked_extra(name: str, value: object) -> object:
    if name == "extra":
        return _masked(value, hidden=False)
    if isinstance(value, Mapping):
        return {name: _with_masked_extra(name, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_masked_extra("", item) for item in value]
    return value


def _masked(value: object, *, hidden: bool) -> object:
    """What somebody else named: by its name where that says contact, and by its look where it is an e-mail address."""
    if isinstance(value, Mapping):
        return {
            name: _masked(item, hidden=hidden or bool(_CONTACT_NAME.search(str(name)))) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, hidden=hidden) for item in value]
    if isinstance(value, str) and "@" in value:
        return _MAIL.sub(lambda found: mask_email(found.group()), value)
    if hidden and value is not None and not isinstance(value, bool):
        return mask_phone(str(value))
    return value
