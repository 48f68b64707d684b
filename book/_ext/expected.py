"""Holds the cells to the output that they must have, `expected` in their options, by doctest's rules.

The build compares what the kernels have put out; the tests of the cells compare by the same rules, without kernels.
"""

from __future__ import annotations

import doctest
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from book._ext.where import code_line

logger = logging.getLogger(__name__)
RULES = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF
RAISES = "raises-exception"
RAISED_NONE = "the cell must raise an exception, and raised none"

# What a tolerance can be read from: a number with decimals or an exponent. `3` and `3.` are compared as text.
WRITTEN = re.compile(r"((?<![\w.])[-+]?(?>\d*\.\d+(?:[eE][-+]?\d+)?|\d+\.?[eE][-+]?\d+)(?!\d|\.\d))")
PRINTED = r"((?<![\w.])[-+]?(?>(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?!\d|\.\d))"


class Checker(doctest.OutputChecker):
    """Doctest's rules, and numbers equal to as many digits as are written: `0.33` holds [0.325, 0.335].

    pytest's own NUMBER is laxer, a whole unit of the last digit, and gives up beside an ellipsis.
    """

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        if super().check_output(want, got, optionflags):
            return True
        want, got = " ".join(want.split()), " ".join(got.split())
        pieces = want.split("...")
        end = self.find(pieces[0], got, range(1), len(pieces) == 1)
        for i, piece in enumerate(pieces[1:], start=2):
            end = end if end is None else self.find(piece, got, range(end, len(got) + 1), i == len(pieces))
        return end is not None

    @staticmethod
    def find(piece: str, got: str, starts: range, last: bool) -> int | None:
        """Where the first match of the piece ends; the last piece must reach the end of the output."""
        parts = WRITTEN.split(piece)  # text, number, text, …, text
        parts[::2] = map(re.escape, parts[::2])
        regex = re.compile(PRINTED.join(parts[::2]) + r"\Z" * last)
        for match in (regex.match(got, start) for start in starts):
            if match and all(map(agree, parts[1::2], match.groups())):
                return match.end()
        return None


def agree(want: str, got: str) -> bool:
    """Whether the number `got`, rounded to the digits of `want`, is `want`."""
    written = Decimal(want)
    unit = Decimal(1).scaleb(int(written.as_tuple().exponent))
    return abs(Decimal(got) - written) <= unit / 2


def heading(kind: str, message: str) -> str:
    """`ErrorType: message`, as a notebook heads a traceback."""
    return f"{kind}: {message}".removesuffix(": ")


def text_of(outputs: list[dict[str, Any]]) -> str:
    """What a cell has printed and displayed, as text; an exception by its name."""
    written = ""
    for output in outputs:
        match output["output_type"]:
            case "stream":
                written += "".join(output["text"])
            case "error":
                written += heading(output["ename"], output["evalue"]) + "\n"
            case _:
                written += "".join(output["data"].get("text/plain", "")) + "\n"
    return written


def complaint(cell: dict[str, Any]) -> str:
    """What is wrong with the outputs of an executed cell; nothing about a cell that failed, which is said elsewhere."""
    raised = any(output["output_type"] == "error" for output in cell["outputs"])
    raises = RAISES in cell["metadata"].get("tags", ())
    expected = cell["metadata"].get("expected")
    if cell["execution_count"] is None or raised > raises:
        return ""
    if raises > raised:
        return RAISED_NONE
    if expected is None:
        return ""
    if not isinstance(expected, str):
        return f"expected must be text: put {expected!r} in quotation marks"
    checker, example, got = Checker(), doctest.Example("".join(cell["source"]), expected), text_of(cell["outputs"])
    if checker.check_output(example.want, got, RULES):
        return ""
    return f"the output is not the expected one\n{checker.output_difference(example, got, RULES)}"


class CheckOutputs(SphinxTransform):
    """Logs every cell of an executed page that has another output than it must have."""

    default_priority = 11  # after the report of the cell that failed

    def apply(self, **_: Any) -> None:
        if NbMetadataCollector.get_exec_data(self.env, self.env.docname) is None:
            return
        folder = self.env.mystnb_config.output_folder  # type: ignore[attr-defined]  # an attribute of MyST-NB's
        notebook = json.loads(Path(folder, f"{self.env.docname}.ipynb").read_text(encoding="utf-8"))
        page = Path(self.env.doc2path(self.env.docname))
        for cell, line in zip(notebook["cells"], notebook["metadata"]["source_map"], strict=True):
            if cell["cell_type"] == "code" and (problem := complaint(cell)):
                place = code_line(page.read_text(encoding="utf-8"), "".join(cell["source"]), line)
                logger.error("%s", problem.rstrip(), location=f"{page}:{place}", type="expected")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the comparison."""
    app.add_transform(CheckOutputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
