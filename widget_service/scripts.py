"""What a browser is given of the sources: ES modules joined to one, comments and needless spaces taken out.

Joining puts text behind text, so the modules keep to a grammar: ``import { a, b } from "./x.js";`` and ``export``
before a declaration, each at the beginning of a line; a name at the top of one module is at the top of no other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import rcssmin  # type: ignore[import-untyped]
import rjsmin  # type: ignore[import-untyped]

_IMPORT = re.compile(r'^import \{([\w\s,]+)\} from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let) (\w+))", re.MULTILINE)
_TOP = re.compile(
    r"^(?:/\*.*?\*/ )?(?:async function|function|class|const|let) (?:(\w+)|[\[{]([\w\s,]+)[\]}] =)", re.MULTILINE
)
# import(…) and import.meta are expressions: they stay.
_FOREIGN = re.compile(r"^[ \t]*(?:import\b(?!\s*[.(])|export\b)", re.MULTILINE)
_LATE = re.compile(r'\bimport\("\./([\w-]+\.js)"\)')
_WAIT = re.compile(r"^(?:(?:const|let) .*?= )?await\b", re.MULTILINE)
# What rjsmin takes for something else: an inner template for code, an arrow's pattern for a division or a comment.
_NESTED = re.compile(r"`[^`]*\$\{[^`}]*`")
_ARROW = re.compile(r"=>\s*/[^/*]")


class NotServable(Exception):
    """A source does not keep to the grammar. The message names its file and line."""

    def __init__(self, name: str, before: str, reason: str) -> None:
        super().__init__(f"{name}:{before.count(chr(10)) + 1}: {reason}")


@dataclass(frozen=True, slots=True)
class Module:
    """One source file."""

    name: str
    source: str

    def imports(self) -> Iterator[tuple[str, set[str]]]:
        """The files that it asks for names, and the names."""
        return ((found[2], set(re.findall(r"\w+", found[1]))) for found in _IMPORT.finditer(self.source))

    def exports(self) -> set[str]:
        """The names that it gives."""
        return {found[1] for found in _EXPORT.finditer(self.source)}

    def names(self) -> Iterator[tuple[str, str]]:
        """The names at its top, each with the text before it."""
        body = self.body()
        for found in _TOP.finditer(body):
            yield from ((name, body[: found.start()]) for name in re.findall(r"\w+", found[1] or found[2]))

    def body(self) -> str:
        """Without imports, its exports as plain declarations, every line where it was. Raises NotServable."""
        body = _EXPORT.sub("", _IMPORT.sub(lambda found: "\n" * found[0].count("\n"), self.source))
        _refuse(self.name, body, _FOREIGN, "imports and exports have one form each")
        return body


def join(entry: str, sources: Mapping[str, str]) -> tuple[str, set[str]]:
    """One module that does what ``entry`` does with all that it imports, and the names of those files."""
    modules = [Module(name, sources[name]) for name in _ordered(entry, sources, set())]
    joined = {module.name: module for module in modules}
    for module in modules:
        for other, names in module.imports():
            if missing := names - joined[other].exports():
                raise NotServable(module.name, "", f"{other} does not export {', '.join(sorted(missing))}")
        if module.name != entry:
            _refuse(module.name, module.body(), _WAIT, "only the entry may wait at its top")
    _require_own_names(modules)
    whole = "\n".join(module.body() for module in modules)
    for late in _LATE.findall(rjsmin.jsmin(whole)):  # not those of comments, which name types
        if {late, *_ordered(late, sources, set())} & joined.keys():
            raise NotServable(late, "", f"would be loaded again: it is part of {entry}, or imports a part")
    return whole, set(joined)


def strip_script(source: str) -> str:
    """JavaScript without comments and needless spaces; ``/*!`` comments stay."""
    return str(rjsmin.jsmin(source, keep_bang_comments=True))


def require_strippable(name: str, source: str) -> None:
    """Raises NotServable where :func:`strip_script` would change what a script does."""
    _refuse(name, source, _NESTED, "a template within a template")
    _refuse(name, source, _ARROW, "a pattern just after an arrow: put it into brackets, or give it a name")


def strip_style(source: str) -> str:
    """CSS without comments and needless spaces."""
    return str(rcssmin.cssmin(source))


def _ordered(name: str, sources: Mapping[str, str], seen: set[str]) -> Iterator[str]:
    """As a browser evaluates them: what is imported goes first, and once; circles are cut where they close."""
    seen.add(name)
    for other, _ in Module(name, sources[name]).imports():
        if other not in sources:
            raise NotServable(name, "", f"there is no {other}")
        if other not in seen:
            yield from _ordered(other, sources, seen)
    yield name


def _require_own_names(modules: Iterable[Module]) -> None:
    owners: dict[str, str] = {}
    for module in modules:
        for name, before in module.names():
            if owners.setdefault(name, module.name) != module.name:
                raise NotServable(module.name, before, f"{owners[name]} has a {name} at its top too")


def _refuse(name: str, text: str, form: re.Pattern[str], reason: str) -> None:
    if found := form.search(text):
        raise NotServable(name, text[: found.start()], reason)
