"""The package behind *The Chain Rule, Executed*: backpropagation on NumPy, and a ReLU network under SGD."""

from chainrule import rules  # filling the engine's table
from chainrule.engine import Tensor, grad, value_and_grad
from chainrule.numerical import GradientError, central_difference, check_gradient, complex_step, forward_difference

__all__ = [
    "GradientError",
    "Tensor",
    "central_difference",
    "check_gradient",
    "complex_step",
    "forward_difference",
    "grad",
    "rules",
    "value_and_grad",
]
