"""The plugin of cells.py: what it runs, what it refuses, what it says; and that its cells are those of the build."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from myst_nb.core.read import is_myst_markdown_notebook

from book._ext.expected import RULES, Checker
from tests.book.building import BOOK, FRONT_MATTER, build, write
from tests.book.cells import Cell, PageError, Value, read

CONF = BOOK / "conf.py"
COMPILED = np, plt  # a run inside a test would import them anew, which compiled modules refuse, were they not there yet
Run = Callable[..., pytest.RunResult]

# One page with every way to write a cell, and with what only looks like one.
TRAPS = '''
# Traps

```{code-cell} python
a = 1
```

A bare one, one in another language, one with tildes; the first two are what some readers of pages pass over.

```{code-cell}
b = a + 1
b
```
```{code-cell} ipython3
c = b + 1
```
~~~{code-cell} python
text = """
```{code-cell} python
not_a_cell
```
"""
~~~

Options, with blank lines around and in them; and as fields.

```{code-cell} python
---
tags: [hide-input]

expected: |
  first

  second
---

print("first")

print("second")
```
```{code-cell} python
:tags: [remove-output]
:expected: "4"

c + 1
```

    ```{code-cell} python
    shown, as an indented block
    ```

<!--
```{code-cell} python
a comment
```
-->

````markdown
```{code-cell} python
shown, as a listing
```
````

```{code-block} markdown
:::{code-cell} python
:::
```

The value is {value}`c:.1f`, not `` {value}`d` ``.

:::{note}
Here too: {value}`a`
and {value}`b + 1:03d`.
:::

   ```{code-cell} python
   ---
   tags: [raises-exception]
   expected: "ValueError: no"
   ---
   # indented as far as a fence may be
   if c:
       raise ValueError("no")
   ```
'''

# Cells that the build does not run.
LOST = {
    "in a list": "- item\n  ```{code-cell} python\n  1\n  ```\n",
    "in a quotation": "> ```{code-cell} python\n> 1\n> ```\n",
    "in a colon fence": ":::{note}\n```{code-cell} python\n1\n```\n:::\n",
    "in a directive": "````{note}\n```{code-cell} python\n1\n```\n````\n",
    "as a colon fence": ":::{code-cell} python\n1\n:::\n",
    "twice inside": "`````{note}\n````{note}\n```{code-cell}\n1\n```\n````\n`````\n",
    "skipped": "```{code-cell} python\n:tags: [skip-execution]\n1\n```\n",
    "empty": "```{code-cell} python\n```\n",
}


# What is tested is what the build executes


def built(folder: Path) -> dict[str, list[tuple[str, int | None]]]:
    """Every page's code cells and their execution counts, from the notebooks that MyST-NB leaves beside a site."""
    notebooks = folder / "jupyter_execute"
    return {
        path.relative_to(notebooks).with_suffix(".md").as_posix(): [
            ("".join(cell["source"]), cell["execution_count"])
            for cell in json.loads(path.read_text("utf-8"))["cells"]
            if cell["cell_type"] == "code"
        ]
        for path in notebooks.rglob("*.ipynb")
    }


def parts(page: Path) -> list[Cell | Value]:
    """The cells and values of a page as they are tested."""
    return read(page, page.read_text("utf-8"), CONF)


def collected(page: Path) -> list[str]:
    """The code of the cells that are tested."""
    return [part.source for part in parts(page) if isinstance(part, Cell)]


def test_every_way_to_write_a_cell_is_run_by_both_or_by_none(tmp_path: Path) -> None:
    lost = FRONT_MATTER + "# Lost\n\n" + "\n".join(LOST.values())
    source = write(tmp_path / "source", {"traps": FRONT_MATTER + TRAPS, "lost": lost})
    site = build(source).site
    cells = built(site.parent)
    assert cells["traps.md"] == [(code, i) for i, code in enumerate(collected(source / "traps.md"), 1)]
    assert len(cells["traps.md"]) == 7
    assert [count for _, count in cells["lost.md"]] == [None, None]  # the one to skip and the empty one

    known = {"a": 1, "b": 2, "c": 3}
    values = [part for part in parts(source / "traps.md") if isinstance(part, Value)]
    shown = re.findall(r'class="value">(.*?)</span>', (site / "traps.html").read_text("utf-8"))
    assert [format(eval(part.expression, known), part.spec) for part in values] == shown == ["3.0", "1", "003"]


@pytest.mark.parametrize("text", LOST.values(), ids=LOST.keys())
def test_a_cell_that_the_build_does_not_run_is_an_error(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(FRONT_MATTER + "# Lost\n\n" + text, encoding="utf-8")
    line = next(i for i, line in enumerate(page.read_text("utf-8").splitlines(), 1) if "{code-cell}" in line)
    with pytest.raises(PageError, match=rf"^line {line}: .*\brun"):
        parts(page)


def test_of_the_book_every_page_and_every_cell(tmp_path: Path) -> None:
    settings = ["-D", "extensions=myst_nb", "-D", "nb_execution_mode=off"]
    done = build(BOOK, "-Q", "-b", "dummy", *settings, within=tmp_path)
    cells = {page: [code for code, _ in cells] for page, cells in built(done.site.parent).items()}
    made = {"_build", "node_modules"}
    pages = [path for path in BOOK.rglob("*.md") if not made & set(path.relative_to(BOOK).parts)]
    notebooks = {path for path in pages if is_myst_markdown_notebook(path.read_text("utf-8"))}
    assert cells == {path.relative_to(BOOK).as_posix(): collected(path) for path in notebooks}
    assert not any(parts(path) for path in pages if path not in notebooks)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```{code-cell} python\n---\nexpect: a\n---\n1\n```", r"line 7: .*expect\."),
        ("```{code-cell} python\n---\nexpected: 1.0\n---\n1.0\n```", "line 7: .*put 1.0 in quotation marks"),
        ('```{code-cell} python\n---\nexpected: "..."\n---\n1.0\n```', "line 7: .*holds whatever comes"),
    ],
)
def test_an_option_that_would_check_nothing_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(FRONT_MATTER + "# A page\n" + text, encoding="utf-8")
    with pytest.raises(PageError, match=message):
        parts(page)


@pytest.mark.parametrize("line", ["execution: {allow_errors: true}", "mystnb: {execution_mode: 'off'}"])
def test_a_page_with_rules_of_its_own_is_an_error(line: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(FRONT_MATTER.replace("kernelspec", f"{line}\nkernelspec") + "# A page\n", encoding="utf-8")
    with pytest.raises(PageError, match="the front matter"):
        parts(page)


def test_cells_and_values_need_a_notebook(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for text in ("{value}`a`", "```{code-cell} python\n1\n```"):
        page.write_text("# A page\n\n" + text, encoding="utf-8")
        with pytest.raises(PageError, match=r"^line 3: "):
            parts(page)


# How a page is run


def page(pytester: pytest.Pytester, *blocks: str, name: str = "page") -> None:
    """A page whose blocks are cells; one that begins with # or with a fence stands as it is. The first is at line 6."""
    (pytester.path / "conf.py").write_text('myst_enable_extensions = ["colon_fence"]')
    fenced = [block if block[0] in "#`" else f"```{{code-cell}} python\n{block}\n```" for block in blocks]
    (pytester.path / f"{name}.md").write_text(FRONT_MATTER + "\n".join(fenced) + "\n", encoding="utf-8")


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Runs pytest with the plugin alone on what `page` has written."""
    return lambda *arguments: pytester.runpytest_inprocess("-p", "tests.book.cells", "-v", "-Werror", *arguments)


def test_cells_run_in_order_in_one_namespace(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = [1]", "# text, {value}`a[0]:.1f`, {value}`len(a)`", "a.append(2)", "assert a == [1, 2]\n")
    names = ["line-6", "value-9", "value-9.2", "line-10", "line-13"]
    run().stdout.fnmatch_lines([f"page.md::{name} PASSED*" for name in names], consecutive=True)


def test_pages_know_nothing_of_each_other(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = 1", name="one")
    page(pytester, "a", name="two")
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["two.md:6: NameError: name 'a' is not defined"])


def test_a_page_finds_no_files(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "import os\nassert os.listdir() == []\nopen('left', 'w').close()")
    run().assert_outcomes(passed=1)
    assert not (pytester.path / "left").exists()


def test_a_page_finds_itself(pytester: pytest.Pytester, run: Run) -> None:
    page(
        pytester,
        "import inspect\nfrom dataclasses import dataclass\nfrom typing import get_type_hints",
        'class A:\n    "One."\n\n@dataclass\nclass B:\n    a: "A"\n\ndef f():\n    return 1',
        "assert get_type_hints(B) == {'a': A}\nassert inspect.getsource(f) == 'def f():\\n    return 1\\n'",
    )
    run().assert_outcomes(passed=3)


def test_one_cell_alone_first_runs_what_it_needs(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = 1", "a += 1", "assert a == 2")
    for selection in (["page.md::line-12"], ["-k", "line-12"]):
        run(*selection).assert_outcomes(passed=1, deselected=2 * (selection[0] == "-k"))


def test_the_order_of_a_selection_is_the_pages(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = 1", "a += 1", "assert a == 2")
    run("page.md::line-12", "page.md::line-9", "page.md::line-6").assert_outcomes(passed=3)


def test_figures_are_closed_after_a_page(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "import matplotlib.pyplot as plt\nplt.figure()\nassert plt.get_backend().lower() == 'agg'")
    run().assert_outcomes(passed=1)
    assert plt.get_fignums() == []


# What a failure says


def test_a_failing_cell(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "def f(x):\n    return 1 / x", "print('so far')\nf(1)\nf(0)", "1", "2")
    result = run()
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            "*_ page.md:10 _*",
            "  11  print('so far')",
            "  12  f(1)",
            "  13  f(0)",
            "",
            "Traceback (most recent call last):",
            '  File "page.md", line 13, in <module>',
            "    f(0)",
            '  File "page.md", line 8, in f',
            "    return 1 / x",
            "*",
            "ZeroDivisionError: division by zero",
            "",
            "page.md:10: ZeroDivisionError: division by zero",
            "*Captured stdout call*",
            "so far",
            "page.md:15: not run: the cell at line 10 failed: ZeroDivisionError: division by zero",
            "page.md:18: not run: the cell at line 10 failed: ZeroDivisionError: division by zero",
            "FAILED page.md::line-10 - ZeroDivisionError: division by zero",
            "FAILED page.md::line-15 - not run: *",
        ]
    )
    result.stdout.no_fnmatch_line("*cells.py*")


def test_the_traceback_goes_on_below_the_cell(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "import json\njson.loads('')")
    result = run()
    result.stdout.fnmatch_lines(
        ['  File "page.md", line 8, in <module>', '  File "*json*", line *', "*JSONDecodeError: *"]
    )
    result.stdout.no_fnmatch_line("*cells.py*")


def test_a_cell_that_is_no_python(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = 1\na = = 2")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['  File "page.md", line 8', "page.md:6: SyntaxError: invalid syntax*"])


@pytest.mark.parametrize("code", ["raise SystemExit", "import warnings\nwarnings.warn('so')", "assert 1 == 2"])
def test_other_ways_to_fail(code: str, pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, code)
    run().assert_outcomes(failed=1)


def test_a_failing_value(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, "a = 'text'", "# The title\n\nSome text\nand {value}`a:.1f`.", "a")
    result = run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["{value}`a:.1f`", "page.md:12: ValueError: Unknown format code*"])


# Expected output


def cell(code: str, expected: str, *tags: str) -> str:
    """A cell with its expected output, from line 10."""
    options = f"expected: {json.dumps(expected)}\ntags: {json.dumps(tags)}"
    return f"```{{code-cell}} python\n---\n{options}\n---\n{code}\n```"


OUTPUTS = [
    ("2 + 2", "4"),
    ("print('a')\n'b'", "a\n'b'"),
    ("None", ""),
    ("2 + 2;", ""),
    ("2 + 2;  # silent", ""),
    ("2 + 2  # not silent;", "4"),
    ("'not silent;'", "'not silent;'"),
    ("1\n2", "2"),
    ("a = 1", ""),
    ("for i in range(2):\n    print(i)", "0\n1"),
    ("display('a', 1)\n2", "'a'\n1\n2"),
    ("class A:\n    def _repr_html_(self): return 'html'\n    def __repr__(self): return 'A'\nA()", "A"),
    ("import numpy as np\nnp.array([1/3, 2/3, 1])", "array([0.333, 0.6667, 1. ])"),
]


def test_the_output_is_what_a_notebook_shows(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, *(cell(code, expected) for code, expected in OUTPUTS))
    run().assert_outcomes(passed=len(OUTPUTS))
    page(pytester, *(cell(code, expected + "!") for code, expected in OUTPUTS))
    run().assert_outcomes(failed=len(OUTPUTS))


def test_another_output_shows_both_and_breaks_nothing_else(pytester: pytest.Pytester, run: Run) -> None:
    page(pytester, cell("a = 2\nprint('same')\na / 3", "same\n0.67\n0.68"), "a")
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "  13  a / 3",
            "Differences (ndiff with -expected +actual):",
            "      same",
            "    [+] 0.6666666666666666",
            "    - 0.67",
            "    - 0.68",
            "page.md:6: the output is not the expected one",
        ]
    )


def test_a_cell_that_must_raise(pytester: pytest.Pytester, run: Run) -> None:
    page(
        pytester,
        cell("print('first')\nraise KeyError('a')", "first\nKeyError: 'a'", "raises-exception"),
        cell("raise ValueError", "ValueError", "raises-exception"),
        cell("raise ValueError", "KeyError", "raises-exception"),
        cell("1", "1", "raises-exception"),
        "2",
    )
    result = run()
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        ["FAILED *line-21 - the output is not *", "FAILED *line-28 - the cell must raise an exception, and raised none"]
    )


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ("a   b\n c", "a b c"),
        ("a ... z", "a b c z"),
        ("0.33", "0.3333333333333333"),
        ("0.67", "0.6666666666666666"),
        ("0.670", "0.6699999"),
        ("-0.33", "-0.3333333333333333"),
        ("1e-9", "1.4e-09"),
        ("1.5e-9", "0.0000000015"),
        ("[0.33 0.67]", "[0.33333333 0.66666667]"),
        ("[0.33 ... 0.67]", "[0.33333333 0.5 0.66666667]"),
        ("x = 0.33, ..., y = 0.67 ...", "x = 0.3333, z = 1.5, y = 0.9, y = 0.6667 and more"),
        ("np.float64(0.33)", "np.float64(0.3333333333333333)"),
        ("It is 0.33.", "It is 0.3333."),
        ("0.5-0.25i", "0.5001-0.2501i"),
        ("...0.5", "0.25 0.5"),
        (r"a+b (0.5) [x] \n", r"a+b (0.5001) [x] \n"),
    ],
)
def test_agreement(want: str, got: str) -> None:
    assert Checker().check_output(want + "\n", got + "\n", RULES)


@pytest.mark.parametrize(
    ("want", "got"),
    [
        ("a b", "ab"),
        ("a ... z", "a b c"),
        ("0.33", "0.3351"),
        ("0.33", "0.3249"),
        ("0.333", "0.33"),
        ("0.33", "-0.33"),
        ("0.33", "10.33"),
        ("0.33", "0.33 0.34"),
        ("0.33 ...", "0.34 0.33"),
        ("... 0.33", "0.33 0.34"),
        ("0.33 ... 0.33", "0.33"),
        ("1.5e-9", "1.5e-8"),
        ("3", "3.0"),
        ("3", "4"),
        ("3.", "3.2"),
        ("v1.2", "v1.20"),
        ("np.float64(0.33)", "np.float32(0.3333)"),
        ("114.0", "114"),
        ("0.5", "nan"),
        ("", "0.5"),
        ("0.5", ""),
    ],
)
def test_disagreement(want: str, got: str) -> None:
    assert not Checker().check_output(want + "\n", got + "\n", RULES)
