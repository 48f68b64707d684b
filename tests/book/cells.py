"""The cells of a page as doctests: a pytest plugin.

Every Markdown page below a `conf.py` that MyST-NB takes for a notebook gives one item for each code cell, and one
for each `{value}` in its text, named by the line where it stands: `book/relu/elbows.md::line-42`. They are read by
MyST-NB's own reader with the settings of that `conf.py`, and run in the page's order in one namespace; an item that is
selected alone first runs what stands before it. Whatever the build would leave out without a word is an error here.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import io
import linecache
import os
import re
import runpy
import sys
import tempfile
import tokenize
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from _pytest._code.code import ReprFileLocation, TerminalRepr  # pytest shows a one-line summary of nothing else
from _pytest._io import TerminalWriter
from IPython.lib.pretty import pretty
from markdown_it.renderer import RendererHTML
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from book._ext.expected import RAISED_NONE, RAISES, RULES, Checker, heading
from book._ext.value import split
from book._ext.where import code_line
from tests.uncounted import uncounted

OPTIONS = {"expected", "mystnb", "tags"}
# Directives whose content is shown as it is; in all others it is Markdown, where a cell would be lost.
VERBATIM = {"code", "code-block", "eval-rst", "literalinclude", "math", "parsed-literal", "raw", "sourcecode"}


# Reading a page


class PageError(pytest.Collector.CollectError):
    """The page has something that the build would not run, or not as it is meant."""


@dataclass(frozen=True)
class Cell:
    """A code cell: the line of its opening fence, the line where its code begins, and what must come of it."""

    line: int
    first: int
    source: str
    expected: str | None = None
    raises: bool = False


@dataclass(frozen=True)
class Value:
    """The expression and the format of a `{value}`."""

    line: int
    expression: str
    spec: str


@cache
def configuration(conf: Path) -> MdParserConfig:
    """The Markdown dialect that `conf.py` asks for: it decides what stands at the top level."""
    settings = runpy.run_path(str(conf)).items()
    return MdParserConfig(**{name[5:]: value for name, value in settings if name.startswith("myst_")})


def read(path: Path, text: str, conf: Path) -> list[Cell | Value]:
    """The cells and values of a page in their order; none if it is not a notebook. Raises PageError."""
    config = configuration(conf)
    notebook = is_myst_markdown_notebook(text)
    parts: list[Cell | Value] = []
    if notebook:
        parts = list(code_cells(text, config, path))
    known = {part.line for part in parts}
    for part in inlines(text, config):
        if isinstance(part, Value):
            if not notebook:
                raise PageError(f"line {part.line}: a {{value}} needs a kernel: the front matter must make a notebook")
            parts.append(part)
        elif part not in known:
            raise PageError(
                f"line {part}: the build does not run this cell. Cells stand at the top level of a notebook page, with "
                "backtick fences; not in a list, a quotation, a directive or a colon fence"
            )
    return sorted(parts, key=lambda part: part.line)  # stable: several values of a line stay in their order


def code_cells(text: str, config: MdParserConfig, path: Path) -> Iterator[Cell]:
    """The code cells as MyST-NB reads them; refuses what would keep one from being run or checked."""
    notebook = read_myst_markdown_notebook(text, config, add_source_map=True, path=path)
    front = notebook.metadata
    if "execution" in front or any(key.startswith("execution_") for key in front.get("mystnb", ())):
        raise PageError("the front matter changes how the page is executed: every page runs by the rules of conf.py")
    for cell, line in zip(notebook.cells, front.source_map, strict=True):
        if cell.cell_type != "code":
            continue
        if unknown := cell.metadata.keys() - OPTIONS:
            raise PageError(f"line {line}: no option of a cell: {', '.join(sorted(unknown))}. There are: {OPTIONS}")
        if not cell.source.strip():
            raise PageError(f"line {line}: an empty cell is not run")
        tags = cell.metadata.get("tags", [])
        if "skip-execution" in tags:
            raise PageError(f"line {line}: every cell of the book is run; this one says skip-execution")
        expected = cell.metadata.get("expected")
        if not isinstance(expected, str | None):
            raise PageError(f"line {line}: expected must be text: put {expected!r} in quotation marks")
        if expected is not None and expected.strip() == "...":
            raise PageError(f"line {line}: expected: '...' holds whatever comes; say more or leave it out")
        first = code_line(text, cell.source, line)
        yield Cell(line, first, cell.source, expected, RAISES in tags)


def inlines(text: str, config: MdParserConfig, line: int = 1) -> Iterator[Value | int]:
    """The values of the text, and the lines of its cells, those too that stand inside something."""
    parser = create_md_parser(config, RendererHTML).enable("colon_fence", ignoreInvalid=True)
    for token in parser.parse(text):
        here = line + (token.map[0] if token.map else 0)
        if token.type == "inline":
            for child in token.children or ():
                here += child.type in {"softbreak", "hardbreak"}
                if child.type == "myst_role" and child.meta["name"] == "value":
                    yield Value(here, *split(child.content))
        elif token.type in {"fence", "colon_fence"} and (directive := re.match(r"\{([\w-]+)\}(.*)", token.info)):
            name, title = directive.groups()
            if name == "code-cell":
                yield here
            elif name not in VERBATIM:
                yield from inlines(title, config, here)
                yield from inlines(token.content, config, here + 1)


# Running a page


class Page(pytest.File):
    """A page: its cells and values, and the namespace that they share, new whenever pytest sets it up."""

    def collect(self) -> Iterator[PageItem]:
        conf = book_of(self.path)
        assert conf is not None
        self.text = self.path.read_text("utf-8")
        self.parts = read(self.path, self.text, conf)
        names: dict[str, int] = {}
        for index, part in enumerate(self.parts):
            name = f"line-{part.line}" if isinstance(part, Cell) else f"value-{part.line}"
            names[name] = names.get(name, 0) + 1
            name += f".{names[name]}" * (names[name] > 1)
            yield PageItem.from_parent(self, name=name, part=part, index=index)

    @property
    def title(self) -> str:
        """The page's name in reports and tracebacks: its path from where pytest stands."""
        return self.nodeid

    def setup(self) -> None:
        # No modification time: the entry stays, and tracebacks and inspect find the lines of the page in it.
        linecache.cache[self.title] = (len(self.text), None, self.text.splitlines(keepends=True), self.title)
        self.module = ModuleType("__main__")  # as in a kernel: classes of a page find their own names
        self.module.__dict__["display"] = display
        self.folder = tempfile.TemporaryDirectory()  # a page may read no file, as in the build
        self.outcomes: list[Outcome] = []
        self.broken: tuple[Cell, BaseException] | None = None

    def teardown(self) -> None:
        self.folder.cleanup()
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")

    def outcome(self, index: int) -> Outcome:
        """What came of a part, after everything before it has run once, in order."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(sys.modules, "__main__", self.module)
            patch.chdir(self.folder.name)
            while len(self.outcomes) <= index and self.broken is None:
                part = self.parts[len(self.outcomes)]
                outcome = run_cell(part, self) if isinstance(part, Cell) else run_value(part, self)
                self.outcomes.append(outcome)
                if isinstance(part, Cell) and outcome.error is not None and not part.raises:
                    self.broken = part, outcome.error
        if index < len(self.outcomes):
            return self.outcomes[index]
        assert self.broken is not None
        cell, error = self.broken
        raise Failure(f"not run: the cell at line {cell.line} failed: {name_of(error)}")


@dataclass(frozen=True)
class Outcome:
    """What a part has printed and displayed, and the exception that ended it."""

    output: str
    error: BaseException | None = None


def display(*values: object) -> None:
    """IPython's function, for text."""
    for value in values:
        print(pretty(value))


def name_of(error: BaseException) -> str:
    """`ErrorType: message`, as a notebook heads a traceback."""
    return heading(type(error).__name__, str(error))


def run_cell(cell: Cell, page: Page) -> Outcome:
    """Run a cell as IPython does: the value of its last expression is displayed, unless it is None or `;` follows."""
    namespace = page.module.__dict__
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            tree = ast.parse("\n" * (cell.first - 1) + cell.source, page.title)
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr) and not ends_silently(cell.source):
                last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]  # isinstance said so
            exec(compile(tree, page.title, "exec", dont_inherit=True), namespace)
            if last and (value := eval(compile(last, page.title, "eval", dont_inherit=True), namespace)) is not None:
                display(value)
    except (Exception, SystemExit) as error:
        if cell.raises:
            print(name_of(error), file=printed)
        return Outcome(printed.getvalue(), error)
    finally:
        sys.stdout.write(printed.getvalue())  # pytest shows it with a failure
    return Outcome(printed.getvalue())


def ends_silently(source: str) -> bool:
    """Whether the code ends in a semicolon, a comment apart."""
    skip = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in skip]
    return bool(tokens) and tokens[-1].string == ";"


def run_value(value: Value, page: Page) -> Outcome:
    """Format the value as the role does in the kernel."""
    try:
        code = compile(value.expression, page.title, "eval", dont_inherit=True)
        return Outcome(format(eval(code, page.module.__dict__), value.spec))
    except Exception as error:
        return Outcome("", error)


# Reporting


class Failure(Exception):
    """A failed part: the summary in one line, then what there is to show."""

    def __init__(self, summary: str, details: str = "") -> None:
        super().__init__(summary)
        self.summary, self.details = summary, details


class PageItem(pytest.Item):
    """A cell or a value of a page."""

    parent: Page

    def __init__(self, *, part: Cell | Value, index: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.part, self.index = part, index

    def runtest(self) -> None:
        with uncounted():  # the package is covered by its own tests, not because a page happens to call it
            outcome = self.parent.outcome(self.index)
        part, error = self.part, outcome.error
        if isinstance(part, Value):
            if error is not None:
                raise Failure(name_of(error), f"{{value}}`{part.expression}:{part.spec}`")
            return
        if part.raises and error is None:
            raise Failure(RAISED_NONE, self.source())
        if error is not None and not part.raises:
            raise Failure(name_of(error), f"{self.source()}\n\n{self.trimmed(error)}")
        if part.expected is None:
            return
        checker, example = Checker(), doctest.Example(part.source, part.expected)
        if not checker.check_output(example.want, outcome.output, RULES):
            difference = checker.output_difference(example, outcome.output, RULES)
            raise Failure("the output is not the expected one", f"{self.source()}\n\n{difference}")

    def source(self) -> str:
        """The cell with the numbers of its lines."""
        assert isinstance(self.part, Cell)
        lines = self.part.source.splitlines()
        return "\n".join(f"{number:4d}  {line}".rstrip() for number, line in enumerate(lines, self.part.first))

    def trimmed(self, error: BaseException) -> str:
        """The traceback from the cell on; the frames that run the page say nothing."""
        frame = error.__traceback__
        while frame is not None and frame.tb_frame.f_code.co_filename != self.parent.title:
            frame = frame.tb_next
        return "".join(traceback.format_exception(type(error), error, frame)).rstrip()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        if isinstance(excinfo.value, Failure):
            place = ReprFileLocation(self.parent.title, self.part.line, excinfo.value.summary)
            return Report(excinfo.value.details, place)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.part.line - 1, f"{self.parent.title}:{self.part.line}"


@dataclass(eq=False)
class Report(TerminalRepr):
    """The details, then page, line and summary, where editors and pytest's last lines look for them."""

    details: str
    reprcrash: ReprFileLocation

    def toterminal(self, tw: TerminalWriter) -> None:
        for line in self.details.splitlines():
            tw.line(line)
        tw.line()
        self.reprcrash.toterminal(tw)


# Hooks


def book_of(path: Path) -> Path | None:
    """The `conf.py` of the book that the page is in."""
    return next((folder / "conf.py" for folder in path.parents if (folder / "conf.py").is_file()), None)


def pytest_configure() -> None:
    os.environ["MPLBACKEND"] = "Agg"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Page | None:
    if file_path.suffix == ".md" and book_of(file_path):
        return Page.from_parent(parent, path=file_path)
    return None
