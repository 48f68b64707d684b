"""Does once, before the processes part that read the pages, what each would do by itself at its first notebook.

It has nbformat's validator compiled, MyST-NB's renderers looked up among all that is installed, the addresses of the
machine asked for, and modules imported: an eighth of a second, in a process for every page.
"""

from __future__ import annotations

from importlib import import_module

from jupyter_client.localinterfaces import localhost
from myst_nb.core.render import load_mime_renders, load_renderer
from nbformat.v4 import new_notebook
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

IMPORTED = ["docutils.languages.en", "ipykernel.kernelspec", "xml.dom.minidom"]


def beforehand(_app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Does it; a page that is read alone may be no notebook."""
    if len(pages) > 1:
        new_notebook()
        load_renderer(env.mystnb_config.render_plugin)  # type: ignore[attr-defined]  # an attribute of MyST-NB's
        load_mime_renders()
        localhost()
        for name in IMPORTED:
            import_module(name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers it."""
    app.connect("env-before-read-docs", beforehand)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
