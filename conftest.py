"""Loads the plugin that makes tests of the cells (tests/book/cells.py), where tests are collected, and pytest's own for testing plugins."""

import gc
import sys
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import Phase, settings

from book._ext.lean import leave_out
from book._ext.npm import node_modules
from tests.book.building import builder
from tests.uncounted import uncounted

pytest_plugins = ["pytester"]
# These have no examples, and to import them has effects, or takes long.
collect_ignore = ["book/conf.py", "tests/book/builder.py"]

# No clocks, and the same examples on every machine: a test that fails, fails because of the change.
settings.register_profile("book", deadline=None, derandomize=True)
# To notice a mutant, a failure need not be made simple.
settings.register_profile("mutation", settings.get_profile("book"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("book")


def pytest_configure(config: pytest.Config) -> None:
    """Loads the plugin of the cells where tests are collected; a process that only hands them out has the builder made ready for all."""
    option = config.option
    if getattr(option, "numprocesses", None) and not option.collectonly and not hasattr(config, "workerinput"):
        for folder in ("book", "book/lab"):  # before several processes would fetch the same
            node_modules(Path(__file__).parent / folder)
        builder()
    else:
        leave_out()
        config.pluginmanager.import_plugin("tests.book.cells")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Has the package's modules counted as they are imported, and all else that is imported for the tests not: it takes as long again.

    What is there when the tests begin stays to the end, and Python's collector need not look at it again and again.
    """
    if sys.gettrace():
        for module in iter_modules([str(Path(__file__).parent / "src" / "chainrule")]):
            import_module(f"chainrule.{module.name}")
    gc.disable()
    try:
        with uncounted():
            return (yield)
    finally:
        gc.freeze()
        gc.enable()
