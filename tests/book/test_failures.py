"""A build fails, and says page, line and reason, for everything that must not be in the book."""

from __future__ import annotations

import re

import pytest

from tests.book.building import FRONT_MATTER, Build, build, write

BROKEN = (
    FRONT_MATTER
    + r"""# Broken at $x$

A paragraph of two lines,
the second with $\undefinedmacro$ in it.

## Problem

$$
x +
\frac{1
$$ (eq-broken)

{value}`nowhere:.2f` and {value}`"a":.2f`

## Derivation

```{code-cell} python
first = 1

first / 0
```

```{code-cell} python
second = 2
```

{value}`second`

## Exercises

### Exercise 1: without a solution

Nothing.
"""
)
ENDS_EARLY = (
    FRONT_MATTER.replace("---\nfile", "---\nfile", 1)
    + "# Ends early\n\n## Problem\n\n```{code-cell} python\n---\ntags: [raises-exception]\n---\n1 / 0\n```\n"
)
OPTED_OUT = "---\nrhythm: false\n---\n# Overview\n\n## Anything\n\nNo rhythm here.\n"
NO_KERNEL = "# No kernel\n\n{value}`1 + 1`\n"
LOUD = FRONT_MATTER + "# Loud\n\n```{code-cell} python\nimport sys\nprint('complaint', file=sys.stderr)\n```\n"


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Build, Build]:
    """The same broken book built twice, the second time incrementally."""
    pages = {
        "relu/broken": BROKEN,
        "relu/early": ENDS_EARLY,
        "relu/opted-out": OPTED_OUT,
        "no-kernel": NO_KERNEL,
        "loud": LOUD,
    }
    source = write(tmp_path_factory.mktemp("bad") / "src", pages)
    return build(source), build(source)


def said(build: Build, page: str) -> list[tuple[int, str]]:
    """(line, message) of all that was said about `page`, by line."""
    found = re.findall(rf"{page}\.md:(\d+): (?:WARNING|ERROR): (.*)", build.errors)
    return sorted((int(line), message) for line, message in found)


def line_of(text: str, page: str = BROKEN) -> int:
    return page[: page.index(text)].count("\n") + 1


def test_errors_fail_the_build_even_where_warnings_do_not(builds: tuple[Build, Build]) -> None:
    assert builds[0].code == 1


def test_everything_is_named_by_page_and_line(builds: tuple[Build, Build]) -> None:
    assert said(builds[0], "relu/broken") == [
        (6, "bad formula: it stands in the page's title, and a browser's tab can show no formula"),
        (
            line_of(r"the second with $\un"),
            r"bad formula: Undefined control sequence: \undefinedmacro at position 1: "
            + "".join(letter + "\u0332" for letter in r"\undefinedmacro"),
        ),
        (
            line_of("x +\n"),
            "bad formula: Unexpected end of input in a macro argument, expected '}' at end of input: x +",
        ),
        (
            line_of("{value}`nowhere"),
            "{value}`\"a\":.2f`: ValueError: Unknown format code 'f' for object of type 'str' [value]",
        ),
        (line_of("{value}`nowhere"), "{value}`nowhere:.2f`: NameError: name 'nowhere' is not defined [value]"),
        (line_of("## Derivation"), "the rhythm of a part: expected '## Predict', found '## Derivation' [rhythm]"),
        (line_of("first / 0"), "a cell failed"),
        (line_of("### Exercise 1"), "'### Exercise 1: without a solution' must end with one '#### Solution' [rhythm]"),
    ]


def test_a_failed_cell_shows_its_traceback_without_colours(builds: tuple[Build, Build]) -> None:
    assert "----> 3 first / 0\n\nZeroDivisionError: division by zero" in builds[0].errors
    assert "\x1b" not in builds[0].errors


def test_a_page_that_stops_too_soon_and_one_that_opted_out(builds: tuple[Build, Build]) -> None:
    expected = "the rhythm of a part: expected '## Predict', found the end of the page [rhythm]"
    assert said(builds[0], "relu/early") == [(line_of("## Problem", ENDS_EARLY), expected)]
    assert said(builds[0], "relu/opted-out") == []


def test_a_value_needs_a_kernel(builds: tuple[Build, Build]) -> None:
    ((line, message),) = said(builds[0], "no-kernel")
    assert line == 3
    assert "the page has no kernel" in message


def test_a_cell_that_writes_to_standard_error_is_an_error(builds: tuple[Build, Build]) -> None:
    ((line, message),) = said(builds[0], "loud")
    assert abs(line - line_of("import sys", LOUD)) <= 1  # MyST-NB's own count is one too many
    assert "stderr was found in the cell outputs" in message


def test_the_next_build_fails_in_the_same_way(builds: tuple[Build, Build]) -> None:
    first, second = builds
    assert second.code == 1
    for page in ("relu/broken", "relu/early", "no-kernel", "loud"):
        assert said(second, page) == said(first, page) != []
