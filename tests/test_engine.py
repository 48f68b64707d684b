"""The Tensor, the record and the walk: what they do, what they leave alone, what they refuse."""

import gc
import math
import re
import subprocess
import sys
import tracemalloc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import chainrule
from chainrule import engine, grad, value_and_grad
from chainrule.engine import VJPS, brief, unbroadcast
from chainrule.rules import Each, join, part
from tests.uncounted import uncounted

Tensor: Any = chainrule.Tensor  # a type checker takes np.sin(tensor) for an array
TABLE: Any = VJPS


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Python's collector of cycles is off, so that what goes, goes with its last reference."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class TestTensor:
    def test_attributes(self) -> None:
        t = Tensor([[1, 2, 3], [4, 5, 6]], name="W")
        assert (t.shape, t.ndim, t.size, t.name, len(t)) == ((2, 3), 2, 6, "W", 2)
        assert t.value.dtype == np.float64
        assert t.grad is None
        assert t.func is None
        assert t.parents == ()
        np.testing.assert_array_equal(t.T.value, [[1, 4], [2, 5], [3, 6]])

    @pytest.mark.parametrize("value", [3, 3.0, True, np.float32(3), np.int8(3), [3], np.array([[3]], dtype=np.uint16)])
    def test_real_numbers_become_float64(self, value: Any) -> None:
        t = Tensor(value)
        assert isinstance(t.value, np.ndarray)
        assert t.value.dtype == np.float64
        assert t.shape == np.shape(value)

    @pytest.mark.parametrize("value", [1j, "a", None, [1, "a"], object(), {1: 2}])
    def test_anything_else_is_refused(self, value: Any) -> None:
        with pytest.raises(TypeError, match="value must be real numbers"):
            Tensor(value)

    def test_a_tensor_of_a_tensor_is_refused(self) -> None:
        with pytest.raises(TypeError, match="value is a Tensor already"):
            Tensor(Tensor(1.0))

    def test_it_copies_what_it_is_given(self) -> None:
        array = np.ones(3)
        t = Tensor(array)
        array[0] = 7.0
        np.testing.assert_array_equal(t.value, [1, 1, 1])
        assert array.flags.writeable

    def test_values_and_grads_are_read_only(self) -> None:
        x = Tensor([1.0, 2.0])
        y = np.sum(x * x)
        y.backward()
        for array in (x.value, x.grad):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 5.0

    def test_a_grad_stays_the_same_object_and_can_be_replaced(self) -> None:
        x = Tensor([1.0, 2.0])
        y = np.sum(x * x)
        y.backward()
        assert x.grad is x.grad
        assert type(y.grad) is np.ndarray
        x.grad = [5, 7]
        np.testing.assert_array_equal(x.grad, [5.0, 7.0])
        x.grad = None
        assert x.grad is None
        with pytest.raises(TypeError, match="grad must be real numbers"):
            x.grad = "steep"
        for other in ([1.0], [1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]]):
            with pytest.raises(ValueError, match=r"grad must have the Tensor's shape \(2,\), not "):
                x.grad = other
        assert x.grad is None

    def test_repr(self) -> None:
        assert repr(Tensor(3.0)) == "Tensor(3.)"
        assert repr(Tensor([1.0, 2.5], name="x")) == "Tensor([1. , 2.5], name='x')"

    def test_operators_and_their_reflections(self) -> None:
        a, b = np.array([1.5, -2.0]), np.array([0.5, 4.0])
        x, y = Tensor(a), Tensor(b)
        pairs = [
            (x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b), (y**x, b**a), (x @ y, a @ b),
            (x + b, a + b), (x - b, a - b), (x * b, a * b), (x / b, a / b), (y**a, b**a), (x @ b, a @ b),
            (a + y, a + b), (a - y, a - b), (a * y, a * b), (a / y, a / b), (b**x, b**a), (a @ y, a @ b),
            (2 + x, 2 + a), (2 - x, 2 - a), (2 * x, 2 * a), (2 / x, 2 / a), (2**x, 2**a), (-x, -a), (abs(x), abs(a)),
            (np.float64(2) * x, 2 * a), ([1, 2] + x, [1, 2] + a), ([1, 2] @ x, [1, 2] @ a),
        ]  # fmt: skip
        for result, expected in pairs:
            assert isinstance(result, Tensor)
            np.testing.assert_array_equal(result.value, expected)

    def test_what_is_long_is_shortened_to_a_line(self) -> None:
        class Long:
            def __repr__(self) -> str:
                return "x" * 200

        assert len(brief(Long())) == len(brief("y" * 200)) == 80
        assert brief(Long()).startswith("xxx")
        assert brief("short") == "'short'"
        assert brief(10**5000) == "a number too long to write"

    def test_what_is_no_array_is_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match=r"^value is not an array: .*inhomogeneous"):
            Tensor([[1.0], [1.0, 2.0]])
        with pytest.raises(TypeError, match=r"^value is not an array: a Tensor does not turn into a plain array"):
            Tensor([Tensor(1.0), Tensor(2.0)])

    def test_a_dtype_may_carry_metadata(self) -> None:
        a = np.array([1.0, 2.0], dtype=np.dtype(np.float64, metadata={"unit": "m"}))
        np.testing.assert_array_equal((Tensor(a) * 2.0).value, [2.0, 4.0])
        np.testing.assert_array_equal(grad(lambda x: np.sum(x * x))(a), [2.0, 4.0])

    def test_a_number_meets_lists(self) -> None:
        """Python's operators, which are quicker between numbers, would refuse them."""
        x, y = Tensor(3.0), Tensor([1.0, 2.0])
        total = np.sum([1, 2] * x) + ([4, 5] @ y) + np.sum([2.0, 4.0] / x) + np.sum(np.maximum([1, 5], x))
        total.backward()
        np.testing.assert_allclose(x.grad, 3.0 - 6.0 / 9.0 + 1.0, rtol=1e-15)
        np.testing.assert_array_equal(y.grad, [4.0, 5.0])
        with pytest.raises(
            TypeError, match=r"np\.add cannot take shapes \(\) with 'a': ufunc 'add' did not contain a loop"
        ):
            "a" + x

    def test_methods_are_numpys(self) -> None:
        a = np.arange(6.0).reshape(2, 3)
        t = Tensor(a)
        for result, expected in [
            (t.sum(), a.sum()), (t.sum(axis=0), a.sum(axis=0)), (t.sum(1, keepdims=True), a.sum(1, keepdims=True)),
            (t.mean(), a.mean()), (t.mean(axis=1), a.mean(axis=1)), (t.mean(0, keepdims=True), a.mean(0, keepdims=True)),
            (t[:1, :1].reshape(), np.array(0.0)), (t.reshape(3, 2), a.reshape(3, 2)), (t.reshape((-1,)), a.reshape(-1)), (t[1], a[1]), (t[:, ::2], a[:, ::2]),
        ]:  # fmt: skip
            np.testing.assert_array_equal(result.value, expected)
            assert result.shape == expected.shape

    def test_mean_of_nothing_is_numpys(self) -> None:
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(Tensor(np.zeros((0, 3))).mean().value)
        assert Tensor(np.zeros((0, 3))).mean(axis=1).shape == (0,)

    def test_comparisons_and_queries_are_plain(self) -> None:
        t = Tensor([1.0, 3.0])
        for result in (t > 2, t >= 2, t < 2, t <= 2, np.equal(t, 1.0), np.isfinite(t)):
            assert type(result) is np.ndarray
            assert result.dtype == bool
        assert np.shape(t) == (2,)
        assert np.ndim(t) == 1

    def test_equality_stays_identity(self) -> None:
        t = Tensor(1.0)
        assert t == t  # noqa: PLR0124 - identity is the point
        assert t != Tensor(1.0)
        assert t in {t: 1}

    def test_iteration_ends(self) -> None:
        assert [float(row.value) for row in Tensor([1.0, 2.0])] == [1.0, 2.0]
        with pytest.raises(TypeError, match="len"):
            len(Tensor(1.0))

    @pytest.mark.parametrize(
        "lose",
        [
            float,
            int,
            bool,
            complex,
            math.sin,
            np.array,
            np.asarray,
            lambda t: np.array([t, t]),
            range,
            lambda t: [0, 1][t],
        ],
    )
    def test_the_graph_is_not_lost_in_silence(self, lose: Any) -> None:
        with pytest.raises(TypeError, match=r"does not turn into a plain array or number"):
            lose(Tensor(1.0))

    def test_writing_is_refused_with_the_remedy(self) -> None:
        t = Tensor([1.0, 2.0])
        array = np.ones(2)
        with pytest.raises(TypeError, match=r"cannot be written into: make a new one with np\.where"):
            t[0] = 5.0
        with pytest.raises(TypeError, match=r"write a = a \+ t, not a \+= t"):
            array += t
        with pytest.raises(TypeError, match=r"cannot write a Tensor into an array"):
            np.exp(t, out=array)
        np.testing.assert_array_equal(array, [1, 1])
        with pytest.raises(AttributeError):
            t.value = array


class TestRecord:
    def test_a_result_knows_how_it_was_made(self) -> None:
        x, y = Tensor(2.0, "x"), Tensor(5.0, "y")
        z = x * y + 1.0
        assert z.func is np.add
        assert z.args[1] == 1.0
        (product_,) = z.parents
        assert product_.func is np.multiply
        assert product_.parents == (x, y)
        assert x.serial < y.serial < product_.serial < z.serial

    def test_a_plus_a_has_two_parents(self) -> None:
        a = Tensor(3.0)
        total = a + a
        assert total.parents == (a, a)
        total.backward()
        assert a.grad == 2.0

    def test_arguments_and_keywords_are_kept(self) -> None:
        x, y = Tensor(np.ones((2, 3)), "x"), Tensor(np.ones((2, 3)), "y")
        condition = np.ones((2, 3), dtype=bool)
        for made, args, kwargs in (
            (x, (), {}),
            (np.exp(x), (x,), {}),
            (x - y, (x, y), {}),
            (1.0 - x, (1.0, x), {}),
            (np.sum(x, 1), (x, 1), {}),
            (np.sum(x, axis=1, keepdims=True), (x,), {"axis": 1, "keepdims": True}),
            (np.sum(x, 1, keepdims=True), (x, 1), {"keepdims": True}),
            (np.where(condition, x, y), (condition, x, y), {}),
        ):
            assert type(made.args) is tuple
            assert len(made.args) == len(args)
            assert all(one is other for one, other in zip(made.args, args, strict=True))
            assert type(made.kwargs) is dict
            assert made.kwargs == kwargs
            made.kwargs["axis"] = 0  # of a copy
            assert made.kwargs == kwargs

    def test_an_operation_of_two_arguments_is_one_object_to_the_collector(self) -> None:
        x = Tensor(2.0)
        product_ = x * 2.0
        referrers = gc.get_referrers(x)
        assert any(each is product_ for each in referrers)
        assert not any(isinstance(each, tuple) for each in referrers)

    @pytest.mark.parametrize("record", [False, True])
    def test_a_source_waits_for_what_was_computed(self, monkeypatch: pytest.MonkeyPatch, record: bool) -> None:
        def product_of(x: Any, y: Any) -> Any:
            return np.multiply(x, y)

        def noting(k: int, vjp: Any) -> Any:
            return lambda g, ans, x, y: order.append(k) or vjp(g, ans, x, y)

        order: list[int] = []
        monkeypatch.setitem(TABLE, product_of, tuple(map(noting, range(2), VJPS[np.multiply])))
        source, other, computed, result = Tensor(2.0), Tensor(3.0), np.exp(Tensor(4.0)), np.exp(Tensor(5.0))
        for x, y, expected in (
            (source, computed, [0, 1] if record else [1, 0]),
            (computed, source, [0, 1]),
            (source, other, [0, 1]),
            (computed, result, [0, 1]),
            (source, 2.0, [0]),
            (2.0, computed, [1]),
        ):
            order.clear()
            product = engine.apply(product_of, x, y)
            adjoints = engine._walk(product, Tensor(1.0) if record else engine.ONE, record=record)
            assert order == expected
            for one, factor in ((x, y), (y, x)):
                if isinstance(one, Tensor):
                    assert getattr(adjoints[one], "value", adjoints[one]) == getattr(factor, "value", factor)

    def test_a_rule_may_take_any_number_of_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def total(start: float, *numbers: Any) -> Any:
            return np.float64(start + sum(numbers))

        monkeypatch.setitem(TABLE, total, Each(lambda k, g, ans, *numbers: g))
        xs = [Tensor(float(k)) for k in range(5)]
        y = engine.apply(total, 0.0, *xs)
        y.backward()
        assert y.value == 10.0
        assert [x.grad for x in xs] == 5 * [1.0]

    def test_plain_numpy_is_untouched(self) -> None:
        assert type(np.maximum(0, np.ones(2))) is np.ndarray

    @pytest.mark.parametrize("func", [[np.exp], "exp", None])
    def test_what_is_no_function_is_refused(self, func: Any) -> None:
        with pytest.raises(TypeError, match="func must be a function of NumPy, not "):
            engine.apply(func, Tensor(1.0))


class TestBackward:
    def test_a_diamond_adds_up(self) -> None:
        x = Tensor(3.0)
        a = x * 2
        y = a * a + a
        y.backward()
        assert x.grad == 2 * (2 * 6.0) + 2
        assert a.grad == 2 * 6.0 + 1
        assert y.grad == 1.0

    def test_twice_gives_the_same_twice(self) -> None:
        x = Tensor([1.0, 2.0])
        y = np.sum(np.exp(x))
        y.backward()
        first = np.array(x.grad)
        y.backward()
        np.testing.assert_array_equal(x.grad, first)

    def test_a_seed_weighs_the_entries(self) -> None:
        x = Tensor([1.0, 2.0])
        seed = np.array([10.0, 100.0])
        y = x * x
        y.backward(seed=seed)
        np.testing.assert_array_equal(x.grad, [20.0, 400.0])
        with pytest.raises(TypeError, match="positional"):
            y.backward(seed, True)  # type: ignore[misc]  # nobody would know what is true
        np.testing.assert_array_equal(y.grad, seed)
        assert not np.shares_memory(y.grad, seed)
        assert seed.flags.writeable

    def test_a_missing_or_wrong_seed_is_refused_and_changes_nothing(self) -> None:
        x = Tensor([1.0, 2.0])
        y = x * x
        with pytest.raises(ValueError, match=r"shape \(2,\) needs a seed"):
            y.backward()
        for seed in (np.ones(3), np.ones(1), np.ones((2, 1)), 1.0):
            with pytest.raises(ValueError, match=rf"shape \(2,\) got a seed of shape {re.escape(str(np.shape(seed)))}"):
                y.backward(seed)
        with pytest.raises(TypeError, match="seed must be real numbers"):
            y.backward("ab")
        assert x.grad is None
        assert y.grad is None

    def test_a_rule_that_raises_leaves_every_grad_as_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        x = Tensor(1.0)
        y = np.exp(np.sin(x))
        y.backward()
        before = np.array(x.grad)

        def broken(g: Any, ans: Any, x: Any) -> Any:
            raise RuntimeError("no")

        monkeypatch.setitem(TABLE, np.sin, (broken,))
        with pytest.raises(RuntimeError, match="no"):
            (y * 2.0).backward()
        assert x.grad == before
        assert y.grad == 1.0

    def test_a_wrong_shape_from_a_rule_is_caught(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for wrong in (np.ones(3), np.ones(6), np.ones((3, 2))):
            monkeypatch.setitem(TABLE, np.sin, (lambda g, ans, x, wrong=wrong: wrong,))
            with pytest.raises(ValueError, match=r"cannot be summed to shape \(2, 3\)"):
                np.sum(np.sin(Tensor(np.ones((2, 3))))).backward()

    def test_a_source_of_the_graph_is_its_own_gradient(self) -> None:
        x = Tensor(2.0)
        x.backward()
        assert x.grad == 1.0

    def test_a_path_without_a_derivative_sends_nothing(self) -> None:
        x = Tensor([1.0, -2.0])
        y = np.sum(np.sign(x))
        y.backward()
        assert x.grad is None
        np.testing.assert_array_equal(grad(lambda t: np.sum(np.sign(t)))(np.array([1.0, -2.0])), [0.0, 0.0])

    def test_values_are_not_changed(self) -> None:
        x, w = Tensor(np.arange(3.0)), Tensor(np.ones((2, 3)))
        y = np.sum(np.tanh(w @ x))
        before = [np.array(t.value) for t in (x, w, y)]
        y.backward()
        for t, b in zip((x, w, y), before, strict=True):
            np.testing.assert_array_equal(t.value, b)

    def test_visits_grow_with_the_nodes_not_with_the_paths(self, monkeypatch: pytest.MonkeyPatch) -> None:
        visits = 0

        def counted(g: Any, ans: Any, x: Any, y: Any) -> Any:
            nonlocal visits
            visits += 1
            return g

        monkeypatch.setitem(TABLE, np.add, (counted, counted))
        x = t = Tensor(1.0)
        for _ in range(60):  # 2**60 paths
            t = t + t
        t.backward()
        assert x.grad == 2.0**60
        assert visits == 2 * 60

    def test_a_ladder_of_diamonds_is_climbed_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """At 10,000 rungs there are 2**10,000 paths, and two edges to each of three nodes."""
        visits = dict.fromkeys((np.add, np.multiply), 0)
        rules = {func: VJPS[func] for func in visits}

        def counted(func: Any, k: int) -> Any:
            def vjp(*args: Any) -> Any:
                visits[func] += 1
                return rules[func][k](*args)

            return vjp

        for func in visits:
            monkeypatch.setitem(TABLE, func, (counted(func, 0), counted(func, 1)))
        x = t = Tensor(1.0)
        for _ in range(10_000):
            left, right = 0.25 * t, t * 0.75
            t = left + right
        t.backward()
        assert x.grad == 1.0
        assert visits == {np.add: 2 * 10_000, np.multiply: 2 * 10_000}

    @pytest.mark.usefixtures("without_collector")  # which would look at all of it again and again, for as long
    @uncounted()
    def test_a_chain_of_a_million(self) -> None:
        x = t = Tensor(1.0)
        for _ in range(1_000_000):
            t = t + 0.0
        t.backward()
        assert x.grad == 1.0
        first = weakref.ref(x)
        del x, t
        assert first() is None

    @pytest.mark.usefixtures("without_collector")
    @pytest.mark.parametrize("total", [np.sum, sum])
    @uncounted()
    def test_a_sum_of_a_hundred_thousand(self, total: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        handed = 0

        def counted(k: int, g: Any, ans: Any, axis: int, *arrays: Any) -> Any:
            nonlocal handed
            handed += len(arrays)
            return part(g, axis, arrays, k)

        monkeypatch.setitem(TABLE, join, Each(counted))
        xs = [Tensor([k]) for k in range(100_000)]
        y = total(xs if total is sum else np.concatenate(xs))
        y.backward(np.ones(y.shape))
        assert y.value == 4_999_950_000.0
        assert all(x.grad == 1.0 for x in xs)
        assert handed < 40 * len(xs)  # each is handed its group, not all

    def test_a_sum_of_many_is_made_in_one_array_of_its_own(self) -> None:
        """The walk adds in place, but to nothing that it has sent elsewhere or was given."""
        x, y = Tensor(np.ones(3)), Tensor(np.ones(3))
        seed = np.array([1.0, 2.0, 3.0])
        total = x + y + x + x + x
        total.backward(seed)
        np.testing.assert_array_equal(x.grad, 4.0 * seed)
        np.testing.assert_array_equal(y.grad, seed)
        np.testing.assert_array_equal(total.grad, seed)

    def test_memory_of_a_walk_does_not_grow_with_the_depth(self) -> None:
        """Adjoints that nobody asked for are freed as the walk passes them."""
        n, depth = 10_000, 50
        forward = peak = 0

        def f(x: Any) -> Any:
            nonlocal forward
            for _ in range(depth):
                x = np.sin(x)
            total = np.sum(x)
            forward = tracemalloc.get_traced_memory()[1]
            return total

        tracemalloc.start()
        try:
            grad(f)(np.ones(n))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert forward > depth * 8 * n
        assert peak < 1.2 * forward

    def test_memory_of_a_chain_of_numbers(self) -> None:
        """Walking back takes no more than a small part of what the record takes."""
        tracemalloc.start()
        try:
            x = t = Tensor(1.0)
            for _ in range(20_000):
                t = t * 0.999
            forward = tracemalloc.get_traced_memory()[0]
            t.backward()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert x.grad > 0
        assert peak < 2 * forward

    @pytest.mark.usefixtures("without_collector")
    def test_memory_returns_with_the_last_reference(self) -> None:
        x = Tensor(np.ones(3))
        y = np.sum(np.sin(x) * x)
        y.backward(check_finite=True)
        inner, source = weakref.ref(y.parents[0]), weakref.ref(x)
        del y
        assert inner() is None
        assert source() is x
        del x
        assert source() is None

    @pytest.mark.usefixtures("without_collector")
    def test_memory_returns_when_a_gradient_is_known(self) -> None:
        watch = []

        def f(x: Any) -> Any:
            y = np.tanh(x * x)
            watch.extend([weakref.ref(x), weakref.ref(y)])
            return np.sum(y)

        assert grad(lambda x: np.sum(grad(f)(x)))(np.ones(3)).shape == (3,)
        assert [w() for w in watch] == [None, None]

    def test_a_tensor_in_two_graphs(self) -> None:
        """Each call leaves the derivatives of its own result, and touches nothing that this was not computed from."""
        x = Tensor(3.0)
        shared = x * x
        y, z = shared + 1.0, np.exp(x) * shared
        y.backward()
        assert (x.grad, shared.grad, z.grad) == (6.0, 1.0, None)
        z.backward()
        assert shared.grad == np.exp(3.0)
        np.testing.assert_allclose(x.grad, np.exp(3.0) * (9.0 + 6.0), rtol=1e-15)
        assert y.grad == 1.0
        y.backward()
        assert (x.grad, shared.grad, z.grad) == (6.0, 1.0, 1.0)

    def test_a_tensor_between_two_nested_gradients(self) -> None:
        """What one `grad` walks through is a constant of the other, and a source of the graph around both."""
        w = Tensor(2.0)
        total = grad(lambda x: w * x**3)(1.0) + grad(lambda x: w * w * x)(5.0)  # 3 w + w²
        assert total.value == 10.0
        total.backward()
        assert w.grad == 3.0 + 2.0 * 2.0

    def test_threads_with_their_own_graphs(self) -> None:
        """They take turns after every few operations, and get to the last bit what they get one after the other."""

        def work(k: int) -> Any:
            def f(x: Any) -> Any:
                for _ in range(100):
                    x = np.sin(x) + x / (1.0 + k)
                return np.sum(x)

            w = Tensor(np.linspace(0.1, 0.9, 7) + k, "w")
            (f(w) + np.sum(grad(f)(w))).backward()
            return w.grad.tobytes()

        alone = [work(k) for k in range(8)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            with ThreadPoolExecutor(8) as pool:
                together = list(pool.map(work, range(8)))
        finally:
            sys.setswitchinterval(interval)
        assert together == alone

    def test_the_last_bit_does_not_depend_on_the_hash_seed(self) -> None:
        program = (
            "import numpy as np; from chainrule import Tensor\n"
            "x = Tensor(np.linspace(0.1, 0.9, 7)); t = x\n"
            "for k in range(20): t = np.sin(t) + x * t / (1.0 + k)\n"
            "np.sum(t).backward(); print(x.grad.tobytes().hex())"
        )
        outputs = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={"PYTHONHASHSEED": seed, "PATH": ""},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(outputs) == 1


def log_of_negative(x: Any) -> Any:
    q = np.log(x)
    q.name = "q"
    return np.sum(q)


class TestCheckFinite:
    """`backward(check_finite=True)`: at which operation did the first nan or infinity appear?"""

    @pytest.mark.parametrize(
        ("f", "x", "message"),
        [
            (
                log_of_negative,
                [[1.0, 2.0], [3.0, -0.5]],
                "forward pass: np.log gave q of shape (2, 2) the value nan at entry (1, 1), from x of shape (2, 2)",
            ),
            (
                lambda x: np.sum(np.exp(100.0 * x) / np.ones(2)),
                8.0,
                "forward pass: np.exp gave a Tensor of shape () the value inf, from a Tensor of shape ()",
            ),
            (
                lambda x: np.sum(x / (x * Tensor([0.0, 1.0], "mask"))),
                [1.0, 2.0],
                "forward pass: np.divide gave a Tensor of shape (2,) the value inf at entry (0,), "
                "from x of shape (2,) and a Tensor of shape (2,)",
            ),
            (
                lambda x: x - x * np.array(math.inf),
                1.0,
                "forward pass: np.multiply gave a Tensor of shape () the value inf, from x of shape ()",
            ),
            (
                lambda x: np.sum(np.sign(np.log(x))),  # the walk does not go this way, the nan does
                [-1.0],
                "forward pass: np.log gave a Tensor of shape (1,) the value nan at entry (0,), from x of shape (1,)",
            ),
            (
                lambda x: x * chainrule.apply(np.exp, 1000.0),
                1.0,
                "forward pass: np.exp gave a Tensor of shape () the value inf, from no Tensor",
            ),
            (
                lambda x: np.sum(np.tanh(x)),  # finite again
                [0.0, -math.inf],
                "forward pass: the source x of shape (2,) has the value -inf at entry (1,)",
            ),
            (
                lambda x: np.sum(np.sqrt(x) * 3.0),
                [4.0, 0.0],
                "backward pass: np.sqrt sent x of shape (2,) the adjoint inf at entry (1,), from a Tensor of shape (2,)",
            ),
            (
                lambda x: np.linalg.norm(x * 2.0),
                [0.0, 0.0],
                "backward pass: np.sqrt sent a Tensor of shape () the adjoint inf, from a Tensor of shape ()",
            ),
            (
                lambda x: np.where(x > 0, np.sqrt(x), 0.0),
                0.0,
                "backward pass: np.sqrt sent x of shape () the adjoint nan, from a Tensor of shape ()",
            ),
            (
                lambda x: np.sum(np.ones(2) * 1e308 * x),
                0.0,
                "backward pass: np.multiply sent x of shape () the adjoint inf, from a Tensor of shape (2,)",
            ),
            (
                lambda x: 1e308 * x + x / 1e-308,
                0.0,
                "backward pass: np.divide and np.multiply sent x of shape () adjoints that add up to inf",
            ),
            (
                lambda x: np.concatenate([x, x]) @ np.array([1e308, 1e308]),
                [0.0],
                "backward pass: join sent x of shape (1,) adjoints that add up to inf at entry (0,)",
            ),
            (
                lambda x: np.sign(x) + np.sqrt(x),
                0.0,
                "backward pass: np.sqrt sent x of shape () the adjoint inf, from a Tensor of shape ()",
            ),
            (
                lambda x: np.concatenate([x * 1e200, x * 1e200]) @ np.array([0.0, 1e200]),
                [0.0],
                "backward pass: np.multiply sent x of shape (1,) the adjoint inf at entry (0,), from a Tensor of shape (1,)",
            ),
        ],
    )
    def test_the_first_is_named(self, f: Any, x: Any, message: str) -> None:
        x = Tensor(x, "x")
        x.grad = before = np.full(x.shape, 7.0)
        with np.errstate(all="ignore"):
            y = f(x)
            with pytest.raises(FloatingPointError) as error:
                y.backward(check_finite=True)
            assert str(error.value) == message
            np.testing.assert_array_equal(x.grad, before)
            assert y.grad is None
            y.backward()  # without being asked, it says nothing

    def test_of_several_entries_the_first_is_named(self) -> None:
        x = Tensor([[1.0, math.nan], [math.inf, math.nan]], name="x")
        with pytest.raises(FloatingPointError, match=r"has the value nan at entry \(0, 1\)$"):
            np.sum(x).backward(check_finite=True)

    @pytest.mark.parametrize("seed", [math.nan, -math.inf])
    def test_a_seed_that_is_not_finite(self, seed: float) -> None:
        x = Tensor([1.0, 2.0], "x")
        with pytest.raises(
            FloatingPointError, match=rf"the seed of x of shape \(2,\) has the value {seed} at entry \(1,\)"
        ):
            x.backward([1.0, seed], check_finite=True)

    def test_nothing_found_nothing_said(self) -> None:
        x = Tensor([0.5, 2.0])
        y = np.sum(np.log(x) * np.where(x > 1.0, x, np.sqrt(x)))
        y.backward()
        expected = np.array(x.grad)
        x.grad = None
        y.backward(check_finite=True)
        np.testing.assert_array_equal(x.grad, expected)

    def test_it_reads_the_whole_record_once(self) -> None:
        """A diamond ladder with a fault at its foot: it is found in the first node, not along each of 2**200 paths."""
        x = Tensor(0.0, "x")
        with np.errstate(divide="ignore"):
            t = np.log(x)
        t.name = "foot"
        for _ in range(200):
            t = np.tanh(t) + np.tanh(t)
        with pytest.raises(
            FloatingPointError, match=r"np\.log gave foot of shape \(\) the value -inf, from x of shape"
        ):
            t.backward(check_finite=True)


class TestUnbroadcast:
    @given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0), st.integers(0, 9))
    def test_it_is_the_transpose_of_broadcasting(self, shapes: Any, seed: int) -> None:
        """<broadcast(x), g> = <x, unbroadcast(g)>, which is what a transpose is."""
        rng = np.random.default_rng(seed)
        x, g = rng.normal(size=shapes.input_shapes[0]), rng.normal(size=shapes.result_shape)
        summed = unbroadcast(g, x.shape)
        assert summed.shape == x.shape
        np.testing.assert_allclose(np.sum(np.broadcast_to(x, g.shape) * g), np.sum(x * summed), atol=1e-12)

    @pytest.mark.parametrize(
        ("given", "shape"), [((2, 3), (3, 2)), ((4,), (2, 2)), ((6,), (2, 3)), ((3,), (2,)), ((), (1,))]
    )
    def test_an_adjoint_of_the_right_size_and_the_wrong_shape_is_refused(self, given: Any, shape: Any) -> None:
        with pytest.raises(ValueError, match=r"g of shape \(.*\) cannot be summed to shape \("):
            unbroadcast(np.ones(given), shape)

    def test_nothing_to_do_is_nothing_done(self) -> None:
        g = np.ones((2, 3))
        assert unbroadcast(g, (2, 3)) is g


class TestGrad:
    @pytest.mark.parametrize("given", [0, 1, 2])
    def test_an_argument_that_is_not_given_is_missed(self, given: int) -> None:
        with pytest.raises(TypeError, match=rf"^argnum is 2, but {given} positional arguments were given$"):
            grad(lambda *args: 0.0, 2)(*[1.0] * given)

    @pytest.mark.parametrize("also", [np.positive, np.transpose])
    def test_no_two_gradients_share_memory(self, also: Any) -> None:
        a = np.ones((2, 2))
        by_x, by_y = grad(lambda x, y: np.sum((np.transpose(x) + also(y)) ** 2), (0, 1))(a, a)
        by_x[...] = 7.0  # the one is the other, or both are a third, transposed
        np.testing.assert_array_equal(by_y, np.full((2, 2), 4.0))

    def test_value_and_grad(self) -> None:
        value, gradient = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
        assert type(value) is np.ndarray
        assert value == 5.0
        np.testing.assert_array_equal(gradient, [2.0, 4.0])

    def test_several_arguments_in_the_order_asked_for(self) -> None:
        g = grad(lambda x, y, z: x * y + z, (2, 0))(2.0, 3.0, 4.0)
        assert g == (1.0, 3.0)
        assert grad(lambda x, y: x * y, (0,))(2.0, 3.0) == (3.0,)
        assert grad(lambda x, y: x * y, 1)(2.0, 3.0) == 2.0

    def test_other_arguments_and_keywords_reach_f_as_they_are(self) -> None:
        def f(x: Any, kind: str, *, times: int) -> Any:
            assert kind == "plain"
            return x * times

        assert grad(f)(1.0, "plain", times=3) == 3.0

    def test_independence_is_zero(self) -> None:
        assert grad(lambda x, y: y * y, 0)(1.0, 2.0) == 0.0
        np.testing.assert_array_equal(grad(lambda x: 5.0)(np.ones((2, 3))), np.zeros((2, 3)))

    def test_results_are_the_callers_own(self) -> None:
        x, y = np.ones(2), np.ones(2)
        gx, gy = grad(lambda x, y: np.sum(x + y), (0, 1))(x, y)
        gx += 1.0
        np.testing.assert_array_equal(gy, [1, 1])
        np.testing.assert_array_equal(x, [1, 1])
        assert x.flags.writeable

    def test_derivatives_of_every_order(self) -> None:
        f: Any = np.sin
        for k in range(5):
            np.testing.assert_allclose(f(0.7), np.sin(0.7 + k * np.pi / 2), rtol=1e-14)
            f = grad(f)

    def test_many_adjoints_add_up_in_a_recorded_walk(self) -> None:
        """Plain ones arrive first, a Tensor later: nothing may be added in place."""

        def slope(x: Any) -> Any:
            return np.sum(grad(lambda t: np.sum(t**3) + np.sum(t) + np.sum(t) + np.sum(x * t))(x))

        np.testing.assert_allclose(grad(slope)(np.array([2.0, 3.0])), [13.0, 19.0], rtol=1e-15)

    def test_mixed_second_derivatives_agree(self) -> None:
        def f(x: Any, y: Any) -> Any:
            return np.exp(x * y) / (1 + x**2)

        np.testing.assert_allclose(grad(grad(f, 0), 1)(0.3, 0.8), grad(grad(f, 1), 0)(0.3, 0.8), rtol=1e-14)

    def test_nested_variables_are_not_confused(self) -> None:
        """d/dx [x d/dy (x + y)] = 1: an engine that mixes the two variables up says 2."""
        assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
        assert grad(lambda x: x * grad(lambda y: x * y * y)(2.0))(3.0) == 24.0

    def test_inside_it_closes_over_the_callers_tensors(self) -> None:
        w = Tensor(3.0, "w")
        g = grad(lambda x: w * x * x)(2.0)
        assert isinstance(g, Tensor)
        g.backward()
        assert w.grad == 4.0

    def test_a_constant_tensor_made_inside_is_a_constant(self) -> None:
        assert type(grad(lambda x: x * Tensor(2.0))(1.0)) is np.ndarray

    def test_hessian_row_by_row(self) -> None:
        a = np.array([[2.0, 1.0], [1.0, 3.0]])
        x = np.array([0.5, -1.0])
        rows = [grad(lambda t, i=i: grad(lambda s: 0.5 * s @ a @ s)(t)[i])(x) for i in range(2)]
        np.testing.assert_allclose(rows, a, rtol=1e-15)

    @pytest.mark.parametrize("argnum", [-1, 1.0, "x", (), (0, -1), (0, 0), None, True])
    def test_a_bad_argnum(self, argnum: Any) -> None:
        with pytest.raises(TypeError, match="argnum must be a position"):
            grad(np.sin, argnum)

    def test_an_argnum_without_an_argument(self) -> None:
        with pytest.raises(TypeError, match="argnum is 1, but 1 positional arguments were given"):
            grad(np.add, 1)(1.0)

    def test_a_value_that_is_no_scalar(self) -> None:
        with pytest.raises(ValueError, match=r"f must return shape \(\), not \(2,\)"):
            grad(np.sin)(np.ones(2))

    @pytest.mark.parametrize("value", ["a", 1j, None])
    def test_a_variable_that_is_not_real(self, value: Any) -> None:
        with pytest.raises(TypeError, match="argument 0 must be real numbers"):
            grad(lambda x: x)(value)

    @pytest.mark.parametrize("shape", list(product((0, 1, 2), repeat=2)))
    def test_gradients_have_the_shape_of_their_arguments(self, shape: tuple[int, int]) -> None:
        assert grad(lambda x, y: np.sum(x * y), (0, 1))(np.ones(shape), np.ones(shape[1:]))[1].shape == shape[1:]
