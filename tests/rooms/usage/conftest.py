"""A fixed moment: months must not end while a test runs."""

from datetime import UTC, datetime

import pytest

#: Late enough in a month, and not so late that a test would cross its end.
NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW
