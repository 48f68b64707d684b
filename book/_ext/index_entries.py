"""Keeps what the index says of a page in the search of a build that does not write the page: Sphinx forgets it.

Titles and words Sphinx reads back from the search index that the last build has left; the index's entries are in it, too.
"""

from __future__ import annotations

import json
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def remember(app: Sphinx, env: BuildEnvironment) -> None:
    """Gives the environment the entries of the pages that are still there; those that are written get theirs anew."""
    index = Path(app.outdir, "searchindex.js")
    if app.builder.format != "html" or not index.is_file():
        return
    text = index.read_text(encoding="utf-8")
    left = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    for entry, places in left["indexentries"].items():
        for number, target, main in places:
            page = left["docnames"][number]
            if page in env.all_docs:
                env._search_index_index_entries.setdefault(page, []).append((entry, target, "main" if main else ""))


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers it between reading and writing."""
    app.connect("env-updated", remember)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
