"""Writes what the head of every page says: the site's Content-Security-Policy, and which fonts its formulas need."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

# Nothing comes from elsewhere. Styles may be inline because KaTeX places its glyphs with them.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'"
)
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1" />'
# A mark in the HTML of a formula, and the font that it is set in.
FONTS = {
    'class="katex"': "Main-Regular",
    "mathnormal": "Math-Italic",
    "mathbf": "Main-Bold",
    "mathsf": "SansSerif-Regular",
    "mathbb": "AMS-Regular",
    "mathcal": "Caligraphic-Regular",
    "size1": "Size1-Regular",
    "large-op": "Size2-Regular",
    "delimsizing size3": "Size3-Regular",
    "delimsizing size4": "Size4-Regular",
}


def complete(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Furo writes `metatags` right after the charset, before anything that loads."""
    tags = [f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">']
    tags.append(context.get("metatags", "").replace(VIEWPORT, ""))  # Furo has written it already
    body = context.get("body", "")
    for mark, font in FONTS.items():
        if mark in body:  # asked for at once, formulas do not wait for the stylesheet to be read, and do not move
            path = context["pathto"](f"_static/katex/fonts/KaTeX_{font}.woff2", resource=True)
            tags.append(f'<link rel="preload" href="{path}" as="font" type="font/woff2" crossorigin>')
    context["metatags"] = "\n    ".join(tag for tag in tags if tag.strip())
    # MyST-NB's stylesheet is 43 kB for what book.css says in ten lines.
    context["css_files"] = [css for css in context["css_files"] if "mystnb." not in str(getattr(css, "filename", css))]


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the head."""
    app.connect("html-page-context", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
