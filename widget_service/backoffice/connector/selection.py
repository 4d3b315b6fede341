"""Following a JSONPath through an answer, step by step: python-jsonpath parses it, the evaluation is our own.

The library's evaluation can neither be interrupted nor counted. What is let through is bounded by its form: one
selector in each bracket, no ``..``, and inside a filter no other filter and no walk over the whole answer. So each node
is looked at once for each part of the path, and connector/budget.py bounds the sum of all paths.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from jsonpath import JSONPath
from jsonpath.filter import (
    BaseExpression,
    FilterExpression,
    FilterExpressionLiteral,
    FilterQuery,
    FunctionExtension,
    InfixExpression,
    Nil,
    PrefixExpression,
    RelativeFilterQuery,
    RootFilterQuery,
)
from jsonpath.segments import JSONPathChildSegment
from jsonpath.selectors import (
    Filter,
    IndexSelector,
    JSONPathSelector,
    NameSelector,
    SliceSelector,
    WildcardSelector,
)

from widget_service.backoffice.connector.budget import CHARACTERS_A_STEP, spend

#: One selector: from a node and the root to the nodes that it selects.
Step = Callable[[object, object], list[object]]
#: A part of a filter: what comes of it for one element, ``_NOTHING`` included.
_Term = Callable[[object, object], object]
_NOTHING = object()


def compile_query(query: JSONPath, *, inside: bool = False) -> tuple[Step, ...]:
    """The steps of a query; ``inside`` a filter another filter is refused. Raises ValueError."""
    return tuple(_compile_step(_only_selector(segment), inside=inside) for segment in query.segments)


def select(steps: tuple[Step, ...], document: object, root: object) -> list[object]:
    """All nodes, in the answer's order. Raises BackOfficeUnavailable when the question's budget is spent."""
    nodes = [document]
    spend(1)
    for step in steps:
        found: list[object] = []
        for node in nodes:
            spend(1)
            found += step(node, root)
        nodes = found
    return nodes


def _only_selector(segment: object) -> JSONPathSelector:
    if not isinstance(segment, JSONPathChildSegment):
        raise ValueError("searches at every depth (..): say where it stands")
    if len(segment.selectors) != 1:
        raise ValueError("selects several things in one bracket: write a list of paths")
    return segment.selectors[0]


def _compile_step(selector: JSONPathSelector, *, inside: bool) -> Step:
    match selector:
        case NameSelector(name=name):
            return lambda node, _root: [node[name]] if isinstance(node, Mapping) and name in node else []
        case IndexSelector(index=index):
            return lambda node, _root: _at(node, index)
        case SliceSelector(slice=part):
            return lambda node, _root: _paid(node[part]) if isinstance(node, list) and part.step != 0 else []
        case WildcardSelector():
            return lambda node, _root: _paid(_children(node))
        case Filter(expression=expression) if not inside:
            term = _compile_term(expression)
            return lambda node, root: [one for one in _paid(_children(node)) if _holds(term, one, root)]
    raise ValueError("has a filter inside a filter" if isinstance(selector, Filter) else "is not understood")


def _at(node: object, index: int) -> list[object]:
    return [node[index]] if isinstance(node, list) and -len(node) <= index < len(node) else []


def _children(node: object) -> list[object]:
    if isinstance(node, Mapping):
        return list(node.values())
    return node if isinstance(node, list) else []


def _paid(nodes: list[object]) -> list[object]:
    spend(len(nodes))
    return nodes


def _holds(term: _Term, one: object, root: object) -> bool:
    spend(1)
    return term(one, root) is True


def _compile_term(expression: BaseExpression) -> _Term:
    match expression:
        case FilterExpression(expression=inner):
            return _as_test(inner)
        case Nil():
            return lambda _one, _root: None
        case FilterExpressionLiteral(value=value):
            return lambda _one, _root: value
        case FilterQuery():
            return _compile_single(expression)
        case FunctionExtension(name=name, args=arguments):
            return _compile_function(name, arguments[0])
        case PrefixExpression(right=right):
            test = _as_test(right)
            return lambda one, root: not test(one, root)
        case InfixExpression(left=left, operator=operator, right=right):
            return _compile_infix(left, operator, right)
    raise ValueError("has a filter that is not understood")


def _as_test(expression: BaseExpression) -> _Term:
    """As a condition: a query holds if it selects anything."""
    if not isinstance(expression, FilterQuery):
        return _compile_term(expression)
    nodes = _compile_nodes(expression)
    return lambda one, root: bool(nodes(one, root))


def _compile_nodes(query: FilterQuery) -> Callable[[object, object], list[object]]:
    steps = compile_query(query.path, inside=True)
    if isinstance(query, RelativeFilterQuery):
        return lambda one, root: select(steps, one, root)
    if not isinstance(query, RootFilterQuery) or not query.path.singular_query():
        raise ValueError("walks over the whole answer for each element: only names and numbers follow $ in a filter")
    return lambda _one, root: select(steps, root, root)


def _compile_single(query: FilterQuery) -> _Term:
    nodes = _compile_nodes(query)

    def find(one: object, root: object) -> object:
        found = nodes(one, root)
        return found[0] if len(found) == 1 else _NOTHING

    return find


def _compile_function(name: str, argument: BaseExpression) -> _Term:
    if name == "count" and isinstance(argument, FilterQuery):
        nodes = _compile_nodes(argument)
        return lambda one, root: len(nodes(one, root))
    value = _compile_term(argument)
    return value if name == "value" else lambda one, root: _length(value(one, root))


def _length(value: object) -> object:
    return len(value) if isinstance(value, (str, list, dict)) else _NOTHING


def _compile_infix(left: BaseExpression, operator: str, right: BaseExpression) -> _Term:
    if operator in ("&&", "||"):
        first, second = _as_test(left), _as_test(right)
        if operator == "&&":
            return lambda one, root: first(one, root) is True and second(one, root) is True
        return lambda one, root: first(one, root) is True or second(one, root) is True
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise ValueError(f"compares with {operator}, which is no comparison of RFC 9535")
    a, b = _compile_term(left), _compile_term(right)
    return lambda one, root: compare(a(one, root), b(one, root))


def _equal(a: object, b: object) -> bool:
    if a is _NOTHING or b is _NOTHING:
        return a is b
    if isinstance(a, (dict, list)) or isinstance(b, (dict, list)):
        # Whole objects are never compared: that would cost their size for each element.
        return False
    _pay_for(a, b)
    return isinstance(a, bool) is isinstance(b, bool) and _exact(a) == _exact(b)


def _less(a: object, b: object) -> bool:
    _pay_for(a, b)
    if isinstance(a, str) and isinstance(b, str):
        return a < b
    numbers = (int, float, Decimal)
    if isinstance(a, bool) or isinstance(b, bool) or not isinstance(a, numbers) or not isinstance(b, numbers):
        return False
    return bool(_exact(a) < _exact(b))  # type: ignore[operator]


def _exact(value: object) -> object:
    # 0.1 in a document is the same as 0.1 in an answer, which has no floats.
    return Decimal(repr(value)) if isinstance(value, float) else value


def _pay_for(a: object, b: object) -> None:
    if isinstance(a, str) and isinstance(b, str):
        spend(1 + min(len(a), len(b)) // CHARACTERS_A_STEP)


_COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "==": _equal,
    "!=": lambda a, b: not _equal(a, b),
    "<": _less,
    ">": lambda a, b: _less(b, a),
    "<=": lambda a, b: _less(a, b) or _equal(a, b),
    ">=": lambda a, b: _less(b, a) or _equal(a, b),
}
