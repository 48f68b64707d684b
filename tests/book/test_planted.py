"""Wrong rules, planted one at a time: the cells of a page that teaches the rule must fail, so that the build does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import rules
from chainrule.engine import VJPS
from tests.book.cells import Cell, read

BOOK = Path(__file__).parents[2] / "book"
TABLE: Any = VJPS

#: page, function, and its rule with one fault
FAULTS: list[tuple[str, Callable[..., Any], Any]] = [
    ("backprop/a-chain-rule.md", np.square, (lambda g, ans, x: g * x,)),
    ("backprop/b-many-variables.md", np.multiply, (lambda g, ans, x, y: g * y, lambda g, ans, x, y: -g * x)),
    ("backprop/d-matrices.md", rules.maximum, (lambda g, ans, x, y: 0 * g, lambda g, ans, x, y: g)),
    ("backprop/d-matrices.md", np.subtract, (lambda g, ans, x, y: g, lambda g, ans, x, y: g)),
    (
        "backprop/d-matrices.md",
        np.matmul,
        (rules.matmul_left, lambda g, ans, x, y: 2 * rules.matmul_right(g, ans, x, y)),
    ),
    ("backprop/f-inner-nodes.md", np.exp, (lambda g, ans, x: g,)),
]


def run_cells(path: Path) -> None:
    """Run the page's cells, top to bottom, in one namespace."""
    namespace: dict[str, Any] = {}
    for cell in read(path, path.read_text(), BOOK / "conf.py"):
        if isinstance(cell, Cell):
            exec(compile(cell.source, path, "exec"), namespace)


@pytest.mark.parametrize(("page", "function", "fault"), FAULTS, ids=lambda part: getattr(part, "__name__", None))
def test_a_planted_fault_fails_its_page(
    page: str, function: Any, fault: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(TABLE, function, fault)
    with pytest.raises(AssertionError):
        run_cells(BOOK / page)
