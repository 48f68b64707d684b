"""The process in which KaTeX renders: one for all who ask, and gone when they are."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.config import Config
from sphinx.errors import ExtensionError

from book._ext import katex_build
from tests.book.building import BOOK

CONFIG = Config()
CONFIG.add("katex_package", str(BOOK / "node_modules" / "katex"), "env", str)
CONFIG.add("katex_macros", {r"\half": r"\frac{1}{2}"}, "env", dict)
# Has a fork ask, which was not yet there when the process was started; says where that listens, and ends when it is told to.
ASKING = f"""
import os, sys
sys.path.insert(0, {str(BOOK.parent)!r})
from tests.book.test_katex import CONFIG, katex_build
address, _ = katex_build.server()
if os.fork() == 0:
    (answer,) = katex_build.render(CONFIG, [("x", False)])
    os._exit("<math" not in answer["html"])
_, status = os.wait()
print(address, flush=True)
input()
os._exit(os.waitstatus_to_exitcode(status))
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


def test_that_it_has_ended_is_an_error(apart: subprocess.Popen[bytes]) -> None:
    with apart:
        apart.kill()
        apart.wait()
        with pytest.raises(ExtensionError, match="has ended; node has said why"):
            katex_build.render(CONFIG, [("x", False)])


def test_it_ends_when_nobody_is_left_who_could_ask() -> None:
    command = [sys.executable, "-c", ASKING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        socket = Path(asking.stdout.readline().strip())
        assert socket.is_socket()
        asking.communicate("\n")
    assert asking.returncode == 0
    end = time.monotonic() + 30
    while socket.parent.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
