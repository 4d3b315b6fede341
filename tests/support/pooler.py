"""PgBouncer as a throw-away server in front of a throw-away PostgreSQL, on a Unix socket like it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.support.servers import PostgresCluster, find_program, wait_until

PORT = 6432  # the name of its socket; nobody else's, as the folder is its own


class PgBouncer:
    """One PgBouncer. It refuses to run as root, so root starts it as nobody."""

    def __init__(self, cluster: PostgresCluster, pool_mode: str = "transaction", **options: object) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pb-"))
        users, file = self.folder / "users", self.folder / "ini"
        users.write_text('"app" ""\n')
        settings = {
            "listen_addr": "",
            "listen_port": PORT,
            "unix_socket_dir": self.folder,
            "auth_type": "any",
            "auth_file": users,
            "pool_mode": pool_mode,
            "default_pool_size": 4,
            "max_client_conn": 500,
            "ignore_startup_parameters": "",
            **options,
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        databases = f"* = host={cluster.folder} user=app"
        file.write_text("\n".join(["[databases]", databases, "[pgbouncer]", *lines, ""]))
        if os.geteuid() == 0:
            for path in (self.folder, users, file):
                shutil.chown(path, "nobody", "nogroup")
        as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
        program = [*(as_nobody if os.geteuid() == 0 else []), find_program("pgbouncer"), "--quiet", str(file)]
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(program, cwd=self.folder, stdout=self.log, stderr=self.log)
        wait_until(self._answers, "PgBouncer to answer", seconds=10)

    def url(self, database_url: str) -> str:
        """The same database, through the pooler."""
        database = database_url.partition("@/")[2].partition("?")[0]
        return f"postgresql://app@/{database}?host={quote(str(self.folder), safe='')}&port={PORT}"

    def remove(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("@/postgres?"), autocommit=True) as connection:
                return connection.execute("SELECT 1").fetchone() is not None
        except psycopg.OperationalError:
            return False
