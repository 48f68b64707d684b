"""A build is killed while pages are read, or while they are written: the next one makes what a first one makes."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from tests.book.building import BOOK, FRONT_MATTER, Build, build, write
from tests.book.twice import differences

PAGE = FRONT_MATTER + "# Page\n\n```{code-cell} python\nimport chainrule\nchainrule.ANSWER\n```\n"
# Every process imports this. The one that comes to write the file writes half of it, and is no more.
KILL = """
import os, signal
from pathlib import Path

def until_killed(self, content, *arguments, _write, **keywords):
    if self.name == os.environ.get("KILLED_AT"):
        _write(self, content[:len(content) // 2], *arguments, **keywords)
        os.kill(os.getpid(), signal.SIGKILL)
    return _write(self, content, *arguments, **keywords)

for name in ("write_bytes", "write_text"):
    def method(self, *arguments, _write=getattr(Path, name), **keywords):
        return until_killed(self, *arguments, _write=_write, **keywords)
    setattr(Path, name, method)
"""


def test_the_next_build_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lib" / "chainrule"
    shutil.copytree(BOOK.parent / "src" / "chainrule", package)
    (package.parent / "sitecustomize.py").write_text(KILL, encoding="utf-8")
    init = (package / "__init__.py").read_text(encoding="utf-8")

    def run(answer: int, *, folder: str = "src", killed_at: str = "") -> Build:
        (package / "__init__.py").write_text(f"{init}\nANSWER = {answer}\n", encoding="utf-8")
        monkeypatch.setenv("KILLED_AT", killed_at)
        if not (tmp_path / folder).exists():  # a page that is written anew is read anew, whatever happened
            write(tmp_path / folder, {"a": PAGE, "b": PAGE})
        return build(tmp_path / folder, "-W", path=package.parent)

    assert run(41, killed_at="b.ipynb").code == -signal.SIGKILL  # one page is read
    assert "<span></span>41\n" in run(41).read("b.html")
    assert run(42, killed_at="b.html").code == -signal.SIGKILL  # all are read, one is written
    last = run(42)
    assert last.code == 0
    assert "<span></span>42\n" in last.read("b.html")
    assert differences(last.site, run(42, folder="first").site) == []
