"""Leaves out of a build what this book has no use for; it stands before MyST-NB among the extensions.

That is the ways to execute a notebook other than `inline`, which import a database, half a second's work; and the search
for garbage among the objects of a book, which are needed to the end.
"""

from __future__ import annotations

import gc
import sys
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

#: The modules that MyST-NB takes the other ways from, and what they are called.
UNUSED = {"cache": "NotebookClientCache", "direct": "NotebookClientDirect"}


def leave_out() -> None:
    """Puts empty modules in place of the unused ones, before MyST-NB is imported."""
    for name, client in UNUSED.items():
        module = ModuleType(f"myst_nb.core.execute.{name}")
        setattr(module, client, None)
        sys.modules.setdefault(module.__name__, module)


def only_inline(_app: Sphinx, config: Config) -> None:
    """The other ways are not there."""
    if config.nb_execution_mode != "inline":
        raise ConfigError(f"nb_execution_mode must be 'inline', as lean.py has it, and is {config.nb_execution_mode!r}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Leaves out the unused ways, and stops the collector."""
    leave_out()
    gc.disable()
    app.connect("config-inited", only_inline)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
