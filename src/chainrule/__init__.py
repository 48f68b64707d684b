"""The package behind *The Chain Rule, Executed*: backpropagation on NumPy, and a ReLU network under SGD."""

from chainrule import rules  # filling the engine's table
from chainrule.draw import draw
from chainrule.engine import Tensor, apply, grad, unbroadcast, value_and_grad
from chainrule.figures import (
    DATA,
    PALETTE,
    TRUTH,
    Shown,
    axes,
    plot_errors,
    plot_networks,
    plot_trails,
    plot_unit_panels,
    show,
)
from chainrule.numerical import GradientError, central_difference, check_gradient, complex_step, forward_difference
from chainrule.player import play
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
from chainrule.sgd import DivergenceError, History, train
from chainrule.sweeps import Configuration, Run, sweep
from chainrule.xoshiro import Xoshiro128

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
