"""The declarative connector: any operator's own API, described by one TOML document, in canonical shapes."""

from widget_service.backoffice.connector.connector import Connector

__all__ = ["Connector"]
