"""Puts the stylesheets that every page has into one file and the scripts into another: a page is there after few requests.

What only some pages have, as the player, stays a file of its own, so that the others are fetched once for all pages.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from furo import get_pygments_stylesheet
from sphinx.application import Sphinx

from book._ext.lab import FILES

#: The two files.
COMBINED = ("site.css", "site.js")
#: What a page loads by itself: these two, and what only some pages have.
LOADED = {*COMBINED, *FILES}
#: MyST-NB's stylesheet is 43 kB for what book.css says in ten lines.
LEFT_OUT = re.compile(r"mystnb\.")
ADDRESS = re.compile(r"""(url\(["']?)(?!["']|data:|https?:|/|#)""")
#: Furo asks as soon as it is read how far the page is scrolled, for which the browser lays out what there is; but early.js
#: lets scripts begin at the first frame. (`capture`: before the listener that Furo then adds.)
LATER = {"scripts/furo.js": "addEventListener('DOMContentLoaded', () => {%s}, { capture: true, once: true });"}
SOURCE_MAP = re.compile(r"^/[/*]# sourceMappingURL=.*$", re.MULTILINE)


def part(static: Path, name: str) -> str:
    """A file, as it is to be read from another folder; what a stylesheet names is looked up beside the stylesheet."""
    # Furo writes the colours of code in the dark into this one when all pages have been written.
    content = get_pygments_stylesheet() if name == "pygments.css" else (static / name).read_text(encoding="utf-8")
    text = LATER.get(name, "%s").replace("%s", SOURCE_MAP.sub("", content).strip())
    folder = PurePosixPath(name).parent
    return ADDRESS.sub(rf"\g<1>{folder}/", text) if name.endswith(".css") and folder.parts else text


@cache  # in each process the first page has it done
def combine(static: Path, target: str, names: tuple[str, ...]) -> None:
    """Writes the files, one after another, into one. Parallel processes may do so at the same time."""
    new = static / f"{target}.{os.getpid()}"
    new.write_text("\n".join(part(static, name) for name in names) + "\n", encoding="utf-8")
    new.replace(static / target)


def replace(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Leaves of a page's files those that it loads by itself, and puts the others together."""
    for target, kind in zip(COMBINED, ("css_files", "script_files"), strict=True):
        files = sorted(context[kind], key=lambda file: file.priority)
        named = {str(file.filename).removeprefix("_static/"): file for file in files}
        context[kind] = [file for name, file in named.items() if name in LOADED]
        combine(
            Path(app.outdir, "_static"),
            target,
            tuple(name for name in named if name not in LOADED and not LEFT_OUT.match(name)),
        )


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the two files, which are there when the first page is written."""
    app.add_css_file(COMBINED[0])
    app.add_js_file(COMBINED[1], priority=100)  # before what stands on it
    app.connect("html-page-context", replace, priority=450)  # after the player, before the head is completed
    return {"parallel_read_safe": True, "parallel_write_safe": True}
