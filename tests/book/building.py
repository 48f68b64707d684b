"""Builds small books with the configuration and the extensions of the real one."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"
FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


@dataclass(frozen=True)
class Wanted:
    """A build for which the builder is asked: sphinx-build's arguments, the site, and what is different from other builds."""

    arguments: list[str]
    site: Path
    said: str
    environment: dict[str, str]
    anew: bool


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


def builder() -> str:
    """The path of the socket where to ask for a build: of one process, for all that run tests."""
    if "BUILDER" not in os.environ:
        os.environ["BUILDER"], _ = start()
    return os.environ["BUILDER"]


@cache
def start() -> tuple[str, subprocess.Popen[bytes]]:
    """Starts the builder, which ends with this process."""
    folder = tempfile.mkdtemp(prefix="builder-")
    address = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        number = listening.fileno()
        command = [sys.executable, "-m", "tests.book.builder", folder, str(number)]
        pipe = subprocess.PIPE
        return address, subprocess.Popen(command, cwd=BOOK.parent, stdin=pipe, pass_fds=[number])


def build(
    source: Path, *options: str, path: Path | None = None, anew: bool = False, within: Path | None = None
) -> Build:
    """Runs sphinx-build; `path` is a folder whose packages come before the installed ones, `within` one for the site.

    `anew` has the kernels come from a process that is started for this build, as in any other; without it, it is a fork.
    """
    site = (within or source.parent) / "built" / source.name / "html"
    settings = ["-b", "html", "-n", "-q", "--no-color", "-c", str(BOOK), "-d", str(site.with_name("doctrees"))]
    arguments = [*settings, *options, str(source), str(site)]
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    environment.pop("MPLBACKEND", None)  # cells.py sets it for the pages that pytest runs itself
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said, socket.socket(socket.AF_UNIX) as line:
        line.connect(builder())
        line.sendall(pickle.dumps(Wanted(arguments, site, said.name, environment, anew)))
        code = line.recv(32)
        return Build(int(code), said.read(), site)
