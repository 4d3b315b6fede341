"""Deliveries that were taken: what this process knows of them, so that a repetition asks no database."""

from collections import OrderedDict

from widget_service.ids import digest

CAPACITY = 4096


class TakenDeliveries:
    """The newest ones. The database knows all of a day, and alone decides which bringer is the first."""

    def __init__(self) -> None:
        self._taken: OrderedDict[bytes, None] = OrderedDict()

    def has(self, connection_id: str, delivery_key: str) -> bool:
        """Whether it was taken for certain; False says nothing."""
        return _name(connection_id, delivery_key) in self._taken

    def add(self, connection_id: str, delivery_key: str) -> None:
        """Once the database has it."""
        self._taken[_name(connection_id, delivery_key)] = None
        if len(self._taken) > CAPACITY:
            self._taken.popitem(last=False)


def _name(connection_id: str, delivery_key: str) -> bytes:
    return digest(f"{connection_id}\0{delivery_key}")
