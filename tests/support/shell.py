"""The command line run inside the test, on an installation of its own."""

import json
from typing import Any

from click.testing import Result

from tests.support.service import run_here, settings_for

CASINO = "https://casino.example"
PUBLIC_URL = "https://support.example"


class Shell:
    """Runs commands inside this process, on an installation of its own."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        self.environment = settings_for(database_url, settings.pop("public_url", PUBLIC_URL), **settings)

    @property
    def database_url(self) -> str:
        return self.environment["WIDGET_DATABASE_URL"]

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        return run_here(self.environment, *arguments, stdin=stdin)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Any:
        result = self.run(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        return json.loads(result.stdout)

    def refused(self, *arguments: str, stdin: str | None = None) -> str:
        """The one line on standard error."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 2, result.output
        assert len(result.stderr.splitlines()) == 1
        assert "Traceback" not in result.output
        return result.stderr.strip()

    def workspace(self, *options: str) -> Any:
        return self("workspace", "create", "--name", "Casino", "--origin", CASINO, *options)
