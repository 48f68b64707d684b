"""Has parallel processes read and write the pages one by one, the long ones first, so that all end at the same time.

Sphinx gives each process one run of pages in the order of the alphabet; the longest run holds up all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sphinx.builders
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def one_by_one(pages: Sequence[Any], processes: int, _at_most: int = 10) -> list[Any]:
    """Each page by itself: the first ones are taken at once, and then, as Sphinx does it, the last one that is left."""
    return [[page] for page in (*pages[:processes], *reversed(pages[processes:]))]


def longest_first(_app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Orders the pages to read by the size of their files, in place; what is made of docstrings comes first."""

    def length(page: str) -> tuple[bool, int]:
        text = env.doc2path(page).read_bytes()
        return b"automodule::" in text, len(text)

    pages.sort(key=length, reverse=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the order, and replaces Sphinx's function that deals the pages out."""
    sphinx.builders.make_chunks = one_by_one  # type: ignore[assignment, attr-defined]  # there is no setting for it
    app.connect("env-before-read-docs", longest_first)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
