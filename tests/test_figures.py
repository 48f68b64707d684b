"""The plots of Problem 1: that they show the numbers of the networks and histories, and refuse what is neither."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from chainrule import (
    Data,
    History,
    ReluNet,
    make_data,
    plot_errors,
    plot_networks,
    plot_trails,
    plot_unit_panels,
    show,
    train,
)
from chainrule.figures import DATA, ELBOW, PREDICTION, TRUTH, UNIT, function_knots, unit_lines


def relu_net(w: list[float], b: list[float], v: list[float], c: float) -> ReluNet:
    return ReluNet(np.array(w), np.array(b), np.array(v), c)


NET = relu_net(w=[1.0, -2.0, 0.5, 0.0], b=[-0.25, 1.0, 0.5, 0.3], v=[1.0, 0.5, -1.0, 2.0], c=0.2)
"""Its elbows are 0.25, 0.5, -1, and the last unit has none."""


def data() -> Data:
    return make_data(np.random.default_rng(0), n=30)


def history(width: int = 3, steps: int = 3000, **options: Any) -> History:
    points = data()
    net = ReluNet.random(width, np.random.default_rng(1))
    test = {"x_test": points.x_test, "y_test": points.y_test} | options
    return train(
        net, points.x, points.y, learning_rate=0.02, steps=steps, batch_size=5, rng=np.random.default_rng(2), **test
    )


def line(ax: Axes, label: str) -> Any:
    (found,) = (line for line in ax.lines if line.get_label() == label)
    return found


def lines(ax: Axes) -> list[Any]:
    return list(ax.lines)


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


# The lines


def test_the_network_is_straight_between_its_knots() -> None:
    knots = function_knots(NET)
    np.testing.assert_allclose(knots, [0.0, 0.25, 0.5, 1.0])
    for a, b in pairwise(map(float, knots)):
        np.testing.assert_allclose(NET(np.linspace(a, b, 5)), np.linspace(NET(a), NET(b), 5), atol=1e-15)


def test_the_line_of_a_unit_leads_from_its_elbow_to_its_active_side() -> None:
    x, y = unit_lines(NET)  # the last two units have no elbow inside
    np.testing.assert_allclose(x, [[0.25, 1.0], [0.0, 0.5], [0.0, 1.0], [0.0, 1.0]])
    np.testing.assert_allclose(y, [[0.0, 0.75], [0.5, 0.0], [-0.5, -1.0], [0.6, 0.6]])


def test_a_unit_that_is_silent_on_the_whole_interval_has_a_line_without_length() -> None:
    x, y = unit_lines(relu_net(w=[1.0, -1.0], b=[-2.0, -1.0], v=[1.0, 1.0], c=0.0))
    np.testing.assert_array_equal(x, [[1, 1], [0, 0]])
    np.testing.assert_array_equal(y, np.zeros((2, 2)))


# The units


def test_unit_panels_show_the_three_stages_of_the_chosen_units_and_the_output() -> None:
    figure = plot_unit_panels(NET, [1, 0])
    before, after, weighted = figure.axes
    x = lines(before)[0].get_xdata()
    np.testing.assert_allclose(lines(before)[0].get_ydata(), -2 * x + 1)
    np.testing.assert_allclose(lines(after)[0].get_ydata(), np.maximum(0, -2 * x + 1))
    np.testing.assert_allclose(lines(weighted)[1].get_ydata(), np.maximum(0, x - 0.25))
    np.testing.assert_allclose(lines(weighted)[2].get_ydata(), NET(x))
    assert legend(figure) == ["w = −2, b = 1, v = 0.5", "w = 1, b = −0.25, v = 1", "output of the network"]


def test_unit_panels_show_all_units_and_mark_their_elbows() -> None:
    before, *_ = plot_unit_panels(NET).axes
    marks = [line.get_xdata()[0] for line in lines(before) if line.get_linestyle() == ":"]
    np.testing.assert_allclose(marks, [0.25, 0.5, -1])
    assert before.get_xlim() == (0, 1)


# The networks


def test_networks_show_data_truth_function_units_and_elbows() -> None:
    points = data()
    figure = plot_networks(NET, points)
    (ax,) = figure.axes
    points_drawn: Any = ax.patches[0].get_path().vertices
    np.testing.assert_array_equal(points_drawn[::2], np.column_stack([points.x, points.y]))
    np.testing.assert_array_equal(line(ax, "truth").get_ydata(), points.truth(points.x_test))
    np.testing.assert_array_equal(line(ax, "network").get_xydata()[:, 1], NET(function_knots(NET)))
    np.testing.assert_allclose(line(ax, "elbow").get_xydata(), np.column_stack([[0.25, 0.5], NET([0.25, 0.5])]))
    assert line(ax, "line of a unit").get_xydata().shape == (3 * NET.width, 2)
    assert legend(figure) == ["data", "truth", "line of a unit", "network", "elbow"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (-2.5, 2.5))


def test_a_panel_says_how_many_elbows_cannot_be_seen() -> None:
    inside = relu_net([1.0], [-0.5], [1.0], 0.0)
    outside = relu_net([1.0, 1.0], [0.5, -2.0], [1.0, 1.0], 0.0)
    panels = plot_networks([inside, NET, outside]).axes
    assert [ax.get_title() for ax in panels] == ["1 unit", "4 units", "2 units"]
    notes = [[text.get_text() for text in ax.texts] for ax in panels]
    assert notes == [[], ["1 elbow outside"], ["2 elbows outside"]]


def test_networks_can_stand_side_by_side_under_names() -> None:
    figure = plot_networks([NET, NET, NET], names=["a", "b", "c"], columns=2, ylim=(-1, 1))
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c"]
    assert figure.axes[0].get_ylim() == (-1, 1)
    assert legend(figure) == ["line of a unit", "network", "elbow"]


def test_no_two_things_differ_in_colour_alone() -> None:
    kinds = {
        (str(kind["linestyle"]), kind.get("marker"), kind.get("linewidth"))
        for kind in (DATA, TRUTH, PREDICTION, ELBOW, UNIT)
    }
    assert len(kinds) == 5


# The histories


def test_errors_show_every_run_in_both_panels() -> None:
    runs = {"three": history(3), "five": history(5)}
    figure = plot_errors(runs)
    for ax, kind in zip(figure.axes, ("train_error", "test_error"), strict=True):
        for drawn, run in zip(lines(ax), runs.values(), strict=True):
            np.testing.assert_array_equal(drawn.get_xydata(), np.column_stack([run.steps, getattr(run, kind)]))
        assert ax.get_yscale() == "log"
    assert [ax.get_title() for ax in figure.axes] == ["Training error", "Test error"]
    assert legend(figure) == ["three", "five"]


def test_without_a_test_error_there_is_one_panel() -> None:
    runs = {"tested": history(), "not tested": history(x_test=None, y_test=None)}
    assert [ax.get_title() for ax in plot_errors(runs).axes] == ["Training error"]


def test_the_axis_of_the_steps_is_logarithmic_from_the_second_snapshot_on() -> None:
    *_, ax = plot_errors({"long": history(steps=25_000)}).axes
    assert ax.get_xscale() == "symlog"
    assert ax.xaxis.get_transform().linthresh == 1000  # type: ignore[attr-defined] # that of symlog has one
    assert list(ax.get_xticks()) == [0, 1000, 10_000]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1,000", "10,000"]
    assert ax.get_xlim() == (0, 25_000)


def test_a_history_of_one_snapshot_can_be_drawn() -> None:
    *_, ax = plot_errors({"short": history(steps=1)}).axes
    assert ax.get_xlim() == (0, 1)


def test_trails_show_every_elbow_and_every_slope() -> None:
    run = history(4)
    top, bottom = plot_trails(run).axes
    np.testing.assert_array_equal([line.get_ydata() for line in lines(top)], run.elbows.T)
    np.testing.assert_array_equal([line.get_ydata() for line in lines(bottom)], run.slopes.T)


# On a page


@pytest.mark.parametrize(
    "figure",
    [
        plot_unit_panels(NET),
        plot_networks(
            [ReluNet.random(h, np.random.default_rng(h)) for h in (10, 20, 40)], make_data(np.random.default_rng(0))
        ),
        plot_errors({"a": history()}),
        plot_trails(history()),
    ],
)
def test_a_plot_is_light_and_keeps_its_dots(figure: Figure) -> None:
    html = show(figure, description="x")._repr_html_()
    assert len(html) < 40_000
    assert html.count("h0M") in (0, 3 * 199), "200 points in each of three panels, or none"
