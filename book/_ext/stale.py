"""Reads pages again when what they execute has changed, pages that had a warning until they have none, and all pages
after a build that was cut short: what it left may be new, old, or half of a file.
"""

from __future__ import annotations

import json
import logging as python_logging
import shutil
from pathlib import Path

from docutils.nodes import Element
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.nodes import get_node_source

from book._ext.bytecode import package
from book._ext.kept import digest

logger = logging.getLogger(__name__)
EVERY_PAGE = "*"


def fingerprint(app: Sphinx) -> str:
    """A hash of the package that the cells import, of these extensions, and of what pins their environment."""
    book = Path(app.confdir)
    files = [
        *package().rglob("*.py"),
        *(book / "_ext").glob("*.*"),
        *(book / name for name in ("conf.py", "macros.json", "package-lock.json")),
        book.parent / "constraints.txt",
    ]
    return digest(files)


def outdated(app: Sphinx, env: BuildEnvironment, *_changes: set[str]) -> list[str]:
    """The pages to read again: all of them if the fingerprint is new, else those with a warning last time."""
    now = fingerprint(app)
    before = getattr(env, "fingerprint", None)
    env.fingerprint = now  # type: ignore[attr-defined]  # an attribute of ours, kept with the environment
    warned = set(json.loads(record(app).read_text())) if record(app).is_file() else set()
    if before not in (None, now):
        logger.info("the package or the build has changed: every page is executed again")
    if before != now or EVERY_PAGE in warned:
        return sorted(env.found_docs)
    return sorted(warned & env.found_docs)


def unfinished(app: Sphinx) -> Path:
    """A file that is there while a build runs, and after it if it never came to its end."""
    return Path(app.doctreedir) / "unfinished"


def begin(app: Sphinx, _config: Config) -> None:
    """Forgets what a build that was cut short knew; Sphinx does it after an exception, and cannot after a kill."""
    if unfinished(app).exists():
        logger.info("the last build did not come to its end: every page is executed again")
        Path(app.doctreedir, ENV_PICKLE_FILENAME).unlink(missing_ok=True)
    unfinished(app).parent.mkdir(parents=True, exist_ok=True)
    unfinished(app).touch()
    shutil.rmtree(Path(app.outdir, "reports"), ignore_errors=True)  # tracebacks of cells that may be mended by now


def end(app: Sphinx, exception: Exception | None) -> None:
    if exception is None:
        unfinished(app).unlink()


def record(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "pages-with-warnings.json"


class Collector(python_logging.Handler):
    """Notes the page of every warning, those of parallel processes included."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(python_logging.WARNING)
        self.app = app
        self.pages: set[str] = set()

    def emit(self, entry: python_logging.LogRecord) -> None:
        location = getattr(entry, "location", None)
        if isinstance(location, Element):
            location = get_node_source(location)
        if isinstance(location, tuple):
            location = location[0]
        path = str(location or "").split(".md:")[0]
        docname = self.app.env.path2doc(path if path.endswith(".md") else path + ".md") if path else None
        self.pages.add(docname if docname in self.app.env.found_docs else EVERY_PAGE)

    def save(self, app: Sphinx, exception: Exception | None) -> None:
        """Written at the end of a build; one that was broken off keeps what was known before it, too."""
        known = set(json.loads(record(app).read_text())) if exception and record(app).is_file() else set()
        record(app).parent.mkdir(parents=True, exist_ok=True)
        record(app).write_text(json.dumps(sorted(self.pages | known)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the checks before reading and the notes after building."""
    collector = Collector(app)
    python_logging.getLogger("sphinx").addHandler(collector)
    app.connect("config-inited", begin)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", collector.save)
    app.connect("build-finished", end, priority=999)  # after all that writes
    return {"parallel_read_safe": True, "parallel_write_safe": True}
