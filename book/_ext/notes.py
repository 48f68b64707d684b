"""Writes citations and footnotes as plain blocks: docutils gives them ARIA roles that are deprecated or misplaced."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def visit(self: HTML5Translator, node: nodes.citation | nodes.footnote) -> None:
    """A note; the first of a run opens their list."""
    if not isinstance(node.previous_sibling(), type(node)):
        self.body.append(f'<div class="{node.tagname}-list">\n')
    self.body.append(self.starttag(node, "div", CLASS="note-entry"))


def depart(self: HTML5Translator, node: nodes.citation | nodes.footnote) -> None:
    """The last of a run closes their list."""
    self.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), type(node)):
        self.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Replaces the visitors."""
    for node in (nodes.citation, nodes.footnote):
        app.add_node(node, override=True, html=(visit, depart))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
