"""A step against the engine, the bookkeeping of minibatches and snapshots, divergence, and refusals."""

import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import chainrule.sgd
from chainrule import grad
from chainrule.relu_net import ReluNet, make_data, mean_squared_error, predict
from chainrule.sgd import DivergenceError, History, train
from chainrule.steps import loop_steps
from tests.uncounted import uncounted


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def parameters(net: ReluNet) -> tuple[Any, Any, Any, Any]:
    return net.w, net.b, net.v, net.c


def packed(net: ReluNet) -> Any:
    return np.hstack(parameters(net))  # (3H + 1,)


def rows(history: History) -> Any:
    return np.column_stack([history.w, history.b, history.v, history.c])  # (S, 3H + 1)


DATA = make_data(rng())
NET = ReluNet.random(6, rng(1))
BATCHES = rng(2).integers(200, size=(50, 4))


# One step

values = st.floats(-2, 2)


@st.composite
def steps(draw: st.DrawFn) -> tuple[ReluNet, Any, Any, Any]:
    width, n, size = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 6))
    w, b, v = (draw(arrays(float, width, elements=values)) for _ in range(3))
    x, y = (draw(arrays(float, n, elements=values)) for _ in range(2))
    return ReluNet(w, b, v, draw(values)), x, y, draw(arrays(int, (1, size), elements=st.integers(0, n - 1)))


def loss(w: Any, b: Any, v: Any, c: Any, x: Any, y: Any) -> Any:
    return np.mean((predict(w, b, v, c, x) - y) ** 2)


def engine_step(net: ReluNet, x: Any, y: Any, learning_rate: float, which: tuple[int, ...]) -> Any:
    new = list(parameters(net))
    gradients = grad(loss, which)(*new, x, y)
    for k, gradient in zip(which, gradients, strict=True):
        new[k] = new[k] - learning_rate * gradient
    return np.hstack(new)


@pytest.mark.parametrize("method", ["prefix", "loop"])
@pytest.mark.parametrize(("layers", "which"), [("all", (0, 1, 2, 3)), ("output", (2, 3))])
@uncounted()
@settings(deadline=None)  # the first example compiles the loop
@given(case=steps())
def test_a_step_is_the_engines(
    layers: Any, which: tuple[int, ...], method: Any, case: tuple[ReluNet, Any, Any, Any]
) -> None:
    net, x, y, batches = case
    history = train(net, x, y, learning_rate=0.1, steps=1, batches=batches, train=layers, method=method)
    expected = engine_step(net, x[batches[0]], y[batches[0]], 0.1, which)
    np.testing.assert_allclose(rows(history)[0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", ["prefix", "loop"])
def test_a_step_in_numbers(method: Any) -> None:
    net = ReluNet(np.array([1.0, -1.0]), np.array([0.0, 0.0]), np.array([2.0, 5.0]), 1.0)
    history = train(net, [3.0, -1.0], [4.0, 0.0], learning_rate=0.5, steps=1, batches=[[0, 0]], method=method)
    # f(3) = 7, so the adjoint of f is 2 (7 - 4) = 6, and w, b, v, c of the active unit have 36, 12, 18, 6.
    np.testing.assert_array_equal(rows(history)[0], [1.0 - 18, -1.0, 0.0 - 6, 0.0, 2.0 - 9, 5.0, 1.0 - 3])


@pytest.mark.parametrize("method", ["prefix", "loop"])
def test_at_an_elbow_the_derivative_is_zero(method: Any) -> None:
    net = ReluNet(np.array([2.0]), np.array([-1.0]), np.array([1.0]), 0.0)
    history = train(net, [0.5], [1.0], learning_rate=0.1, steps=1, batches=[[0]], method=method)
    np.testing.assert_array_equal(rows(history)[0], [2.0, -1.0, 1.0, 0.2])


@pytest.mark.parametrize("method", ["prefix", "loop"])
def test_a_step_changes_all_parameters_after_all_gradients_are_taken(method: Any) -> None:
    net = ReluNet(np.array([1.0]), np.array([0.0]), np.array([1.0]), 0.0)
    history = train(net, [1.0], [0.0], learning_rate=0.25, steps=1, batches=[[0]], method=method)
    # Each gradient is 2; with the new v = 0.5 in place of the old, w and b would have moved half as far.
    np.testing.assert_array_equal(rows(history)[0], [0.5, -0.5, 0.5, -0.5])


def test_training_the_output_leaves_the_hidden_layer_bit_for_bit() -> None:
    history = train(NET, DATA.x, DATA.y, learning_rate=0.2, steps=50, batches=BATCHES, train="output", save_every=1)
    for w, b in zip(history.w, history.b, strict=True):
        assert w.tobytes() == NET.w.tobytes()
        assert b.tobytes() == NET.b.tobytes()
    assert np.all(history.v != NET.v)
    assert np.all(history.c != NET.c)


# Minibatches


@pytest.mark.parametrize("chunk", [2**20, 64, 1])
@pytest.mark.parametrize("n", [1, 7, 200])
def test_drawn_minibatches_are_those_of_one_draw(n: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chainrule.sgd, "_CHUNK", chunk)
    x, y = DATA.x[:n], DATA.y[:n]
    options: Any = {"learning_rate": 0.1, "steps": 101, "save_every": 25}
    generator = rng(5)
    drawn = train(NET, x, y, batch_size=5, rng=generator, **options)
    given = rng(5)
    prescribed = train(NET, x, y, batches=given.integers(n, size=(101, 5)), **options)
    np.testing.assert_array_equal(rows(drawn), rows(prescribed))
    assert generator.random() == given.random()  # and nothing else was drawn


def test_there_may_be_many_minibatches() -> None:
    history = train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=300, batches=np.resize(BATCHES, (300, 4)))
    assert history.steps[-1] == 300


def test_no_more_minibatches_are_held_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def spy(*args: Any) -> Any:
        sizes.append(args[-1].shape)
        return loop_steps(*args)

    monkeypatch.setattr(chainrule.sgd, "_CHUNK", 64)
    monkeypatch.setattr(chainrule.sgd, "loop_steps", spy)
    train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=30, save_every=20, batch_size=8, rng=rng(), method="loop")
    assert sizes == [(1, 8), (8, 8), (8, 8), (3, 8), (8, 8), (2, 8)]
    sizes.clear()
    train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=4, batch_size=65, rng=rng(), method="loop")
    assert sizes == [(1, 65)] * 4  # but one at least


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint64, list])
def test_minibatches_may_be_any_integers(dtype: Any) -> None:
    batches = BATCHES.tolist() if dtype is list else np.asfortranarray(BATCHES.astype(dtype))
    one, same = (train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=50, batches=b) for b in (BATCHES, batches))
    np.testing.assert_array_equal(rows(one), rows(same))


def test_the_method_is_the_one_with_less_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    def loop(parameters: Any, x: Any, y: Any, rate: float, all_layers: bool, batches: Any) -> int:
        taken.append("loop")
        return len(batches)

    def prefix(parameters: Any, x: Any, y: Any, rate: float, all_layers: bool, by_draw: bool) -> Any:
        taken.append("draws" if by_draw else "points")
        return len

    monkeypatch.setattr(chainrule.sgd, "loop_steps", loop)
    monkeypatch.setattr(chainrule.sgd, "prefix_steps", prefix)
    n = len(DATA.x)
    for size, method in [(1, "auto"), (2, "auto"), (n, "auto"), (n + 1, "auto"), (1, "prefix"), (n + 1, "loop")]:
        train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=1, batch_size=size, rng=rng(), method=method)  # type: ignore[arg-type]
    assert taken == ["loop", "draws", "draws", "points", "draws", "loop"]
    taken.clear()
    train(ReluNet.random(2, rng()), DATA.x, DATA.y, learning_rate=0.1, steps=1, batch_size=2, rng=rng())
    assert taken == ["loop"]  # 2 + 2 is 2 * 2


# Snapshots


@pytest.mark.parametrize(
    ("steps", "save_every", "saved"),
    [(1, 1000, [1]), (3, 1, [1, 2, 3]), (6, 3, [1, 3, 6]), (7, 3, [1, 3, 6, 7]), (2, 1000, [1, 2])],
)
def test_snapshots_are_after_the_first_step_every_so_many_and_the_last(steps: int, save_every: int, saved: Any) -> None:
    history = train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=steps, batches=BATCHES[:steps], save_every=save_every)
    np.testing.assert_array_equal(history.steps, saved)
    every = train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=steps, batches=BATCHES[:steps], save_every=1)
    np.testing.assert_array_equal(rows(history), rows(every)[history.steps - 1])


@pytest.mark.parametrize("method", ["prefix", "loop"])
def test_training_can_be_continued_from_a_snapshot(method: Any) -> None:
    whole = train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=50, batches=BATCHES, save_every=10, method=method)
    rest = train(whole[0], DATA.x, DATA.y, learning_rate=0.1, steps=49, batches=BATCHES[1:], method=method)
    np.testing.assert_array_equal(packed(rest[-1]), packed(whole[-1]))


def test_a_history_of_snapshots() -> None:
    history = train(
        NET,
        DATA.x,
        DATA.y,
        learning_rate=0.1,
        steps=50,
        batches=BATCHES,
        save_every=10,
        x_test=DATA.x_test,
        y_test=DATA.y_test,
    )
    assert len(history) == len(list(history)) == 6  # type: ignore[call-overload]  # iteration by __getitem__
    assert (
        history.w.shape == history.b.shape == history.v.shape == history.elbows.shape == history.slopes.shape == (6, 6)
    )
    assert history.c.shape == history.train_error.shape == history.steps.shape == (6,)
    assert history.test_error is not None
    for k in range(6):
        net = history[k]
        np.testing.assert_array_equal(packed(net), rows(history)[k])
        np.testing.assert_array_equal(net.elbows, history.elbows[k])
        np.testing.assert_array_equal(net.slopes, history.slopes[k])
        assert history.train_error[k] == pytest.approx(mean_squared_error(net, DATA.x, DATA.y), rel=1e-12)
        assert history.test_error[k] == pytest.approx(mean_squared_error(net, DATA.x_test, DATA.y_test), rel=1e-12)
    np.testing.assert_array_equal(packed(history[-1]), rows(history)[5])
    np.testing.assert_array_equal(packed(history[-6]), rows(history)[0])
    for k in (6, -7, 10**20):
        with pytest.raises(IndexError, match=f"k must be one of 6 snapshots, counted from 0, got {k}"):
            history[k]
    with pytest.raises(TypeError):
        history[1:3]  # type: ignore[index]  # a slice is no snapshot


def test_a_history_is_read_only_and_its_test_error_optional() -> None:
    history = train(NET, DATA.x, DATA.y, learning_rate=0.1, steps=2, batches=BATCHES[:2])
    assert history.test_error is None
    for name in ("steps", "w", "b", "v", "c", "train_error"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(history, name)[0] = 0
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(history, name, 0)
    assert history != dataclasses.replace(history)  # arrays have no truth value, so a history is equal to itself alone


ONE: dict[str, Any] = {
    "w": [[1.0]],
    "b": [[0.0]],
    "v": [[1.0]],
    "c": [0.0],
    "steps": [1],
    "train_error": [0.5],
    "test_error": [0.5],
}
TWO = {name: value * 2 for name, value in ONE.items()} | {"steps": [1, 3]}


@pytest.mark.parametrize(
    ("good", "change", "message"),
    [
        *((TWO, {name: value}, f"{name} must have the shape") for name, value in ONE.items() if name != "w"),
        *((TWO, {name: [*value, *value]}, f"{name} must have the shape") for name, value in TWO.items() if name != "w"),
        *((TWO, {name: [[1.0, 2.0]] * 2}, f"{name} must have the shape") for name in ("b", "v")),
        *((TWO, {name: [[1.0]] * 2}, f"{name} must have the shape") for name in ("c", "train_error", "test_error")),
        (TWO, {"train_error": [0.5], "test_error": None}, "train_error must have the shape"),
        (TWO, {"test_error": [0.5]}, "test_error must have the shape"),
        (ONE, {name: [1.0] for name in "wbv"}, r"w must have the shape \(1,\), as w is \(S, H\) = \(1,\)"),
        (ONE, {name: [[[1.0]]] for name in "wbv"}, r"w must have the shape .* as w is \(S, H\) = \(1, 1, 1\)"),
        (ONE, {"steps": [0]}, r"steps\[0\] = 0: steps must increase, from 1 on"),
        (ONE, {"steps": [-1]}, r"steps\[0\] = -1: steps must increase"),
        (TWO, {"steps": [2, 2]}, r"steps\[1\] = 2: steps must increase"),
        (TWO, {"steps": [2, 1]}, r"steps\[1\] = 1: steps must increase"),
        (ONE, {"c": [math.nan]}, r"c\[0\] = nan"),
    ],
)
def test_a_history_has_one_row_for_every_snapshot(good: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        History(**good | change)
    history = History(**good | {"steps": [1, 2][: len(good["steps"])], "train_error": good["c"], "test_error": None})
    assert len(history) == len(good["steps"])


def test_errors_may_be_infinite() -> None:
    history = History(**ONE | {"train_error": [math.inf], "test_error": [math.inf]})
    assert history.train_error[0] == math.inf


# A whole training


def test_the_experiment_learns() -> None:
    net = ReluNet.random(10, rng(1))
    options: Any = {"steps": 150_000, "batch_size": 40, "x_test": DATA.x_test, "y_test": DATA.y_test}
    output = train(net, DATA.x, DATA.y, learning_rate=0.2, train="output", rng=rng(2), **options)
    every = train(net, DATA.x, DATA.y, learning_rate=0.02, train="all", rng=rng(2), **options)
    for history in (output, every):
        assert len(history) == 151
        np.testing.assert_array_equal(history.steps, [1, *range(1000, 150_001, 1000)])
        assert history.train_error[-1] < 0.1 < history.train_error[0]
        assert history.test_error is not None
        assert history.test_error[-1] < 0.1 < history.test_error[0]
    np.testing.assert_array_equal(output.elbows, np.tile(net.elbows, (151, 1)))
    assert np.all(every.elbows[-1] != net.elbows)


def test_inputs_are_not_changed() -> None:
    x, y, batches = DATA.x.copy(), DATA.y.copy(), BATCHES.copy()
    before = packed(NET)
    train(NET, x, y, learning_rate=0.1, steps=50, batches=batches, x_test=x, y_test=y)
    np.testing.assert_array_equal(packed(NET), before)
    np.testing.assert_array_equal([x, y], [DATA.x, DATA.y])
    np.testing.assert_array_equal(batches, BATCHES)
    for array in (x, y, batches):
        assert array.flags.writeable


# Divergence


@pytest.mark.parametrize("method", ["prefix", "loop"])
def test_divergence_is_reported_at_its_step_with_the_history_so_far(method: Any) -> None:
    options: Any = {
        "method": method,
        "learning_rate": 1e3,
        "save_every": 1,
        "x_test": DATA.x_test,
        "y_test": DATA.y_test,
    }
    with pytest.raises(
        DivergenceError, match=r"diverged at step \d+.* choose a learning rate smaller than 1000"
    ) as info:
        train(NET, DATA.x, DATA.y, steps=50, batches=BATCHES, **options)
    step, history = info.value.step, info.value.history
    assert info.value.learning_rate == 1e3
    assert f"step {step}," in str(info.value)
    np.testing.assert_array_equal(history.steps, range(1, step))
    assert np.all(np.isfinite(rows(history)))
    # The step before it is fine, and the next one is not: by the engine, too.
    finished = train(NET, DATA.x, DATA.y, steps=step - 1, batches=BATCHES[: step - 1], **options)
    np.testing.assert_array_equal(rows(finished), rows(history))
    batch = BATCHES[step - 1]
    with np.errstate(over="ignore", invalid="ignore"):
        last = loss(*parameters(history[-1]), DATA.x[batch], DATA.y[batch])
        after = engine_step(history[-1], DATA.x[batch], DATA.y[batch], 1e3, (0, 1, 2, 3))
    assert not np.all(np.isfinite([last, *after]))


@pytest.mark.parametrize("bad", ["loss", "parameter"])
def test_divergence_at_the_first_step_leaves_an_empty_history(bad: str) -> None:
    y, rate = (1e200, 1e-200) if bad == "loss" else (1e150, 1e300)
    with pytest.raises(DivergenceError, match="at step 1,") as info:
        train(NET, [0.5], [y], learning_rate=rate, steps=3, batches=[[0]] * 3)
    assert len(info.value.history) == 0
    assert info.value.history.w.shape == (0, 6)
    assert info.value.history.test_error is None


def test_divergence_in_a_later_chunk_counts_from_the_start() -> None:
    x, y, batches = [0.5, 0.5], [0.0, 1e200], np.zeros((10, 1), dtype=int)
    batches[7] = 1
    with pytest.raises(DivergenceError, match="at step 8,") as info:
        train(NET, x, y, learning_rate=0.1, steps=10, batches=batches, save_every=3)
    np.testing.assert_array_equal(info.value.history.steps, [1, 3, 6])
    assert np.all(info.value.history.train_error == math.inf)  # the networks are finite, the error is not


def test_the_error_survives_pickling() -> None:
    with pytest.raises(DivergenceError) as info:
        train(NET, [0.5], [1e200], learning_rate=0.1, steps=1, batches=[[0]])
    copy = pickle.loads(pickle.dumps(info.value))
    assert str(copy) == str(info.value)
    assert isinstance(copy, ArithmeticError)


# Refusals

GOOD = {
    "net": NET,
    "x": [0.1, 0.2, 0.3],
    "y": [1.0, 2.0, 3.0],
    "learning_rate": 0.1,
    "steps": 2,
    "batches": [[0, 1], [2, 2]],
}
DRAWN = GOOD | {"batches": None, "batch_size": 2, "rng": rng()}

# fmt: off
REFUSED: list[tuple[dict[str, Any], dict[str, Any], type[Exception], str]] = [
    (GOOD,  {"net": None},                      TypeError,  r"net must be a ReluNet, got None: ReluNet.random"),
    (GOOD,  {"x": [0.1, 0.2]},                  ValueError, r"x, y must be vectors of one length.*x \(2,\), y \(3,\)"),
    (GOOD,  {"x": [[0.1, 0.2, 0.3]]},           ValueError, r"x \(1, 3\), y \(3,\)"),
    (GOOD,  {"x": 0.1, "y": 0.1},               ValueError, r"x \(\), y \(\)"),
    (GOOD,  {"x": [], "y": []},                 ValueError, r"at least 1; got the shapes x \(0,\)"),
    (GOOD,  {"x": [0.1, math.nan, 0.3]},        ValueError, r"x\[1\] = nan: every number must be finite"),
    (GOOD,  {"y": [0.1, 0.2, -math.inf]},       ValueError, r"y\[2\] = -inf"),
    (GOOD,  {"y": ["a", "b", "c"]},             TypeError,  r"y must be real numbers"),
    (GOOD,  {"x_test": [0.1]},                  ValueError, r"x_test and y_test go together"),
    (GOOD,  {"y_test": [0.1]},                  ValueError, r"x_test and y_test go together"),
    (GOOD,  {"x_test": [0.1], "y_test": [1, 2]}, ValueError, r"x_test, y_test must be vectors of one length"),
    (GOOD,  {"x_test": [math.nan], "y_test": [1]}, ValueError, r"x_test\[0\] = nan"),
    (GOOD,  {"learning_rate": 0},               ValueError, r"learning_rate must be above 0, got 0"),
    (GOOD,  {"learning_rate": -0.1},            ValueError, r"learning_rate must be above 0, got -0\.1"),
    (GOOD,  {"learning_rate": math.nan},        ValueError, r"learning_rate must be finite, got nan"),
    (GOOD,  {"learning_rate": math.inf},        ValueError, r"learning_rate must be finite, got inf"),
    (GOOD,  {"learning_rate": "fast"},          TypeError,  r"learning_rate must be a real number, got 'fast'"),
    (GOOD,  {"steps": 0},                       ValueError, r"steps must be at least 1, got 0"),
    (GOOD,  {"steps": 2.0},                     TypeError,  r"steps must be a whole number, got 2\.0"),
    (GOOD,  {"steps": True},                    TypeError,  r"steps must be a whole number, got True"),
    (GOOD,  {"save_every": 0},                  ValueError, r"save_every must be at least 1, got 0"),
    (GOOD,  {"save_every": False},              TypeError,  r"save_every must be a whole number, got False"),
    (GOOD,  {"method": "fast"},                 ValueError, r"method must be 'auto', 'prefix' or 'loop', got 'fast'"),
    (GOOD,  {"train": "hidden"},                ValueError, r"train must be 'all' or 'output', got 'hidden'"),
    (GOOD,  {"batch_size": 2},                  ValueError, r"give either batch_size or batches, got both"),
    (GOOD,  {"batches": None},                  ValueError, r"give either batch_size or batches, got neither"),
    (GOOD,  {"rng": rng()},                     ValueError, r"rng goes with batch_size.* leave rng out"),
    (GOOD,  {"steps": 3},                       ValueError, r"shape \(steps, B\) = \(3, at least 1\), got \(2, 2\)"),
    (GOOD,  {"steps": 1},                       ValueError, r"shape \(steps, B\) = \(1, at least 1\), got \(2, 2\)"),
    (GOOD,  {"batches": [0, 1]},                ValueError, r"got \(2,\)"),
    (GOOD,  {"batches": [[[0], [1]]] * 2},      ValueError, r"got \(2, 2, 1\)"),
    (GOOD,  {"batches": np.zeros((2, 0), int)}, ValueError, r"got \(2, 0\)"),
    (GOOD,  {"batches": [[0], [1, 2]]},         ValueError, r"batches is not an array: .*inhomogeneous"),
    (GOOD,  {"batches": [[0, 1], [2, 3]]},      ValueError, r"batches\[1, 1\] = 3: an index into x is in 0 \.\.\. 2"),
    (GOOD,  {"batches": [[0, 1], [2, 9]]},      ValueError, r"batches\[1, 1\] = 9: an index into x is in 0 \.\.\. 2"),
    (GOOD,  {"batches": [[0, 1], [-1, 2]]},     ValueError, r"batches\[1, 0\] = -1: an index into x is in 0 \.\.\. 2"),
    (GOOD,  {"batches": [[0.0, 1.0]] * 2},      TypeError,  r"batches must be integers, the indices into x, got array"),
    (GOOD,  {"batches": [[True, False]] * 2},   TypeError,  r"batches must be integers"),
    (DRAWN, {"batch_size": 0},                  ValueError, r"batch_size must be at least 1, got 0"),
    (DRAWN, {"batch_size": 2.5},                TypeError,  r"batch_size must be a whole number, got 2\.5"),
    (DRAWN, {"rng": None},                      TypeError,  r"rng must be a NumPy Generator, got None: .*default_rng"),
    (DRAWN, {"rng": 7},                         TypeError,  r"rng must be a NumPy Generator, got 7"),
    (DRAWN, {"rng": np.random.RandomState(0)},  TypeError,  r"rng must be a NumPy Generator, got RandomState"),
]
# fmt: on


@pytest.mark.parametrize(("good", "change", "error", "message"), REFUSED)
def test_bad_input_is_refused(
    good: dict[str, Any], change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        train(**good | change)
    assert isinstance(train(**good), History)  # without the change, it is fine
