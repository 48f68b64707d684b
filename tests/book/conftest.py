"""These tests are of the build: while they run, lines of the package do not count."""

from collections.abc import Iterator

import pytest

from tests.uncounted import uncounted


@pytest.fixture(autouse=True)
def _uncounted() -> Iterator[None]:
    with uncounted():
        yield
