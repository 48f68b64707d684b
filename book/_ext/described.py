"""Refuses a picture that nobody has described: it shows nothing to a reader who does not see it.

What `show` and `draw` put on a page is described, or fails its cell. There are other ways to a picture: an image of
Markdown, or a cell that ends in an object which Jupyter can paint.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from book._ext.where import where

logger = logging.getLogger(__name__)


class Pictures(HTMLParser):
    """Looks in HTML for a picture without words for it, and without the word that it needs none."""

    undescribed = False
    inside = 0  # how many svg elements; what is in one is described with it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name for name, value in attrs if value}
        if tag == "img":
            self.undescribed |= "alt" not in said
        elif tag == "svg":
            self.undescribed |= not self.inside and not said & {"aria-label", "aria-labelledby", "aria-hidden"}
            self.inside += 1

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "svg"


def undescribed(html: str) -> bool:
    """Whether there is a picture in the HTML that nobody has described."""
    pictures = Pictures()
    pictures.feed(html)
    return pictures.undescribed


class Described(SphinxPostTransform):
    """Logs every picture without a description, and every figure without a picture, with the line of its cell or its own."""

    default_priority = 10  # as soon as MyST-NB has chosen which of a cell's outputs is shown
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for node in self.document.findall():
            match node:
                case nodes.image() if not node.get("alt", "").strip():
                    self.complain("a picture without a description", node, str(node["uri"]))
                case nodes.raw() if node["format"] == "html" and undescribed(node.astext()):
                    self.complain("a picture without a description", node, node.astext())
                case nodes.figure() if not any(isinstance(part, (nodes.image, nodes.raw)) for part in node.findall()):
                    self.complain("a figure without a picture", node, "")

    def complain(self, what: str, node: nodes.Node, text: str) -> None:
        place = node
        while place.parent is not None:
            place = place.parent
            if isinstance(place, nodes.Element) and place.get("nb_element") == "cell_code":
                node, text = place, next(place.findall(nodes.literal_block)).astext()
        remedy = "end the cell with show(figure, description=…); in a text write ![description](file)"
        logger.error("%s: %s", what, remedy, location=where(self.env, node, text), type="described")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the transform."""
    app.add_post_transform(Described)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
