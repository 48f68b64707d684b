"""Lets coverage rest where counting lines takes longer than running them, and where lines are not to count."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncounted() -> Iterator[None]:
    """What runs inside is not traced; pytest-cov's own mark leaves a second tracer on where tests run in parallel."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
