"""Builds small books with the configuration and the extensions of the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"
FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


@dataclass
class Build:
    """What a build left: its exit code, all that it said on standard error, and the site."""

    code: int
    errors: str
    site: Path

    def read(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")


def write(folder: Path, pages: dict[str, str]) -> Path:
    """Writes the pages, and an index that names them all."""
    names = "\n".join(pages)
    for name, text in {**pages, "index": f"# Index\n\n```{{toctree}}\n:caption: All pages\n\n{names}\n```\n"}.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def build(source: Path, *options: str, path: Path | None = None) -> Build:
    """Runs sphinx-build; `path` is a folder whose packages come before the installed ones."""
    site = source.parent / "built" / source.name / "html"
    settings = ["-b", "html", "-n", "-q", "--no-color", "-c", str(BOOK), "-d", str(site.with_name("doctrees"))]
    command = [sys.executable, "-m", "sphinx", *settings, *options]
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    environment.pop("MPLBACKEND", None)  # cells.py sets it for the pages that pytest runs itself
    run = subprocess.run([*command, str(source), str(site)], capture_output=True, text=True, env=environment)
    return Build(run.returncode, run.stderr, site)
