"""Pages are executed again exactly when something that they run has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

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
