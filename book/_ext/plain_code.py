"""Writes no element around code that looks like the text around it, as names and brackets do, or that a sign tells apart.

These, and the operators, are most of a page's tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import Operator, Text, _TokenType
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.highlighting import PygmentsBridge


def formatter(*styles: str) -> type[HtmlFormatter[str]]:
    """Pygments' formatter for HTML; a sign, and a token that has the looks of text in all these styles, is text for it."""
    looks = [get_style_by_name(name) for name in styles]

    @cache
    def plain(kind: _TokenType) -> _TokenType:
        while not all(style.styles_token(kind) for style in looks):
            kind = kind.parent or Text  # a lexer may have kinds of its own, as that of tracebacks has
        if kind is Operator:  # a word that is one, as `not`, has a kind of its own
            return Text
        return Text if all(style.style_for_token(kind) == style.style_for_token(Text) for style in looks) else kind

    class PlainFormatter(HtmlFormatter[str]):
        def format_unencoded(self, tokensource: Iterable[tuple[_TokenType, str]], outfile: Any) -> None:
            super().format_unencoded(((plain(kind), code) for kind, code in tokensource), outfile)

    return PlainFormatter


def install(_app: Sphinx, config: Config) -> None:
    """Has Sphinx highlight with it."""
    PygmentsBridge.html_formatter = formatter(*config.plain_code_styles)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the formatter, when the styles are known and before a builder asks for one."""
    app.add_config_value("plain_code_styles", [], "env", types=(list,))
    app.connect("config-inited", install)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
