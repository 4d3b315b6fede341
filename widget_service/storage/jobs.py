"""The worker's job queue (Huey): in Redis when it is configured, which several workers share, else in a file.

Only hints pass through it: what is to be done stands in the database, so the queue may be lost at any time.
"""

import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from huey import RedisHuey, SqliteHuey  # type: ignore[import-untyped]
from huey.registry import Message  # type: ignore[import-untyped]
from huey.serializer import Serializer  # type: ignore[import-untyped]

from widget_service.errors import Unavailable
from widget_service.storage.engine import find_sqlite_path

NAME = "widget"


class JsonSerializer(Serializer):  # type: ignore[misc]
    """Jobs as JSON: Huey's own pickles would run whatever somebody who reaches the queue writes into it."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        members = json.loads(bytes(data))
        return Message(*members) if isinstance(members, list) else members


class Jobs:
    """A Huey with its failures translated."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        options = {"name": NAME, "results": False, "serializer": JsonSerializer()}
        if redis_url:
            self.huey = RedisHuey(url=redis_url, read_timeout=1, **options)
            return
        self.huey = SqliteHuey(filename=self._file(database_url), fsync=False, cache_mb=1, **options)

    def count(self) -> int:
        """How many jobs wait. Raises Unavailable."""
        try:
            return int(self.huey.pending_count())
        except self._failures() as error:
            raise Unavailable(f"jobs: {type(error).__name__}") from error

    def add(self, task: Any, *arguments: str) -> None:
        """Queues a call of a Huey task. Raises Unavailable."""
        try:
            task(*arguments)
        except self._failures() as error:
            raise Unavailable(f"jobs: {type(error).__name__}") from error

    def close(self) -> None:
        """Removes what is nobody else's."""
        if self._folder is not None:
            self._folder.cleanup()

    def _file(self, database_url: str) -> str:
        database = find_sqlite_path(database_url)
        if database is None:
            self._folder = tempfile.TemporaryDirectory(prefix="widget-jobs-")
            return str(Path(self._folder.name) / "jobs")
        file = f"{database}-jobs"
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        return file

    def _failures(self) -> tuple[type[Exception], ...]:
        if isinstance(self.huey, SqliteHuey):
            return (sqlite3.Error, OSError)
        import redis  # an extra, loaded with WIDGET_REDIS_URL only

        return (redis.RedisError, OSError)
