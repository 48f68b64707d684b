"""Gives every executed page a notebook to download: the same cells with their outputs, the text as plain Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from _ext.markdown import Markdown
from nbformat import NotebookNode
from _ext.rhythm import solution
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

NOTE = "*A page of {}. The cells need the book's package, `chainrule`; they run as they are, top to bottom.*\n\n"


class Converter:
    """Walks a resolved page; text is gathered into Markdown cells, cells are taken as they were executed."""

    def __init__(self, executed: NotebookNode, markdown: Markdown, note: str) -> None:
        self.executed, self.markdown, self.note = executed, markdown, note
        self.cells: list[NotebookNode] = []
        self.text = ""
        self.next_cell = 0

    def walk(self, node: nodes.Element, level: int) -> None:
        for child in node.children:
            if isinstance(child, solution):  # its title has become the words of the fold
                self.heading("Solution", level + 1)
                self.walk(child, level + 1)
            elif isinstance(child, nodes.section):
                self.walk(child, level + 1)
            elif isinstance(child, nodes.title):
                self.heading(self.markdown.inline(child), level)
            elif isinstance(child, nodes.container) and child.get("nb_element") == "cell_code":
                self.code_until(child["cell_index"] + 1)
                self.text += "".join(self.markdown.caption(figure) for figure in child.findall(nodes.figure))
            else:
                self.text += self.markdown.block(child)

    def heading(self, title: str, level: int) -> None:
        self.text += f"{'#' * level} {title}\n\n" + self.note
        self.note = ""

    def flush(self) -> None:
        if self.text.strip():
            self.append(nbformat.v4.new_markdown_cell(self.text.strip()))
        self.text = ""

    def code_until(self, end: int) -> None:
        """The executed cells up to `end`, with those that the page hides."""
        self.flush()
        for cell in self.executed.cells[self.next_cell : end]:
            if cell.cell_type == "code":
                cell.metadata = {"tags": cell.metadata.tags} if "tags" in cell.metadata else {}
                self.append(cell)
        self.next_cell = end

    def append(self, cell: NotebookNode) -> None:
        cell["id"] = f"cell-{len(self.cells) + 1}"  # random ones would differ from build to build
        self.cells.append(cell)


def executed_path(env: BuildEnvironment, docname: str) -> Path:
    return Path(env.mystnb_config.output_folder, *f"{docname}.ipynb".split("/"))  # type: ignore[attr-defined]


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Writes the notebook beside the page."""
    if app.builder.format != "html" or "kernelspec" not in app.env.metadata[docname]:
        return
    executed = nbformat.read(executed_path(app.env, docname), as_version=4)
    numbers = {
        identifier: ".".join(map(str, number))
        for figures in app.env.toc_fignumbers.get(docname, {}).values()
        for identifier, number in figures.items()
    }
    converter = Converter(executed, Markdown(app.config.katex_macros, numbers), NOTE.format(app.config.project))
    converter.walk(doctree, 0)
    converter.code_until(len(executed.cells))
    notebook = nbformat.v4.new_notebook(cells=converter.cells)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": executed.metadata.language_info,
    }
    path = Path(app.outdir, *f"{docname}.ipynb".split("/"))
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def link(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Tells the template whether there is a notebook."""
    context["has_notebook"] = "kernelspec" in app.env.metadata.get(page, {})


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the writer and the link."""
    app.connect("doctree-resolved", write, priority=900)
    app.connect("html-page-context", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
