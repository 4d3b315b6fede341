"""The parts of one running app, wired in ``app.py`` and reached by the views."""

import time
from dataclasses import dataclass
from typing import cast

from flask import current_app

from widget_service.backoffice.gateway import Gateway
from widget_service.encryption import Cipher
from widget_service.helpdesk_access import VendorAccess
from widget_service.settings import Settings
from widget_service.storage import Storage
from widget_service.storage.directory import Directory
from widget_service.storage.fanout import Fanout
from widget_service.storage.recorder import Recorder
from widget_service.storage.replay import ProofMemory
from widget_service.views.limits import Limits
from widget_service.views.metrics import Metrics
from widget_service.views.taken import TakenDeliveries

NAME = "widget-service"


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a view may use."""

    settings: Settings
    storage: Storage
    directory: Directory
    proofs: ProofMemory
    fanout: Fanout
    recorder: Recorder
    cipher: Cipher
    limits: Limits
    metrics: Metrics
    gateway: Gateway
    vendors: VendorAccess
    taken: TakenDeliveries

    def close(self) -> None:
        """Gives back the threads and the connections to the store; the app answers no more. Raises Unavailable."""
        self.fanout.close()
        try:
            self.recorder.close()
        finally:
            self.storage.close()


def runtime() -> Runtime:
    """The runtime of the app that answers this request."""
    return cast("Runtime", current_app.extensions[NAME])


def clock() -> int:
    """Unix seconds, once per request."""
    return int(time.time())
