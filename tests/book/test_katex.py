"""The process in which KaTeX renders: one for all who ask, and gone when they are."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.config import Config
from sphinx.errors import ExtensionError

from book._ext import katex_build
from book._ext.npm import node_modules
from tests.book.building import BOOK

CONFIG = Config()
CONFIG.add("katex_package", str(node_modules(BOOK) / "katex"), "env", str)
CONFIG.add("katex_macros", {r"\half": r"\frac{1}{2}"}, "env", dict)
# Who starts node forks itself, prints the socket's path, and ends; the fork, when it is told to, asks, and ends.
ASKING = f"""
import os, sys
sys.path.insert(0, {str(BOOK.parent)!r})
from tests.book.test_katex import CONFIG, katex_build
address, _ = katex_build.server()
if os.fork():
    print(address, flush=True)
    os._exit(0)
input()
print(katex_build.render(CONFIG, [("x", False)]))
os._exit(0)
"""


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the test's own."""
    address, process = katex_build.server.__wrapped__()
    monkeypatch.setattr(katex_build, "server", lambda: (address, process))
    yield process
    shutil.rmtree(Path(address).parent, ignore_errors=True)  # as one that is killed cannot


def test_one_process_answers_all(apart: subprocess.Popen[bytes]) -> None:
    long = " + ".join(["x"] * 10_000)
    with apart:
        answers = [katex_build.render(CONFIG, [(tex, True), ("y", False)]) for tex in (r"\half", r"\third", long)]
        assert apart.poll() is None
    assert "mfrac" in answers[0][0]["html"]
    assert "Undefined control sequence" in answers[1][0]["error"]
    assert answers[2][0]["html"].count("<mi>x</mi>") == 10_000
    assert all("<mi>y</mi>" in answer[1]["html"] for answer in answers)


def test_who_ends_in_the_middle_of_a_question_ends_nothing_else(apart: subprocess.Popen[bytes]) -> None:
    with apart:
        for part in (b"", b'{"katex": '):
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(katex_build.server()[0])
                line.sendall(part)
        assert "<math" in katex_build.render(CONFIG, [("x", False)])[0]["html"]


def test_that_it_has_ended_is_an_error(apart: subprocess.Popen[bytes]) -> None:
    with apart:
        apart.kill()
        apart.wait()
        with pytest.raises(ExtensionError, match="has ended and has said why"):
            katex_build.render(CONFIG, [("x", False)])


def test_that_it_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)  # a socket's path has 107 bytes at most
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with pytest.raises(ExtensionError, match=r"could not be started, with a socket .*/socket: .*too long"):
        katex_build.server.__wrapped__()
    assert list(deep.iterdir()) == []


def test_it_ends_when_nobody_is_left_who_could_ask() -> None:
    command = [sys.executable, "-c", ASKING]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as asking:
        assert asking.stdout is not None
        address = Path(asking.stdout.readline().strip())
        assert asking.wait() == 0
        assert address.is_socket()
        answer, errors = asking.communicate("\n", timeout=60)  # node has the third stream, too
    assert "<math" in answer
    assert errors == ""
    assert not address.parent.exists()
