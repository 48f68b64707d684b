"""Says what a term or a symbol means where it stands: links to both, and in each page the definitions it links to.

A term is linked by its role. A symbol of `reference/notation.md` is linked where a formula consists of it alone, once
in each section. `definitions.js` shows what is said of them; the links work without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from book._ext.glue import Glue
from book._ext.macros import expand
from book._ext.rhythm import Solution

NOTATION = "reference/notation"
#: The sections of the notation, and the folders whose pages use their symbols; a later one prevails.
SCOPES = {"Everywhere": ("relu/", "backprop/"), "Problem 1": ("relu/",), "Problem 2": ("backprop/",)}
UNLINKED = (nodes.title, nodes.caption, nodes.figure, nodes.reference, nodes.thead, Solution)
Place = tuple[str, str]  # a page and an id on it


class SymbolLink(nodes.reference):
    """A link around a formula, to what the formula stands for."""


class Symbol(NamedTuple):
    """A row of the notation: the TeX of its symbols, the folders where they count, and the row."""

    tex: list[str]
    scope: tuple[str, ...]
    row: nodes.row


def normal(tex: str, macros: Mapping[str, str]) -> str:
    r"""Without macros, spaces and braces, so that `\x{1}` and `x^{(1)}` are one symbol."""
    return re.sub(r"[\s{}]", "", expand(tex, macros))


def symbols(notation: nodes.document) -> Iterator[Symbol]:
    """The rows that name symbols: formulas, cut at commas outside brackets; of an equation it is the left side."""
    for section in notation.findall(nodes.section):
        scope = SCOPES.get(section[0].astext().partition(":")[0], ())
        for row in section.findall(nodes.row) if scope else ():
            formulas = [formula.astext() for formula in next(row.findall(nodes.entry)).findall(nodes.math)]
            if formulas:
                parts = [part for formula in formulas for part in re.split(r",(?![^(]*\))", formula)]
                yield Symbol([part.partition("=")[0] for part in parts], scope, row)


def without_links(env: BuildEnvironment, docname: str) -> nodes.document:
    """A page as it was read, without its links, which would lead astray from another page."""
    document = env.get_doctree(docname)
    for link in [n for n in document.findall() if isinstance(n, (addnodes.pending_xref, nodes.reference))]:
        link.replace_self(link.children)
    Glue(document).run()
    return document


def said_of(row: nodes.row) -> list[nodes.Node]:
    """What the table says of a symbol: what it is, and its shape if it has one."""
    table = next(iter(parent for parent in ancestors(row) if isinstance(parent, nodes.table)))
    heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
    cells = row.findall(nodes.entry)
    text = {
        head: [c for block in cell.children for c in block.children] for head, cell in zip(heads, cells, strict=True)
    }
    said = [nodes.paragraph("", "", *text["symbol"], nodes.Text(": "), *text["what it is"])]
    if text.get("shape"):
        said.append(nodes.paragraph("", "", nodes.Text("Shape: "), *text["shape"]))
    return list(said)


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    while (parent := node.parent) is not None:
        yield parent
        node = parent


def glossary_pages(env: BuildEnvironment) -> set[str]:
    objects = env.domains.standard_domain.get_objects()
    return {docname for _, _, kind, docname, _, _ in objects if kind == "term"}


@cache  # they are the same for every page that is written
def definitions(env: BuildEnvironment) -> dict[Place, Sequence[nodes.Node]]:
    """All definitions of the book: those of the glossary's terms and of the notation's symbols."""
    found: dict[Place, Sequence[nodes.Node]] = {}
    for docname in sorted(glossary_pages(env)):
        for item in without_links(env, docname).findall(nodes.definition_list_item):
            ids = [i for term in item.findall(nodes.term) for i in term["ids"]]
            found.update({(docname, i): item[-1].children for i in ids})
    if NOTATION in env.found_docs:
        for symbol in symbols(without_links(env, NOTATION)):
            found[NOTATION, symbol.row["ids"][0]] = said_of(symbol.row)
    return found


@cache
def notation(env: BuildEnvironment) -> list[Symbol]:
    """The rows of the notation as they were read."""
    return list(symbols(env.get_doctree(NOTATION)))


class NameRows(SphinxTransform):
    r"""Gives the rows of the notation their ids: `symbol-delta` for `\delta`, `symbol-W-1` for `\W{1}`."""

    default_priority = 750

    def apply(self, **_: Any) -> None:
        if self.env.docname != NOTATION:
            return
        for symbol in symbols(self.document):
            base = "symbol-" + re.sub(r"[^A-Za-z0-9]+", "-", symbol.tex[0]).strip("-")
            name, number = base, 1
            while name in self.document.ids:
                number += 1
                name = f"{base}-{number}"
            self.document.ids[name] = symbol.row
            symbol.row["ids"] = [name]


class LinkSymbols(SphinxPostTransform):
    """Links a formula that is one symbol of the notation to its row, where it first stands in each section."""

    default_priority = 710  # after glue.py, so that the punctuation still keeps to the formula
    formats = ("html",)

    def run(self, **_: Any) -> None:
        page, macros = self.env.docname, self.config.katex_macros
        if not page.startswith(SCOPES["Everywhere"]) or NOTATION not in self.env.found_docs:
            return
        rows = {
            normal(tex, macros): symbol.row["ids"][0]
            for symbol in notation(self.env)
            for tex in symbol.tex
            if page.startswith(symbol.scope)
        }
        linked = set()
        for formula in list(self.document.findall(nodes.math)):
            above = list(ancestors(formula))
            name = normal(formula.astext(), macros)
            sections = [node for node in above if isinstance(node, nodes.section)]
            where = (name, sections[-2] if len(sections) > 1 else None)  # the last is the page
            if name not in rows or where in linked or any(isinstance(node, UNLINKED) for node in above):
                continue
            linked.add(where)
            target = f"{self.app.builder.get_relative_uri(page, NOTATION)}#{rows[name]}"
            link = SymbolLink("", "", refuri=target)
            formula.replace_self(link)
            link += formula


def visit_link(self: HTML5Translator, node: SymbolLink) -> None:
    """The link's name is what is seen; not everything that names links looks into MathML."""
    drawn = str(next(node.findall(nodes.math)).get("katex", "")).partition('class="katex-html"')[2].partition(">")[2]
    seen = unescape(re.sub(r"<[^>]*>|\u200b", "", drawn)) or node.astext()
    names = {"href": node["refuri"], "aria-label": seen}
    self.body.append(self.starttag(node, "a", "", CLASS="symbol reference internal", **names))


def depart_link(self: HTML5Translator, _node: SymbolLink) -> None:
    self.body.append("</a>")


def render(builder: StandaloneHTMLBuilder, said: Sequence[nodes.Node]) -> str:
    return "".join(builder.render_partial(node)["fragment"] for node in said).strip()


def collect(app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Finds what the page links to."""
    if doctree is None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    links = {link.get("refuri") or f"#{link.get('refid')}" for link in doctree.findall(nodes.reference)}
    context["definitions"] = {
        href: render(app.builder, said)
        for (docname, identifier), said in definitions(app.env).items()
        if (href := f"{app.builder.get_relative_uri(page, docname)}#{identifier}") in links
    }


def write(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Writes the definitions as data: whoever reads or searches the page's text meets them once, in their place."""
    if found := context.pop("definitions", None):
        data = escape(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
        context["body"] += f'<div hidden data-definitions="{data}"></div>\n'


def changed(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages to write again, none of them to be executed: all, if what they may show has changed."""
    digest = hashlib.sha256()
    for docname in sorted((glossary_pages(env) | {NOTATION}) & env.found_docs):
        digest.update(docname.encode() + b"\0" + Path(env.doc2path(docname)).read_bytes() + b"\0")
    before = getattr(env, "definitions_digest", None)
    now = env.definitions_digest = digest.hexdigest()  # type: ignore[attr-defined]  # of ours, kept with the environment
    return sorted(env.found_docs) if now != before else []


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the ids of the symbols, the links to them, and the definitions in the pages."""
    app.add_node(SymbolLink, html=(visit_link, depart_link))
    app.add_transform(NameRows)
    app.add_post_transform(LinkSymbols)
    app.add_js_file("definitions.js")
    app.add_css_file("definitions.css")
    app.connect("env-updated", changed)
    app.connect("html-page-context", collect, priority=400)  # before the head is completed,
    app.connect("html-page-context", write, priority=600)  # and after: no font is fetched early for what is not seen
    return {"parallel_read_safe": True, "parallel_write_safe": True}
