"""Prepares what may be wider than the page, tables and formulas, for scrolling inside itself."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class OneIdEach(SphinxPostTransform):
    """Furo puts tables and formulas into a box and gives the box their ids as well; an id may stand only once."""

    default_priority = 501  # right after Furo's
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for box in self.document.findall(nodes.container):
            if {"table-wrapper", "math-wrapper"} & set(box["classes"]):
                box["ids"], box["names"] = [], []


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the transform; `book.js` makes what does scroll reachable by keyboard."""
    app.add_post_transform(OneIdEach)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
