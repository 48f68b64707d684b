"""Record what NumPy does to Tensors, and walk the record backwards: reverse-mode differentiation.

`Tensor` wraps a float64 array. Whatever NumPy computes from one, with a derivative, goes through `apply`, which
notes the function and its arguments beside the value. `Tensor.backward`, `grad` and `value_and_grad` walk these notes
from the result to the sources, latest first, and ask the rule table at each one for its vector-Jacobian products.
The table is filled by `chainrule.rules`: this module knows how to differentiate, not what.
"""

import inspect
import math
import reprlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from heapq import heappop, heappush
from itertools import count
from operator import attrgetter, getitem
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tensor", "apply", "grad", "unbroadcast", "value_and_grad"]

#: Primitive -> its vector-Jacobian products `vjp(g, ans, *args)`, one for each argument, in order;
#: None for an argument that carries no derivative, such as an axis or an index.
VJPS: dict[Callable[..., Any], Any] = {}
#: Primitive -> what computes the same in less time, if it takes the arguments.
DIRECT: dict[Callable[..., Any], Callable[..., Any]] = {}
#: NumPy function -> the same function written in primitives.
DERIVED: dict[Callable[..., Any], Callable[..., Any]] = {}
#: Functions that ask about a Tensor (`>`, `np.shape`) and answer with a plain array, bool or int: no derivative is lost.
QUERIES: set[Callable[..., Any]] = set()

FLOAT64 = np.dtype(np.float64)
ONE = np.float64(1.0)
_BRIEF = reprlib.Repr()
_BRIEF.maxother = _BRIEF.maxstring = 80
_new = object.__new__
_next_serial = count(1).__next__  # none is older than 0


class _Keywords(dict[str, Any]):
    """Keyword arguments as a Tensor keeps them, in place of a second argument: by this type they are told from one."""


NO_KWARGS = _Keywords()  # one for all: of a million operations each would keep its own


class Tensor:
    """A float64 array that remembers how it was computed.

    Parameters
    ----------
    value : array_like
        Real numbers, of any shape. They are copied; integers and float32 become float64.
    name : str
        What drawings and messages call it.

    Attributes
    ----------
    value : numpy.ndarray
        The array, read-only.
    grad : numpy.ndarray or None
        What `backward` left: the derivative of the result with respect to this Tensor, same shape, read-only.
    func
        The function that made it; None for a source.
    args
        What the function was given, a tuple.
    kwargs
        And by keyword, a dict.
    serial : int
        Counts the Tensors made, so that a result always has a larger serial than its arguments.

    Raises
    ------
    TypeError
        If `value` does not consist of real numbers, or `name` is not text.
    ValueError
        If `value` is no array, but has rows of different lengths.
    """

    __slots__ = ("__weakref__", "_grad", "_value", "_x", "_y", "func", "name", "serial")
    _value: Any  # an array, or a float64 scalar in place of a 0-d array: NumPy returns it, and is faster with it
    _grad: Any  # such a value, or None
    # Two arguments without keywords, as most operations have; or all of them in a tuple, and _Keywords. A tuple for each
    # operation is one more object for Python's collector to look at, again and again while the graph grows.
    _x: Any
    _y: Any
    func: Any  # callable, or None
    name: str
    serial: int

    def __init__(self, value: Any, name: str = "") -> None:
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, not {brief(name)}")
        # A copy: what the caller does to his array afterwards must not reach the graph.
        self._value = as_real("value", value).copy()[()]
        self._grad, self.func, self._x, self._y = None, None, (), NO_KWARGS
        self.name, self.serial = name, _next_serial()

    @property
    def value(self) -> NDArray[np.float64]:
        return _read_only(self._value)  # the rules will read what the forward pass left

    @property
    def grad(self) -> NDArray[np.float64] | None:
        if isinstance(self._grad, np.float64) or (self._grad is not None and self._grad.flags.writeable):
            self._grad = _read_only(self._grad)  # two adjoints may share memory: nobody can tell
        return self._grad  # type: ignore[no-any-return] # one of the two, by now

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is not None and (value := as_real("grad", value)).shape != self.shape:
            raise ValueError(f"grad must have the Tensor's shape {self.shape}, not {value.shape}")
        self._grad = value

    @property
    def args(self) -> tuple[Any, ...]:
        return self._x if isinstance(self._y, _Keywords) else (self._x, self._y)

    @property
    def kwargs(self) -> dict[str, Any]:
        return dict(self._y) if isinstance(self._y, _Keywords) else {}

    @property
    def parents(self) -> tuple["Tensor", ...]:
        """The Tensors among its arguments, in order, each as often as it stands there."""
        return tuple(a for a in self.args if isinstance(a, Tensor))

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape  # type: ignore[no-any-return] # a scalar and an array both have one

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(self._value.size)

    @property
    def T(self) -> Any:
        return apply(np.transpose, self)

    def backward(self, seed: Any = None, *, check_finite: bool = False) -> None:
        """Leave the derivative of `sum(seed * self)` in `.grad` of this Tensor and of all that it was computed from.

        Parameters
        ----------
        seed : array_like, optional
            Of this Tensor's shape; may be left out where that shape is (), and is 1 then.
        check_finite : bool
            Whether to look for the first nan or infinity: among the values, oldest first, then among the adjoints, in
            the order of the walk.

        Raises
        ------
        ValueError
            If the seed is missing where it is needed, or has another shape.
        TypeError
            If the seed does not consist of real numbers, or `check_finite` is no bool.
        FloatingPointError
            If `check_finite` finds one. The message says in which pass it appeared, at which operation, and what the
            Tensors are called there. Every `.grad` stays as it was.

        Notes
        -----
        Nothing has to be reset between two calls: a call replaces what an earlier one left.

        Examples
        --------
        >>> p = Tensor([0.5, 0.0], name="p")
        >>> with np.errstate(divide="ignore"):
        ...     np.sum(np.sqrt(p)).backward(check_finite=True)
        Traceback (most recent call last):
        FloatingPointError: backward pass: np.sqrt sent p of shape (2,) the adjoint inf at entry (1,), from a Tensor of shape (2,)
        """
        if seed is None and self.shape != ():
            raise ValueError(f"backward from a Tensor of shape {self.shape} needs a seed of that shape")
        start = as_real("seed", 1.0 if seed is None else seed).copy()[()]
        if start.shape != self.shape:
            raise ValueError(f"backward from a Tensor of shape {self.shape} got a seed of shape {start.shape}")
        if not isinstance(check_finite, bool):
            raise TypeError(f"check_finite must be True or False, not {brief(check_finite)}")
        if check_finite:
            _check_values(recorded(self))
        adjoints = _walk(self, start)  # all of it first: a rule that raises leaves every grad as it was
        if check_finite:
            _check_adjoints(adjoints)
        for node, g in adjoints.items():
            node._grad = g

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """`np.sum` of this Tensor."""
        return apply(np.sum, self, axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """`np.mean` of this Tensor."""
        return apply(np.mean, self, axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Any:
        """`np.reshape` of this Tensor, `t.reshape(2, 3)` or `t.reshape((2, 3))`."""
        return apply(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def __getitem__(self, index: Any) -> Any:
        return apply(getitem, self, index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    # fmt: off
    def __add__(self, other: Any) -> Any:      return apply(np.add, self, other)
    def __radd__(self, other: Any) -> Any:     return apply(np.add, other, self)
    def __sub__(self, other: Any) -> Any:      return apply(np.subtract, self, other)
    def __rsub__(self, other: Any) -> Any:     return apply(np.subtract, other, self)
    def __mul__(self, other: Any) -> Any:      return apply(np.multiply, self, other)
    def __rmul__(self, other: Any) -> Any:     return apply(np.multiply, other, self)
    def __truediv__(self, other: Any) -> Any:  return apply(np.divide, self, other)
    def __rtruediv__(self, other: Any) -> Any: return apply(np.divide, other, self)
    def __pow__(self, other: Any) -> Any:      return apply(np.power, self, other)
    def __rpow__(self, other: Any) -> Any:     return apply(np.power, other, self)
    def __matmul__(self, other: Any) -> Any:   return apply(np.matmul, self, other)
    def __rmatmul__(self, other: Any) -> Any:  return apply(np.matmul, other, self)
    def __neg__(self) -> Any:                  return apply(np.negative, self)
    def __abs__(self) -> Any:                  return apply(np.absolute, self)
    def __lt__(self, other: Any) -> Any:       return apply(np.less, self, other)
    def __le__(self, other: Any) -> Any:       return apply(np.less_equal, self, other)
    def __gt__(self, other: Any) -> Any:       return apply(np.greater, self, other)
    def __ge__(self, other: Any) -> Any:       return apply(np.greater_equal, self, other)
    # fmt: on

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"np.{ufunc.__name__}.{method} has no rule: reduce a Tensor with np.sum, np.max or np.min")
        if out is not None:
            raise TypeError(f"np.{ufunc.__name__} cannot write a Tensor into an array: write a = a + t, not a += t")
        if ufunc not in VJPS:  # as `apply` would find: np.maximum comes this way, and a call saved is felt
            return _apply_other(ufunc, args, kwargs)
        return apply(ufunc, *args, **kwargs) if kwargs else apply(ufunc, *args)

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return apply(func, *args, **kwargs)

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise TypeError("a Tensor cannot be written into: make a new one with np.where, np.stack or np.concatenate")

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(
            "a Tensor does not turn into a plain array or number, its graph would be lost: use NumPy's functions on "
            "it (np.exp, np.stack, ...), or its .value where no derivative is wanted"
        )

    __array__ = __float__ = __int__ = __complex__ = __index__ = __bool__ = _refuse

    def __repr__(self) -> str:
        text = np.array2string(self.value, separator=", ", prefix="Tensor(")
        return f"Tensor({text}, name={self.name!r})" if self.name else f"Tensor({text})"


def apply(func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Compute `func(*args, **kwargs)` and record it: the one door for all that is recorded.

    Raises
    ------
    TypeError
        If `func` or one of its keywords has no rule, an argument is of a wrong kind, or the result is not float64.
    ValueError, IndexError
        If the shapes do not fit, or an axis or index is out of bounds; the message names the function and the shapes.
    """
    try:
        known = _known.get(func)
    except TypeError:  # what has no hash is no function
        known = None
    if known is None:
        if not callable(func) or func not in VJPS:
            return _apply_other(func, args, kwargs)
        known = _known[func] = DIRECT.get(func, func), _accepted(func)[0]
    call, most = known
    if kwargs or len(args) > most:
        _check_call(func, args, kwargs)
    try:
        try:
            if len(args) == 2 and not kwargs:  # as most have: a loop takes longer than what it does
                x, y = args
                value = call(x._value if isinstance(x, Tensor) else x, y._value if isinstance(y, Tensor) else y)
            else:
                x, y = args, _Keywords(kwargs) if kwargs else NO_KWARGS
                value = call(*_plain(args), **kwargs) if kwargs else call(*_plain(args))
        except TypeError:
            value = func(*_plain(args), **kwargs)  # NumPy's own takes more, lists for example, and has the messages
    except REFUSALS as error:
        raise _refusal(func, args, kwargs, error) from None
    # A scalar takes longer to name its dtype than its type.
    if type(value) is not np.float64 and getattr(value, "dtype", None) is not FLOAT64:
        kind = getattr(value, "dtype", type(value).__name__)
        raise TypeError(f"{_title(func)} would give {kind}: a Tensor is float64, so combine it with real numbers")
    result = _new(Tensor)  # its slots are filled here, without a call: this is the hot path
    result._value, result._grad, result.func, result._x, result._y = value, None, func, x, y
    result.name, result.serial = "", _next_serial()
    return result


def _plain(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, with values in place of Tensors."""
    if len(args) == 1:
        return (args[0]._value if isinstance(args[0], Tensor) else args[0],)
    return tuple([a._value if isinstance(a, Tensor) else a for a in args])


def _apply_other(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """`apply` for what is not a primitive: rewrite it in primitives, answer a query, or refuse."""
    if not callable(func):
        raise TypeError(f"func must be a function of NumPy, not {brief(func)}")
    derived = DERIVED.get(func)
    if derived and (kwargs or not isinstance(func, np.ufunc)):
        try:
            _signature(derived).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{_title(func)} has no rule for this call: {error}") from None
    try:
        if derived:
            return derived(*args, **kwargs)
        if func in QUERIES:
            return func(*_plain(args), **kwargs)
    except REFUSALS as error:
        raise _refusal(func, args, kwargs, error) from None
    raise TypeError(
        f"{_title(func)} has no rule, so it cannot be differentiated: write it in functions that have one "
        "(chainrule.rules lists them), or give it .value where no derivative is wanted"
    )


_signature = cache(inspect.signature)
#: Primitive -> what computes it, and from how many positional arguments at most; filled as they are met.
_known: dict[Callable[..., Any], tuple[Callable[..., Any], float]] = {}


@cache
def _accepted(func: Callable[..., Any]) -> tuple[float, frozenset[str]]:
    """How many positional arguments the rule of `func` knows, and which keywords."""
    rule = next(filter(None, VJPS[func]), lambda g, ans, x: None)
    parameters = list(_signature(rule).parameters.values())[2:]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return math.inf, frozenset()
    return sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters), frozenset(p.name for p in parameters)


def _check_call(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise if the rule of `func` does not know one of these arguments: it would change the value, not the derivative."""
    positional, keywords = _accepted(func)
    if len(args) > positional:
        raise TypeError(f"{_title(func)} has a rule for {positional} positional arguments, not {len(args)}")
    for key, value in kwargs.items():
        if key not in keywords or isinstance(value, Tensor):
            raise TypeError(
                f"{_title(func)} has no rule for {key}={value!r}: leave it out, or give a Tensor by position"
            )


def _title(func: Callable[..., Any]) -> str:
    """What messages call a function: np.add, np.linalg.inv, getitem."""
    module = (getattr(func, "__module__", None) or "numpy").replace("numpy", "np")
    name = getattr(func, "__name__", None) or brief(func)
    return f"{module}.{name}" if module.startswith("np") else name


#: What NumPy raises where arguments do not fit. Out of memory is another matter.
REFUSALS = (IndexError, OverflowError, TypeError, ValueError)


def _refusal(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], error: BaseException
) -> Exception:
    """What to raise in place of NumPy's `error`: with a message that names the function, the shapes and all else."""
    while error.__suppress_context__ and error.__context__:
        error = error.__context__  # this one was raised here, too, for a function by which `func` is written
    given = [("", a) for a in args] + [(f"{key}=", a) for key, a in kwargs.items()]
    parts = [
        (key, p) for key, a in given for p in (a if isinstance(a, list | tuple) and Tensor in map(type, a) else [a])
    ]
    arrays = " and ".join(str(p.shape) for _, p in parts if isinstance(p, Tensor | np.ndarray))
    others = ", ".join(key + brief(p) for key, p in parts if not isinstance(p, Tensor | np.ndarray))
    taken = " with ".join(filter(None, [f"shapes {arrays}" * bool(arrays), others]))
    kind = TypeError if isinstance(error, TypeError) else IndexError if type(error) is IndexError else ValueError
    return kind(f"{_title(func)} cannot take {taken}: {error}")


def brief(value: Any) -> str:
    """What `repr` says, in messages: shortened where it is long."""
    try:
        return _BRIEF.repr(value)
    except ValueError:  # of more digits than Python writes
        return "a number too long to write"


def _read_only(value: Any) -> NDArray[np.float64]:
    """A float64 array or scalar as a read-only array."""
    view = np.asarray(value).view()
    view.flags.writeable = False
    return view


def as_array(name: str, value: Any) -> NDArray[Any]:
    """`value` as an array, without a copy where it is one."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # a Tensor, rows of different lengths
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"{name} is not an array: {error}") from None


def as_real(name: str, value: Any) -> NDArray[np.float64]:
    """`value` as a float64 array, without a copy where it is one."""
    if isinstance(value, Tensor):
        raise TypeError(f"{name} is a Tensor already: use it as it is, or give its .value")
    array = as_array(name, value)
    if array.dtype is FLOAT64:
        return array
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be real numbers, not {array.dtype} ({type(value).__name__})")
    return array.astype(np.float64)


def _walk(  # noqa: C901  # one loop, to be read from top to bottom
    output: Tensor, seed: Any, *, wanted: Any = None, oldest: int = 0, record: bool = False
) -> dict[Tensor, Any]:
    """The adjoints of `output` and of all Tensors it was computed from, the derivatives of `output` by them.

    The adjoint of a Tensor is the sum of what its users send it: the VJPs of their own adjoints. So all users must come
    first. A result is made after its arguments, and the heap hands out the latest first: that is such an order. The
    adjoints are returned in it, then those of the sources; where Tensors are `wanted`, those of other results are let go on
    the way.

    Tensors with a serial below `oldest` are constants. Where a plain walk meets one, it raises `_OutsideError`: its owner
    may want to differentiate the outcome by it, which takes `record`, a walk that hands Tensors to the rules.
    """
    found: dict[Tensor, Any] = {}
    adjoints = {output: seed}
    latest = [(-output.serial, output)] if output.func else []  # a source has nothing to send on: it stays to the end
    summed = set()  # whose adjoint is a sum made here: an array that nobody else holds, to be added to in place
    while latest:
        node = heappop(latest)[1]
        g = adjoints.pop(node)
        if wanted is None or node in wanted:
            found[node] = g
        x, y, vjps, ans = node._x, node._y, VJPS[node.func], node if record else node._value
        order: Sequence[int] = (0, 1)
        two = type(y) is not _Keywords  # two arguments, and no keyword
        if two:
            args = x, y
            if not record:
                # A source can wait: what it gets may be as large as it is, and push out of the processor's cache what the
                # rule for the other one is about to read.
                if isinstance(x, Tensor) and not x.func and isinstance(y, Tensor) and y.func:
                    order = (1, 0)
                x, y = x._value if isinstance(x, Tensor) else x, y._value if isinstance(y, Tensor) else y
        else:
            args, kwargs, order, given = x, y, range(len(x)), x if record else _plain(x)
        for k in order:
            parent = args[k]
            if not isinstance(parent, Tensor) or (vjp := vjps[k]) is None:
                continue
            if parent.serial < oldest:
                if not record:
                    raise _OutsideError
                continue
            if two:
                sent = vjp(g, ans, x, y)
            elif kwargs:
                sent = vjp(g, ans, *given, **kwargs)
            else:
                sent = vjp(g, ans, *given)
            if sent.shape != parent._value.shape:
                sent = unbroadcast(sent, parent._value.shape)
            if parent not in adjoints:
                adjoints[parent] = sent
                if parent.func:
                    heappush(latest, (-parent.serial, parent))
            elif parent in summed and not record:
                adjoints[parent] += sent
            else:
                adjoints[parent] = adjoints[parent] + sent
                summed.add(parent)
    found |= adjoints
    return found


class _OutsideError(Exception):
    """A plain walk met a Tensor from outside."""


def recorded(output: Tensor) -> list[Tensor]:
    """The Tensor and all that led to it, in the order in which they were made."""
    seen, stack = {output.serial: output}, [output]
    while stack:
        new = {parent.serial: parent for parent in stack.pop().parents if parent.serial not in seen}
        seen |= new
        stack += new.values()
    return sorted(seen.values(), key=attrgetter("serial"))


def _check_values(nodes: list[Tensor]) -> None:
    """Raise at the first value that is not finite, if there is one."""
    for node in nodes:
        if not (found := _not_finite(node._value)):
            continue
        if node.func is None:
            raise FloatingPointError(f"forward pass: the source {_called(node)} has the value {found}")
        parents = " and ".join(map(_called, dict.fromkeys(node.parents))) or "no Tensor"
        raise FloatingPointError(
            f"forward pass: {_title(node.func)} gave {_called(node)} the value {found}, from {parents}"
        )


def _check_adjoints(adjoints: dict[Tensor, Any]) -> None:
    """Raise at the first adjoint that is not finite, if there is one, and find out who sent it."""
    for node, g in adjoints.items():
        if not (found := _not_finite(g)):
            continue
        users = [user for user in adjoints if node in user.parents]  # their turn came before: their own are finite
        for user in users:
            for k, arg in enumerate(user.args):
                if arg is not node or (vjp := VJPS[user.func][k]) is None:
                    continue
                sent = unbroadcast(vjp(adjoints[user], user._value, *_plain(user.args), **user.kwargs), node.shape)
                if part := _not_finite(sent):
                    raise FloatingPointError(
                        f"backward pass: {_title(user.func)} sent {_called(node)} the adjoint {part}, from {_called(user)}"
                    )
        senders = " and ".join(_title(user.func) for user in users)
        raise FloatingPointError(
            f"backward pass: {senders} sent {_called(node)} adjoints that add up to {found}"
            if users
            else f"backward pass: the seed of {_called(node)} has the value {found}"
        )


def _not_finite(value: Any) -> str:
    """The first entry that is nan or infinite, as in `nan at entry (0, 2)`; nothing if all are finite."""
    entries = np.argwhere(~np.isfinite(value))
    if not len(entries):
        return ""
    index = tuple(entries[0].tolist())
    return f"{value[index]} at entry {index}" if index else str(value)


def _called(node: Tensor) -> str:
    """A Tensor in a message: `W of shape (2, 3)`."""
    return f"{node.name or 'a Tensor'} of shape {node.shape}"


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum `g` over the axes along which an array of this shape was repeated to reach the shape of `g`.

    Broadcasting copies an entry to several places; its derivative is the sum of the derivatives at these places.
    A ValueError says that broadcasting does not lead from `shape` to the shape of `g`; a TypeError, that `g` is not made
    of real numbers or `shape` is not a tuple.
    """
    if not isinstance(shape, tuple):
        raise TypeError(f"shape must be a tuple, not {brief(shape)}")
    g = g if isinstance(g, Tensor) else as_real("g", g)
    if g.shape == shape:
        return g
    added = g.ndim - len(shape)
    if added >= 0:
        stretched = tuple(i + added for i, n in enumerate(shape) if n == 1 and g.shape[i + added] != 1)
        summed = np.sum(g, axis=(*range(added), *stretched), keepdims=True)
        if summed.shape[added:] == shape:
            return summed.reshape(shape)
    raise ValueError(
        f"g of shape {g.shape} cannot be summed to shape {shape}, from which broadcasting does not lead to it"
    )


def _variable(arg: Any, k: int) -> Tensor:
    """Argument `k` as a Tensor to differentiate by: a source that shares the caller's array, or a copy of his Tensor linked to it."""
    if type(arg) is np.ndarray and arg.dtype is FLOAT64 and arg.ndim:  # as most are
        value = arg
    elif isinstance(arg, Tensor):
        return apply(np.positive, arg)  # type: ignore[no-any-return] # a primitive of a Tensor is one
    else:
        value = as_real(f"argument {k}", arg)[()]
    source = _new(Tensor)  # filled here, as in `apply`
    source._value, source._grad, source.func, source._x, source._y = value, None, None, (), NO_KWARGS
    source.name, source.serial = "", _next_serial()
    return source


def _unshared(variables: list[Tensor], adjoints: dict[Tensor, Any]) -> list[Any]:
    """The variables' adjoints as the caller may keep them and write into them: arrays that nobody else holds."""
    own: list[Any] = []
    given = set()
    for v in variables:
        g = adjoints.get(v)
        if type(g) is np.ndarray and g.base is None and id(g) not in given:
            given.add(id(g))
        elif not isinstance(g, Tensor):
            g = np.zeros(v.shape) if g is None else np.array(g)  # None: the value does not depend on it
        own.append(g)
    return own


def value_and_grad(f: Callable[..., Any], argnum: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that returns `f(*args)` and its derivative with respect to the arguments `argnum`, in one walk.

    Parameters
    ----------
    f : callable
        Written in NumPy, with a value of shape ().
    argnum : int or tuple of int
        Positions of the arguments to differentiate by.

    Returns
    -------
    callable
        Its results are the value and the derivative: an array of the argument's shape, or a tuple of them where
        `argnum` is one. Where `f` uses Tensors of the caller, as inside another `grad`, both can be Tensors.

    Raises
    ------
    TypeError
        If `f` is not a function, or `argnum` not a position; when called, if an argument or the value is not real.
    ValueError
        When called, if the value of `f` is not of shape (), or an argument is no array.

    Notes
    -----
    Where does a derivative that is nan come from? Give `f` Tensors in place of arrays, and ask its result for
    `backward(check_finite=True)`.
    """
    if not callable(f):
        raise TypeError(f"f must be a function, not {brief(f)}")
    positions = argnum if isinstance(argnum, tuple) else (argnum,)
    if not positions or not all(type(k) is int and k >= 0 for k in positions) or len(set(positions)) < len(positions):
        raise TypeError(f"argnum must be a position from 0 on, or a tuple of different ones, not {argnum!r}")
    last = max(positions)

    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if last >= len(args):
            raise TypeError(f"argnum is {argnum!r}, but {len(args)} positional arguments were given")
        oldest = _next_serial()  # nothing made before this can depend on the variables
        inputs, variables = list(args), []
        for k in positions:
            inputs[k] = variable = _variable(args[k], k)
            variables.append(variable)
        output = f(*inputs, **kwargs)
        if not isinstance(output, Tensor):
            output = Tensor(as_real("the value of f", output))  # f does not use its variables: a constant
        if output._value.shape != ():
            raise ValueError(f"f must return shape (), not {output.shape}: sum it, or use Tensor.backward(seed)")
        value: Any = np.array(output._value)
        wanted = set(variables)
        try:
            adjoints = _walk(output, ONE, wanted=wanted, oldest=oldest)
        except _OutsideError:
            value = output
            adjoints = _walk(output, ONE, wanted=wanted, oldest=oldest, record=True)
        gradients = _unshared(variables, adjoints)
        return value, tuple(gradients) if isinstance(argnum, tuple) else gradients[0]

    return differentiated


def grad(f: Callable[..., Any], argnum: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The derivative of `f` with respect to the arguments `argnum`: `value_and_grad` without the value.

    The errors are its errors, a TypeError or a ValueError.

    >>> grad(lambda x: x**4 + x**2)(3.0)
    array(114.)
    >>> grad(grad(lambda x: x**4 + x**2))(3.0)
    array(110.)
    """
    both = value_and_grad(f, argnum)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]
