"""Writes a resolved part of a page as plain Markdown that Jupyter shows well: no roles, no directives, no macros."""

from __future__ import annotations

import re
from collections.abc import Mapping

from docutils import nodes

from book._ext.macros import expand

WRAPPED = {"emphasis": "*{}*", "strong": "**{}**", "superscript": "<sup>{}</sup>", "subscript": "<sub>{}</sub>"}


class Markdown:
    """`block` and `inline` write a node; the methods after them are named by the kind of block they write."""

    def __init__(self, macros: Mapping[str, str], numbers: Mapping[str, str]) -> None:
        self.macros = macros
        self.numbers = numbers  # of equations, figures and tables, by their ids

    def block(self, node: nodes.Node) -> str:
        """A block, ended by an empty line. What has no method is text, or is walked through."""
        if isinstance(node, (nodes.Invisible, nodes.target, nodes.system_message)):
            return ""
        if write := getattr(self, getattr(node, "tagname", ""), None):
            return str(write(node))
        return self.inline(node) + "\n\n" if isinstance(node, nodes.TextElement) else self.blocks(node)

    def blocks(self, node: nodes.Node) -> str:
        """All that stands in a block."""
        return "".join(self.block(child) for child in node.children)

    def inline(self, node: nodes.Node) -> str:
        """The text of a paragraph and what stands in it."""
        match node:
            case nodes.Text():
                return re.sub(r"([*_`$<])", r"\\\1", node.astext())
            case nodes.math():
                return f"${expand(node.astext().strip(), self.macros)}$"
            case nodes.literal():
                return f"`{node.astext()}`"
            case nodes.raw():
                return str(node.astext())
        text = "".join(self.inline(child) for child in node.children)
        if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
            return f"[{text}]({node['refuri']})"  # links into the book lead nowhere from a notebook
        return WRAPPED.get(getattr(node, "tagname", ""), "{}").format(text)

    def math_block(self, node: nodes.math_block) -> str:
        number = self.number(node)
        tag = f"\n\\tag{{{number}}}" if number else ""
        return f"$$\n{expand(node.astext().strip(), self.macros)}{tag}\n$$\n\n"

    def literal_block(self, node: nodes.literal_block) -> str:
        return f"```{node.get('language', '')}\n{node.astext().rstrip()}\n```\n\n"

    def bullet_list(self, node: nodes.bullet_list) -> str:
        return "".join(hang("- ", self.blocks(item)) for item in node.children) + "\n"

    def enumerated_list(self, node: nodes.enumerated_list) -> str:
        first = node.get("start", 1)
        return "".join(hang(f"{i}. ", self.blocks(item)) for i, item in enumerate(node.children, first)) + "\n"

    def definition_list_item(self, node: nodes.definition_list_item) -> str:
        *terms, definition = node.children
        return hang("- ", f"**{', '.join(map(self.inline, terms))}**\n\n{self.blocks(definition)}")

    def block_quote(self, node: nodes.Element) -> str:
        return re.sub(r"^", "> ", self.blocks(node).rstrip(), flags=re.MULTILINE) + "\n\n"

    admonition = note = tip = important = warning = seealso = block_quote

    def title(self, node: nodes.title) -> str:  # of an admonition; a section's is a heading of the notebook's
        return f"**{self.inline(node)}**\n\n"

    def table(self, node: nodes.table) -> str:
        title, head, *body = "", *(self.row(row) for row in node.findall(nodes.row))
        for caption in node.findall(nodes.title):
            title = f"**Table {self.number(node)}.** {self.inline(caption)}\n\n"
        rule = "|" + " --- |" * len(next(node.findall(nodes.row)).children)
        return title + "\n".join([head, rule, *body]) + "\n\n"

    def row(self, node: nodes.row) -> str:
        cells = (self.blocks(entry).strip().replace("\n\n", "<br>").replace("|", "\\|") for entry in node.children)
        return "| " + " | ".join(cells) + " |"

    def figure(self, node: nodes.figure) -> str:
        return "".join(f"**Figure {self.number(node)}.** {self.inline(c)}\n\n" for c in node.findall(nodes.caption))

    def label(self, node: nodes.label) -> str:  # of a footnote
        return f"[{node.astext()}] "

    def transition(self, _node: nodes.transition) -> str:
        return "---\n\n"

    def number(self, node: nodes.Element) -> str:
        """What counts `node` in the book, if anything does."""
        return next((self.numbers[i] for i in node["ids"] if i in self.numbers), "")


def hang(mark: str, text: str) -> str:
    """A list's item: the mark, and all lines after the first as far in as the mark is long."""
    return mark + re.sub(r"\n(?=.)", "\n" + " " * len(mark), text.strip()) + "\n"
