"""Has every message about a page name the right line; MyST-NB's own count is one too many at a page's beginning.

It takes for granted that an empty line stands before each stretch of text, and none stands after the front matter.
"""

from __future__ import annotations

from functools import wraps
from itertools import count
from typing import Any

import myst_nb.core.read
from sphinx.application import Sphinx

read = myst_nb.core.read.read_myst_markdown_notebook


@wraps(read)
def read_with_lines(text: str, *arguments: Any, **keywords: Any) -> Any:
    """The notebook, with the line before each cell in its `source_map`."""
    notebook, lines = read(text, *arguments, **keywords), text.splitlines()
    starts = notebook.metadata.get("source_map", [])  # only where it is asked for
    for i, start in enumerate(starts):
        if notebook.cells[i].cell_type == "markdown":
            start = next(number for number in count(start) if lines[number].strip())
        starts[i] = start - 1
    return notebook


def setup(_app: Sphinx) -> dict[str, bool]:
    """Replaces the reader of pages."""
    myst_nb.core.read.read_myst_markdown_notebook = read_with_lines  # there is no setting for it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
