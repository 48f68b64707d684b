"""Mends what the theme and docutils write around tables and formulas: ids that stand twice, heads of nothing."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator


class OneIdEach(SphinxPostTransform):
    """Furo puts tables and formulas into a box and gives the box their ids as well; an id may stand only once."""

    default_priority = 501  # right after Furo's
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for box in self.document.findall(nodes.container):
            if {"table-wrapper", "math-wrapper"} & set(box["classes"]):
                box["ids"], box["names"] = [], []


def visit_entry(self: HTML5Translator, node: nodes.entry) -> None:
    """A cell of a table; an empty one, as in the corner of a head, is no head of anything."""
    HTML5Translator.visit_entry(self, node)
    if not node.children and self.body[-1].startswith("<th"):
        self.body[-1] = self.body[-1].replace("<th", "<td")
        self.context[-1] = "</td>\n"


def depart_entry(self: HTML5Translator, node: nodes.entry) -> None:
    HTML5Translator.depart_entry(self, node)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the transform and the visitor."""
    app.add_post_transform(OneIdEach)
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
