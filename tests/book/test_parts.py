"""The parts of the extensions that need no build."""

from __future__ import annotations

import json

import pytest
from pygments import highlight
from pygments.lexers import PythonLexer

from book._ext.described import undescribed
from book._ext.head import fonts
from book._ext.macros import expand
from book._ext.plain_code import formatter
from book._ext.value import split, typeset
from book._ext.where import line_of
from tests.book.building import BOOK

MACROS = {"\\R": "\\mathbb{R}", "\\pd": "\\frac{\\partial #1}{\\partial #2}", "\\x": "{x^{(#1)}}", "\\T": "{\\top}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("step", ("step", "")),
        ("step:.1e", ("step", ".1e")),
        ("a[1:3]", ("a[1:3]", "")),
        ("a[1:3]:>8", ("a[1:3]", ">8")),
        ('{"a:b": 1}["a:b"]:d', ('{"a:b": 1}["a:b"]', "d")),
        ("f('it\\'s: (')", ("f('it\\'s: (')", "")),
    ],
)
def test_split_cuts_at_the_last_colon_outside_brackets_and_strings(text: str, expected: tuple[str, str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1.50", "−1.50"),
        ("3.2e-06", "3.2 × 10−6"),
        ("-1E+12", "−1 × 1012"),
        ("(-1, 2)", "(−1, 2)"),
        ("well-known", "well-known"),
        ("-inf", "−inf"),
    ],
)
def test_typeset_writes_numbers_as_print_does(text: str, expected: str) -> None:
    assert "".join(node.astext() for node in typeset(text)) == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"x \in \R^n", r"x \in \mathbb{R}^n"),
        (r"\pd{\ell}{\x{1}}", r"\frac{\partial \ell}{\partial {x^{(1)}}}"),
        (r"\pd f x", r"\frac{\partial f}{\partial x}"),
        (r"\pd\ell x", r"\frac{\partial \ell}{\partial x}"),
        (r"\x{\{a\}}^\T", r"{x^{(\{a\})}}^{\top}"),
        (r"\Rightarrow \\R", r"\Rightarrow \\R"),
    ],
)
def test_macros_are_written_out(tex: str, expected: str) -> None:
    assert expand(tex, MACROS) == expected


def test_a_command_that_ends_a_macro_stays_apart_from_the_letter_after_it() -> None:
    assert expand(r"\half x", {"\\half": "\\tfrac12\\relax"}) == r"\tfrac12\relax x"
    assert expand(r"\half{}x", {"\\half": "\\tfrac12\\relax"}) == r"\tfrac12\relax{}x"


def test_line_of_looks_from_the_line_before_the_block() -> None:
    page = "x\n$$\nx\n$$\n"
    assert line_of(page, "x", 4) == 3
    assert line_of(page, "y", 4) == 4


def test_fonts_are_asked_for_only_where_they_show() -> None:
    shown = '<span class="katex-html"><span class="mathnormal">x</span>1</span>'
    assert fonts(shown) == ["Main-Regular", "Math-Italic"]
    assert fonts(f"<details><summary>s</summary>{shown}</details>") == []
    assert fonts("<p>no formula</p>") == []


def test_the_lock_file_names_no_download_address() -> None:
    packages = json.loads((BOOK / "package-lock.json").read_text())["packages"]
    assert packages["node_modules/katex"]["version"] == "0.16.22"
    assert not any("resolved" in package for package in packages.values())


def test_code_that_looks_like_text_gets_no_element() -> None:
    def written(*styles: str) -> str:
        return highlight("not f(x) + 1", PythonLexer(), formatter(*styles)(nowrap=True)).strip()

    coloured = '<span class="ow">not</span> f(x) + <span class="mi">1</span>'  # a sign needs no colour
    assert written("a11y-high-contrast-light", "a11y-high-contrast-dark") == coloured
    assert written("bw") == '<span class="ow">not</span> f(x) + 1'  # in bold
    assert written("bw", "a11y-high-contrast-dark") == coloured


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p><img src="a" alt="A dot."></p>', False),
        ('<p><img src="a" alt=""></p>', True),
        ('<img src="a">', True),
        ('<svg aria-label="A dot."><svg><path/></svg></svg>', False),
        ('<svg aria-label="A dot."><svg/></svg><svg></svg>', True),
        ('<button><svg aria-hidden="true"/></button>', False),
        ("<p>no picture</p>", False),
    ],
)
def test_a_picture_is_described_by_itself_or_by_what_it_stands_in(html: str, expected: bool) -> None:
    assert undescribed(html) is expected
