"""The messenger's texts: every language says everything that English says."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from widget_service.locales import languages

LOCALES = Path(__file__).parent.parent / "static" / "messenger" / "locales"
LANGUAGES = {"en", "de", "es", "pt", "fr", "it", "tr", "fi", "ar", "ja"}
#: Words that are the same in English: a language, a key.
LOANS = {
    *(("de", key) for key in ("title", "agent", "launcher")),
    ("es", "launcher"),
    ("pt", "launcher"),
    *(("fr", key) for key in ("launcher", "message", "messages")),
    ("it", "launcher"),
    ("fi", "launcher"),
    ("ja", "ai"),
}
#: In characters: what fits into one line of a panel that is 320 px wide, for texts on buttons or in the header.
LONGEST_LABEL = 32
LABELS = {"title", "launcher", "end_confirm", "end_cancel", "send", "retry", "start_new", "continue_here", "earlier"}


def once(members: list[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in members]
    assert sorted(set(names)) == sorted(names), "a key is there twice"
    return dict(members)


def texts_in(name: str) -> dict[str, str]:
    content = (LOCALES / f"{name}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(content, object_pairs_hook=once)
    return texts


def texts_of(language: str) -> dict[str, str]:
    return once([*texts_in(language).items(), *texts_in(f"{language}.later").items()])


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\w*\}", text))


ENGLISH = texts_of("en")
others = pytest.mark.parametrize("language", sorted(LANGUAGES - {"en"}))
each = pytest.mark.parametrize("language", sorted(LANGUAGES))


def test_there_is_a_file_for_each_language() -> None:
    parts = {f"{language}{part}.json" for language in LANGUAGES for part in ("", ".later")}

    assert {path.name for path in LOCALES.iterdir()} == parts
    assert set(languages()) == LANGUAGES


@others
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    assert list(texts_of(language)) == list(ENGLISH)
    assert list(texts_in(language)) == list(texts_in("en"))


def test_what_is_said_when_nothing_can_be_fetched_is_in_the_document() -> None:
    needed = {
        "offline",
        "reconnecting",
        "retry",
        "failed",
        "waiting",
        *(key for key in ENGLISH if key.startswith("error_")),
    }

    assert needed - set(texts_in("en")) == set()


@others
def test_a_text_has_the_placeholders_of_the_english_one(language: str) -> None:
    wanted = {key: placeholders(text) for key, text in ENGLISH.items()}

    assert {key: placeholders(text) for key, text in texts_of(language).items()} == wanted


@each
def test_a_text_is_clean(language: str) -> None:
    texts = texts_of(language)

    assert {key: text for key, text in texts.items() if not text or text != text.strip() or "  " in text} == {}
    assert {key: text for key, text in texts.items() if not unicodedata.is_normalized("NFC", text)} == {}
    stray = {key: text for key, text in texts.items() if re.search(r"[{}<>]", re.sub(r"\{\w+\}", "", text))}
    assert stray == {}
    assert {key: text for key, text in texts.items() if any(unicodedata.category(sign) == "Cc" for sign in text)} == {}


@others
def test_a_text_is_translated(language: str) -> None:
    same = {(language, key) for key, text in texts_of(language).items() if text == ENGLISH[key]}

    assert same == {loan for loan in LOANS if loan[0] == language}


@each
def test_a_label_fits_a_narrow_panel(language: str) -> None:
    labels = {key: text for key, text in texts_of(language).items() if key in LABELS}

    assert {key: text for key, text in labels.items() if len(text) > LONGEST_LABEL} == {}


@each
def test_a_key_is_named_once(language: str) -> None:
    assert texts_of(language)


def test_a_doubled_key_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="twice"):
        json.loads('{"close": "Close", "close": "Shut"}', object_pairs_hook=once)
