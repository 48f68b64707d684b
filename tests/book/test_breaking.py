"""Faults planted in good pages: the build fails and names page and line of each, and so does the next one, until they are mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from tests.book.building import FRONT_MATTER, Build, build, write
from tests.book.twice import differences

GOOD = (
    FRONT_MATTER
    + r"""# A page

The slope $\pd{f}{x}$ has a formula:
{eq}`eq-PAGE`.

```{code-cell} python
from chainrule import axes, show
slope = 2.0
```

## Problem

$$
f(x) = c + v x
$$ (eq-PAGE)

$$ v = 2 $$

## Predict

Links of every kind:
{numref}`fig-PAGE`,
{term}`terms <adjoint>`,
{cite:p}`micrograd`,
[pages](../glossary.md),
[targets](#eq-PAGE),
{ref}`labels <label-PAGE>`,
{py:obj}`objects <thing>`,
notes[^note],
{kbd}`keys`,
{formula}`names <eq-PAGE>`,
{lab}`the lab <width=10>`.

[^note]: Noted.

## Derivation

![A dot.](data:image/jpeg;base64,/9j/4AAQ)

<img alt="A dot, too." src="data:image/jpeg;base64,/9j/4AAQ">

## Run it

```{code-cell} python
---
expected: "8.0"
---
slope**3
```

```{code-cell} python
---
expected: "4.0"
---
2 * slope
```

```{code-cell} python
---
expected: "ValueError: no"
tags: [raises-exception]
---
raise ValueError("no")
```

```{code-cell} python
---
tags: [raises-exception]
---
[][0]
```

The slope is {value}`slope:.1f`.

(label-PAGE)=
## Check

```{code-cell} python
---
mystnb:
  figure:
    name: fig-PAGE
    caption: A line of slope $v$.
---
figure, ax = axes()
show(figure, description="A line that rises.")
```

```{code-cell} python
other, ax = axes()
show(other, description="A line that falls.")
```

## Remember

## Exercises

### Exercise 1: think

#### Solution

Thought.

### Exercise 2: think twice

#### Solution

Thought again.
"""
)
BRIEF = (
    FRONT_MATTER
    + """# A short page

```{code-cell} python
from chainrule import axes, show
slope = 2.0
```

```{code-cell} python
figure, ax = axes()
show(figure, description="A line that rises.")
```
"""
)
GLOSSARY = "# Glossary\n\n```{glossary}\nadjoint\n  A derivative.\n```\n\n```{bibliography}\n```\n"
GLOSSARY += "\n```{eval-rst}\n.. py:data:: thing\n```\n"

# What is replaced by what, the text whose line is named, and what is said of it. After these nothing on the page is run,
# so that each has a page of its own, and a short one;
# fmt: off
FATAL: dict[str, tuple[str, str, str, str]] = {
    "a cell that raises":         ("slope = 2.0", "slope = 1 / 0", "slope = 1 / 0", "a cell failed"),
    "a cell that is no Python":   ("slope = 2.0", "slope = = 2.0", "slope = = 2.0", "a cell failed"),
    "a figure without words":     (', description="A line that rises."', "", "show(figure)", "a cell failed"),
    "a figure with empty words":  ('"A line that rises."', '" "', "show(figure,", "a cell failed"),
}
# these are on one page.
OTHERS: dict[str, tuple[str, str, str, str]] = {
    "a cell that complains":      ("slope = 2.0", "slope = 2.0\nimport sys\nprint(1, file=sys.stderr)", "from chainrule", "stderr was found"),
    "an output that is off":      ('"8.0"', '"8.1"', "slope**3", "the output is not the expected one"),
    "an output that is no text":  ('"4.0"', "4.0", "2 * slope", "expected must be text"),
    "another exception":          ('raise ValueError("no")', 'raise KeyError("no")', "raise KeyError", "the output is not the expected one"),
    "a cell that must raise":     ("[][0]", "[1][0]", "[1][0]", "must raise an exception, and raised none"),
    "a value of nothing":         ("{value}`slope:", "{value}`slop:", "{value}", "name 'slop' is not defined"),
    "an undefined equation":      ("{eq}`eq-PAGE`", "{eq}`eq-no`", "The slope $", "equation not found: eq-no"),
    "a name of no formula":       ("names <eq-PAGE>", "names <eq-no>", "Links of", "no formula has the label eq-no"),
    "an undefined figure":        ("{numref}`fig-PAGE`", "{numref}`fig-no`", "Links of", "undefined label: 'fig-no'"),
    "an undefined term":          ("<adjoint>", "<adjunct>", "Links of", "term not in glossary: 'adjunct'"),
    "an undefined source":        ("`micrograd`", "`nobody`", "Links of", 'could not find bibtex key "nobody"'),
    "an undefined page":          ("../glossary.md", "../no-page.md", "Links of", "'../no-page.md'"),
    "an undefined target":        ("(#eq-PAGE)", "(#no-target)", "Links of", "'no-target'"),
    "an undefined label":         ("<label-PAGE>", "<no-label>", "Links of", "undefined label: 'no-label'"),
    "an undefined object":        ("<thing>", "<nothing>", "Links of", "py:obj reference target not found: nothing"),
    "an undefined note":          ("notes[^note]", "notes[^no]", "Links of", 'Unknown target name: "no"'),
    "an unknown setting":         ("<width=10>", "<depth=2>", "Links of", "the lab has no setting depth"),
    "an unknown role":            ("{kbd}", "{keyboard}", "Links of", 'Unknown interpreted text role "keyboard"'),
    "an image without words":     ("![A dot.]", "![]", "![]", "a picture without a description"),
    "an img without words":       (' alt="A dot, too."', "", "<img", "a picture without a description"),
    "a figure not by show":       ('show(figure, description="A line that rises.")', "figure", "figure, ax", "a figure without a picture"),
    "a plot of pyplot":           ('show(other, description="A line that falls.")', "from matplotlib import pyplot\npyplot.plot([1, 2]);", "other, ax", "a picture without a description"),
    "bad TeX in a line":          (r"$\pd{f}{x}$", r"$\frac{f$", "The slope $", "bad formula: Unexpected end of input"),
    "bad TeX in a display":       ("v = 2", "v^", "$$ v^", "bad formula: Expected group after '^'"),
    "bad TeX in a caption":       ("slope $v$.", r"slope $\hat$.", "caption:", "bad formula: Unexpected end of input"),
    "an undefined macro":         ("c + v x", r"c + \no x", "f(x) = c", "bad formula: Undefined control sequence"),
    "a missing section":          ("## Remember\n", "", "## Exercises", "expected '## Remember', found '## Exercises'"),
    "no solution":                ("#### Solution\n\nThought.", "Thought.", "### Exercise 1", "must end with one '#### Solution'"),
    "two solutions":              ("Thought again.", "#### Solution\n\nThought again.", "### Exercise 2", "must end with one '#### Solution'"),
}
# fmt: on
FAULTS = FATAL | OTHERS
TOGETHER = "relu/together"


def page(name: str) -> str:
    """The page of a fault."""
    return name.replace(" ", "-") if name in FATAL else TOGETHER


PAGES = sorted({page(name) for name in FAULTS})


def with_faults(page_: str, names: Iterable[str]) -> str:
    """The page, good but for those of the faults that are planted there."""
    text = GOOD if page_.startswith("relu/") else BRIEF
    for was, becomes, _, _ in (FAULTS[name] for name in names if page(name) == page_):
        assert text.count(was) == 1, was
        text = text.replace(was, becomes)
    return text.replace("PAGE", page_.rpartition("/")[2])


HALF = list(FAULTS)[::2]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Build]:
    """A book with all faults, built twice; with half of them mended; and mended; by two processes and by one."""
    folder = tmp_path_factory.mktemp("breaking") / "src"
    states = [(list(FAULTS), 2), (list(FAULTS), 1), (HALF, 2), ([], 1)]
    return [build(write(folder, book(faults)), "-W", "-j", str(processes)) for faults, processes in states]


def book(faults: Sequence[str]) -> dict[str, str]:
    return {name: with_faults(name, faults) for name in [*PAGES, "relu/clean"]} | {"glossary": GLOSSARY}


def said(build: Build, name: str) -> list[tuple[int, str]]:
    """(line, message) of all that was said about a page."""
    found = re.findall(rf"/{name}\.md:(\d+): (?:WARNING|ERROR): (.*)", build.errors)
    return sorted((int(line), message) for line, message in found)


def expected(name: str, faults: Sequence[str]) -> tuple[int, str]:
    """Where a fault is to be found, among others, and what is said of it."""
    text, (_, _, line, message) = with_faults(page(name), faults), FAULTS[name]
    assert text.count(line) == 1, line
    return text[: text.index(line)].count("\n") + 1, message


def found(build: Build, name: str, faults: Sequence[str]) -> bool:
    number, message = expected(name, faults)
    return any(at == number and message in what for at, what in said(build, page(name)))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_until_it_is_mended(builds: list[Build], name: str) -> None:
    first, second, third, _ = builds
    assert found(first, name, list(FAULTS)), said(first, page(name))
    assert found(second, name, list(FAULTS))
    if name in HALF:
        assert found(third, name, HALF)
    else:
        assert FAULTS[name][3] not in [message for _, message in said(third, page(name))]


def test_every_build_with_a_fault_fails(builds: list[Build]) -> None:
    assert [each.code for each in builds] == [1, 1, 1, 0]
    first, second = ({name: said(each, name) for name in PAGES} for each in builds[:2])
    assert second == first
    assert builds[3].errors == ""


def test_nothing_is_said_of_a_good_page(builds: list[Build]) -> None:
    assert "clean.md" not in "".join(each.errors for each in builds)


def test_the_mended_site_is_that_of_a_first_build(builds: list[Build], tmp_path: Path) -> None:
    found = differences(builds[-1].site, build(write(tmp_path / "src", book([])), "-W").site)
    kept = ("_images/", "searchindex.js")  # a picture that no page shows any more, and words that stand nowhere
    assert [text for text in found if not text.startswith(kept)] == []
