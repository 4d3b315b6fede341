"""widget-service: carries a casino operator's login safely into the support conversation."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("widget-service")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"
