"""How a sample's values are written: cents, unix seconds, a date's pattern, currencies as keys. Guesses only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from widget_service.backoffice.aliases import WORDS

HIGH, MEDIUM, LOW = "high", "medium", "low"
#: A text's form, the pattern, and how sure that is.
_DATES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(expression, re.ASCII), form, sure)
    for expression, form, sure in (
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)", "iso", HIGH),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", "iso_local", MEDIUM),
        (r"\d{4}-\d\d-\d\d", "date", MEDIUM),
        (r"\d\d-\d\d-\d\d - \d\d:\d\d:\d\d", "dd-MM-yy - HH:mm:ss", MEDIUM),
        (r"\d\d-\d\d-\d\d", "dd-MM-yy", LOW),
        (r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d", "dd-MM-yyyy HH:mm:ss", LOW),
        (r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", "dd.MM.yyyy HH:mm:ss", MEDIUM),
        (r"\d\d\.\d\d\.\d{4} \d\d:\d\d", "dd.MM.yyyy HH:mm", MEDIUM),
        (r"\d\d\.\d\d\.\d{4}", "dd.MM.yyyy", MEDIUM),
        (r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", "dd/MM/yyyy HH:mm:ss", LOW),
        (r"\d\d/\d\d/\d{4}", "dd/MM/yyyy", LOW),
        (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "yyyy/MM/dd HH:mm:ss", HIGH),
    )
)
#: From 2001 to 2096: what an id or an amount would seldom be.
_UNIX = range(1_000_000_000, 4_000_000_000)


@dataclass(frozen=True, slots=True)
class Guess:
    """What is done to a value, as a document's options, and how sure that is."""

    options: Mapping[str, object]
    confidence: str
    remark: str = ""


def guess_time(samples: Sequence[object]) -> Guess | None:
    """None if the values are no times."""
    found = {_time_of(value) for value in samples if value not in (None, "")}
    if len(found) != 1 or None in found:
        return None if found else Guess({}, LOW, "the sample is empty here")
    (guess,) = found
    form, sure = guess or ("", LOW)
    remark = "which zone? see [dates]" if form not in ("iso", "unix", "unix_ms") else ""
    if sure == LOW:
        remark = "day and month may be the other way round; " + remark
    return Guess({} if form in ("iso", "iso_local", "date") else {"transform": "date", "format": form}, sure, remark)


def guess_money(name: str, samples: Sequence[object]) -> Guess | None:
    """None if the values are no amounts."""
    told = [value for value in samples if value not in (None, "")]
    if not told:
        return Guess({}, LOW, "the sample is empty here")
    if all(isinstance(value, Mapping) for value in told):
        codes = {str(code) for value in told if isinstance(value, Mapping) for code in value}
        looks = bool(codes) and all(re.fullmatch(r"[A-Za-z]{3,5}", code) for code in codes)
        return Guess({"transform": "currency_key"}, HIGH, "the currency is the key") if looks else None
    if not all(_is_number(value) for value in told):
        return None
    if re.search(r"(cents?|minor)$|(cents?|minor)_", name, re.IGNORECASE):
        return Guess({"transform": "minor_units"}, HIGH, "minor units: are they the currency's own?")
    if all(isinstance(value, int) and abs(value) >= 1000 for value in told):
        return Guess({}, LOW, "whole numbers: minor units perhaps?")
    return Guess({}, HIGH)


def guess_words(capability: str, samples: Sequence[object]) -> Guess:
    """The words of a status that are known; the others stay unknown until somebody says what they mean."""
    known = {word: canonical for canonical, seen in WORDS.get(capability, {}).items() for word in seen.split()}
    told = [str(value) for value in samples if value not in (None, "")]
    values = {word: known[word] for word in dict.fromkeys(told) if word in known}
    unknown = sorted({word for word in told if word not in known})
    remark = f"not known: {', '.join(unknown)[:60]}" if unknown else ""
    if not values:
        return Guess({"transform": "enum", "values": {"?": "unknown"}}, LOW, remark or "the sample is empty here")
    return Guess({"transform": "enum", "values": values}, MEDIUM if unknown else HIGH, remark)


def guess_boolean(samples: Sequence[object]) -> Guess | None:
    """None if the values are no truths."""
    told = [value for value in samples if value is not None]
    if all(isinstance(value, bool) for value in told):
        return Guess({}, HIGH if told else LOW)
    if all(isinstance(value, int) and value in (0, 1) for value in told):
        return Guess({"transform": "boolean", "true": [1], "false": [0]}, MEDIUM)
    return None


def _time_of(value: object) -> tuple[str, str] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        if value in _UNIX:
            return "unix", HIGH
        return ("unix_ms", HIGH) if value // 1000 in _UNIX else None
    if not isinstance(value, str):
        return None
    if value.isdigit() and value.isascii():
        return _time_of(int(value[:20]))
    return next(((form, sure) for pattern, form, sure in _DATES if pattern.fullmatch(value)), None)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d{1,24}(\.\d{1,24})?", value, re.ASCII) is not None
    return not isinstance(value, (bool, list, Mapping))
