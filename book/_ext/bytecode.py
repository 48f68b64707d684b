"""Sees to it that Python runs the package and these extensions as they are, and not as they were.

Python takes bytecode for that of a source whose size and time, in whole seconds, are noted in it. If a source is changed
twice within a second to texts of one size, and a build runs in between, all later builds would run the first text.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.util import cache_from_source, find_spec
from pathlib import Path


def package() -> Path:
    """The folder of the package that the cells import; it is not imported for that."""
    spec = find_spec("chainrule")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0])


def distrust(*folders: Path) -> None:
    """Removes bytecode that was written no later than in its source's second: what is written now in its place is later."""
    for source in (path for folder in folders for path in folder.rglob("*.py")):
        code = Path(cache_from_source(str(source)))
        with suppress(OSError):  # there is none, or the package is not ours to change: then nobody else changes it
            if int(code.stat().st_mtime) <= int(source.stat().st_mtime):
                code.unlink()
