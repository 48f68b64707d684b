"""The package behind *The Chain Rule, Executed*: backpropagation on NumPy, and a ReLU network under SGD."""

from importlib import import_module
from typing import TYPE_CHECKING

from chainrule import rules  # filling the engine's table
from chainrule._svg import PALETTE
from chainrule.draw import draw
from chainrule.engine import Tensor, apply, grad, unbroadcast, value_and_grad
from chainrule.numerical import GradientError, central_difference, check_gradient, complex_step, forward_difference
from chainrule.relu_net import (
    HEIGHTS,
    KNOTS,
    Data,
    ReluNet,
    elbows,
    hidden,
    make_data,
    mean_squared_error,
    piecewise_linear,
    predict,
    ridge,
    sine,
)

# What needs Matplotlib or Numba comes when it is first asked for: these take three times as long as all the rest.
_LATER = (
    dict.fromkeys(("DATA", "TRUTH", "Shown", "axes", "show"), "figures")
    | dict.fromkeys(("plot_errors", "plot_networks", "plot_trails", "plot_unit_panels"), "figures")
    | dict.fromkeys(("DivergenceError", "History", "train"), "sgd")
    | dict.fromkeys(("Configuration", "Run", "sweep"), "sweeps")
    | {"play": "player", "Xoshiro128": "xoshiro"}
)

if TYPE_CHECKING:
    from chainrule.figures import (
        DATA,
        TRUTH,
        Shown,
        axes,
        plot_errors,
        plot_networks,
        plot_trails,
        plot_unit_panels,
        show,
    )
    from chainrule.player import play
    from chainrule.sgd import DivergenceError, History, train
    from chainrule.sweeps import Configuration, Run, sweep
    from chainrule.xoshiro import Xoshiro128
else:

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "DATA",
    "HEIGHTS",
    "KNOTS",
    "PALETTE",
    "TRUTH",
    "Configuration",
    "Data",
    "DivergenceError",
    "GradientError",
    "History",
    "ReluNet",
    "Run",
    "Shown",
    "Tensor",
    "Xoshiro128",
    "apply",
    "axes",
    "central_difference",
    "check_gradient",
    "complex_step",
    "draw",
    "elbows",
    "forward_difference",
    "grad",
    "hidden",
    "make_data",
    "mean_squared_error",
    "piecewise_linear",
    "play",
    "plot_errors",
    "plot_networks",
    "plot_trails",
    "plot_unit_panels",
    "predict",
    "ridge",
    "rules",
    "show",
    "sine",
    "sweep",
    "train",
    "unbroadcast",
    "value_and_grad",
]
