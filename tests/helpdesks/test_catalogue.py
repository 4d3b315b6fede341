"""The catalogue of cases, all sixty: each is shown by a test that has its number in its name.

``pytest tests/helpdesks -k zd_10`` runs one case's tests.
"""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NUMBER = re.compile(r"(?:^|_)(zd|lc)_(\d\d)(?=_)")
CASES = {
    "zd": (
        "fresh and signed, once",
        "replayed within the window",
        "replayed later",
        "timestamps",
        "signature headers",
        "raw bytes",
        "the public test secret",
        "a rotated secret",
        "another tenant's webhook",
        "a forged field",
        "a copied reference",
        "a spoofed e-mail",
        "an external id without authentication",
        "field ids",
        "unknown fields",
        "shapes of the event",
        "cleared, renewed, another player's",
        "out of order",
        "two events of one action",
        "merged, deleted, another requester",
        "an agent's hand",
        "our own change",
        "an injected template",
        "oversize",
        "texts of every kind",
        "bodies of every kind",
        "keys of Sunshine Conversations",
        "batches",
        "a merge after a login",
        "login tokens",
    ),
    "lc": (
        "the right secret",
        "a wrong secret",
        "a replayed body",
        "retries",
        "a slow vendor",
        "a forged variable",
        "another player's reference",
        "a second tab",
        "a changed variable",
        "two chats",
        "out of order",
        "shapes of variables",
        "exact names",
        "ids",
        "another organization",
        "unknown actions",
        "shapes of 3.5",
        "the pre-chat form",
        "who is the customer",
        "an author who is not in the chat",
        "properties that customers may write",
        "our own property",
        "a shared computer",
        "who asks for a customer token",
        "units",
        "an accounts service that is away",
        "a removed customer",
        "oversize",
        "methods and types",
        "changed secrets",
    ),
}
IDS = {f"{vendor}_{number:02}": name for vendor, names in CASES.items() for number, name in enumerate(names, 1)}


def find_tests() -> dict[str, list[str]]:
    """The tests that have a case's number in their names, whatever else has it."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for vendor, number in NUMBER.findall(node.name):
                    found.setdefault(f"{vendor}_{number}", []).append(node.name)
    return found


TESTS = find_tests()


def test_there_are_sixty_cases_and_no_test_has_another_number() -> None:
    assert len(IDS) == 60
    assert set(TESTS) <= set(IDS)


@pytest.mark.parametrize("case", IDS, ids=[f"{case}: {name}" for case, name in IDS.items()])
def test_a_case_is_shown_by_a_test(case: str) -> None:
    assert TESTS.get(case)
