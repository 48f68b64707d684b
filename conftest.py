"""Loads the plugin that makes tests of the cells (tests/book/cells.py), and pytest's own for testing plugins."""

from hypothesis import settings

pytest_plugins = ["pytester", "tests.book.cells"]
collect_ignore = ["book/conf.py"]  # Sphinx's settings have no examples, and importing them has effects

# No clocks, and the same examples on every machine: a test that fails, fails because of the change.
settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")
