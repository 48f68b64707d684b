"""Writes the beginning of every page's head: the Content-Security-Policy and the script that runs before any paint."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

# Nothing comes from elsewhere. Styles may be inline because KaTeX places its glyphs with them.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'"
)
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />'
# A font of KaTeX, and what in a formula's HTML is set in it.
FONTS = {
    "Main-Regular": r'class="katex-html"',
    "Math-Italic": r'mathnormal[^"]*"',
    "Main-Bold": r'mathbf[^"]*"',
    "AMS-Regular": r'mathbb[^"]*"',
    "Typewriter-Regular": r'(?:texttt|mathtt)[^"]*"',
    "Size1-Regular": r"delimsizing size1|small-op",
    "Size2-Regular": r"delimsizing size2|large-op",
    "Size3-Regular": r"delimsizing size3",
    "Size4-Regular": r"delimsizing size4",
}


def fonts(body: str) -> list[str]:
    """The fonts of the formulas that show at once; those in a folded solution can wait until it is opened."""
    shown = re.sub(r"<details.*?</details>", "", body, flags=re.DOTALL)
    return [font for font, mark in FONTS.items() if re.search(mark, shown)]


def complete(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Furo writes `metatags` right after the charset, before anything that loads."""
    early, folder = (context["pathto"](f"_static/{name}", resource=True) for name in ("early.js", "katex/fonts/"))
    needed = " ".join(fonts(context.get("body", "")))
    context["content_security_policy"] = POLICY
    context["metatags"] = (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n    '
        f'<script src="{early}" data-fonts="{needed}" data-font-path="{folder}"></script>'
        + context.get("metatags", "").replace(VIEWPORT, "")  # Furo has written it already
    )
    # MyST-NB's stylesheet is 43 kB for what book.css says in ten lines.
    context["css_files"] = [css for css in context["css_files"] if "mystnb." not in str(getattr(css, "filename", css))]


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the head."""
    app.connect("html-page-context", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
