"""A brand's own texts: which there are, in which languages, and what they may hold."""

import re
import unicodedata

from widget_service.errors import ConfigurationError
from widget_service.locales import FALLBACK, languages, words

SUGGESTIONS, CONTACT = "suggestions", "contact"
#: What only an operator can know: the messenger has none of its own.
OPTIONAL = (SUGGESTIONS, CONTACT)
MOST_SUGGESTIONS, LONGEST_SUGGESTION = 6, 80
LONGEST = {"title": 80, "launcher": 80, "placeholder": 80, "send": 40, "greeting": 1000}
LONGEST_OTHER = 255
_PLACE = re.compile(r"\{(\w+)\}")


def is_text(name: str) -> bool:
    """Whether there is such a text: ``greeting``, or ``de.greeting`` for one language."""
    language, dot, key = name.rpartition(".")
    return (key in words(FALLBACK) or key in OPTIONAL) and (not dot or language in languages())


def describe_texts() -> str:
    """What :func:`is_text` knows, for a refusal."""
    names = ", ".join([*words(FALLBACK), *OPTIONAL])
    return f"texts.<name> or, for one language ({', '.join(languages())}), texts.<language>.<name> of: {names}"


def parse_text(name: str, text: str) -> str:
    """The text of that name as it is kept. Raises ConfigurationError."""
    key = name.rpartition(".")[2]
    if key == SUGGESTIONS:
        return _parse_suggestions(text)
    longest = LONGEST.get(key, LONGEST_OTHER)
    if len(text) > longest or not _is_writing(text.replace("\n", "")):
        raise ConfigurationError(f"must be a text of at most {longest} printable characters")
    filled_in = _PLACE.findall(words(FALLBACK).get(key, ""))
    for place in _PLACE.findall(text):
        if place not in filled_in:
            known = " and ".join(f"{{{one}}}" for one in filled_in) or "nothing in braces"
            raise ConfigurationError(f"cannot hold {{{place}}}; the messenger fills in {known}")
    return text


def _parse_suggestions(text: str) -> str:
    questions = [question.strip() for question in text.split("|")]
    if len(questions) > MOST_SUGGESTIONS or not all(questions):
        raise ConfigurationError(f"must be 1 to {MOST_SUGGESTIONS} questions with | between them")
    for question in questions:
        if len(question) > LONGEST_SUGGESTION or not _is_writing(question):
            raise ConfigurationError(f"each question must have at most {LONGEST_SUGGESTION} printable characters")
    return "|".join(questions)


def _is_writing(text: str) -> bool:
    """No control character or half of a pair; what holds letters, emoji and French question marks together is."""
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)
