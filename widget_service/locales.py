"""The messenger's languages: which there are, their texts, and which of them a language tag means."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath

from widget_service.assets import static_assets

FOLDER = "messenger/locales"
FALLBACK = "en"


@cache
def languages() -> tuple[str, ...]:
    """Those with a file of texts."""
    paths = map(PurePosixPath, static_assets())
    return tuple(sorted(path.stem for path in paths if path.parent.as_posix() == FOLDER and path.suffixes == [".json"]))


@cache
def first_words(language: str) -> Mapping[str, str]:
    """What the messenger may have to say at once, or when nothing can be fetched, by the texts' names."""
    return _read(language)


@cache
def words(language: str) -> Mapping[str, str]:
    """All that the messenger says in one of :func:`languages`, by the texts' names."""
    return {**first_words(language), **_read(f"{language}.later")}


def _read(name: str) -> dict[str, str]:
    read: dict[str, str] = json.loads(static_assets()[f"{FOLDER}/{name}.json"].content)
    return read


def choose_language(*tags: str | None) -> str:
    """The first that there is: of each tag (BCP 47) itself, then its primary language; English if there is none."""
    known = {language.lower(): language for language in languages()}
    for tag in filter(None, tags):
        for name in (tag, tag.split("-")[0]):
            if name.lower() in known:
                return known[name.lower()]
    return FALLBACK
