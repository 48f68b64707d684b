"""The table of what others have made has every file, and a licence with its text for each; it fails for what is nobody's."""

from __future__ import annotations

import html
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.book.building import FRONT_MATTER, Build, build, write

PAGE = "# Page\n\n```{shipped}\n```\n"
CELL = FRONT_MATTER + "# Cell\n\n```{code-cell} python\n1\n```\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    source = write(tmp_path_factory.mktemp("shipped") / "src", {"reference/page": PAGE, "cell": CELL})
    build(source, "-W")
    return build(source, "-W", "-a")  # this one finds what is drawn at the end of a build, too


def rows(built: Build) -> dict[str, list[str]]:
    """The cells of the table by the first of each row."""
    table = re.findall(r"<tr.*?</tr>", built.read("reference/page.html"), re.DOTALL)
    cells = [[html.unescape(cell) for cell in re.findall(r"<td><p>(.*?)</p></td>", line, re.DOTALL)] for line in table]
    return {name: rest for name, *rest in filter(None, cells)}


def test_every_file_is_in_the_table_or_the_books_own(built: Build) -> None:
    assert built.errors == ""
    found = rows(built)
    assert list(found) == sorted(found, key=str.lower)
    assert {"furo", "katex", "Pygments", "accessible-pygments", "Sphinx", "sphinx-basic-ng"} == set(found)
    assert found["Sphinx"][0] == version("sphinx")
    assert found["katex"][0] == "0.16.22"
    assert "MIT" in found["katex"][1]
    assert "20 files in katex/fonts" in found["katex"][2]
    assert "normalize.css v8.0.1 | MIT License" in found["furo"][2]


def test_every_licence_has_its_text_in_the_site(built: Build) -> None:
    for _, licence, _ in rows(built).values():
        (address,) = re.findall(r'href="\.\./([^"]*)"', licence)
        assert re.search("(?i)permission|redistribution", built.read(address))


def test_a_stylesheet_that_no_page_loads_is_not_shipped(built: Build) -> None:
    assert not list((built.site / "_static").glob("mystnb*"))


def test_a_file_that_is_nobodys_fails_the_build(built: Build, tmp_path: Path) -> None:
    source = write(tmp_path / "src", {"page": PAGE})
    static = tmp_path / "built" / "src" / "html" / "_static"
    static.mkdir(parents=True)
    (static / "d3.js").write_text("found somewhere", encoding="utf-8")
    again = build(source)
    assert again.code == 1
    assert "page.md:3: ERROR: _static/d3.js is of no installed package" in again.errors
