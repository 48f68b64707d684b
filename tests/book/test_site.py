"""One good page through the whole build, and what comes out of it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.book.building import FRONT_MATTER, Build, build, write

PAGE = (
    FRONT_MATTER
    + r"""# A *good* page

Formulas: $\pd{f}{x}$, see {eq}`eq-sum` and {numref}`fig-line`, and the {term}`adjoint`.

```{code-cell} python
---
tags: [remove-cell]
---
import math
```

```{code-cell} python
---
expected: "3.2e-06"
---
step = 3.2e-06
step
```

## Problem

$$
\begin{aligned}
f(x) &= c + \sum_j v_j \max(0, w_j x) \\
     &= \x{3}^\T
\end{aligned}
$$ (eq-sum)

## Predict

|  | value |
|---|---|
| $\adj{x}$ | a_b |

## Derivation

$$ \shape{W}{(3 \times 4)} $$

## Run it

Values: {value}`step:.1e`, {value}`-1.5`, {value}`{"a:b": -2}["a:b"]:d`, {value}`"text"`, {value}`math.pi:.3f`.

```{code-cell} python
---
mystnb:
  figure:
    name: fig-line
    caption: A line of slope $\pd{f}{x}$; the step is {value}`step:.1e`.
---
class Line:
    def __repr__(self):
        return "plain text, not shown"

    def _repr_html_(self):
        return '<svg role="img" aria-label="A line." viewBox="0 0 9 9"><path d="M0 9 9 0"/></svg>'

Line()
```

## Check

1. One
2. Two

   ```python
   x = 1
   ```

> Quoted.

## Remember

Remember.

## Exercises

### Exercise 1: double it

How much?

(its-solution)=
#### Solution

Twice as much.

```{code-cell} python
2 * step
```

That is {value}`2 * step:.1e`.

### Exercise 2: look

See [it](#its-solution).

#### Solution

Seen.
"""
)
GLOSSARY = "# Glossary\n\n```{glossary}\nadjoint\n  A derivative, $\\adj{x}$.\n```\n\nA note[^a].\n\n[^a]: Noted.\n"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Build:
    source = write(tmp_path_factory.mktemp("good") / "src", {"relu/good": PAGE, "glossary": GLOSSARY})
    return build(source, "-W")


@pytest.fixture(scope="module")
def html(good: Build) -> str:
    return good.read("relu/good.html")


@pytest.fixture(scope="module")
def notebook(good: Build) -> Any:
    return nbformat.reads(good.read("relu/good.ipynb"), as_version=4)


def texts(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_a_good_page_builds_without_a_word(good: Build) -> None:
    assert good.errors == ""
    assert good.code == 0


def test_formulas_are_in_the_page_for_eyes_and_for_screen_readers(good: Build, html: str) -> None:
    assert html.count('class="katex-html" aria-hidden="true"') == html.count("<math ") == 5
    assert re.search(r'Formulas: <span class="glued"><span class="math katex">.*</span>,</span> see <a', html)
    assert "katex.min.js" not in html
    assert "MathJax" not in html
    assert re.search(r'<div class="math" id="equation-eq-sum">', html)
    assert html.count('id="equation-eq-sum"') == 1
    assert '<a class="reference internal" href="#equation-eq-sum">(1)</a>' in html
    assert 'aria-label="Equation 1, link to it">(1)</a>' in html
    css = good.read("_static/katex/katex.css")
    fonts = set(re.findall(r"url\(([^)]*)\)", css))
    assert all((good.site / "_static/katex" / font).is_file() and font.endswith(".woff2") for font in fonts)
    assert len(fonts) == 20


def test_what_every_page_loads_is_one_stylesheet_and_one_script(good: Build, html: str) -> None:
    assert re.findall(r'<link rel="stylesheet"[^>]* href="\.\./_static/(.*?)\?v=', html) == ["site.css"]
    assert re.findall(r'<script[^>]* src="\.\./_static/(.*?)\?v=', html) == ["site.js"]
    css, script = good.read("_static/site.css"), good.read("_static/site.js")
    fonts = set(re.findall(r"url\(([^)\"']*woff2)\)", css))
    assert len(fonts) == 20
    assert all((good.site / "_static" / font).is_file() for font in fonts)
    parts = [".highlight", "normalize.css", ".katex", ".rhythm"]  # of Pygments, Furo, KaTeX, and ours
    places = [css.index(part) for part in parts]
    assert places == sorted(places)
    assert 'body[data-theme="dark"] .highlight .k' in css
    assert script.startswith("// Runs before anything is painted")
    for part in ("DOCUMENTATION_OPTIONS", "SphinxHighlight", "data-definitions", ".theme-toggle"):
        assert part in script
    assert "sourceMappingURL" not in css + script
    assert "mystnb" not in css


def test_values_come_from_the_kernel_and_are_typeset(html: str) -> None:
    values = re.findall(r'<span class="value">(.*?)</span>', html)
    assert values == [
        "3.2 × 10<sup>−6</sup>",
        "−1.5",
        "−2",
        "text",
        "3.142",
        "3.2 × 10<sup>−6</sup>",
        "6.4 × 10<sup>−6</sup>",
    ]


def test_a_figure_has_its_number_and_its_caption(html: str) -> None:
    figure = re.search(r'<figure[^>]* id="fig-line">.*?</figure>', html, re.DOTALL)
    assert figure
    assert "<svg role=" in figure[0]
    assert "Figure 1" in figure[0]
    assert html.count("plain text, not shown") == 1  # in the cell's source; HTML wins over it in the output
    assert '<span class="std std-numref">Figure 1</span>' in html


def test_sections_have_the_classes_of_the_rhythm(html: str) -> None:
    names = re.findall(r'class="rhythm rhythm-(\w+)"', html)
    assert names == ["problem", "predict", "derivation", "run", "check", "remember", "exercises"]


def test_solutions_are_folded_linked_and_not_in_the_contents(html: str) -> None:
    summaries = re.findall(r"<details class=\"solution\"><summary>(.*?)</summary>", html)
    assert summaries == ["Solution to exercise 1", "Solution to exercise 2"]
    first = html.split("<details")[1].split("</details>")[0]
    assert '<div class="solution-body" id="solution-to-exercise-1">' in first
    assert 'id="its-solution"' in first
    assert "6.4e-06" in first
    assert 'href="#its-solution"' in html
    assert "olution" not in html.split('class="toc-tree"')[1]


def test_every_page_ships_the_policy_runs_under_it_and_is_well_made(good: Build) -> None:
    for page in good.site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'self';" in text, page
        for script in re.findall(r"<script[^>]*>", text):
            assert " src=" in script, (page, script)
        assert not re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="(?:https?:)?//', text), page
        assert not re.findall(r"<[^>]*\son\w+=", text), page
        assert 'role="heading"' not in text, page
        ids = re.findall(r'\sid="([^"]*)"', text)
        assert len(ids) == len(set(ids)), page


def test_the_search_knows_a_formula_by_its_label_and_not_by_its_tex(good: Build) -> None:
    terms = json.loads(good.read("searchindex.js").removeprefix("Search.setIndex(").removesuffix(")"))["terms"]
    assert "sum" in terms
    assert not {"aligned", "begin", "frac", "pd", "max"} & set(terms)


def test_notes_have_no_role(good: Build) -> None:
    assert '<div class="note-entry" id=' in good.read("glossary.html")
    assert "doc-footnote" not in good.read("glossary.html")


def test_a_page_links_its_source_and_its_notebook(good: Build, html: str) -> None:
    assert '<a href="../_sources/relu/good.md.txt">source</a>' in html
    assert '<a href="good.ipynb" download>executed notebook</a>' in html
    assert good.read("_sources/relu/good.md.txt") == PAGE
    assert "executed notebook" not in good.read("glossary.html")


def test_the_notebook_says_in_plain_markdown_what_the_page_says(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    text = "\n\n".join(texts(notebook, "markdown"))
    assert text.startswith("# A *good* page\n\n*A page of The Chain Rule, Executed.")
    assert r"Formulas: $\frac{\partial f}{\partial x}$, see (1) and Figure 1, and the adjoint." in text
    assert "\\begin{aligned}\nf(x) &= c" in text
    assert "{x^{(3)}}^{\\top}\n\\end{aligned}\n\\tag{1}\n$$" in text
    assert "|  | value |\n| --- | --- |\n| $\\bar{x}$ | a\\_b |" in text
    assert "Values: 3.2 × 10<sup>−6</sup>, −1.5, −2, text, 3.142." in text
    assert r"**Figure 1.** A line of slope $\frac{\partial f}{\partial x}$; the step is 3.2 × 10<sup>−6</sup>." in text
    assert "1. One\n2. Two\n\n   ```python\n   x = 1\n   ```" in text
    assert "> Quoted." in text
    assert "### Exercise 1: double it\n\nHow much?\n\n#### Solution\n\nTwice as much." in text
    assert not re.search(r"\{\w+\}`|```\{|\(eq-|\(its-", text)


def test_the_notebook_has_all_cells_in_order_with_their_outputs(notebook: nbformat.NotebookNode) -> None:
    code = texts(notebook, "code")
    assert [c.splitlines()[0] for c in code] == ["import math", "step = 3.2e-06", "class Line:", "2 * step"]
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    assert [len(output) for output in outputs] == [0, 1, 1, 1]
    assert outputs[1][0].data["text/plain"] == "3.2e-06"
    assert "<svg" in outputs[2][0].data["text/html"]
    assert [cell.id for cell in notebook.cells] == [f"cell-{n + 1}" for n in range(len(notebook.cells))]
    assert notebook.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata.language_info.name == "python"


def test_the_notebook_runs_as_it_is(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    before = copy.deepcopy([cell.get("outputs") for cell in notebook.cells])
    client = NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert [cell.get("outputs") for cell in notebook.cells] == before


def test_a_site_that_knows_its_address_tells_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "https://example.org/book")
    built = build(write(tmp_path / "known", {"part/page": "# A page\n\nIt says a little about something or other.\n"}))
    assert built.code == 0, built.errors
    head = built.read("part/page.html")
    assert '<link rel="canonical" href="https://example.org/book/part/page.html">' in head
    assert '<meta property="og:url" content="https://example.org/book/part/page.html">' in head
    assert '<meta property="og:image" content="https://example.org/book/_static/card.png">' in head
    missing = built.read("404.html")
    assert 'href="https://example.org/book/index.html"' in missing
    assert 'src="https://example.org/book/_static/early.js"' in missing


def test_a_site_that_does_not_know_its_address_has_none_in_it(good: Build) -> None:
    assert "og:url" not in good.read("relu/good.html")
    missing = good.read("404.html")
    assert 'href="index.html"' in missing
    assert "<script" not in missing
