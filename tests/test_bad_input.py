"""What is refused, and how: one table of bad inputs for every public function, constructor, method and rule.

A group has a call that is fine, and rows that each change an argument of it. A row says which exception comes and what
its message has in it, beside the name of the argument or, where NumPy is called, of the function. Whatever is public and
takes an argument has a group, and a row for each argument: two tests find what has none.
"""

import inspect
import math
import operator
import re
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType
from typing import Any, NamedTuple

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import chainrule as cr
from chainrule import Configuration, Data, History, ReluNet, Run, Shown, Tensor, Xoshiro128, apply, engine

NAN, INF, HUGE = math.nan, math.inf, 10**400


def subject(group: str) -> str:
    """The public name of what a group calls."""
    return group.partition(",")[0]


class Row(NamedTuple):
    group: str
    change: dict[str, Any]
    error: type[Exception]
    words: str
    named: str  # what the message has to name

    def __str__(self) -> str:
        text = f"{self.group}: " + ", ".join(f"{key}={engine.brief(value)}" for key, value in self.change.items())
        return re.sub(" at 0x[0-9a-fA-F]+", "", text)  # the same in every process: the tests are dealt out to several


#: What is called, by the name under which it is public; and how, with arguments that are fine.
GROUPS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
TABLE: list[Row] = []
Bad = tuple[Any, type[Exception], str]


def refuses(
    group: str, call: Callable[..., Any], good: dict[str, Any], /, *, named: str = "", **bad: list[Bad]
) -> None:
    """A group: for each argument the values that it must not have, each with the exception and words of its message.

    It bears the public name of what is called; a second group of the same adds a comma and what is special about it.
    """
    assert group not in GROUPS, f"{group} has two groups"
    GROUPS[group] = call, good
    for name, values in bad.items():
        for value, error, words in values:
            TABLE.append(Row(group, {name: value}, error, words, named or rf"(?i:\b{name.replace('_', '[_ ]')}\b)"))


def no(words: str, *values: Any, error: type[Exception] = TypeError) -> list[Bad]:
    """Rows of one exception and one text, in which {} is what came."""
    return [(value, error, words.replace("{}", re.escape(engine.brief(value)))) for value in values]


def few(bad: list[Bad]) -> list[Bad]:
    """One row of each exception, where the whole list stands in another group."""
    return list({error: row for row in reversed(bad) for _, error, _ in [row]}.values())


wrong = partial(no, error=ValueError)

# Arguments of one kind are refused alike, whoever takes them.
KIND = no("must be a real number, got {}", "1", None, 1j, True, [1.0])
REAL = [*KIND, *wrong("must be finite, got {}", NAN, -INF, HUGE)]
COUNT = [
    *no("must be a whole number, got {}", 2.0, "2", True, None, NAN),
    *wrong("must be at least 1, got {}", 0, -3),
    *wrong("must be at most 9007199254740992, got {}", 10**30),
]
ARRAY = [
    *no("must be real numbers, got array", "ab", [1j, 0], ["1", "2"], [True, False], None, [None, 1.0], [HUGE, 1], {}),
    *no("is not an array: a Tensor does not turn into a plain array", Tensor([1.0, 2.0])),
    *wrong("is not an array: .*inhomogeneous", [[0.0], [0.0, 1.0]]),
    *wrong(r"\[1\] = nan: every number must be finite", [0.0, NAN]),
    *wrong(r"\[0\] = -inf: every number must be finite", np.array([-INF, 0.0])),
]
SHAPE = wrong("must be vectors of one length, at least 1; got the shapes", [], [0.0], 0.5, [[0.0, 1.0]])
VECTOR = [*ARRAY, *SHAPE]
ANY_ARRAY = [  # of the engine, which takes NaN and infinity
    *no("must be real numbers, not ", "ab", [1j], ["1"], None, [None, 1.0], HUGE, {}, np.array(["2026"], "M8[Y]")),
    *wrong("is not an array: .*inhomogeneous", [[0.0], [0.0, 1.0]]),
]
RNG = no("must be a NumPy Generator, got {}: .*default_rng", None, 7, np.random, "PCG64")
NOT_NET = no("must be a ReluNet, got {}: ReluNet.random", None, [1.0], ReluNet)
FUNCTION = no("must be a function, not {}", None, 3, "exp", [np.exp])
RANGE = [
    *no("must be real numbers, got array", "ab", (1j, 2j), None),
    *wrong(r"must be \(low, high\), not {}", (1.0,), 5, (2, -2), (1, 1), (0, 1, 2), (-1e308, 1e308)),
    *wrong(r"\[0\] = nan: every number must be finite", (NAN, 1)),
]
SIZE = [
    *no("must be a whole number, got", "3", 1.5, None, True, [2], (2, 1.5)),
    *wrong("must be at least 0, got -1", -1, (2, -1)),
    *wrong("must be at most 9007199254740992, got", 10**30, (2**30, 2**30)),
]
DESCRIPTION = [
    *no("must be a str, not ", None, 5, ["seen"], b"seen"),
    *wrong("is empty: say what is seen", "", " \n"),
]
TITLE = no("must be a str, not ", 5, ["t"], b"t")

# What is fine.
T = Tensor([[0.5, 1.0, 2.0], [1.5, 0.25, 3.0]], name="T")
SCALAR = np.sum(T * T)
SCALAR.backward()  # every row must leave what is in `.grad`
NET = ReluNet([1.0, -2.0], [-0.25, 1.0], [1.0, 0.5], 0.2)
XY = {"x": [0.0, 1.0], "y": [1.0, 0.5]}
DATA = Data([0.0, 1.0], [1.0, 0.5], [0.5], [0.5], cr.sine)
PAST: dict[str, Any] = {
    "steps": [1, 5], "w": np.ones((2, 3)), "b": np.ones((2, 3)), "v": np.ones((2, 3)), "c": np.ones(2),
    "train_error": [0.5, 0.25], "test_error": None,
}  # fmt: skip
HISTORY = History(**PAST)
# What is left of a training that diverges at its first step.
NOTHING = History(np.zeros(0, int), *(np.ones((0, 3)),) * 3, [], [], None)
OVER = History(**PAST | {"train_error": [0.5, INF]})  # just before it diverges
SETTINGS = {"seed": 0, "width": 2, "steps": 2, "n": 3}
GENERATOR = Xoshiro128(1)


def rng() -> Any:
    return np.random.default_rng(0)


def converted(method: str) -> Callable[..., Any]:
    return lambda x: getattr(x, method)()


def derivative(of: Callable[..., Any]) -> Callable[..., Any]:
    return lambda f, argnum, argument: of(f, argnum)(argument)


# fmt: off
# --- the engine ------------------------------------------------------------------------------------------------------

LOST = no("is not an array: a Tensor does not turn into a plain array", [T, 1.0])
refuses("Tensor", Tensor, {"value": 1.0, "name": "x"},
        value=[*ANY_ARRAY, *LOST, *no("is a Tensor already: use it as it is", T)],
        name=TITLE)
refuses("Tensor.grad", lambda grad: setattr(Tensor([1.0, 2.0]), "grad", grad), {"grad": [1.0, 2.0]},
        grad=[*no("must be real numbers, not <U2", "ab"),
              *wrong(r"must have the Tensor's shape \(2,\), not ", 1.0, [], [1.0], [[1.0, 2.0]])])
refuses("Tensor.backward", T.backward, {"seed": np.ones((2, 3)), "check_finite": False},
        check_finite=no("must be True or False, not ", "yes", 1, None, np.array([True])),
        seed=[*[bad for bad in ANY_ARRAY if bad[0] is not None],
              *wrong(r"shape \(2, 3\) needs a seed of that shape", None),
              *wrong(r"shape \(2, 3\) got a seed of shape ", 1.0, [], np.ones(3), np.ones((3, 2)))])
AXIS = [*no("'(a|str)'", "a", (0, "a")), *no("'float' object cannot be interpreted as an integer", 0.5),
        *wrong("axis {} is out of bounds for array of dimension 2", 2, -3, 10**6),
        *wrong("duplicate value in 'axis'", (0, 0))]
SHAPES = [*no(r"shapes \(2, 3\) with ", "a", 2.5, (2.0, 3.0), (1j,)),
          *wrong(r"shapes \(2, 3\) with {}: cannot reshape array of size 6", 5, (), (4, -1)),
          *wrong("can only specify one unknown dimension", (-1, -1)), *wrong("[Mm]aximum", 10**30)]
refuses("Tensor.sum", T.sum, {"axis": None}, named="np.sum", axis=AXIS, keepdims=no("keepdims='a'", "a"))
refuses("Tensor.mean", T.mean, {"axis": None}, named="np.mean", axis=few(AXIS), keepdims=no("keepdims='a'", "a"))
refuses("Tensor.reshape", lambda shape: T.reshape(shape), {"shape": 6}, named="np.reshape", shape=SHAPES)
INDEX = partial(no, error=IndexError)
refuses("Tensor.__getitem__", lambda index: T[index], {"index": 0}, named="getitem cannot take",
        index=[*INDEX(r"shapes \(2, 3\) with {}: index {} is out of bounds for axis 0 with size 2", 2, -3, 10**6),
               *INDEX(r"shapes \(2, 3\) with .*only integers, slices", "a", 0.5, [0.5]),
               *INDEX("arrays used as indices must be of integer", T),
               *INDEX("boolean index did not match", [True]), *INDEX("too many indices", (0, 0, 0))])
refuses("Tensor.__setitem__", lambda index: T if index is None else operator.setitem(T, index, 1.0), {"index": None},
        named="a Tensor", index=no("cannot be written into: make a new one with np.where", 0, "a"))
for name in ("__array__", "__float__", "__int__", "__complex__", "__index__", "__bool__"):
    refuses(f"Tensor.{name}", converted(name), {"x": np.array(1)}, named="a Tensor",
            x=no("does not turn into a plain array or number.*its .value", T))
refuses("Tensor.__array_ufunc__", lambda call: call(T), {"call": np.exp}, named="np.",
        call=[*no("reduce has no rule: reduce a Tensor with np.sum", np.add.reduce, np.maximum.reduce),
              *no("np.add cannot write a Tensor into an array: write a = a",
                  lambda t: operator.iadd(np.ones((2, 3)), t))])
refuses("Tensor.__array_function__", lambda call: call(T), {"call": np.sum}, named="np.",
        call=no("has no rule, so it cannot be differentiated: write it in",
                np.sort, np.linalg.inv, np.cumsum, np.median))

NOT_NUMBER = no(r"shapes \(2, 3\) with {}: .*", "a")
NO_FIT = wrong(r"shapes (\(2, 3\) and \(7,\)|\(7,\) and \(2, 3\))", np.ones(7))
OTHER = [*NO_FIT, *no(r"shapes \(2, 3\) with {}: .*", "a", None, {}, [None], object),
         *wrong(r"shapes \(2, 3\) with .*: int too large to convert to float", HUGE, -HUGE)]
OPERATORS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power,
             "matmul": np.matmul}
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}
for symbol, function in {**OPERATORS, **{f"r{symbol}": f for symbol, f in OPERATORS.items()}, **COMPARISONS}.items():
    fine = {"matmul": np.ones((3, 3)), "rmatmul": np.ones((2, 2))}.get(symbol, 2.0)
    refuses(f"Tensor.__{symbol}__", getattr(T, f"__{symbol}__"), {"other": fine},
            named=f"np.{function.__name__} cannot take", other=OTHER if symbol == "add" else [*NOT_NUMBER, *NO_FIT])

refuses("apply", lambda func, arguments: apply(func, *arguments), {"func": np.exp, "arguments": (T,)},
        func=no("must be a function of NumPy, not {}", 3, [1], "exp", None),
        arguments=no("np.exp has a rule for 1 positional arguments, not 2", (T, np.zeros((2, 3)))))
refuses("unbroadcast", cr.unbroadcast, {"g": np.ones((2, 3)), "shape": (3,)},
        g=[*ANY_ARRAY,
           *wrong(r"of shape \(\d+,( 2)?\) cannot be summed to shape \(3,\)", np.ones(4), [], np.ones((3, 2)))],
        shape=[*no("must be a tuple, not {}", None, 3, "3", [3]),
               *wrong(r"g of shape \(2, 3\) cannot be summed to shape {}", (2,), (3, 2), (6,), (1, 2, 3), ("a",))])
for name in ("grad", "value_and_grad"):
    refuses(name, derivative(getattr(cr, name)),
            {"f": np.sum, "argnum": 0, "argument": [1.0, 2.0]},
            f=[*few(FUNCTION), *no("the value of f must be real numbers, not ", lambda x: "a", lambda x: None),
               *wrong(r"must return shape \(\), not \(2,\): sum it", np.exp)],
            argnum=[*no("must be a position from 0 on, or a tuple of different ones, not {}",
                        -1, 0.0, "0", None, True, (), (0, 0)),
                    *no("is 1, but 1 positional arguments were given", 1)],
            argument=[*(ANY_ARRAY if name == "grad" else few(ANY_ARRAY)), *LOST])

# --- the rules, by the functions through which they are reached ------------------------------------------------------


def rule(function: Callable[..., Any], call: Callable[..., Any], good: dict[str, Any], **bad: list[Bad]) -> None:
    refuses(engine._title(function), call, good, named=engine._title(function), **bad)


for f in (np.positive, np.negative, np.absolute, np.sign, np.square, np.sqrt, np.exp, np.expm1, np.log, np.log1p, np.sin,
          np.cos, np.tanh, np.arctan, np.reciprocal, np.sinh, np.cosh, np.tan):
    rule(f, partial(f, T), {}, dtype=no("has no rule for (dtype='f4': leave it out|this call: .*'dtype')", "f4"))
for f in (np.add, np.subtract, np.multiply, np.divide, np.power, np.logaddexp, np.maximum, np.minimum):
    rule(f, lambda y, f=f: f(T, y), {"y": 2.0},
         y=[*NOT_NUMBER, *NO_FIT, *no("would give complex128|not supported for the input types", np.full(3, 1j))])
for f in (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal):
    rule(f, lambda y, f=f: f(T, y), {"y": 2.0}, y=[*NOT_NUMBER, *NO_FIT])
for f in (np.isfinite, np.isnan, np.zeros_like, np.ones_like):
    rule(f, partial(f, T), {}, dtype=no(r"cannot take shapes \(2, 3\) with dtype='no'", "no"))
for f in (np.sum, np.max, np.min, np.mean, np.var, np.std):
    rule(f, partial(f, T), {"axis": 0}, axis=AXIS if f is np.sum else few(AXIS),
         out=no("has no rule for (out=|this call: .*'out')", np.zeros(3)))
rule(np.linalg.norm, partial(np.linalg.norm, T), {"axis": 0}, axis=few(AXIS),
     ord=no("has no rule for this call: .*'ord'", 1))
rule(np.size, partial(np.size, T), {"axis": 0}, axis=wrong("axis {} is out of bounds", 2, -3))
rule(np.where, lambda c, x: np.where(c, x, T), {"c": True, "x": 2.0}, c=NO_FIT, x=[*NO_FIT, *no("would give <U", "a")])
rule(np.clip, lambda low, high: np.clip(T, low, high), {"low": 0.0, "high": 1.0},
     low=[*no("with {}, 1.0", "a", None), *NO_FIT],
     high=no("with 0.0, {}", "a"))
rule(np.matmul, lambda y: np.matmul(T, y), {"y": np.ones(3)},
     y=[*NOT_NUMBER, *NO_FIT, *wrong("with {}: .*not have enough", 3)])
rule(np.dot, lambda y: np.dot(T, y), {"y": np.ones(3)},
     y=[*NOT_NUMBER, *NO_FIT, *no("up to a matrix on the right", np.ones((2, 3, 2)))])
rule(np.outer, lambda y: np.outer(T, y), {"y": np.ones(3)}, y=no(r"shapes \(2, 3\) with {}: ", "a", None))
rule(np.broadcast_to, lambda shape: np.broadcast_to(T, shape), {"shape": (2, 3)},
     shape=[*no("with {}: ", "a", 1.5), *wrong(r"\(2, 3\) with {}: ", (5,), -1, (3, 2), ())])
rule(np.reshape, lambda shape: np.reshape(T, shape), {"shape": 6}, shape=few(SHAPES))
rule(np.transpose, lambda axes: np.transpose(T, axes), {"axes": (1, 0)},
     axes=[*no("with {}: ", "ab", (0.0, 1.0)), *wrong("repeated axis", (0, 0)),
           *wrong("axes don't match array", (0,), (0, 1, 2)),
           *wrong("axis 2 is out of bounds", (0, 2))])
rule(np.ravel, partial(np.ravel, T), {}, order=no("has no rule for this call: .*'order'", "F"))
rule(np.expand_dims, lambda axis: np.expand_dims(T, axis), {"axis": 0},
     axis=[*no("with {}: ", "a"), *wrong("axis {} is out of bounds", 3, -4), *wrong("repeated axis", (0, 0))])
rule(np.squeeze, lambda axis: np.squeeze(T, axis), {"axis": None},
     axis=[*no("with {}: ", "a"), *wrong("with {}: cannot select an axis to squeeze out which has size", 0),
           *wrong("out of bounds", 2)])
rule(np.swapaxes, lambda axis: np.swapaxes(T, 0, axis), {"axis": 1},
     axis=[*no("with 0, {}: ", "a", 0.5, None), *wrong("axis {} is out of bounds for array of dimension 2", 2, -3)])
for f in (np.concatenate, np.stack):
    rule(f, lambda arrays, axis, f=f: f(arrays, axis=axis), {"arrays": [T, T], "axis": 0},
         arrays=[*wrong(r"cannot take shapes \(2, 3\) and \(\)", [T, SCALAR]),
                 *wrong(r"cannot take shapes \(2, 3\) with 'a', axis=0", [T, "a"])],
         axis=[*no("axis='a'", "a"), *wrong("axis {} is out of bounds", 4, -4)])

# --- numerical derivatives -------------------------------------------------------------------------------------------

STEP = [*REAL, *wrong("must be above 0, got {}", 0, -1e-3)]
NOT_REAL = no(r"f\(x\) must be real numbers, not ", lambda x: "a", lambda x: None, lambda x: x * 1j)
NO_I = no("a function that keeps the imaginary part; f gave ", np.abs, lambda x: "a")
for name in ("forward_difference", "central_difference", "complex_step"):
    refuses(name, getattr(cr, name), {"f": np.exp, "x": [1.0, 2.0], "step": 1e-6}, x=[*few(ANY_ARRAY), *LOST],
            step=STEP if name == "forward_difference" else few(STEP),
            f=[*FUNCTION, *(NO_I if name == "complex_step" else NOT_REAL)])
refuses("check_gradient", lambda f, args, **options: cr.check_gradient(f, *args, **options),
        {"f": np.sum, "args": ([1.0, 2.0],)},
        f=[*few(FUNCTION), *no("must be real numbers, not ", lambda x: "a"), *wrong(r"must return shape \(\)", np.exp)],
        args=wrong("at least one argument of f", ()),
        gradients=[*no("must be an Iterable, not ", 5, np.exp), *wrong("0 gradients for 1 arguments", []),
                   *no("must be real numbers, not <U", "a")],
        tolerance=[*few(REAL), *wrong("must be at least 0, got {}", -1e-9)], step=few(STEP))

# --- drawing ---------------------------------------------------------------------------------------------------------

LARGE = Tensor(1.0)
for _ in range(201):
    LARGE = -LARGE
refuses("draw", cr.draw, {"tensor": SCALAR, "description": None},
        tensor=[*no("draw takes a Tensor, not .*: wrap it in Tensor", None, 3.0, np.ones(2), [SCALAR]),
                *wrong("has 202 nodes", LARGE)],
        title=TITLE, description=[bad for bad in DESCRIPTION if bad[0] is not None],
        values=no("must be a bool, not ", "no", 1, None),
        rankdir=wrong("must be TB, LR, BT or RL, not {}", "up", None, "tb", ["TB"]))

# --- the network and its data ----------------------------------------------------------------------------------------

OPERAND = [*few(ANY_ARRAY), *LOST]
UNITS = wrong(r"w, b(, v)? must be vectors of one length, and c a number; got the shapes w ",
              1.0, [1.0], [], np.ones((1, 2)))
refuses("hidden", cr.hidden, {"w": [1.0, 2.0], "b": [1.0, 2.0], "x": [0.0, 1.0]}, w=[*OPERAND, *UNITS], b=UNITS,
        x=OPERAND)
refuses("predict", cr.predict, {"w": [1.0, 2.0], "b": [1.0, 2.0], "v": [1.0, 2.0], "c": 1.0, "x": 0.5},
        w=UNITS, b=UNITS, v=[*OPERAND, *UNITS], c=[*OPERAND, *wrong(r"c a number; got .* c \(2,\)", [1.0, 2.0])],
        x=OPERAND)
refuses("elbows", cr.elbows, {"w": [1.0, 2.0], "b": [1.0, 2.0]},
        w=[*ANY_ARRAY, *no("is a Tensor already", T)],
        b=wrong(r"w and b must have one shape; got w \(2,\), b", [1.0], 1.0, []))
refuses("ReluNet", ReluNet, {"w": [1.0, 2.0], "b": [1.0, 2.0], "v": [1.0, 2.0], "c": 0.0}, w=VECTOR, b=few(VECTOR),
        v=few(VECTOR), c=REAL)
refuses("ReluNet.random", ReluNet.random, {"width": 2, "rng": rng()}, rng=RNG,
        width=[*COUNT, *wrong("must be at most .*, got a number too long to write", 10**5000)])
refuses("ReluNet.hidden", NET.hidden, {"x": [0.0, 1.0]}, x=few(ARRAY))
refuses("ReluNet.__call__", NET, {"x": [0.0, 1.0]}, x=few(ARRAY))
refuses("mean_squared_error", cr.mean_squared_error, {"net": NET, **XY}, net=NOT_NET, x=[*few(ARRAY), *SHAPE],
        y=few(VECTOR))
refuses("ridge", cr.ridge, {"net": NET, **XY, "penalty": 1e-5}, net=few(NOT_NET), y=few(VECTOR),
        x=[*few(ARRAY), *few(SHAPE),
           *wrong(r"net.hidden\(x\)\[1, 1\] = inf: every number must be finite", [1.7e308, -1.7e308])],
        penalty=[*few(REAL), *wrong("must be at least 0, got {}", -1, -1e-300)])
refuses("piecewise_linear", cr.piecewise_linear, {"x": [0.0, 1.0]},
        x=[*few(ARRAY),
           *wrong(r"\[1\] = .*: piecewise_linear is defined on \[0, 1\] only",
                  [0.5, 1.5], [0.5, -1e-300], [0.5, 1e308])])
refuses("sine", cr.sine, {"x": [0.0, 1.0]}, x=few(ARRAY))
refuses("Data", Data, {**XY, "x_test": [0.0, 1.0], "y_test": [1.0, 0.5], "truth": cr.sine},
        x=few(ARRAY), y=SHAPE, x_test=few(ARRAY), y_test=few(SHAPE), truth=FUNCTION)
refuses("make_data", cr.make_data, {"rng": rng(), "n": 3, "noise": 0.1, "truth": cr.sine},
        rng=few(RNG), n=few(COUNT), noise=[*few(REAL), *wrong("must be at least 0, got {}", -0.1)],
        truth=[*few(FUNCTION), *no(r"truth\(x\) must be real numbers, got array", lambda x: "a", lambda x: x * 1j),
               *wrong(r"x, truth\(x\) must be vectors of one length.*truth\(x\) \(\)", np.sum),
               *wrong(r"truth\(x\)\[0\] = nan: every number", lambda x: x * NAN)])

# --- training --------------------------------------------------------------------------------------------------------

refuses("train", cr.train, {"net": NET, **XY, "learning_rate": 0.1, "steps": 2, "batch_size": 2, "rng": rng()},
        net=few(NOT_NET), x=[*few(ARRAY), *SHAPE], y=few(VECTOR), rng=RNG, steps=COUNT, batch_size=few(COUNT),
        learning_rate=[*REAL, *wrong("must be above 0, got {}", 0, -0.1)], save_every=few(COUNT),
        train=wrong("must be 'all' or 'output', got {}", "hidden", None, 1),
        method=wrong("must be 'auto'.* or .*, got {}", "fast", None),
        batches=wrong("give either batch_size or batches, got both", [[0, 1], [0, 1]]),
        x_test=wrong("x_test and y_test go together", [0.5]), y_test=wrong("x_test and y_test go together", [0.5]))
refuses("train, batches prescribed", cr.train,
        {"net": NET, **XY, "learning_rate": 0.1, "steps": 2, "batches": [[0, 1], [1, 1]]},
        learning_rate=no("training diverged at step 2,.* choose a .* smaller than", 1e308, error=cr.DivergenceError),
        batches=[*wrong("give either batch_size or batches, got neither", None),
                 *wrong("is not an array: .*inhomog", [[0], [1, 0]]),
                 *wrong(r"must have the shape \(steps, B\) = \(2, at least 1\), got ",
                        [0, 1], [[0, 1]], 0, np.zeros((2, 0), int)),
                 *wrong(r"\[1, 0\] = .*: an index into x is in 0 \.\.\. 1",
                        [[0, 1], [2, 0]], [[0, 1], [-1, 0]], [[0, 1], [2**62, 0]]),
                 *no("must be integers, the indices into x, got array",
                     [[0.0, 1.0]] * 2, [[True, False]] * 2, "ab", [[1j], [0]])],
        rng=wrong("goes with batch_size; prescribed batches draw nothing: leave rng out", rng()))
refuses("History", History, PAST,
        steps=[*no("must be whole numbers, got array", [1.0, 5.0], "ab", None, [True, False]),
               *wrong("steps must increase, from 1 on", [0, 5], [5, 5], [5, 1], [-1, 1]),
               *wrong(r"must have the shape \(2,\), as w is \(S, H\) = \(2, 3\); got ",
                      [1], 1, np.zeros(0, int), [[1, 5]])],
        w=[*ARRAY[:-2], *wrong(r"w is \(S, H\) = ", 1.0, [1.0, 2.0], np.ones((3, 2)), np.ones((2, 3, 1)))],
        b=wrong(r"must have the shape \(2, 3\), as w is .*; got \(3, 2\)", np.ones((3, 2))),
        v=wrong(r"\[1, 2\] = nan: every number must be finite", np.array([[0, 0, 0], [0, 0, NAN]])),
        c=wrong(r"must have the shape \(2,\), as w is .*; got \(2, 1\)", np.ones((2, 1))),
        train_error=[*no("must be real numbers", None, "ab"), *wrong(r"must have the shape \(2,\)", [1.0], 1.0)],
        test_error=[*no("must be real numbers", "ab", [1j, 0]), *wrong(r"must have the shape \(2,\)", [1.0], 1.0)])
refuses("History.__getitem__", lambda k: HISTORY[k], {"k": -1},
        k=[*no("must be a whole number, got {}", "0", 0.0, None, slice(1), True),
           *INDEX("must be one of 2 snapshots, counted from 0, got {}", 2, -3, 10**6)])
refuses("Configuration", Configuration, SETTINGS,
        seed=[*COUNT[:5], *wrong("must be at least 0, got {}", -1, -HUGE)])
refuses("Configuration.start", lambda **change: Configuration(**SETTINGS | change).start(), {},
        width=few(COUNT), n=few(COUNT), noise=few(REAL), truth=few(FUNCTION))
refuses("Configuration.run", lambda **change: Configuration(**SETTINGS | change).run(), {},
        learning_rate=few(REAL), steps=few(COUNT), batch_size=few(COUNT), save_every=few(COUNT),
        train=wrong("must be 'all' or 'output'", "hidden"))
refuses("Run", Run, {"configuration": Configuration(**SETTINGS), "history": HISTORY, "diverged": None},
        configuration=no("must be a Configuration, not ", None, SETTINGS),
        history=no("must be a History, not ", None, PAST),
        diverged=[bad for bad in COUNT if bad[0] is not None])
refuses("sweep", cr.sweep, {"configurations": [Configuration(**SETTINGS)], "executor": None},
        configurations=[*no("must be an Iterable, not ", None, 5, Configuration(**SETTINGS)),
                        *no("must be of Configuration, got ", [SETTINGS], "a", [None])],
        executor=no("must be a concurrent.futures.Executor, got {}", 2, "threads", print))
SEED = [*COUNT[:5], *wrong("must be at least 0, got -1", -1),
        *wrong("must be at most 18446744073709551615, got {}", 2**64)]
refuses("Xoshiro128", Xoshiro128, {"seed": 1, "stream": 0}, seed=SEED, stream=few(SEED))
for name in ("u32", "random", "standard_normal"):
    refuses(f"Xoshiro128.{name}", getattr(GENERATOR, name), {"size": (2, 0)},
            size=SIZE if name == "random" else few(SIZE))
refuses("Xoshiro128.uniform", GENERATOR.uniform, {"low": 0, "high": 1, "size": 0}, size=few(SIZE), low=REAL,
        high=[*few(REAL), *wrong("must be at least low, and not too far from it; got low 0.0, high -1", -1)])
refuses("Xoshiro128.integers", GENERATOR.integers, {"n": 2, "size": 0}, size=few(SIZE),
        n=[*COUNT[:-1], *wrong("must be at most 2097152, got {}", 2**21 + 1, 10**30)])

# --- figures ---------------------------------------------------------------------------------------------------------

NOT_HISTORY = [*no("must be a History, not ", None, PAST, [HISTORY]),
               *wrong("must have at least 1 snapshot, and has none", NOTHING)]
NOT_DATA = no("must be a Data, not ", XY, 3)
PANELS = [*COUNT[:-1], *wrong("must be at most 100, got {}", 101, 10**30)]
refuses("axes", cr.axes, {"rows": 1, "columns": 1, "height": 1.0}, rows=PANELS, columns=few(PANELS),
        height=[*few(REAL), *wrong("must be above 0, got {}", 0, -3.0)],
        sharex=wrong("'no' is not a valid value for sharex", "no"),
        colour=no("unexpected keyword argument 'colour'", "red"))
refuses("Shown", Shown, {"html": str, "description": "seen"}, html=few(FUNCTION), description=DESCRIPTION)
refuses("show", cr.show, {"figure": Figure(), "description": "seen"}, description=few(DESCRIPTION),
        title=[*TITLE, *no("must be a str, not None", None)],
        figure=no("show takes a Matplotlib Figure or a graph of draw, not ", None, "figure", 3, Figure().subplots()))
refuses("plot_unit_panels", cr.plot_unit_panels, {"net": NET, "units": [0]},
        net=no("must be a ReluNet, not ", None, [NET]),
        units=[*no("must be an Iterable, not int", 1), *no("must be a whole number, got", ["a"], [0.0], [True], "0"),
               *wrong("must be at least 0, got -1", [-1]), *wrong("must be at most 1, got 2", [0, 2])])
refuses("plot_networks", cr.plot_networks,
        {"nets": [NET], "data": DATA, "names": ["net"], "columns": 1, "ylim": (-1, 1)},
        nets=[*no("must be (an Iterable|a ReluNet), not ", None, 3, "ab", [None]), *wrong("there are 0 networks", [])],
        data=NOT_DATA, columns=few(COUNT), ylim=few(RANGE),
        names=[*wrong("there are 1 networks and [02] names", [], ["a", "b"]),
               *no("must be (an Iterable|a str), not int", 5, [5])])
refuses("plot_errors", cr.plot_errors, {"histories": {"run": HISTORY}},
        histories=[*no("must be a Mapping, not ", None, HISTORY, [HISTORY]),
                   *wrong("is empty: give at least one run", {}),
                   *no(r"histories\['a'\] must be a History, not int", {"a": 3}),
                                    *no("must be a str, not int", {3: HISTORY}),
                   *wrong(r"histories\['a'\] must have at least 1 snapshot", {"a": NOTHING})])
refuses("plot_trails", cr.plot_trails, {"history": HISTORY}, history=NOT_HISTORY)
refuses("play", cr.play, {"history": HISTORY, "data": DATA, "description": "seen", "frames": 2, "ylim": (-1, 1)},
        history=[*NOT_HISTORY, *wrong("must have finite errors", OVER)], data=NOT_DATA,
        description=few(DESCRIPTION), ylim=RANGE,
        frames=[*COUNT[:5], *wrong("must be at least 2, got {}", 1, -3)])
# fmt: on

#: What has no group, and why.
WITHOUT = {
    **dict.fromkeys(("DATA", "HEIGHTS", "KNOTS", "PALETTE", "TRUTH"), "a constant"),
    **dict.fromkeys(("DivergenceError", "GradientError"), "an exception: the package makes it"),
    "rules": "a module, reached through the functions of NumPy that have groups",
    **dict.fromkeys(("np.ndim", "np.shape"), "every Tensor has one, and they take nothing else"),
}
#: Methods that Python, or `dataclass`, calls or defines: what they do with their arguments is theirs.
PYTHONS = {"__init__", "__post_init__", "__eq__", "__setattr__", "__delattr__", "__replace__"}


def takes_something(member: Any, of: type) -> bool:
    """Whether it is a method with an argument; or one of a Configuration, whose settings are looked at there."""
    method = inspect.unwrap(member)
    if not inspect.isfunction(method) or method.__qualname__.partition(".")[0] != of.__name__:
        return False
    return len(inspect.signature(method).parameters) > 1 or (
        of is Configuration and not method.__name__.startswith("_")
    )


def public() -> Iterator[tuple[str, Any]]:
    """What a user can call: public names, methods that take something, properties that can be set, NumPy's functions."""
    for name in cr.__all__:
        value = getattr(cr, name)
        yield name, value
        for method, member in vars(value).items() if inspect.isclass(value) else ():
            if isinstance(member, property) and member.fset:
                yield f"{name}.{method}", member.fset
            elif method not in PYTHONS and re.match("[a-z]|__", method) and takes_something(member, value):
                yield f"{name}.{method}", getattr(value, method)
    for function in {**engine.VJPS, **engine.DERIVED, **dict.fromkeys(engine.QUERIES)}:
        if engine._title(function).startswith("np."):
            yield engine._title(function), function


PUBLIC = dict(public())
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def codes(thing: Any) -> Iterator[CodeType]:
    """The code of a function, of what it defines inside, and of a class's constructor."""
    if isinstance(thing, CodeType):
        yield thing
        for constant in thing.co_consts:
            yield from codes(constant) if isinstance(constant, CodeType) else ()
    elif inspect.isclass(thing):
        for name in ("__init__", "__post_init__"):
            yield from codes(vars(thing)[name]) if name in vars(thing) else ()
    else:
        yield from codes(inspect.unwrap(thing).__code__)


def state(thing: Any) -> Any:
    """All of a value that a call could change."""
    if isinstance(thing, np.ndarray):
        return thing.dtype, thing.shape, thing.flags.writeable, thing.tolist().__repr__()
    if isinstance(thing, Tensor):
        return thing.name, state(thing.value), state(thing.grad), [state(parent) for parent in thing.parents[:1]]
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if isinstance(thing, dict):
        return [(key, state(value)) for key, value in thing.items()]
    if isinstance(thing, list | tuple):
        return type(thing), [state(part) for part in thing]
    if isinstance(thing, Figure):
        return len(thing.axes), [(text.get_text(), text.get_fontsize()) for text in thing.findobj(Text)]
    if isinstance(thing, Data | History | ReluNet | Run | Xoshiro128):
        return state(vars(thing))
    return thing if isinstance(thing, int) else repr(thing)


@pytest.mark.parametrize("group", GROUPS)
def test_without_the_change_a_call_is_fine(group: str) -> None:
    call, good = GROUPS[group]
    call(**good)


def hold(row: Row, call: Callable[..., Any], good: dict[str, Any]) -> None:
    """Assert that this is refused as the row says, by what the row is there for, and that everything is as it was."""
    arguments = good | row.change
    before = state([arguments, T, SCALAR, GENERATOR])
    with pytest.raises(row.error) as info:
        call(**arguments)
    assert info.type is row.error
    assert re.search(row.words, str(info.value), re.DOTALL)
    assert re.search(row.named, str(info.value)), f"{row.named} is not named: {info.value}"
    assert state([arguments, T, SCALAR, GENERATOR]) == before, "an input has changed"
    frames = [frame for frame, _ in traceback.walk_tb(info.tb)]
    called = PUBLIC[subject(row.group)]
    if row.group.startswith("np."):
        assert called in [frame.f_locals.get("func") for frame in frames], "the row calls another function"
    else:
        own = list(codes(called))
        assert any(frame.f_code is code for frame in frames for code in own), "the row calls something else"


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_bad_input_is_refused_and_changes_nothing(row: Row) -> None:
    hold(row, *GROUPS[row.group])


def spoiled(x: list[float]) -> None:
    x.append(0.0)
    cr.sine(["a"])


@pytest.mark.parametrize(
    ("row", "call", "complaint"),
    [
        (Row("sine", {"x": ["a"]}, TypeError, "real numbers", r"\by\b"), cr.sine, "is not named"),
        (Row("sine", {"x": ["a"]}, TypeError, "finite", "x"), cr.sine, "finite"),
        (Row("sine", {"x": ["a"]}, Exception, "real numbers", "x"), cr.sine, "TypeError"),
        (Row("sine", {"x": [1.0]}, TypeError, "real numbers", "x"), spoiled, "an input has changed"),
        (Row("sine", {"x": ["a"]}, TypeError, "real numbers", "x"), cr.piecewise_linear, "calls something else"),
        (Row("np.exp", {"x": "a"}, TypeError, "np.add", "np"), lambda x: np.add(T, x), "calls another function"),
        (Row("sine", {"x": [0.0]}, TypeError, "real numbers", "x"), cr.sine, "DID NOT RAISE"),
    ],
)
def test_a_row_that_is_wrong_fails(row: Row, call: Any, complaint: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception), match=complaint):
        hold(row, call, {})


def test_nothing_public_is_left_out() -> None:
    assert len(TABLE) >= 200
    subjects = set(map(subject, GROUPS))
    assert not subjects & WITHOUT.keys()
    assert subjects | WITHOUT.keys() == PUBLIC.keys()
    assert GROUPS.keys() == {row.group for row in TABLE}


def test_no_argument_is_left_out() -> None:
    rows: dict[str, set[str]] = {}
    for row in TABLE:
        rows.setdefault(subject(row.group), set()).update(row.change)
    rows["Configuration"] |= rows["Configuration.start"] | rows["Configuration.run"]  # where the settings are looked at
    for group, (call, _) in GROUPS.items():
        if not group.startswith("np."):  # how NumPy names the arguments of a ufunc is its own affair
            named = [p.name for p in inspect.signature(call).parameters.values() if p.kind not in VARIADIC]
            assert set(named) <= rows[subject(group)], f"an argument of {group} has no row"


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_raised_is_documented(group: str) -> None:
    owner = group.partition(".")[0]
    places = [PUBLIC[subject(group)], getattr(cr, owner, apply), *([apply] if owner in ("np", "Tensor") else [])]
    text = " ".join(inspect.getdoc(place) or "" for place in places)
    for error in {row.error.__name__ for row in TABLE if row.group == group}:
        assert re.search(rf"\b{error}\b", text), f"the docstring of {group} does not speak of {error}"
