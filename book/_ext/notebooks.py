"""Gives every executed page a notebook to download: the same cells with their outputs, the text as plain Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from book._ext.markdown import Markdown
from book._ext.rhythm import Solution

NOTE = "*A page of {}. The cells need the book's package, `chainrule`; they run as they are, top to bottom.*\n\n"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
Cell = dict[str, Any]


class Converter:
    """Walks a resolved page; text is gathered into Markdown cells, code cells are taken as they were executed."""

    def __init__(self, executed: list[Cell], markdown: Markdown, note: str) -> None:
        self.executed, self.markdown, self.note = executed, markdown, note
        self.cells: list[Cell] = []
        self.text = ""
        self.taken = 0  # of the executed cells

    def walk(self, node: nodes.Element, level: int = 0) -> None:
        for child in node.children:
            if isinstance(child, Solution):
                self.heading("Solution", level + 1)  # on the page it has become the words on the fold
                self.walk(child, level + 1)
            elif isinstance(child, nodes.section):
                self.walk(child, level + 1)
            elif isinstance(child, nodes.title):
                self.heading(self.markdown.inline(child), level)
            elif isinstance(child, nodes.container) and child.get("nb_element") == "cell_code":
                self.code_until(child["cell_index"] + 1)
                self.text += "".join(map(self.markdown.figure, child.findall(nodes.figure)))
            else:
                self.text += self.markdown.block(child)

    def heading(self, title: str, level: int) -> None:
        self.text += f"{'#' * level} {title}\n\n{self.note}"
        self.note = ""

    def code_until(self, end: int) -> None:
        """The text so far, and the executed cells up to `end`, with those that the page hides."""
        if self.text.strip():
            self.append({"cell_type": "markdown", "metadata": {}, "source": self.text.strip()})
        self.text = ""
        for cell in self.executed[self.taken : end]:
            if cell["cell_type"] == "code":
                tags = cell["metadata"].get("tags")
                self.append({**cell, "metadata": {"tags": tags} if tags else {}})
        self.taken = end

    def append(self, cell: Cell) -> None:
        self.cells.append({**cell, "id": f"cell-{len(self.cells) + 1}"})  # a random one would differ between builds


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Writes the notebook beside the page, from the one that MyST-NB left in its output folder."""
    if app.builder.format != "html" or "kernelspec" not in app.env.metadata[docname]:
        return
    folder = app.env.mystnb_config.output_folder  # type: ignore[attr-defined]  # an attribute of MyST-NB's
    executed = json.loads(Path(folder, f"{docname}.ipynb").read_text(encoding="utf-8"))
    figures = app.env.toc_fignumbers.get(docname, {}).values()
    numbers = {key: ".".join(map(str, number)) for kind in figures for key, number in kind.items()}
    markdown = Markdown(app.config.katex_macros, numbers)
    converter = Converter(executed["cells"], markdown, NOTE.format(app.config.project))
    converter.walk(doctree)
    converter.code_until(len(executed["cells"]))
    notebook = {
        "cells": converter.cells,
        "metadata": {"kernelspec": KERNEL, "language_info": executed["metadata"]["language_info"]},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    target = Path(app.outdir, f"{docname}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def link(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Tells the template whether there is a notebook."""
    context["has_notebook"] = "kernelspec" in app.env.metadata.get(page, {})


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the writer and the link."""
    app.connect("doctree-resolved", write, priority=900)  # after all that resolves
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
