"""Ships the site's Content-Security-Policy as a meta tag in every page: nothing comes from elsewhere."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; media-src 'self'; worker-src 'self'"
)


def add_policy(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Furo writes `metatags` right after the charset, before anything that loads."""
    context["metatags"] = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' + context.get("metatags", "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the tag."""
    app.connect("html-page-context", add_policy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
