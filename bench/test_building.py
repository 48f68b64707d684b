"""The book: a cold build, one of which nothing has changed, one with a page edited, and the tests; in a copy of the tree."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from noxfile import AT_ONCE, ELSEWHERE, STRICT

ROOT = Path(__file__).parent.parent
PAGE = "book/relu/elbows.md"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., None]:
    """Runs a module of Python in a copy of the tree, whose package it imports."""
    copy = tmp_path_factory.mktemp("book") / "tree"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("_build", ".git", ".nox", ".*_cache", "__pycache__"))

    def in_copy(*arguments: str, edit: bool = False) -> None:
        if edit:
            page = copy / PAGE
            page.write_text(page.read_text(encoding="utf-8") + "\nOne sentence more.\n", encoding="utf-8")
        environment = os.environ | {"PYTHONPATH": str(copy / "src")}
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout.decode()[-3000:]

    in_copy(*BUILD)  # leaves what comes from npm, and what Numba compiles
    shutil.rmtree(copy / "book" / "_build")
    return in_copy


BUILD = ("sphinx", "-b", "html", *STRICT, "book", "book/_build/html")


@pytest.mark.parametrize("what", ["cold", "nothing-changed", "page-edited"])
def test_whole_process(benchmark: Any, run: Callable[..., None], what: str) -> None:
    """One after another: each build finds what the one before it left."""
    benchmark.pedantic(run, args=BUILD, kwargs={"edit": what == "page-edited"}, rounds=1)


TESTS = ("pytest", "-p", "no:benchmark", *AT_ONCE, *ELSEWHERE)


def test_whole_process_of_tests(benchmark: Any) -> None:
    """In their place: they change nothing there."""

    def run() -> None:
        done = subprocess.run(
            [sys.executable, "-m", *TESTS], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, done.stdout.decode()[-3000:]

    benchmark.pedantic(run, rounds=1)
