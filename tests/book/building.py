"""Builds small books with the configuration and the extensions of the real one."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from sphinx.cmd.build import main

BOOK = Path(__file__).parents[2] / "book"
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.book.imported"])
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


def build(
    source: Path, *options: str, path: Path | None = None, anew: bool = False, within: Path | None = None
) -> Build:
    """Runs sphinx-build; `path` is a folder whose packages come before the installed ones, `within` one for the site.

    A fork of a process that has imported what a build imports is faster; `anew` starts a Python for it.
    """
    site = (within or source.parent) / "built" / source.name / "html"
    settings = ["-b", "html", "-n", "-q", "--no-color", "-c", str(BOOK), "-d", str(site.with_name("doctrees"))]
    arguments = [*settings, *options, str(source), str(site)]
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    environment.pop("MPLBACKEND", None)  # cells.py sets it for the pages that pytest runs itself
    if anew:
        command = [sys.executable, "-m", "sphinx", *arguments]
        run = subprocess.run(command, capture_output=True, text=True, env=environment)
        return Build(run.returncode, run.stderr, site)
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
        process = FORKS.Process(target=forked, args=(arguments, site, environment, said.name))
        process.start()
        process.join()
        return Build(process.exitcode or 0, said.read(), site)


def forked(arguments: list[str], site: Path, environment: dict[str, str], said: str) -> None:
    """Is a build, with everything that it says in a file."""
    os.environ.clear()
    os.environ.update(environment)
    if path := environment["PYTHONPATH"]:
        sys.path.insert(0, path)
        for name in [name for name in sys.modules if name.partition(".")[0] in {"book", "chainrule", "sitecustomize"}]:
            del sys.modules[name]  # to be imported from there, or by what is
        if Path(path, "sitecustomize.py").exists():
            import_module("sitecustomize")
        vars(import_module("book._ext.kernels"))["server"] = server  # its own would start a Python anew
    elif not site.exists():  # the pictures and scripts of a first build are those of any other
        for place, content in vars(import_module("tests.book.imported"))["KEPT"].items():
            kept = site.parent / place
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(content)
    with open(said, "w") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    sys.exit(main(arguments))


@cache
def server() -> socket.socket:
    """Where to ask for a kernel, as in kernels.py: of a fork of this process, which imports the package from where this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            ours.close()
            os.setsid()
            sys.argv = ["", str(theirs.fileno())]
            sys.path.insert(0, "")  # it takes away what comes first, its own folder
            import_module("book._ext.kernel_server").main()
        finally:
            os._exit(0)
    theirs.close()
    return ours
