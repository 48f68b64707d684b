"""Writes the beginning of every page's head: the Content-Security-Policy, and the scripts, which begin before any paint."""

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


def preload(tag: str) -> str:
    """The link that asks for the stylesheet of a tag before the tag's turn comes."""
    return re.sub(r'.*href="([^"]+)".*', r'<link rel="preload" as="style" href="\1">', tag)


def complete(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Furo writes `metatags` right after the charset, before anything that loads."""
    first, *others = context["script_files"]
    folder = context["pathto"]("_static/katex/fonts/", resource=True)
    wanted = {"data-fonts": " ".join(fonts(context.get("body", ""))), "data-font-path": folder}
    first = type(first)(first.filename, **first.attributes, **wanted)  # early.js, at its beginning, reads these
    # After a policy browsers no longer look ahead: while a script comes, nothing behind it would be asked for. Asked for ahead,
    # the second script of a few pages would run in time for an earlier frame, and block it: see the lab in `nox -s lighthouse`.
    ahead = [preload(context["css_tag"](file)) for file in context["css_files"]]
    context["content_security_policy"] = POLICY
    context["metatags"] = (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n    '
        + "\n    ".join([*ahead, *(context["js_tag"](script) for script in (first, *others))])
        + context.get("metatags", "").replace(VIEWPORT, "")  # Furo has written it already
    )
    context["script_files"] = []


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the head."""
    app.add_js_file("early.js", priority=50)  # before any other
    app.connect("html-page-context", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
