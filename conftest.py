"""What the tests of both folders share."""

from tests.support.scratch import pytest_configure, pytest_unconfigure

__all__ = ["pytest_configure", "pytest_unconfigure"]
