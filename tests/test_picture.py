"""The README's picture says what the engine says."""

import re
from pathlib import Path
from typing import Any

import numpy as np

import chainrule


def test_the_readme_picture_holds_the_values_and_adjoints_of_the_engine() -> None:
    x: Any = chainrule.Tensor(3.0)
    square, same = np.square(x), np.positive(x)
    upper, lower = np.square(square), np.square(same)
    ell = upper + lower
    ell.backward()
    picture = Path(__file__).parents[1].joinpath("book", "_static", "picture.svg").read_text()
    values = [float(v) for v in re.findall(r"= (\d+)</text>", picture)]
    adjoints = [float(v) for v in re.findall(r">(\d+)</text>", picture)]
    nodes = (x, square, same, upper, lower, ell)
    assert values == [float(node.value) for node in nodes]
    assert adjoints == [float(node.grad) for node in nodes]
