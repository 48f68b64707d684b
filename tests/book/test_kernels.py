"""Every page has a kernel of its own, as if nothing had been imported before; none outlives the build."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from book._ext.parallel import one_by_one
from tests.book.building import BOOK, FRONT_MATTER, build, write

PAGE = (
    FRONT_MATTER
    + """# Page

```{code-cell} python
import os, sys, time
from pathlib import Path
def say(*words):
    with Path(LOG).open("a") as log:
        print(*words, file=log)
say(os.getpid(), os.getpgid(0))
say("" in sys.path, any("_ext" in folder for folder in sys.path), "mine" in globals())
say(sorted(path.name for path in Path.cwd().iterdir()))
say(len(sys.modules["chainrule.steps"]._prefix_loop.signatures))
mine = 1
```

```{code-cell} python
import subprocess
subprocess.run([sys.executable, "-c", "print('a child')"], capture_output=True, text=True, check=True).stdout
```

```{code-cell} python
print("one", end=" ")
time.sleep(0.5)
print("line")
```
"""
)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_page_has_one_kernel_of_its_own(tmp_path: Path, processes: str) -> None:
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    pages = {log.stem: PAGE.replace("LOG", repr(str(log))) for log in logs}
    built = build(write(tmp_path / "src", pages), "-W", "-j", processes)
    assert built.errors == ""
    assert built.code == 0
    (a, *seen), (b, *same) = [log.read_text().splitlines() for log in logs]
    assert seen == same == ["True False False", "[]", "1"]  # what is compiled need not be loaded by every page
    assert a != b
    for number, group in (line.split() for line in (a, b)):
        assert number == group  # what interrupts or ends it meets nothing else
        if sys.platform == "linux":
            assert not Path("/proc", number).exists()
    for log in logs:
        assert "a child" in built.read(f"{log.stem}.html")
        assert "<span></span>one line\n" in built.read(f"{log.stem}.html")


def test_a_kernel_that_dies_is_an_error(tmp_path: Path) -> None:
    page = FRONT_MATTER + "# Page\n\n```{code-cell} python\nimport os\nos._exit(3)\n```\n"
    built = build(write(tmp_path / "src", {"page": page}))
    assert built.code
    assert "Kernel died" in built.errors


def test_a_module_that_cannot_be_imported_is_an_error_where_a_page_does(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "chainrule"
    shutil.copytree(BOOK.parent / "src" / "chainrule", package)
    (package / "player.py").write_text("1 / 0\n", encoding="utf-8")
    page = FRONT_MATTER + "# Page\n\n```{code-cell} python\nfrom chainrule import play\n```\n"
    built = build(write(tmp_path / "src", {"page": page}), path=package.parent)
    assert built.code == 1
    assert "page.md:9: ERROR: a cell failed" in built.errors
    assert "ZeroDivisionError" in built.errors


def test_the_order_of_pages_is_the_order_in_which_they_are_taken() -> None:
    waiting = one_by_one(["longest", "long", "short", "shortest"], 2)
    taken = [waiting.pop(0) for _ in range(2)] + [waiting.pop() for _ in range(2)]  # as sphinx.util.parallel does
    assert taken == [["longest"], ["long"], ["short"], ["shortest"]]
