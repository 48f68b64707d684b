"""Faults, planted one at a time: the cells of a page that teaches the rule or the walk must fail, so that the build does."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import engine, rules, steps
from chainrule.engine import VJPS
from tests.book.cells import Cell, read
from tests.uncounted import uncounted

BOOK = Path(__file__).parents[2] / "book"
TABLE: Any = VJPS


def untransposed(g: Any, ans: Any, x: Any, y: Any) -> Any:
    """The rule of the left factor with its result read by columns: a transpose is missing, the shape is right."""
    right = rules.matmul_left(g, ans, x, y)
    return np.reshape(np.transpose(right), np.shape(x)) if np.ndim(x) == 2 else right


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
    ("backprop/d-matrices.md", np.matmul, (lambda g, ans, x, y: untransposed(g, ans, x, y), rules.matmul_right)),
    ("backprop/f-inner-nodes.md", np.exp, (lambda g, ans, x: g,)),
]


def run_cells(path: Path) -> None:
    """Run the page's cells, top to bottom, in one namespace."""
    namespace: dict[str, Any] = {}
    with uncounted():
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


def first(g: Any, shape: tuple[int, ...]) -> Any:
    """`unbroadcast` without the sum: what comes back from the first place only."""
    return g[(0,) * (g.ndim - len(shape))][tuple(slice(n) for n in shape)]


@pytest.mark.parametrize("page", ["backprop/b-many-variables.md", "backprop/d-matrices.md"])
def test_a_missing_sum_over_a_broadcast_axis_fails_its_page(
    page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "unbroadcast", first)
    with pytest.raises(AssertionError):
        run_cells(BOOK / page)


@pytest.mark.parametrize("page", ["backprop/a-chain-rule.md", "backprop/b-many-variables.md"])
def test_a_forgotten_accumulation_fails_its_page(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = inspect.getsource(engine._walk)
    forgetful = source.replace("adjoints[parent] += sent", "adjoints[parent] = sent").replace(
        "adjoints[parent] = adjoints[parent] + sent", "adjoints[parent] = sent"
    )
    assert forgetful.count("adjoints[parent] = sent") == 3  # as often as the walk has an adjoint to keep
    walk: dict[str, Any] = {}
    exec(forgetful, vars(engine), walk)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "_walk", walk["_walk"])
    with pytest.raises(AssertionError):
        run_cells(BOOK / page)


@pytest.fixture
def early_update(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The steps with one fault, as a module; pytest keeps its text, so that Numba can keep what it has compiled from it."""
    source = Path(inspect.getfile(steps)).read_text("utf-8")
    early = source.replace("rate * (v_j * gx)", "rate * (v[j] * gx)")
    assert early != source
    kept: pytest.Cache | None = getattr(pytestconfig, "cache", None)
    path = (kept.mkdir("planted") if kept else tmp_path) / "early_update.py"
    if not path.exists() or path.read_text("utf-8") != early:
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(early, encoding="utf-8")
        new.replace(path)  # others may be reading it
    monkeypatch.syspath_prepend(path.parent)
    monkeypatch.delitem(sys.modules, "early_update", raising=False)
    yield import_module("early_update")
    del sys.modules["early_update"]


def test_an_update_that_uses_the_new_weights_fails_its_page(
    early_update: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(steps, "_prefix_loop", early_update._prefix_loop)
    with pytest.raises((AssertionError, ValueError)):  # the first to notice is a cell that takes out the one dead unit
        run_cells(BOOK / "relu/every-layer.md")
