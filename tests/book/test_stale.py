"""Pages are executed again exactly when something that they run has changed."""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from book._ext.bytecode import distrust
from tests.book.building import BOOK, FRONT_MATTER, Build, build, write

PAGE = (
    FRONT_MATTER
    + """# Page

```{code-cell} python
from pathlib import Path
import chainrule
with Path(LOG).open("a") as log:
    print(chainrule.ANSWER, file=log)
chainrule.ANSWER
```
"""
)


def test_a_change_in_the_package_executes_the_pages_again(tmp_path: Path) -> None:
    package, log = tmp_path / "lib" / "chainrule", tmp_path / "log"
    shutil.copytree(BOOK.parent / "src" / "chainrule", package)
    init = (package / "__init__.py").read_text(encoding="utf-8")
    source = write(tmp_path / "src", {"page": PAGE.replace("LOG", repr(str(log)))})

    def run(answer: int) -> Build:
        (package / "__init__.py").write_text(f"{init}\nANSWER = {answer}\n", encoding="utf-8")
        return build(source, "-W", path=package.parent)

    assert "<span></span>41\n" in run(41).read("page.html")
    run(41)
    assert log.read_text().split() == ["41"]
    assert "<span></span>42\n" in run(42).read("page.html")
    assert log.read_text().split() == ["41", "42"]


@pytest.mark.parametrize("later", [0, 1])
def test_bytecode_as_old_as_its_source_is_not_trusted(tmp_path: Path, later: int) -> None:
    """A source of the same size, in the same second: to Python it is the one that was compiled."""
    source = tmp_path / "answer.py"
    code = Path(cache_from_source(str(source)))
    for answer in (41, 42):
        source.write_text(f"print({answer})\n", encoding="utf-8")
        os.utime(source, (1_000_000_000, 1_000_000_000.5))
        if answer == 41:
            py_compile.compile(str(source))
            os.utime(code, (1_000_000_000, 1_000_000_000.9 + later))
    distrust(tmp_path)
    assert code.exists() == bool(later)  # in a later second, it can only be of the last text
    run = [sys.executable, "-c", "import answer"]
    said = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert said == ("41\n" if later else "42\n")
