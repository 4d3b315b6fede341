"""What is done to a value on its way to a canonical member. None stays None; what cannot be done raises Unreadable."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from widget_service.backoffice.canonical.currencies import as_code
from widget_service.backoffice.connector import amounts
from widget_service.backoffice.connector.amounts import Unreadable, read_number
from widget_service.backoffice.connector.fields import Field, Subunits
from widget_service.backoffice.connector.paths import Ambiguous
from widget_service.backoffice.connector.scope import Scope, as_key, is_one_of

UNKNOWN = "unknown"


def evaluate(field: Field, scope: Scope) -> object:
    """A field's value: its source, transformed, or what stands in for it. Not yet what the canonical member takes."""
    value = _take(field, scope)
    if value is None and field.otherwise is not None:
        return evaluate(field.otherwise, scope)
    return value


def raw_text(field: Field, scope: Scope) -> str | None:
    """What the platform said, for ``raw_status``."""
    found = [value for value in _operands_as_found(field, scope) if isinstance(value, (str, int, Decimal))]
    if not found:
        return raw_text(field.otherwise, scope) if field.otherwise is not None else None
    return "/".join(map(as_key, found))


def find_currency(field: Field | None, scope: Scope) -> str | None:
    """The currency of an amount: the field's own, else the place's, else the document's."""
    for named in (field.currency if field else None, None if scope.currency else scope.currency_field):
        if named is not None and (code := evaluate(named, scope)) is not None:
            return _code(code)
    if scope.currency:
        return scope.currency
    if scope.given.currency is not None and (code := evaluate(scope.given.currency, scope)) is not None:
        return _code(code)
    return None


def _code(value: object) -> str:
    try:
        return as_code(as_key(value))
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _take(field: Field, scope: Scope) -> object:
    if field.constant is not None:
        return field.constant
    if field.setting is not None:
        return scope.given.settings.get(field.setting) or None
    if field.argument is not None:
        return scope.arguments.get(field.argument)
    if field.transform is not None and field.transform in _OF_MANY:
        return _OF_MANY[field.transform](field, scope)
    if field.transform == "boolean" and field.present:
        return _boolean_of_presence(field, scope)
    if field.transform == "in_future":
        return _in_future(field, scope)
    value = evaluate_first(field, scope)
    if field.transform is None or (value is None and field.transform != "bool_to_kyc"):
        return value
    return _OF_ONE[field.transform](value, field, scope)


def evaluate_first(field: Field, scope: Scope) -> object:
    """The untransformed value of a field with paths, or of the first of its operands that has one."""
    if field.path:
        return _says(scope.find(field.path), field)
    return next((value for operand in field.of if (value := evaluate(operand, scope)) is not None), None)


def _says(value: object, field: Field) -> object:
    """None for what the document says means nothing."""
    is_plain = isinstance(value, (str, int, Decimal))
    return None if field.nothing and is_plain and is_one_of(value, field.nothing) else value


def _operands(field: Field, scope: Scope) -> list[object]:
    return [evaluate(operand, scope) for operand in field.of]


def _operands_as_found(field: Field, scope: Scope) -> list[object]:
    return _operands(field, scope) if field.of else [_says(scope.find(field.path), field) if field.path else None]


def _minor_units(value: object, field: Field, scope: Scope) -> Decimal:
    currency = find_currency(field, scope)
    declared = field.subunits if field.subunits is not None else scope.given.subunits
    if isinstance(declared, Subunits):
        declared = _listed_subunits(declared, scope)
    return amounts.from_minor_units(value, amounts.subunits_of(currency, declared))


def _listed_subunits(listed: Subunits, scope: Scope) -> Mapping[str, int]:
    there, found = scope.find_there(listed.list)
    if not there or not isinstance(found, list):
        raise Unreadable("no list of currencies")
    each = [(scope.at(item).find(listed.code), scope.at(item).find(listed.subunits)) for item in found]
    return {as_key(code).upper(): amounts.read_integer(units) for code, units in each if code and units is not None}


def _currency_key(value: object, field: Field, scope: Scope) -> object:
    if not isinstance(value, Mapping):
        raise Unreadable("no object keyed by currency")
    currency = find_currency(field, scope)
    if currency is None:
        return next(iter(value.values())) if len(value) == 1 else None
    found = [amount for code, amount in value.items() if str(code).upper() == currency]
    if len(found) > 1:
        raise Ambiguous("several amounts in one currency")
    return found[0] if found else None


def _sole_key(value: object, _field: Field, _scope: Scope) -> object:
    if not isinstance(value, Mapping):
        raise Unreadable("no object keyed by currency")
    return str(next(iter(value))).upper() if len(value) == 1 else None


def _boolean(value: object, field: Field, _scope: Scope) -> bool | None:
    truths, falsehoods = field.true, field.false
    if truths is None and falsehoods is None:
        if not isinstance(value, bool):
            raise Unreadable("no boolean")
        found: bool | None = value
    elif is_one_of(value, truths or ()):
        found = True
    else:
        found = False if is_one_of(value, falsehoods or ()) else None
    return found if found is None else found is not field.reverse


def _boolean_of_presence(field: Field, scope: Scope) -> bool | None:
    """True where anything is there that says something; what is not there says nothing."""
    found = [one for one in scope.find_all(field.path) if _says(one, field) is not None]
    return not field.reverse if found else None


def _in_future(field: Field, scope: Scope) -> bool | None:
    """Whether a date lies ahead. Null says that there is none; a member that is not there says nothing."""
    there, value = scope.find_there(field.path)
    if not there:
        return None
    moment = scope.read_time(_says(value, field), field.format, field.zone)
    now = scope.arguments.get("now")
    if moment is None:
        return False
    if not isinstance(now, datetime):
        raise Unreadable("no moment to compare with")
    return moment > now


def _bool_to_kyc(value: object, field: Field, _scope: Scope) -> str:
    return "approved" if value is True or (field.present and value is not None and value is not False) else UNKNOWN


def _sign(value: object, field: Field, _scope: Scope) -> str | None:
    number = read_number(value)
    return None if number == 0 else field.positive if number > 0 else field.negative


def _keys(value: object, _field: Field, _scope: Scope) -> list[str]:
    if not isinstance(value, Mapping):
        raise Unreadable("no object")
    return [str(name) for name in value]


_OF_ONE: Mapping[str, Callable[[object, Field, Scope], object]] = {
    "text": lambda value, _field, _scope: as_key(value),
    "number": lambda value, _field, _scope: read_number(value),
    "integer": lambda value, _field, _scope: amounts.read_integer(value),
    "minor_units": _minor_units,
    "currency_key": _currency_key,
    "sole_key": _sole_key,
    "date": lambda value, field, scope: scope.read_time(value, field.format, field.zone),
    "boolean": _boolean,
    "bool_to_kyc": _bool_to_kyc,
    "absolute": lambda value, _field, _scope: abs(read_number(value)),
    "sign": _sign,
    "keys": _keys,
}


def _enum(field: Field, scope: Scope) -> str | None:
    found = _operands_as_found(field, scope)
    if all(value is None for value in found):
        return None
    parts = ["" if value is None else as_key(value) for value in found]
    for key, canonical in (field.values or {}).items():
        if _fits(key, parts):
            return canonical
    return field.unmapped or UNKNOWN


def _fits(key: str, parts: list[str]) -> bool:
    if len(parts) == 1:
        return key == parts[0]
    wanted = key.split("/")
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))


def _concat(field: Field, scope: Scope) -> str | None:
    parts = [as_key(value).strip() for value in _operands(field, scope) if value is not None]
    return field.separator.join(part for part in parts if part) or None


def _numbers(field: Field, scope: Scope) -> list[Decimal] | None:
    found = _operands(field, scope)
    if any(value is None for value in found):
        if field.missing != "zero" or all(value is None for value in found):
            return None
        found = [0 if value is None else value for value in found]
    return [read_number(value) for value in found]


def _at_least(amount: Decimal, field: Field) -> Decimal:
    return amount if field.at_least is None else max(amount, Decimal(field.at_least))


def _sum(field: Field, scope: Scope) -> Decimal | None:
    """Of everything that the path selects: the only transform of money that takes several values."""
    found = [value for path in field.path[:1] for value in scope.select(path)]
    if not found or (field.missing != "zero" and any(_says(value, field) is None for value in found)):
        return None
    numbers = [read_number(value) for value in found if _says(value, field) is not None]
    return _at_least(amounts.total(numbers), field)


def _add(field: Field, scope: Scope) -> Decimal | None:
    numbers = _numbers(field, scope)
    return None if numbers is None else _at_least(amounts.total(numbers), field)


def _subtract(field: Field, scope: Scope) -> Decimal | None:
    numbers = _numbers(field, scope)
    if numbers is None:
        return None
    return _at_least(amounts.total([numbers[0], *(-number for number in numbers[1:])]), field)


def _divide(field: Field, scope: Scope) -> Decimal | None:
    found = _operands(field, scope)
    if any(value is None for value in found):
        return None
    return amounts.quotient(read_number(found[0]), read_number(found[1]), find_currency(field, scope))


def _strings(field: Field, scope: Scope) -> list[str]:
    found = scope.find_all(field.path)
    if len(found) == 1 and isinstance(found[0], list):
        found = [value for value in found[0] if value is not None and value != ""]
    return [as_key(value) for value in found]


def _labels(field: Field, scope: Scope) -> list[str]:
    return [label for label, paths in (field.labels or {}).items() if scope.find(paths) is True]


_OF_MANY: Mapping[str, Callable[[Field, Scope], object]] = {
    "enum": _enum,
    "concat": _concat,
    "sum": _sum,
    "add": _add,
    "subtract": _subtract,
    "divide": _divide,
    "strings": _strings,
    "labels": _labels,
}
