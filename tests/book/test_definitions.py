"""Terms and symbols carry their definitions into the pages that use them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import nbformat
import pytest

from tests.book.building import FRONT_MATTER, Build, build, write

PAGE = r"""# A page

Before: $\delta$.

## Problem

The {term}`adjoint`, and {term}`nodes <node>`. Of $\delta$, and $\delta$ again, ($x^{(2)}$) and $\x{3}$, $\delta^2$, $q$, $H$, $t$, $e_j$.

### A heading with $\gamma$

| $\gamma$ |
|---|
| $\gamma$ |

## Predict

Here $\delta$ again, [and $\gamma$ in a link](https://example.org).

```{code-cell} python
1 + 1
```

## Derivation

## Run it

## Check

## Remember

## Exercises

### Exercise 1: what is it

#### Solution

It is $\x{1}$.
"""
GLOSSARY = r"""# Glossary

```{glossary}
adjoint
  The *derivative* $\adj{u}$, of a {term}`node`, as [here](../relu/one.md).

node
  A value.

unused
  Not linked.
```
"""
NOTATION = r"""# Notation

## Everywhere

| symbol | what it is | defined in |
|---|---|---|
| $t$ | counts steps | |
| $\gamma$ | the rate, everywhere | |

## Problem 1: one

| symbol | what it is | shape | defined in |
|---|---|---|---|
| $H$ | the width | | [one](../relu/one.md) |
| $e_j = -b_j / w_j$ | the elbow | $(H)$ | |

## Problem 2: two

| symbol | what it is | shape | defined in |
|---|---|---|---|
| $\delta$ | an {term}`adjoint` as a column | $4$ | |
| $\x{1}, \x{2}$, $\x{3}$ | intermediates | | |
| $F(W, x)$ | an error | scalar | |
| $F(W, y)$ | another | scalar | |
| $\gamma$ | the rate, here | | |
"""


def pages(notation: str = NOTATION, glossary: str = GLOSSARY) -> dict[str, str]:
    return {
        "relu/one": FRONT_MATTER + PAGE,
        "backprop/two": FRONT_MATTER + PAGE,
        "plain": "# Plain\n\nNothing: $t$.\n",
        "reference/glossary": glossary,
        "reference/notation": notation,
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build(write(tmp_path_factory.mktemp("definitions") / "src", pages()), "-W")


def definitions(page: str) -> dict[str, str]:
    """What the page carries, by the link it belongs to."""
    (data,) = re.findall(r'data-definitions="([^"]*)"', page)
    found: dict[str, str] = json.loads(html.unescape(data))
    return found


def linked(page: str) -> list[str]:
    """The ids of the symbols that the page links to, in order."""
    return re.findall(
        r'<a [^>]*class="symbol reference internal" href="../reference/notation.html#symbol-([^"]*)">', page
    )


def test_it_builds_without_a_word(built: Build) -> None:
    assert built.errors == ""
    assert built.code == 0


def test_a_term_brings_its_definition_without_links_and_ids(built: Build) -> None:
    page = built.read("relu/one.html")
    assert '<a class="reference internal" href="../reference/glossary.html#term-node">' in page
    said = definitions(page)
    assert [key for key in said if "#term-" in key] == [
        f"../reference/glossary.html#term-{term}" for term in ("adjoint", "node")
    ]
    adjoint = said["../reference/glossary.html#term-adjoint"]
    assert adjoint.startswith("<p>The <em>derivative</em> ")
    assert 'class="katex-html"' in adjoint
    assert not re.search(r"<a\b|\bid=|href", adjoint)
    assert said["../reference/glossary.html#term-node"] == "<p>A value.</p>"


def test_a_symbol_is_linked_once_in_each_section_and_only_where_it_is_meant(built: Build) -> None:
    problem = ["delta", "x-1", "x-1", "t", "gamma-2"]
    assert linked(built.read("backprop/two.html")) == ["delta", *problem, "delta"]
    assert linked(built.read("relu/one.html")) == ["H", "t", "e-j", "gamma"]
    for page in ("plain.html", "reference/notation.html", "reference/glossary.html"):
        assert linked(built.read(page)) == []


def test_headings_and_heads_of_tables_keep_their_formulas(built: Build) -> None:
    page = built.read("backprop/two.html")
    assert "symbol" not in re.findall(r"<h3>(A heading.*?)</h3>", page, re.DOTALL)[0]
    assert "symbol" not in re.findall(r"<thead>(.*?)</thead>", page, re.DOTALL)[0]
    assert "symbol" not in re.findall(r"<details(.*?)</details>", page, re.DOTALL)[0]
    assert re.search(
        r'<span class="glued">\(<a [^>]*class="symbol[^>]*><span class="math katex">.*?</a>\)</span>', page
    )


def test_a_symbol_brings_what_the_notation_says_of_it(built: Build) -> None:
    said = definitions(built.read("backprop/two.html"))
    delta = said["../reference/notation.html#symbol-delta"]
    assert re.findall(r"<math[^>]*>.*?>([^<]+)<.*?</math>", delta) == ["δ", "4"]
    assert re.search(r": an .*adjoint.* as a column</p>\s*<p>Shape: ", delta)
    assert "Shape" not in said["../reference/notation.html#symbol-x-1"]
    assert "the rate, here" in said["../reference/notation.html#symbol-gamma-2"]
    assert "the rate, everywhere" in definitions(built.read("relu/one.html"))["../reference/notation.html#symbol-gamma"]


def test_a_link_has_the_name_that_is_seen(built: Build) -> None:
    names = re.findall(r'<a aria-label="([^"]*)" class="symbol', built.read("backprop/two.html"))
    assert names == ["δ", "δ", "x(2)", "x(3)", "t", "γ", "δ"]


def test_every_link_of_a_symbol_leads_to_a_row(built: Build) -> None:
    ids = re.findall(r'<tr class="[^"]*" id="symbol-([^"]*)"', built.read("reference/notation.html"))
    assert ids == ["t", "gamma", "H", "e-j", "delta", "x-1", "F-W-x", "F-W-y", "gamma-2"]


def test_the_glossary_defines_its_own_links(built: Build) -> None:
    assert definitions(built.read("reference/glossary.html")) == {"#term-node": "<p>A value.</p>"}


def test_a_page_without_definitions_carries_none(built: Build) -> None:
    assert "definitions" not in built.read("plain.html")


def test_the_notebook_knows_nothing_of_links(built: Build) -> None:
    notebook = nbformat.reads(built.read("backprop/two.ipynb"), as_version=4)
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert (
        "The adjoint, and nodes. Of $\\delta$, and $\\delta$ again, ($x^{(2)}$) and ${x^{(3)}}$, $\\delta^2$, $q$"
        in text
    )
    assert "symbol" not in text


def test_a_new_definition_reaches_the_pages_without_running_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    cell = f"open({str(log)!r}, 'a').write('x')\n1 + 1"
    source = write(tmp_path / "src", {**pages(), "relu/one": FRONT_MATTER + PAGE.replace("1 + 1", cell)})
    assert build(source, "-W").code == 0
    for name, old, new in [("glossary", "A value.", "A *new* value."), ("notation", "counts steps", "counts hours")]:
        path = source / "reference" / f"{name}.md"
        path.write_text(path.read_text().replace(old, new))
    page = build(source, "-W").read("relu/one.html")
    said = definitions(page)
    assert said["../reference/glossary.html#term-node"] == "<p>A <em>new</em> value.</p>"
    assert "counts hours" in said["../reference/notation.html#symbol-t"]
    assert log.read_text() == "x"
