"""Keeps the punctuation beside a formula on the formula's line; browsers break lines between the two."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

OPENING, CLOSING = re.compile(r"[(\[“‘]+$"), re.compile(r"^[,.;:?!)\]”’–-]+")


class Glue(SphinxPostTransform):
    """Puts a formula and the marks around it into one element, in which book.css allows no break."""

    default_priority = 700
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for formula in list(self.document.findall(nodes.math)):
            parent, index = formula.parent, formula.parent.index(formula)
            before = self.take(parent, index - 1, OPENING) if index else ""
            after = self.take(parent, index + 1, CLOSING) if index + 1 < len(parent) else ""
            if before or after:
                glued = nodes.inline("", classes=["glued"])
                parent.replace(formula, glued)
                glued += [nodes.Text(before), formula, nodes.Text(after)]

    def take(self, parent: nodes.Element, index: int, marks: re.Pattern[str]) -> str:
        """Takes the marks that it finds out of the text at `index`, if that is text."""
        text = parent[index].astext()
        found = marks.search(text) if isinstance(parent[index], nodes.Text) else None
        if found:
            parent[index] = nodes.Text(marks.sub("", text))
        return found[0] if found else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the transform."""
    app.add_post_transform(Glue)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
