"""What the index says of a page is found by a search after a build that had nothing, or only other pages, to write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.book.building import Build, build, write

PAGES = {
    "glossary": "# Glossary\n\n```{glossary}\nadjoint\n  A derivative.\n\nelbow\n  A bend.\n```\n",
    "other": "# Other\n\n```{glossary}\nkink\n  A place.\n```\n",
    "page": "# Page\n\nText.\n",
}


def entries(built: Build) -> dict[str, Any]:
    assert (built.code, built.errors) == (0, "")
    text = built.read("searchindex.js")
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    return {
        entry: [(index["docnames"][page], target, main) for page, target, main in places]
        for entry, places in index["indexentries"].items()
    }


def test_the_entries_of_pages_that_are_not_written_stay(tmp_path: Path) -> None:
    source = write(tmp_path / "src", PAGES)
    first = entries(build(source, "-W"))
    assert {entry: [page for page, _, _ in places] for entry, places in first.items()} == {
        "adjoint": ["glossary"],
        "elbow": ["glossary"],
        "kink": ["other"],
    }
    assert entries(build(source, "-W")) == first, "nothing is written"
    (source / "page.md").write_text("# Page\n\nMore text.\n", encoding="utf-8")
    assert entries(build(source, "-W")) == first, "one page is written"


def test_the_entries_of_a_page_are_those_of_the_page_as_it_is(tmp_path: Path) -> None:
    source = write(tmp_path / "src", PAGES)
    build(source, "-W")
    write(source, {"glossary": PAGES["glossary"].replace("elbow", "bend"), "page": PAGES["page"]})
    (source / "other.md").unlink()
    assert list(entries(build(source, "-W"))) == ["adjoint", "bend"]
