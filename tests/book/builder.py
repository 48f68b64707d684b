"""Imports what a build imports, once, and then forks itself for every small build of the tests; started by building.py.

Its arguments are the folder of a Unix socket, which it removes when it ends, and the socket's number. Who connects sends
a pickled `Wanted`, and is told the exit code of the build. It ends when nobody holds the other end of its standard input.
The builds ask one process for the kernels of their pages, and one for their formulas, as those of a parallel build do.
"""

from __future__ import annotations

import gc
import os
import pickle
import runpy
import select
import shutil
import signal
import socket
import sys
import traceback
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import builtin_extensions
from sphinx.cmd.build import main as sphinx_build

from book._ext import card, kernel_server, kernels, lab
from book._ext.lean import leave_out
from tests.book.building import BOOK, Wanted, write

LATER = [  # what the extensions import when they need it
    "myst_nb.ext.eval",
    "myst_nb.ext.glue.domain",
    "myst_nb.sphinx_ext",
    "sphinxcontrib.bibtex.style.names.last",
]
# The first build in a process compiles patterns and templates and loads lexers, and draws and bundles what others then have.
# This one is of a page without cells, but with a formula, for node to be there; its folders lie beside one another as those of `build` do.
PAGE = "# Page\n\n{term}`Word`: $x$\n\n```{code-block} python\n1\n```\n\n```{glossary}\nWord\n  What it means.\n```\n"
ANEW = kernels.server
#: Descriptors that none but the builder itself may hold: by them others know that it has ended, or it knows it of them.
OURS: list[int] = []


def let_go() -> None:
    """In a fork: what is not for forks."""
    for number in OURS:
        os.close(number)
    OURS.clear()


@cache
def server() -> socket.socket:
    """Where to ask for a kernel, as in kernels.py: of a fork of this process, which imports the package from where this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            ours.close()
            let_go()
            os.setsid()
            sys.argv = ["", str(theirs.fileno())]
            sys.path.insert(0, "")  # it takes away what comes first, its own folder
            import_module("book._ext.kernel_server").main()
        finally:
            os._exit(0)
    theirs.close()
    return ours


def first_build() -> dict[Path, bytes]:
    """What a build keeps for the next one as long as what it was made from is the same, by its place."""
    with TemporaryDirectory() as folder:
        built = Path(folder, "built")
        site, doctrees, source = built / "html", built / "doctrees", write(Path(folder, "source"), {"page": PAGE})
        code = sphinx_build(["-b", "html", "-q", "-c", str(BOOK), "-d", str(doctrees), str(source), str(site)])
        assert code == 0
        made = [site / "_static" / name for name in (*card.PICTURES, *lab.FILES)]
        notes = [doctrees / name for name in (card.STAMP, lab.STAMP, lab.METAFILE)]
        return {path.relative_to(built): path.read_bytes() for path in (*made, *notes)}


def serve(listening: socket.socket, held: int) -> socket.socket | None:
    """Forks until nobody is left who could ask; returns in every fork, with the one who has asked, and in the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for these forks
    while listening.fileno() in select.select([listening.fileno(), held], [], [])[0]:
        line, _ = listening.accept()
        if os.fork() == 0:
            let_go()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return line
        line.close()
    return None


def build(wanted: Wanted, kept: dict[Path, bytes]) -> int:
    """Is a build, with everything that it says in a file."""
    os.environ.clear()
    os.environ.update(wanted.environment)
    if path := wanted.environment["PYTHONPATH"]:
        sys.path.insert(0, path)
        for name in [name for name in sys.modules if name.partition(".")[0] in {"book", "chainrule", "sitecustomize"}]:
            del sys.modules[name]  # to be imported from there, or by what is
        if Path(path, "sitecustomize.py").exists():
            import_module("sitecustomize")
        server.cache_clear()
    elif not wanted.site.exists():  # the pictures and scripts of a first build are those of any other
        for place, content in kept.items():
            (wanted.site.parent / place).parent.mkdir(parents=True, exist_ok=True)
            (wanted.site.parent / place).write_bytes(content)
    vars(import_module("book._ext.kernels"))["server"] = ANEW if wanted.anew else server
    with open(wanted.said, "w") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    try:
        return sphinx_build(wanted.arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def answer(line: socket.socket, kept: dict[Path, bytes]) -> None:
    """Does what was asked for in a fork, of which it says how it ended."""
    with line:
        with line.makefile("rb") as file:
            wanted = pickle.load(file)
        if number := os.fork():
            _, status = os.waitpid(number, 0)
            with suppress(BrokenPipeError):  # who asked may be gone
                line.send(str(os.waitstatus_to_exitcode(status)).encode())
            return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os._exit(build(wanted, kept))


def prepare() -> dict[Path, bytes]:
    """Imports, starts and builds what all builds then have; returns what the first one has made for the others."""
    # As in a kernel, which is a fork, too.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    leave_out()
    extensions = runpy.run_path(str(BOOK / "conf.py"))["extensions"]
    for name in (*builtin_extensions, *extensions, *LATER, *kernel_server.IMPORTED, *kernel_server.LATER):
        import_module(name)
    if sys.platform == "linux":  # elsewhere kernels are no forks
        vars(kernels)["server"] = server
        server()
    kept = first_build()
    gc.freeze()  # a collection in a fork would look at all of this, and have every page of memory copied for it
    return kept


def main() -> None:
    """Serves; and is a build, in a fork."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt from the keyboard is for the tests, and for a build
    held, listening = os.dup(0), socket.socket(fileno=int(sys.argv[2]))
    OURS.extend([held, listening.fileno()])
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    try:
        kept = prepare()
        line = serve(listening, held)
        if line:
            try:
                answer(line, kept)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)  # what is to be done in the end is the first one's to do
    finally:
        shutil.rmtree(sys.argv[1])


if __name__ == "__main__":
    main()
