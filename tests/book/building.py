"""Builds small books with the configuration and the extensions of the real one."""

from __future__ import annotations

import atexit
import os
import pickle
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

BOOK = Path(__file__).parents[2] / "book"
FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


@dataclass(frozen=True)
class Wanted:
    """What the builder is asked for: sphinx-build's arguments, the site, the file for what is said, the variables, and `anew` as in `build`."""

    arguments: list[str]
    site: Path
    said: str
    environment: dict[str, str]
    anew: bool


@dataclass
class Build:
    """What a build left: its exit code, all that it said, and the site."""

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
    if "CHAINRULE_BUILDER" not in os.environ:
        os.environ["CHAINRULE_BUILDER"] = start()
    return os.environ["CHAINRULE_BUILDER"]


def start() -> str:
    """Starts the builder, which ends with this process."""
    folder = tempfile.mkdtemp(prefix="builder-")
    address = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        number = listening.fileno()
        command = [sys.executable, "-m", "tests.book.builder", folder, str(number)]
        process = subprocess.Popen(command, cwd=BOOK.parent, stdin=subprocess.PIPE, pass_fds=[number])
    atexit.register(process.communicate)  # closes its input, upon which it ends, and waits for that
    return address


def build(
    source: Path, *options: str, path: Path | None = None, anew: bool = False, within: Path | None = None
) -> Build:
    """Runs sphinx-build; `path` is a folder whose packages come before the installed ones, `within` one for the site.

    With `anew` the kernels come from a Python that is started for this build, as in a build of the book; without it, from a
    fork of the builder, or of this build if there is a `path`.
    """
    site = (within or source.parent) / "built" / source.name / "html"
    settings = ["-b", "html", "-n", "-q", "--no-color", "-c", str(BOOK), "-d", str(site.with_name("doctrees"))]
    arguments = [*settings, *options, str(source), str(site)]
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    environment.pop("MPLBACKEND", None)  # cells.py sets it for the pages that pytest runs itself
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said, socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(builder())
            line.sendall(pickle.dumps(Wanted(arguments, site, said.name, environment, anew)))
            code = int(line.recv(32))
        except (OSError, ValueError) as error:
            raise RuntimeError("the tests' builder has ended and has said why; run them again") from error
        return Build(code, said.read(), site)
