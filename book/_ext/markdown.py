"""Writes a resolved part of a page as plain Markdown that Jupyter shows well: no roles, no directives, no macros."""

from __future__ import annotations

import re
from collections.abc import Mapping

from docutils import nodes
from _ext.macros import expand

SKIPPED = (nodes.comment, nodes.target, nodes.system_message, nodes.Invisible)
WRAPPED = {"emphasis": "*{}*", "strong": "**{}**", "superscript": "<sup>{}</sup>", "subscript": "<sub>{}</sub>"}


class Markdown:
    """`numbers` gives the number of an equation or a figure by its id."""

    def __init__(self, macros: Mapping[str, str], numbers: Mapping[str, str]) -> None:
        self.macros, self.numbers = macros, numbers

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
                return node.astext() if "html" in node["format"] else ""
            case nodes.image():
                return str(node.get("alt", ""))
            case _ if isinstance(node, SKIPPED):
                return ""
        text = "".join(self.inline(child) for child in node.children)
        if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
            return f"[{text}]({node['refuri']})"
        return WRAPPED.get(node.tagname, "{}").format(text)

    def block(self, node: nodes.Node) -> str:
        """A block, ended by an empty line; what it does not know, it walks through."""
        match node:
            case _ if isinstance(node, SKIPPED):
                return ""
            case nodes.math_block():
                number = self.number(node)
                tag = f"\n\\tag{{{number}}}" if number else ""
                return f"$$\n{expand(node.astext().strip(), self.macros)}{tag}\n$$\n\n"
            case nodes.literal_block():
                return f"```{node.get('language', '')}\n{node.astext()}\n```\n\n"
            case nodes.bullet_list():
                return self.items(node, ["- "] * len(node))
            case nodes.enumerated_list():
                first = node.get("start", 1)
                return self.items(node, [f"{first + i}. " for i in range(len(node))])
            case nodes.definition_list_item():
                *terms, definition = node.children
                return "- " + self.hang("**" + ", ".join(self.inline(t) for t in terms) + "**\n\n" + self.of(definition))
            case nodes.block_quote() | nodes.Admonition():
                title = "" if isinstance(node, (nodes.block_quote, nodes.admonition)) else f"**{node.tagname.title()}**\n\n"
                return re.sub(r"^", "> ", (title + self.of(node)).rstrip(), flags=re.MULTILINE) + "\n\n"
            case nodes.table():
                return self.table(node)
            case nodes.figure():
                return self.caption(node)
            case nodes.title():  # of an admonition; a section's is not passed here
                return f"**{self.inline(node)}**\n\n"
            case nodes.label():
                return f"[{node.astext()}] "
            case nodes.transition():
                return "---\n\n"
            case nodes.raw():
                return self.inline(node) + "\n\n"
            case nodes.TextElement():
                return self.inline(node) + "\n\n"
        return self.of(node)

    def of(self, node: nodes.Node) -> str:
        return "".join(self.block(child) for child in node.children)

    def items(self, node: nodes.Element, marks: list[str]) -> str:
        return "".join(m + self.hang(self.of(item), len(m)) for m, item in zip(marks, node.children, strict=True)) + "\n"

    def hang(self, text: str, width: int = 2) -> str:
        return text.strip().replace("\n", "\n" + " " * width) + "\n"

    def table(self, node: nodes.table) -> str:
        rows = [
            [self.of(entry).strip().replace("\n\n", "<br>").replace("|", "\\|") for entry in row.children]
            for row in node.findall(nodes.row)
        ]
        rows.insert(1, ["---"] * len(rows[0]))
        title = next(iter(node.findall(nodes.title)), None)
        caption = f"**Table {self.number(node)}.** {self.inline(title)}\n\n" if title else ""
        return caption + "".join("| " + " | ".join(row) + " |\n" for row in rows) + "\n"

    def caption(self, node: nodes.figure) -> str:
        caption = next(iter(node.findall(nodes.caption)), None)
        return f"**Figure {self.number(node)}.** {self.inline(caption)}\n\n" if caption else ""

    def number(self, node: nodes.Element) -> str:
        return next((self.numbers[i] for i in node["ids"] if i in self.numbers), "")
