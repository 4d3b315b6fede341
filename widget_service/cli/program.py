"""What all commands share: nouns found when called, ``--json``, several values after one flag, one line of refusal."""

import json
import sys
from collections.abc import MutableMapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

import click
import structlog

from widget_service.cli.answers import Answer
from widget_service.errors import ConfigurationError, ServiceError, Unavailable
from widget_service.logs import configure_logging

#: In the order of the help. Each is the ``command`` of ``cli/<name>.py``; one whose file is missing is left out.
NAMES = (
    "demo",
    "serve",
    "worker",
    "back-office",
    "db",
    "settings",
    "workspace",
    "brand",
    "origin",
    "snippet",
    "key",
    "token",
    "webhook",
    "helpdesk",
    "backoffice",
    "session",
    "player-token",
    "doctor",
    "service-key",
    "secret-key",
)
_AS_JSON = "widget_service.as_json"


class Verb(click.Command):
    """A command that returns an Answer, shown as lines or, with ``--json``, as one object."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        as_json = click.Option(
            ["--json"], is_flag=True, expose_value=False, callback=_note_json, help="Print one JSON object."
        )
        self.params.append(as_json)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads ``--origin A B`` as ``--origin A --origin B``."""
        several = [option for option in self.params if isinstance(option, click.Option) and option.multiple]
        return super().parse_args(ctx, spread(args, [name for option in several for name in option.opts]))

    def invoke(self, ctx: click.Context) -> None:
        """Runs the command and shows its answer."""
        answer: Answer = super().invoke(ctx)
        if ctx.meta.get(_AS_JSON):
            click.echo(json.dumps(answer.members, ensure_ascii=False))
        else:
            for line in answer.lines:
                click.echo(line)
        if answer.failure is not None:
            raise ConfigurationError(answer.failure)


class Noun(click.Group):
    """The commands of one noun."""

    command_class = Verb


class Program(click.Group):
    """All nouns, and the only place where an error becomes a line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names whose files are there."""
        return [name for name in NAMES if find_spec(_module(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the noun."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return _load(cmd_name)

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """All of them, loaded: for whoever looks through the whole command line."""
        return {name: _load(name) for name in self.list_commands(click.Context(self))}

    @commands.setter
    def commands(self, _given: MutableMapping[str, click.Command]) -> None:
        """Nothing is registered: what is there decides."""

    def main(self, *arguments: Any, **options: Any) -> NoReturn:
        """Runs the program to its exit: 0, or 2 with one line on standard error."""
        options["standalone_mode"] = False
        if not structlog.is_configured():
            configure_logging("warning")  # else what is logged would stand between the lines of the answer
        try:
            code = super().main(*arguments, **options)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(0)
        except click.Abort:
            _refuse("interrupted")
        except click.ClickException as error:
            _refuse(f"{error.format_message()}{_see_help(error)}")
        except ConfigurationError as error:
            _refuse(str(error))
        except Unavailable as error:
            _refuse(f"The database cannot be reached: {error.reason}")
        except ServiceError as error:
            _refuse(f"{error.message} ({error.reason})")
        except UnicodeEncodeError:
            _refuse("an argument is not UTF-8 text")  # such a byte arrives as a lone surrogate
        except BrokenPipeError:
            sys.exit(0)  # whoever read our output has had enough
        except Exception as error:
            # A fault of our own is one line too; "python -X dev -m widget_service.cli …" shows where it is.
            if sys.flags.dev_mode:
                raise
            _say(f"internal error: {type(error).__name__}: {error}")
            raise SystemExit(2) from error
        sys.exit(code if isinstance(code, int) else 0)


def spread(args: Sequence[str], names: Sequence[str]) -> list[str]:
    """The arguments with the flag repeated before each of its values: up to the next thing that begins with ``-``."""
    result: list[str] = []
    flag: str | None = None
    fresh = False
    for argument in args:
        name, equals, _ = argument.partition("=")
        if name in names:
            flag, fresh = name, not equals
        elif argument.startswith("-") and argument != "-" and not fresh:
            flag = None
        elif flag is not None and not fresh:
            result.append(flag)
        else:
            fresh = False
        result.append(argument)
    return result


def _note_json(ctx: click.Context, _option: click.Parameter, chosen: bool) -> None:
    ctx.meta[_AS_JSON] = chosen


def _load(name: str) -> click.Command:
    command: click.Command = import_module(_module(name)).command
    return command


def _module(name: str) -> str:
    return f"widget_service.cli.{name.replace('-', '_')}"


def _see_help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" See: {context.command_path} --help" if context is not None else ""


def _refuse(message: str) -> NoReturn:
    _say(message)
    sys.exit(2)


def _say(message: str) -> None:
    click.echo(f"widget-service: {' '.join(message.split())}", err=True)
