"""Random programs: whatever is composed of the rules, the walk finds its gradient.

Hypothesis composes them of 2 to 40 operations. Each reads any of the values before it, so that values fan out and paths
meet again. Reverse mode is held against the complex step in NumPy's longest numbers, and against other engines, to which a
program is the same text: they have NumPy's functions under NumPy's names.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from operator import getitem
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, mutually_broadcastable_shapes

from chainrule import complex_step, grad
from chainrule.engine import VJPS
from chainrule.rules import matmul_left, matmul_right
from tests.uncounted import uncounted

#: No value of a program is larger, and none has more entries: products of slopes stay numbers to compare.
LARGEST, MOST_ENTRIES = 4.0, 12

# Every operation, written in the functions of a module `m` that stands for NumPy, with what its arguments must fulfil.
# fmt: off
ONE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "negative":    (lambda m, x: -x,                                  lambda x: True),
    "square":      (lambda m, x: m.square(x),                         lambda x: True),
    "exp":         (lambda m, x: m.exp(x),                            lambda x: True),
    "expm1":       (lambda m, x: m.expm1(x),                          lambda x: True),
    "sin":         (lambda m, x: m.sin(x),                            lambda x: True),
    "cos":         (lambda m, x: m.cos(x),                            lambda x: True),
    "tanh":        (lambda m, x: m.tanh(x),                           lambda x: True),
    "arctan":      (lambda m, x: m.arctan(x),                         lambda x: True),
    "sinh":        (lambda m, x: m.sinh(x),                           lambda x: True),
    "cosh":        (lambda m, x: m.cosh(x),                           lambda x: True),
    "sqrt":        (lambda m, x: m.sqrt(x),                           lambda x: above(x, 0.25)),
    "log":         (lambda m, x: m.log(x),                            lambda x: above(x, 0.25)),
    "log1p":       (lambda m, x: m.log1p(x),                          lambda x: above(x, -0.75)),
    "reciprocal":  (lambda m, x: 1.0 / x,                             lambda x: above(abs(x), 0.5)),
    "cube":        (lambda m, x: x**3,                                lambda x: True),
    "exponential": (lambda m, x: 2.0**x,                              lambda x: True),
    "relu":        (lambda m, x: m.clip(x, 0.0, LARGEST),             lambda x: above(abs(x), 0.01)),
    "largest":     (lambda m, x: m.max(x),                            lambda x: above(np.diff(np.sort(x, None)), 0.01)),
    "smallest":    (lambda m, x: m.min(x),                            lambda x: above(np.diff(np.sort(x, None)), 0.01)),
    "sum":         (lambda m, x: m.sum(x),                            lambda x: True),
    "mean":        (lambda m, x: m.mean(x),                           lambda x: True),
    "sum, last":   (lambda m, x: m.sum(x, axis=-1),                   lambda x: x.ndim > 0),
    "sum, kept":   (lambda m, x: m.sum(x, axis=0, keepdims=True),     lambda x: x.ndim > 0),
    "transpose":   (lambda m, x: x.T,                                 lambda x: x.ndim == 2),
    "flat":        (lambda m, x: m.reshape(x, (-1,)),                 lambda x: True),
    "row":         (lambda m, x: x[-1],                               lambda x: x.ndim > 0),
    "twice":       (lambda m, x: x[[0, -1, 0]],                       lambda x: x.ndim > 0),
}
TWO: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add":         (lambda m, x, y: x + y,                            lambda x, y: True),
    "subtract":    (lambda m, x, y: x - y,                            lambda x, y: True),
    "multiply":    (lambda m, x, y: x * y,                            lambda x, y: True),
    "divide":      (lambda m, x, y: x / y,                            lambda x, y: above(abs(y), 0.5)),
    "power":       (lambda m, x, y: x**y,                             lambda x, y: above(x, 0.5)),
    "maximum":     (lambda m, x, y: m.maximum(x, y),                  lambda x, y: above(abs(x - y), 0.01)),
    "minimum":     (lambda m, x, y: m.minimum(x, y),                  lambda x, y: above(abs(x - y), 0.01)),
    "matmul":      (lambda m, x, y: x @ y,                            lambda x, y: True),
    "where":       (lambda m, x, y: m.where(x > y, x, y * y),         lambda x, y: alike(x, y) and above(abs(x - y), 0.01)),
    "concatenate": (lambda m, x, y: m.concatenate([x, y]),            lambda x, y: True),
    "stack":       (lambda m, x, y: m.stack([x, y]),                  lambda x, y: True),
}
# fmt: on


def above(x: Any, bound: float) -> bool:
    return bool(np.all(x > bound))


def alike(x: Any, y: Any) -> bool:
    """Of one shape: autograd does not sum back what its `where` has stretched. (The rows of the table stretch it.)"""
    return x.shape == y.shape


@dataclass(frozen=True)
class Step:
    name: str
    sources: tuple[int, ...]  # which of the values so far it reads: first the arguments, then the results

    def apply(self, m: Any, values: Any) -> Any:
        operation = (ONE if len(self.sources) == 1 else TWO)[self.name][0]
        return operation(m, *(values[k] for k in self.sources))


@dataclass(frozen=True)
class Program:
    arguments: tuple[Any, ...]
    steps: tuple[Step, ...]

    def users(self) -> Counter[int]:
        """How many edges leave each value that has any."""
        return Counter(k for step in self.steps for k in step.sources)

    def run(self, m: Any, arguments: Any) -> Any:
        """The sum of all entries of all results that no step reads, each with a weight of its own."""
        values = list(arguments)
        for step in self.steps:
            values.append(step.apply(m, values))
        used = self.users()
        entries = m.concatenate([m.reshape(v, (-1,)) for k, v in enumerate(values) if k not in used])
        return m.sum(entries * m.cos(1.0 + m.arange(len(entries), dtype=m.float64)))


def taken(step: Step, values: Any) -> Any:
    """The result of the step; None where it cannot be taken or leads too far."""
    fits = (ONE if len(step.sources) == 1 else TWO)[step.name][1]
    try:
        result = np.asarray(step.apply(np, values)) if fits(*(values[k] for k in step.sources)) else None
    except ValueError:  # shapes that do not go together
        return None
    return result if result is not None and result.size <= MOST_ENTRIES and above(-abs(result), -LARGEST) else None


@st.composite
def programs(draw: Any, length: int) -> Program:
    shapes = draw(mutually_broadcastable_shapes(num_shapes=3, min_dims=1, max_dims=2, max_side=3)).input_shapes
    numbers = st.floats(-2.0, 2.0, allow_subnormal=False)
    values = [draw(arrays(np.float64, shape, elements=numbers, fill=st.nothing())) for shape in shapes]
    steps: list[Step] = []
    for _ in range(length):
        recent = len(values) - draw(st.integers(1, 3))  # so that a program is deep
        anyone = draw(st.integers(0, len(values) - 1))  # so that its values fan out
        two, one = [Step(name, (recent, anyone)) for name in TWO], [Step(name, (recent,)) for name in ONE]
        order = [*two, *two, *one]
        start = draw(st.integers(0, len(order) - 1))
        step, result = next(  # the first from there on that can be taken
            (step, result) for step in order[start:] + order if (result := taken(step, values)) is not None
        )
        steps.append(step)
        values.append(result)
    return Program(tuple(values[: len(shapes)]), tuple(steps))


each_length = pytest.mark.parametrize("length", [2, 5, 10, 20, 40])  # left to itself, Hypothesis prefers short ones
few = settings(max_examples=20)


def gradients(program: Program) -> Any:
    return grad(lambda *args: program.run(np, args), tuple(range(len(program.arguments))))(*program.arguments)


def assert_close(found: Any, exact: Any) -> None:
    """Equal but for rounding: the largest error seen in 6,000 gradients is a ninth of what may pass."""
    scale = max(1.0, *(float(np.max(abs(g))) for g in exact))
    for one, other in zip(found, exact, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-13 * scale)


def assert_complex_step(program: Program) -> None:
    arguments = [a.astype(np.clongdouble) for a in program.arguments]

    def alone(k: int) -> Callable[..., Any]:
        return lambda z: program.run(np, [*arguments[:k], z.astype(np.clongdouble), *arguments[k + 1 :]])

    assert_close(gradients(program), [complex_step(alone(k), a) for k, a in enumerate(program.arguments)])


@each_length
@uncounted()
@few
@given(data=st.data())
def test_reverse_mode_is_the_complex_step(length: int, data: Any) -> None:
    assert_complex_step(data.draw(programs(length)))


def test_the_programs_are_what_they_are_said_to_be() -> None:
    operations, fans, depths = set(), set(), set()

    @settings(max_examples=40)
    @given(programs(40))
    def look(program: Program) -> None:
        depth = [0] * len(program.arguments)
        for step in program.steps:
            operations.add(step.name)
            depth.append(1 + max(depth[k] for k in step.sources))
        depths.add(max(depth))
        fans.add(max(program.users().values()))
        assert len(program.steps) == 40

    look()
    assert operations == {*ONE, *TWO}
    assert max(depths) > 15
    assert max(fans) > 5


@pytest.mark.parametrize(
    ("func", "wrong"),
    [
        (np.multiply, (lambda g, ans, x, y: g * y, lambda g, ans, x, y: g * y)),
        (np.matmul, (matmul_left, lambda g, ans, x, y: np.swapaxes(matmul_right(g, ans, x, y), 0, -1))),
        (np.cos, (lambda g, ans, x: g * np.sin(x),)),
        (getitem, (lambda g, ans, x, index: overwritten(g, index, x.shape),)),
    ],
)
def test_a_wrong_rule_is_found(func: Any, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(VJPS, func, wrong)

    def differs(program: Program) -> bool:
        try:
            assert_complex_step(program)
        except (AssertionError, ValueError):
            return True
        return False

    find(programs(40), differs, settings=settings(max_examples=200, phases=[Phase.generate]))


def overwritten(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """`put` as it is written first: of repeated indices the last one wins."""
    array = np.zeros(shape)
    array[index] = g
    return array


def in_autograd(program: Program) -> Any:
    return autograd.grad(lambda args: program.run(anp, args))(program.arguments)


def in_torch(program: Program) -> Any:
    torch = pytest.importorskip(
        "torch", reason="PyTorch is too large for the tests' packages: `nox -s bench` compares it"
    )
    leaves = [torch.tensor(a, requires_grad=True) for a in program.arguments]
    program.run(torch, leaves).backward()
    return [leaf.grad.numpy() for leaf in leaves]


@pytest.mark.parametrize("peer", [in_autograd, in_torch])
@each_length
@uncounted()
@few
@given(data=st.data())
def test_a_peer_agrees(peer: Any, length: int, data: Any) -> None:
    program = data.draw(programs(length))
    assert_close(gradients(program), peer(program))


@uncounted()
@few
@given(programs(10))
def test_second_derivatives_agree_with_autograds(program: Program) -> None:
    """Those of the square of the gradient's length: a walk through the walk. (The sine bends programs that are straight.)"""

    def squared(m: Any, gradients: Any) -> Any:
        return sum(m.sum(m.square(g)) for g in gradients)

    arguments = tuple(range(len(program.arguments)))
    ours = grad(lambda *args: np.sin(program.run(np, args)), arguments)
    theirs = autograd.grad(lambda args: anp.sin(program.run(anp, args)))
    found = grad(lambda *args: squared(np, ours(*args)), arguments)(*program.arguments)
    assert_close(found, autograd.grad(lambda args: squared(anp, theirs(args)))(program.arguments))
