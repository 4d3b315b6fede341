from collections.abc import Iterator

import pytest

from tests.backoffice.connector.upstream import Upstream


@pytest.fixture(scope="session")
def _served() -> Iterator[Upstream]:
    served = Upstream()
    yield served
    served.close()


@pytest.fixture
def upstream(_served: Upstream) -> Upstream:
    """An operator's API without any answers yet."""
    _served.reset()
    return _served
