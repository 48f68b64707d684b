"""Keeps what a build has made from files until one of them changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from sphinx.application import Sphinx


def digest(files: Iterable[Path]) -> str:
    """A hash of the files' names and of what is in them; of what is no file, nothing."""
    found = hashlib.sha256()
    for file in sorted(file for file in files if file.is_file()):
        found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def keep(app: Sphinx, stamp: str, now: str, made: Iterable[Path], make: Callable[[], None]) -> None:
    """Calls `make` for the files that it makes, unless they are there from an earlier call for the same hash, noted in `stamp`."""
    note = Path(app.doctreedir, stamp)
    if all(path.is_file() for path in (note, *made)) and note.read_text() == now:
        return
    note.unlink(missing_ok=True)  # what is cut short is not made
    make()
    note.write_text(now)
