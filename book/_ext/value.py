"""The role `{value}`: an expression evaluated in the page's running kernel, where it stands, and formatted."""

from __future__ import annotations

import re
from ast import literal_eval

from docutils import nodes
from myst_nb.core.execute.inline import NotebookClientInline
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from book._ext.where import where

logger = logging.getLogger(__name__)
TOKEN = re.compile(
    r"""(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<colon>:)"""
)
SCIENTIFIC = re.compile(r"(.*\d)e([+-]\d+)", re.IGNORECASE)


class EvaluationError(Exception):
    """What went wrong in the kernel, in one line."""


def split(text: str) -> tuple[str, str]:
    """The expression and the format: cut at the last `:` that is in no bracket and no string."""
    depth, cut = 0, None
    for token in TOKEN.finditer(text):
        depth += bool(token["open"]) - bool(token["close"])
        if token["colon"] and depth == 0:
            cut = token.start()
    return (text, "") if cut is None else (text[:cut].strip(), text[cut + 1 :].strip())


def evaluate(client: NotebookClientInline, expression: str, spec: str) -> str:
    """`format(expression, spec)` as the kernel says it; nothing in the kernel changes by being asked."""
    kernel = client._client
    code = f"format(({expression}), {spec!r})"
    request = kernel.kc.execute("", silent=True, user_expressions={"value": code})
    answer = kernel.wait_for_reply(request)["content"]["user_expressions"]["value"]
    if answer["status"] == "error":
        raise EvaluationError(f"{answer['ename']}: {answer['evalue']}")
    return str(literal_eval(answer["data"]["text/plain"]))


def typeset(text: str) -> list[nodes.Node]:
    """A typographic minus, and a power of ten for an exponent."""
    number = SCIENTIFIC.fullmatch(text)
    if number is None:
        return [nodes.Text(re.sub(r"-(?=[\d.]|inf)", "\N{MINUS SIGN}", text))]
    mantissa, exponent = number[1].replace("-", "\N{MINUS SIGN}"), str(int(number[2])).replace("-", "\N{MINUS SIGN}")
    return [nodes.Text(f"{mantissa} × 10"), nodes.superscript("", exponent)]


class Value(SphinxRole):
    """Evaluates, formats and typesets; whatever goes wrong is a build error that names page and line."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        node = nodes.inline(self.rawtext, classes=["value"])
        self.set_source_info(node)
        document = self.inliner.document
        if "nb_renderer" not in document:
            self.complain(node, "the page has no kernel: its front matter must make it a notebook")
            return [node], []
        client = document["nb_renderer"].renderer.nb_client
        if client._cell_error is None:  # after a failed cell nothing that follows is news
            try:
                node.extend(typeset(evaluate(client, *split(self.text))))
            except EvaluationError as error:
                self.complain(node, str(error))
        return [node], []

    def complain(self, node: nodes.inline, message: str) -> None:
        place = where(self.env, node, self.text)
        logger.error("{value}`%s`: %s", self.text, message, location=place, type="value")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the role."""
    app.add_role("value", Value())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
