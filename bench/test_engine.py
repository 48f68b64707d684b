"""The engine: Problem 2(d) against PyTorch, autograd, MyGrad and hand-written NumPy; a scalar chain against micrograd."""

import gc
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from chainrule import Tensor, value_and_grad


def arrays(d: int) -> list[Any]:
    """W1, b, W2, x and y of Problem 2(d), every matrix d x d."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) / d**0.5 for shape in [(d, d), (d, 1), (d, d), (d, 1), (d, 1)]]


def loss(W1: Any, b: Any, W2: Any, x: Any, y: Any) -> Any:
    """½ ‖W2 max(0, W1 x + b) - y‖²."""
    return np.sum(np.square(W2 @ np.maximum(0.0, W1 @ x + b) - y)) / 2.0


def outer_by_dot(column: Any, other: Any) -> Any:
    """column · otherᵀ. @ and * take longer."""
    return np.dot(column, other.T)


def outer_by_einsum(column: Any, other: Any) -> Any:
    """column · otherᵀ, as the engine has it if it is large."""
    return np.einsum("ik,jk->ij", column, other)


def by_hand(
    W1: Any, b: Any, W2: Any, x: Any, y: Any, outer: Callable[..., Any] = outer_by_dot
) -> tuple[Any, tuple[Any, ...]]:
    """The value and the five gradients of `loss`, as one writes them who knows the derivation."""
    x1 = W1 @ x + b
    x2 = np.maximum(0.0, x1)
    x4 = W2 @ x2 - y
    g1 = np.where(x1 > 0, W2.T @ x4, 0.0)
    return np.sum(np.square(x4)) / 2.0, (outer(g1, x), g1, outer(x4, x2), W1.T @ g1, -x4)


def ours() -> Callable[..., Any]:
    return value_and_grad(loss, (0, 1, 2, 3, 4))


def in_torch() -> Callable[..., Any]:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    def both(*args: Any) -> Any:
        W1, b, W2, x, y = leaves = [torch.tensor(a, requires_grad=True) for a in args]
        value = torch.sum(torch.square(W2 @ torch.relu(W1 @ x + b) - y)) / 2
        value.backward()
        return value.detach().numpy(), [leaf.grad.numpy() for leaf in leaves]

    return both


def in_autograd() -> Callable[..., Any]:
    autograd = pytest.importorskip("autograd", reason="autograd is not installed")
    anp = pytest.importorskip("autograd.numpy")

    def theirs(args: Any) -> Any:
        W1, b, W2, x, y = args
        return anp.sum(anp.square(anp.dot(W2, anp.maximum(0.0, anp.dot(W1, x) + b)) - y)) / 2.0

    both = autograd.value_and_grad(theirs)
    return lambda *args: both(args)


def in_mygrad() -> Callable[..., Any]:
    mg = pytest.importorskip("mygrad", reason="MyGrad is not installed")

    def both(*args: Any) -> Any:
        W1, b, W2, x, y = leaves = [mg.tensor(a) for a in args]
        value = mg.sum(mg.square(mg.matmul(W2, mg.maximum(0.0, mg.matmul(W1, x) + b)) - y)) / 2.0
        value.backward()
        return value.data, [leaf.grad for leaf in leaves]

    return both


WAYS: dict[str, Callable[[], Callable[..., Any]]] = {
    "ours": ours,
    "hand": lambda: by_hand,
    "hand-by-einsum": lambda: partial(by_hand, outer=outer_by_einsum),
    "torch": in_torch,
    "autograd": in_autograd,
    "mygrad": in_mygrad,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("d", [3, 500])
def test_problem_2d(benchmark: Any, d: int, way: str) -> None:
    both, args = WAYS[way](), arrays(d)
    # A large array, freed: from then on the C library keeps what is freed, in place of fetching it page by page from the
    # system at every call, which takes longer than all that is computed and hides what is compared.
    np.ones(3_000_000)
    value, gradients = both(*args)
    expected, its_gradients = by_hand(*args)
    np.testing.assert_allclose(value, expected)
    for one, other in zip(gradients, its_gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    benchmark(both, *args)


def chain(number: Any, operations: int) -> Any:
    """Products and sums by turns, on one number; it stays near 1."""
    for _ in range(operations // 2):
        number = number * 0.5 + 0.5
    return number


@pytest.fixture
def collect(way: str) -> Iterator[Callable[[], None]]:
    """What to do before each round: nothing; or, if the way is uncollected, what Python's collector will not do in it."""
    off = way.endswith("uncollected")

    def before() -> None:
        if off:
            gc.collect()

    if off:
        gc.collect()
        gc.freeze()  # it need not look again at what was there before
        gc.disable()
    yield before
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("way", ["ours", "ours-uncollected", "micrograd", "micrograd-uncollected"])
@pytest.mark.parametrize("operations", [500, 1_000_000])
def test_chain(benchmark: Any, collect: Callable[[], None], operations: int, way: str) -> None:
    make: Any = Tensor
    if way.startswith("micrograd"):
        make = pytest.importorskip("micrograd.engine", reason="micrograd is not installed").Value

    def both() -> Any:
        x = make(1.0)
        chain(x, operations).backward()
        return x.grad

    if way.startswith("micrograd") and operations > 500:
        with pytest.raises(RecursionError):
            both()
        pytest.skip("micrograd's walk is recursive: a RecursionError")
    assert both() == pytest.approx(0.5 ** (operations // 2))
    benchmark.pedantic(both, setup=collect, rounds=1 if operations > 500 else 100)
    benchmark.extra_info["per"] = operations
