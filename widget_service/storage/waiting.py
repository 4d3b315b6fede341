"""Calls that stop a whole thread, made so that under gevent only the caller waits."""

from collections.abc import Callable
from typing import TypeVar

from gevent import get_hub, monkey

Result = TypeVar("Result")


def is_gevent() -> bool:
    """Whether this process runs on gevent's hub."""
    return bool(monkey.is_module_patched("threading"))


def offload(call: Callable[[], Result]) -> Result:
    """Runs the call on a native thread under gevent, so that the hub goes on; elsewhere right here."""
    if not is_gevent():
        return call()
    result: Result = get_hub().threadpool.apply(call)
    return result
