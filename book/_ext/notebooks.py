"""Gives every executed page a notebook to download."""

from __future__ import annotations

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Nothing yet."""
    return {"parallel_read_safe": True, "parallel_write_safe": True}
