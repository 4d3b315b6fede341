"""The rules of addresses: how a path is matched to a view."""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import BaseConverter, Rule


class WholeConverter(BaseConverter):
    """A player id in a path: any characters, slashes included."""

    regex = ".{1,255}"
    part_isolating = False


class MatchedRule(Rule):
    """A rule that builds addresses only if somebody asks it to.

    Werkzeug compiles two functions for each rule that build its address, which is most of what making an app costs, and
    no view of ours asks for one. Under another name in a later Werkzeug they would be compiled as ever.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_builder = super()._compile_builder

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            compiled: Callable[..., tuple[str, str]] = compile_builder(append_unknown).__get__(rule, None)
            return compiled(**values)

        return build
