"""What the nodes are called, and how operations and numbers are written."""

from typing import Any

import numpy as np
import pytest

from chainrule._formula import argument, formula, named, number
from chainrule.engine import Tensor

x, y, M = Tensor([1.0, 2.0], "x"), Tensor([3.0, 4.0], "y"), Tensor(np.ones((2, 3)), "M")
raised = Tensor([1.0, 2.0], "x⁽¹⁾")
mask = np.array([True, False])


def written(node: Tensor) -> str:
    return formula(node, {t.serial: t.name or "u" for t in (node, *node.parents)})


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (x, ""),
        (x + y, "x + y"),
        (x - y, "x − y"),
        (x - (-2.0), "x − (−2)"),
        (-2.0 * x, "−2 × x"),
        (x / 3, "x / 3"),
        (-x, "−x"),
        (np.positive(x), "x"),
        (abs(x), "|x|"),
        (x @ M, "x @ M"),
        (x * [0.5, 2], "x × [0.5, 2]"),
        (x * np.ones((3, 2)), "x × array (3, 2)"),
        (Tensor(np.ones(5), "z") * np.ones(5), "z × array (5,)"),
        (x**2, "x²"),
        (x**-1, "x⁻¹"),
        (x**12, "x¹²"),
        (x**0.5, "x^0.5"),
        (x**y, "x^y"),
        (2**x, "2^x"),
        (raised**2, "(x⁽¹⁾)²"),
        (np.square(x), "x²"),
        (np.sqrt(x), "√x"),
        (np.exp(x), "exp(x)"),
        (np.maximum(0, x), "max(0, x)"),
        (np.maximum(x, 0), "max(0, x)"),
        (np.maximum(x, y), "max(x, y)"),
        (np.minimum(-1, x), "min(−1, x)"),
        (np.sum(x), "Σ x"),
        (x.sum(), "Σ x"),
        (M.sum(0), "sum(M, axis=0)"),
        (M.sum(axis=-1, keepdims=True), "sum(M, axis=−1, keepdims=True)"),
        (np.max(M, axis=1), "max(M, axis=1)"),
        (M.T, "Mᵀ"),
        (np.transpose(M, (1, 0)), "transpose(M, (1, 0))"),
        (M.reshape(6), "reshape(M, 6)"),
        (M.reshape((6,)), "reshape(M, (6,))"),
        (np.concatenate([x, y]), "join(x, y, axis=0)"),
        (np.where(mask, x, 0.0), "where(array (2,), x, 0)"),
        (M[0], "M[0]"),
        (M[-1, 2], "M[−1, 2]"),
        (M[:, 1], "M[:, 1]"),
        (M[1:, ::2], "M[1:, ::2]"),
        (M[..., None], "M[…, None]"),
        (M[[0, 1]], "M[[0, 1]]"),
        (x[mask], "x[array (2,)]"),
    ],
)
def test_operations_are_written_as_in_print(node: Tensor, expected: str) -> None:
    assert written(node) == expected


def test_options_and_booleans_are_written_as_in_python() -> None:
    assert argument(True, {}) == "True"
    assert argument("edge", {}) == "edge"


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (3.0, 6, "3"),
        (-0.5, 6, "−0.5"),
        (-0.0, 6, "0"),
        (np.float64(1) / 3, 3, "0.333"),
        (1234567.0, 6, "1.23457·10⁶"),
        (1.5e-7, 6, "1.5·10⁻⁷"),
        (-1e-12, 3, "−1·10⁻¹²"),
        (2e100, 3, "2·10¹⁰⁰"),
        (np.inf, 6, "inf"),
        (np.nan, 6, "nan"),
    ],
)
def test_numbers(value: Any, digits: int, expected: str) -> None:
    assert number(value, digits) == expected


def test_nodes_without_a_name_are_numbered_around_the_names_that_are_taken() -> None:
    nodes = [Tensor(1.0), Tensor(1.0, "u₂"), Tensor(1.0), Tensor(1.0, "w"), Tensor(1.0)]
    assert list(named(nodes).values()) == ["u₁", "u₂", "u₃", "w", "u₄"]
