"""Imports what a build imports: `building.py` has this done once, in a process of which every small build is a fork.

The forks ask one process for the kernels of their pages, and one for their formulas, as those of a parallel build do.
"""

import os
import runpy
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import builtin_extensions
from sphinx.cmd.build import main

from book._ext import card, kernel_server, lab
from book._ext.kernels import server
from tests.book.building import BOOK, write

LATER = [  # what these import when they need it
    "docutils.parsers.rst.directives.admonitions",
    "docutils.parsers.rst.directives.images",
    "docutils.parsers.rst.directives.tables",
    "furo",
    "jupyter_client.kernelspec",
    "myst_nb.core.execute",
    "myst_nb.ext.eval",
    "myst_nb.ext.glue.domain",
    "myst_nb.sphinx_ext",
    "nbclient.client",
    "psutil",
    "sphinx.cmd.build",
    "sphinx.search.en",
    "sphinxcontrib.bibtex.style.names.last",
]

EXTENSIONS = runpy.run_path(str(BOOK / "conf.py"))["extensions"]
for name in (*builtin_extensions, *EXTENSIONS, *LATER, *kernel_server.IMPORTED, *kernel_server.LATER):
    import_module(name)
os.environ.pop("MPLBACKEND", None)  # cells.py sets it, for the pages that pytest runs itself
server()
# The first build in a process compiles patterns and templates and loads lexers, and draws and bundles what others then have.
# This one is of a page without cells, but with a formula, for node to be there; its folders lie beside one another as those of `build` do.
PAGE = "# Page\n\n{term}`Word`: $x$\n\n```{code-block} python\n1\n```\n\n```{glossary}\nWord\n  What it means.\n```\n"
with TemporaryDirectory() as folder:
    built = Path(folder, "built")
    site, doctrees, source = built / "html", built / "doctrees", write(Path(folder, "source"), {"page": PAGE})
    assert not main(["-b", "html", "-Q", "-c", str(BOOK), "-d", str(doctrees), str(source), str(site)])
    made = [site / "_static" / name for name in (*card.PICTURES, *lab.FILES)]
    notes = [doctrees / name for name in (card.STAMP, lab.STAMP, lab.METAFILE)]
    #: What a build keeps for the next one as long as what it was made from is the same, by its place.
    KEPT = {path.relative_to(built): path.read_bytes() for path in (*made, *notes)}
