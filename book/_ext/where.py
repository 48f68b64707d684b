"""Finds the line of a page on which a piece of its text stands, for messages that name page and line."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment


def where(env: BuildEnvironment, node: nodes.Node, text: str) -> str:
    """`path:line` of the first line of `text`, looked for from the line of the block that holds `node`."""
    holder: nodes.Node | None = node
    while holder is not None and holder.line is None:
        holder = holder.parent
    source = env.doc2path(env.current_document.docname)
    if holder is None or holder.line is None:
        return str(source)
    if holder.source and Path(holder.source) != Path(source):  # a docstring: its own line is the best there is
        return f"{holder.source}:{holder.line}"
    return f"{source}:{line_of(Path(source).read_text(encoding='utf-8'), text, holder.line)}"


def line_of(page: str, text: str, start: int) -> int:
    """The number of the line of `page`, from `start - 1` on, that has the first line of `text`; else `start`.

    One line before is looked at too, because a node of a `$$` block counts from the line after its fence.
    """
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    lines = page.splitlines()
    for number in range(max(start - 1, 1), len(lines) + 1):
        if first and first in lines[number - 1]:
            return number
    return start


def code_line(page: str, source: str, fence: int) -> int:
    """The number of the line of `page` where a cell's code begins, somewhere below its fence: its options come between."""
    lines, code = ([line.strip() for line in text.splitlines()] for text in (page, source))
    return next(i for i in range(fence, len(lines)) if lines[i : i + len(code)] == code) + 1
