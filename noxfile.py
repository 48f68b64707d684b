"""Every way to run the book: `nox -s build` makes the site, `nox -s tests` proves it, `nox --list` names the rest."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "tests", "build"]

ROOT = Path(__file__).parent
SITE = "book/_build/html"
# A warning is an error. One process more than there are cores: while one waits for its kernel, another reads.
STRICT = ["-W", "-n", "-j", str((os.cpu_count() or 1) + 1)]
# A file's tests share what they have built; the files that take longest come first by their names.
AT_ONCE = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
# These are sessions of their own.
ELSEWHERE = [f"--ignore=tests/{name}" for name in ("browser", "lighthouse", "mutation", "peers")]


def install(session: nox.Session, *groups: str) -> None:
    """Install the package and the groups, at the pinned releases; nothing at all where that is already done."""
    session.env["PYTHONDONTWRITEBYTECODE"] = ""  # where it is set, each of a hundred processes compiles all anew
    digest = hashlib.sha256(repr((str(ROOT), sys.version, groups)).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    done = Path(session.virtualenv.location, "installed.sha256")
    if done.exists() and done.read_text() == digest.hexdigest():
        return
    project = nox.project.load_toml("pyproject.toml")
    packages = nox.project.dependency_groups(project, "build", *groups)
    session.install("-c", "constraints.txt", *packages, *project["project"]["dependencies"])
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    done.write_text(digest.hexdigest())


@nox.session
def build(session: nox.Session) -> None:
    """Build the site, every cell executed; a warning is an error. Arguments go to sphinx-build instead of ours."""
    install(session, "site")
    session.run("python", "-m", "sphinx", "-b", "html", *(session.posargs or STRICT), "book", SITE)
    session.log(f"The site is built. Open {(ROOT / SITE / 'index.html').as_uri()}")


@nox.session
def reproducible(session: nox.Session) -> None:
    """Build the book twice: elsewhere, on another day, in another time zone and locale; every byte must be the same."""
    install(session, "reproducible")
    session.run("python", "-m", "tests.book.twice")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, docstring examples and cells, with branch coverage. Arguments go to pytest."""
    install(session, "test")
    whole = [] if session.posargs else ["--cov", "--cov-branch", *AT_ONCE]
    session.run("python", "-m", "pytest", *ELSEWHERE, *whole, *session.posargs)


@nox.session(venv_backend="none")  # it runs in the environment of the tests
def doctest(session: nox.Session) -> None:
    """Run the cells alone: of all pages, or of the ones named, as in `nox -s doctest -- book/relu/elbows.md`."""
    session.notify("tests", session.posargs or ["book"])


@nox.session(requires=["build"])
def browser(session: nox.Session) -> None:
    """Test the built site in Chromium, found on PATH or named by CHROMIUM. Arguments go to pytest."""
    install(session, "browser")
    session.run("python", "-m", "pytest", "tests/browser", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the package beside its peers and its limits; keep the table for the book. With arguments for pytest, only show it."""
    install(session, "bench")
    session.install("-c", "constraints.txt", "torch", success_codes=[0, 1])  # large; without it its rows are left out
    session.run("python", "-m", "pytest", "tests/test_programs.py", "-k", "peer")  # they agree, before they are timed
    # Not in nox's temporary folder: that would become the tests', inside the tree.
    report = Path(session.virtualenv.location, "report.json").resolve()
    quiet = [
        "--noconftest",
        "-o",
        "filterwarnings=default",
        "--benchmark-max-time=0.3",
        "--benchmark-columns=median,min,rounds",
    ]
    # By turns, so that what is compared is measured in the same minutes: a machine changes its speed.
    turns = ["--keep-duplicates", *7 * ["bench/test_training.py", "bench/test_engine.py"], "bench/test_building.py"]
    session.run("python", "-m", "pytest", *turns, *quiet, f"--benchmark-json={report}", *session.posargs)
    session.run("python", "-m", "bench.report", str(report), *([] if session.posargs else ["--keep"]))


@nox.session(requires=["build"])
def supply(session: nox.Session) -> None:
    """Say what is outdated and what is known against it; write bills of materials. What gets no answer is a failure."""
    install(session, "supply")
    session.run("python", "-m", "supply", str(Path(session.virtualenv.location).with_name("build")))


@nox.session
def peers(session: nox.Session) -> None:
    """Run the tests that micrograd, autograd and MyGrad publish on our engine; say what ran, what did not and why."""
    install(session, "peers")
    tmp = str(Path(session.create_tmp()).resolve())
    fetch = ["download", "--quiet", "--no-deps", "--no-build-isolation", "--require-hashes", "--dest", tmp]
    old = {"PYTHONPATH": "tests/peers/old_python"}
    session.run("python", "-m", "pip", *fetch, "-r", "tests/peers/sources.txt", env=old)
    session.run("python", "-m", "peers", tmp, *session.posargs, env={"PYTHONPATH": "tests"})


@nox.session
def mutation(session: nox.Session) -> None:
    """Put small faults into the package, one at a time, each of which the tests must notice. Arguments are modules."""
    install(session, "mutation")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style with ruff and types with mypy."""
    install(session, "lint")
    session.run("python", "-m", "ruff", "check")
    session.run("python", "-m", "ruff", "format", "--check")
    session.run("python", "-m", "mypy")


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the site and rebuild it while you edit. Arguments go to sphinx-autobuild."""
    install(session, "serve")
    ignore = ["--ignore", "*/_build/*", "--ignore", "*/node_modules/*"]
    session.run("python", "-m", "sphinx_autobuild", "--watch", "src", *ignore, *session.posargs, "book", SITE)


@nox.session(requires=["build"])
def lighthouse(session: nox.Session) -> None:
    """Measure the lab, and every page of the built site with Lighthouse, mobile profile. Arguments are pages."""
    install(session, "browser")
    session.run("python", "-m", "tests.lighthouse.lab")
    session.run("python", "-m", "tests.lighthouse.measure", *session.posargs)
