"""The connectors that come with the service: one TOML file for each platform, found by listing the folder."""

from importlib.resources import files
from importlib.resources.abc import Traversable

from widget_service.errors import ConfigurationError


def available_presets() -> list[str]:
    """Their names, in order."""
    folder = _folder()
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


def read_preset(name: str) -> str:
    """A preset's TOML. Raises ConfigurationError for one that is not there, naming those that are."""
    known = available_presets()
    if name not in known:
        raise ConfigurationError(f"There is no preset {name}. Known: {', '.join(known) or 'none'}")
    return (_folder() / f"{name}.toml").read_text(encoding="utf-8")


def _folder() -> Traversable:
    return files("widget_service.backoffice") / "presets"
