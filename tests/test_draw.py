"""The drawing of a recorded graph: every node, every edge, values and adjoints, the same text every time."""

import math
import os
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from chainrule import Tensor, draw

PROGRAM = """
import numpy as np
from chainrule import Tensor, draw
W, x, b = Tensor(np.arange(12.0).reshape(4, 3), "W"), Tensor([1.0, -1.0, 2.0], "x"), Tensor(np.ones(4), "b")
loss = np.sum(np.maximum(0, W @ x + b) ** 2) / 2 + np.sum(x * x)
loss.backward()
graph = draw(loss)
print(graph.source, graph, graph._repr_html_())
"""


def edges(source: str) -> list[tuple[str, str]]:
    return re.findall(r"(n\d+) -> (n\d+)", source)


def labels(source: str) -> list[list[str]]:
    """The text of every node, row by row."""
    tables = re.findall(r"label=<(<TABLE.*</TABLE>)>", source)
    return [[part for part in re.split(r"(?:<[^>]*>)+", table) if part] for table in tables]


def test_the_text_of_a_tiny_graph() -> None:
    a = Tensor(2.0, "a")
    product = a * 3
    product.backward()
    table = '<TABLE CELLBORDER="0" CELLPADDING="2" BORDER="0" CELLSPACING="0" COLOR="#c06a00">'
    row, end = '<TR><TD ALIGN="LEFT">', "</TD></TR>"
    assert draw(product).source.splitlines() == [
        "digraph {",
        "\tgraph [bgcolor=transparent nodesep=0.2 ordering=in rankdir=TB ranksep=0.3]",
        '\tnode [fontname="DejaVu Sans" fontsize=11 height=0.3 margin="0.08,0.06" shape=box width=0.3]',
        '\tedge [arrowsize=0.6 color="#5b6270"]',
        f"\tn1 [label=<{table}{row}<B>a</B>{end}{row}2{end}<HR/>{row}adjoint 3{end}</TABLE>>"
        ' color="#0b3a94" style=rounded]',
        f"\tn2 [label=<{table}{row}<B>u₁ = a × 3</B>{end}{row}6{end}<HR/>{row}adjoint 1{end}</TABLE>>"
        ' color="#5b6270" peripheries=2]',
        "\tn1 -> n2",
        "}",
    ]


def test_a_tensor_used_twice_has_two_edges() -> None:
    a = Tensor(2.0, "a")
    assert edges(draw(a + a).source) == [("n1", "n2"), ("n1", "n2")]


def test_edges_keep_the_order_of_the_arguments() -> None:
    a, b = Tensor(2.0, "a"), Tensor(5.0, "b")
    assert edges(draw(b - a).source) == [("n2", "n3"), ("n1", "n3")]
    assert edges(draw(a - b).source) == [("n1", "n3"), ("n2", "n3")]


def test_a_diamond_has_each_node_once() -> None:
    x: Any = Tensor(3.0, "x")
    source = draw(np.sin(x) * np.cos(x)).source
    assert [rows[0] for rows in labels(source)] == ["x", "u₁ = sin(x)", "u₂ = cos(x)", "u₃ = u₁ × u₂"]
    assert edges(source) == [("n1", "n2"), ("n1", "n3"), ("n2", "n4"), ("n3", "n4")]


def test_only_what_led_to_the_tensor_is_drawn() -> None:
    x = Tensor(3.0, "x")
    inner: Any = x * 2
    inner.name = "inner"
    (inner + Tensor(1.0, "late")).backward()
    assert [rows[0] for rows in labels(draw(inner).source)] == ["x", "inner = x × 2"]


def test_arrays_show_their_shape_their_entries_and_their_adjoint() -> None:
    W = Tensor([[1.0, -2.5], [0.125, 1e6]], "W")
    np.sum(W * [[1.0, 2.0], [3.0, -4.0]]).backward()
    (rows,) = labels(draw(W).source)
    assert rows == ["W", "(2, 2)", "1", "−2.5", "0.125", "1·10⁶", "adjoint", "1", "2", "3", "−4"]


@pytest.mark.parametrize("shape", [(4,), (4, 1), (1, 4), (4, 4)])
def test_arrays_of_up_to_four_rows_and_columns_show_their_entries(shape: tuple[int, ...]) -> None:
    assert labels(draw(Tensor(np.zeros(shape), "x")).source) == [["x", str(shape), *["0"] * math.prod(shape)]]


@pytest.mark.parametrize("shape", [(5,), (4, 5), (2, 2, 2), (0,)])
def test_large_and_empty_arrays_show_their_shape_alone(shape: tuple[int, ...]) -> None:
    x = Tensor(np.ones(shape), "x")
    np.sum(x).backward()
    assert labels(draw(x).source) == [["x", str(shape), "adjoint: same shape"]]


def test_an_entry_has_three_digits_and_a_number_six() -> None:
    source = draw(Tensor([1.23456, 1.0])).source + draw(Tensor(1.23456)).source
    assert re.findall(r">(1\.2\d*)<", source) == ["1.23", "1.23456"]


def test_without_backward_there_is_no_adjoint() -> None:
    assert labels(draw(Tensor(2.0, "a") + 1).source) == [["a", "2"], ["u₁ = a + 1", "3"]]


def test_values_can_be_left_out() -> None:
    x = Tensor([1.0, 2.0], "x")
    total: Any = np.sum(x)
    total.backward()
    graph = draw(total, values=False)
    assert labels(graph.source) == [["x", "(2,)"], ["u₁ = Σ x"]]
    assert "value" not in graph.description
    assert "adjoint" not in graph.description


def test_names_are_escaped() -> None:
    html = draw(Tensor(2.0, "a<b & c") * 2)._repr_html_()
    assert "a&lt;b &amp; c</text>" in html


def test_sources_are_round_and_the_result_has_two_frames() -> None:
    source, result = draw(Tensor(2.0, "a") + 1).source.splitlines()[4:6]
    assert "style=rounded" in source
    assert "peripheries" not in source
    assert "style=rounded" not in result
    assert "peripheries=2" in result


def test_the_direction_can_be_chosen() -> None:
    assert "rankdir=LR" in draw(Tensor(1.0), rankdir="LR").source
    with pytest.raises(ValueError, match=r"rankdir must be TB, LR, BT or RL, not 'up'"):
        draw(Tensor(1.0), rankdir="up")


def test_the_description_is_the_graph_in_words() -> None:
    W, x = Tensor(np.ones((2, 3)), "W"), Tensor([1.0, 2.0, 3.0], "x")
    loss: Any = np.sum(W @ x)
    loss.name = "ℓ"
    graph = draw(loss)
    assert graph.title == "Computation graph of ℓ"
    assert graph.description == (
        "2 sources: W, shape (2, 3); x, shape (3,). "
        "2 operations, in order: u₁ = W @ x, shape (2,); ℓ = Σ u₁, value 12. The result is ℓ."
    )
    loss.backward()
    assert "ℓ = Σ u₁, value 12, adjoint 1." in draw(loss).description
    assert draw(Tensor(1.0, "a")).description == "1 source: a, value 1. The result is a."


def test_the_description_of_a_large_graph_stays_short() -> None:
    x = Tensor(1.0, "x")
    for _ in range(12):
        x = x * 1.01
    assert "12 operations, in order: " in draw(x).description
    assert "more" not in draw(x).description
    for _ in range(28):
        x = x * 1.01
    assert "40 operations, in order: " in draw(x).description
    assert "; and 28 more. The result is u₄₀." in draw(x).description


def test_title_and_description_can_be_given() -> None:
    graph = draw(Tensor(1.0), title="T", description="D")
    assert (graph.title, graph.description) == ("T", "D")


def test_two_hundred_nodes_are_drawn_and_more_are_refused_with_the_remedy() -> None:
    x = Tensor(1.0, "x")
    for _ in range(199):
        x = x + 1
    assert len(edges(draw(x).source)) == 199
    with pytest.raises(ValueError, match=r"has 201 nodes, and more than 200 cannot be read: draw an inner node"):
        draw(x + 1)


def test_a_very_deep_graph_is_refused_and_does_not_exhaust_the_stack() -> None:
    x = Tensor(1.0, "x")
    for _ in range(20_000):
        x = x + 1
    with pytest.raises(ValueError, match="has 20001 nodes"):
        draw(x)


@pytest.mark.parametrize("thing", [3.0, np.ones(2), "x", None])
def test_only_tensors_are_drawn(thing: Any) -> None:
    with pytest.raises(TypeError, match=f"draw takes a Tensor, not {type(thing).__name__}: wrap it"):
        draw(thing)


def test_drawing_changes_nothing() -> None:
    x = Tensor([1.0, 2.0], "x")
    total: Any = np.sum(x * x)
    total.backward()
    before = (total.name, total.parents, x.grad, x.value.copy())
    draw(total)._repr_html_()
    assert (total.name, total.parents, x.grad) == before[:3]
    np.testing.assert_array_equal(x.value, before[3])


def test_the_same_program_draws_the_same_bytes_in_every_process() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert b"adjoint" in outputs.pop()


def test_what_is_asked_of_a_drawing_is_named() -> None:
    with pytest.raises(TypeError, match="positional"):
        draw(Tensor(1.0), "A title")
