"""Mends what docutils and the theme write: ids that stand twice, heads of nothing, headings without a level."""

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


def no_headings(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """The captions of tables of contents claim to be headings and do not say of which level."""
    for part in ("body", "furo_navigation_tree"):
        if part in context:
            context[part] = context[part].replace('<p class="caption" role="heading">', '<p class="caption">')


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the transform, the visitor and the correction."""
    app.add_post_transform(OneIdEach)
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    app.connect("html-page-context", no_headings, priority=900)  # after the theme's own
    return {"parallel_read_safe": True, "parallel_write_safe": True}
