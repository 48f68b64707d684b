"""The look of the book's figures, the way to show one, and the plots of Problem 1.

`axes` makes an empty figure and `show` puts one on a page: `fig, ax = axes()`, then `show(fig, description="…")`.
`plot_unit_panels`, `plot_networks`, `plot_errors` and `plot_trails` draw ReLU networks and how they were trained.
`PALETTE` has the colours. Every one is a CSS property that the page may set, so figures follow light and dark mode.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from chainrule._checks import _checked_count, _checked_range, check_type
from chainrule._show import LOOK, Shown, axes, show
from chainrule._svg import PALETTE
from chainrule.relu_net import Data, FloatArray, ReluNet
from chainrule.sgd import History

__all__ = [
    "DATA",
    "PALETTE",
    "TRUTH",
    "Shown",
    "axes",
    "plot_errors",
    "plot_networks",
    "plot_trails",
    "plot_unit_panels",
    "show",
]

#: The same thing has the same colour, dash and marker on every page.
DATA: dict[str, Any] = {
    "color": PALETTE["cr-line"],
    "linestyle": "none",
    "marker": "o",
    "markersize": 2.8,
    "markeredgewidth": 0,
}
TRUTH: dict[str, Any] = {"color": PALETTE["cr-3"], "linestyle": (0, (5, 2)), "linewidth": 1.8}
PREDICTION: dict[str, Any] = {"color": PALETTE["cr-1"], "linestyle": "-", "linewidth": 2.2}
ELBOW: dict[str, Any] = {"color": PALETTE["cr-2"], "linestyle": "none", "marker": "D", "markersize": 5.5}
UNIT: dict[str, Any] = {"alpha": 0.6, "color": PALETTE["cr-muted"], "linestyle": "-", "linewidth": 0.8}


@mpl.rc_context(LOOK)
def plot_unit_panels(net: ReluNet, units: Sequence[int] | None = None) -> Figure:
    """Draw how units make a function: pre-activations, activations, and weighted activations with the output.

    Parameters
    ----------
    net : ReluNet
        The network; the third panel shows its output, whichever units are drawn.
    units : sequence of int, optional
        Which units, counted from 0. All of them, if left out; more than six look alike again.

    Raises
    ------
    TypeError, ValueError
        If `net` is of another kind, or `units` has something in it that is no unit's number.
    """
    check_type("net", net, ReluNet)
    units = range(net.width) if units is None else units
    check_type("units", units, Iterable)
    chosen = [_checked_count("a number in units", j, at_least=0, at_most=net.width - 1) for j in units]
    x = function_knots(net)
    figure, (before, after, weighted) = axes(3, height=6.6, sharex=True)
    for j in chosen:
        label = f"w = {net.w[j]:.3g}, b = {net.b[j]:.3g}, v = {net.v[j]:.3g}".replace("-", "−")
        line = net.w[j] * x + net.b[j]
        before.plot(x, line, label=label)
        after.plot(x, np.maximum(0, line))
        weighted.plot(x, net.v[j] * np.maximum(0, line))
    before.axhline(0, color=PALETTE["cr-muted"], linestyle="-", linewidth=1)
    weighted.plot(x, net(x), color="black", linestyle="-", linewidth=3, label="output of the network")
    titles = ("Pre-activation w x + b", "Activation max(0, w x + b)", "Weighted v max(0, w x + b)")
    for ax, title in zip((before, after, weighted), titles, strict=True):
        ax.set(title=title, xlim=(0, 1))
        for e in filter(np.isfinite, net.elbows[chosen]):
            ax.axvline(e, color=PALETTE["cr-muted"], linestyle=":", linewidth=1)
    weighted.set_xlabel("x")
    figure.legend(loc="outside upper left")
    return figure


@mpl.rc_context(LOOK)
def plot_networks(
    nets: ReluNet | Sequence[ReluNet],
    data: Data | None = None,
    *,
    names: Sequence[str] | None = None,
    columns: int = 1,
    ylim: tuple[float, float] = (-2.5, 2.5),
) -> Figure:
    """Draw networks on [0, 1]: the function, the elbow and the line of every unit, the data and the truth.

    A unit's line is `v_j max(0, w_j x + b_j)` where it is not zero. A panel says how many elbows lie outside.

    Parameters
    ----------
    nets : ReluNet or sequence of ReluNet
        A panel for each.
    data : Data, optional
        The points they are trained on, and the true function.
    names : sequence of str, optional
        The panels' titles; their widths, if left out.
    columns : int
        How many panels stand side by side.
    ylim : (float, float)
        The vertical range.

    Raises
    ------
    TypeError
        If an argument is of another kind.
    ValueError
        If there is no network, or not a name for each, `columns` is below 1 or `ylim` upside down.
    """
    nets = [nets] if isinstance(nets, ReluNet) else nets
    check_type("nets", nets, Iterable)
    nets = list(nets)
    for net in nets:
        check_type("nets", net, ReluNet)
    columns, ylim = _checked_count("columns", columns), _checked_range("ylim", ylim)
    names = [f"{net.width} unit{'s' * (net.width > 1)}" for net in nets] if names is None else names
    check_type("names", names, Iterable)
    names = list(names)
    if not nets or len(names) != len(nets):
        raise ValueError(f"names for nets, one for each: there are {len(nets)} networks and {len(names)} names")
    for name in names:
        check_type("a name in names", name, str)
    rows = -(-len(nets) // columns)
    figure, panels = axes(rows, columns, height=0.6 + 2.2 * rows, sharex=True, sharey=True, squeeze=False)
    for ax, net, name in zip(panels.flat, nets, names, strict=False):
        if data is not None:
            _draw_data(ax, data)
        _draw_net(ax, net)
        outside = int(np.sum((net.elbows < 0) | (net.elbows > 1)))
        if outside:
            note = f"{outside} elbow{'s' * (outside > 1)} outside"
            ax.text(0.98, 0.03, note, horizontalalignment="right", transform=ax.transAxes)
        ax.set(title=name, xlim=(0, 1), ylim=ylim, xticks=np.linspace(0, 1, 6 if columns == 1 else 3))
        ax.xaxis.set_major_formatter("{x:g}")
    for ax in panels.flat[len(nets) :]:
        ax.remove()
    for ax in panels[-1]:
        ax.set_xlabel("x")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


@mpl.rc_context(LOOK)
def plot_errors(histories: Mapping[str, History]) -> Figure:
    """Draw the training error and the test error of runs against the steps.

    Up to the second snapshot the axis of the steps is linear, from there on logarithmic.

    Parameters
    ----------
    histories : mapping of str to History
        The runs by the name that the legend gives them. The test error is drawn if every run has one.

    Raises
    ------
    TypeError, ValueError
        If `histories` has something else in it, or nothing, or a history has no snapshots.
    """
    check_type("histories", histories, Mapping)
    if not histories:
        raise ValueError("histories is empty: give at least one run, as {'10 units': history}")
    for name, history in histories.items():
        check_type("a name in histories", name, str)
        check_snapshots(f"histories[{name!r}]", history)
    tested = all(history.test_error is not None for history in histories.values())
    figure, panels = axes(1 + tested, height=2.4 * (1 + tested) + 0.8, sharex=True, sharey=True, squeeze=False)
    for ax, kind in zip(panels.flat, ("train", "test"), strict=False):
        for name, history in histories.items():
            ax.plot(history.steps, getattr(history, f"{kind}_error"), label=name if kind == "train" else None)
        ax.set(title="Training error" if kind == "train" else "Test error", yscale="log")
        ax.yaxis.set(major_locator=LogLocator(subs=(1, 3)), minor_formatter=NullFormatter(), major_formatter="{x:g}")
    _step_axis(panels[-1, 0], *histories.values())
    figure.legend(loc="outside upper left", ncols=3)
    return figure


@mpl.rc_context(LOOK)
def plot_trails(history: History) -> Figure:
    """Draw the way of every unit's elbow and slope through the training; elbows outside [0, 1] leave the picture.

    Up to the second snapshot the axis of the steps is linear, from there on logarithmic. Raises a TypeError if `history`
    is of another kind, a ValueError if it has no snapshots.
    """
    check_snapshots("history", history)
    figure, (top, bottom) = axes(2, height=5.4, sharex=True)
    top.plot(history.steps, history.elbows, **UNIT | {"color": PALETTE["cr-2"], "alpha": 1.0, "linewidth": 1.2})
    top.set(title="Elbows −b / w", ylim=(-0.05, 1.05))
    bottom.plot(history.steps, history.slopes, **UNIT | {"color": PALETTE["cr-1"], "alpha": 1.0, "linewidth": 1.2})
    bottom.set(title="Slopes v w")
    _step_axis(bottom, history)
    return figure


def _draw_data(ax: Axes, data: Data) -> None:
    """The points and the true function."""
    check_type("data", data, Data)
    # Lines of no length with round ends: one path of them is a tenth of the SVG of as many markers.
    dots = Path(np.repeat(np.column_stack([data.x, data.y]), 2, axis=0), [Path.MOVETO, Path.LINETO] * len(data.x))
    dots.should_simplify = False  # it would be empty
    ax.add_patch(PathPatch(dots, color=DATA["color"], fill=False, linewidth=DATA["markersize"], capstyle="round"))
    ax.plot([], [], label="data", **DATA)  # for the legend
    ax.plot(data.x_test, data.truth(data.x_test), label="truth", **TRUTH)


def _draw_net(ax: Axes, net: ReluNet) -> None:
    """The units' lines, the function, and the elbows on it."""
    gap = np.full((net.width, 1), np.nan)  # the lines of all units are one path with gaps
    x, y = (np.hstack([ends, gap]).ravel() for ends in unit_lines(net))  # (3 H,)
    ax.plot(x, y, label="line of a unit", **UNIT)
    knots = function_knots(net)
    ax.plot(knots, net(knots), label="network", **PREDICTION)
    ax.plot(knots[1:-1], net(knots[1:-1]), label="elbow", **ELBOW)


def check_snapshots(name: str, history: History) -> None:
    """Raise unless this is a history with something to draw: one that diverged at its first step has nothing."""
    check_type(name, history, History)
    if not len(history):
        raise ValueError(f"{name} must have at least 1 snapshot, and has none: this run diverged at its first step")


def unit_lines(net: ReluNet) -> tuple[FloatArray, FloatArray]:
    """Both ends, x and y (H, 2), of what each unit adds on [0, 1]: from its elbow to the side where it is active."""
    e = np.clip(net.elbows, 0, 1)  # (H,)
    x = np.column_stack([np.where(net.w > 0, e, 0), np.where(net.w < 0, e, 1)])
    return x, net.v[:, None] * np.maximum(0, net.w[:, None] * x + net.b[:, None])


def function_knots(net: ReluNet) -> FloatArray:
    """0, the elbows in between, and 1: the network's function is straight between two neighbours."""
    e = net.elbows[(net.elbows > 0) & (net.elbows < 1)]
    return np.concatenate([[0.0], np.sort(e), [1.0]])


def _step_axis(ax: Axes, *histories: History) -> None:
    """The axis of the steps: logarithmic where there are snapshots, not before."""
    first = min(int(history.steps[:2].max()) for history in histories)
    last = max(int(history.steps.max()) for history in histories)
    ax.set_xscale("symlog", linthresh=first, linscale=0.4)
    powers = 10 ** np.arange(np.ceil(np.log10(first)), np.log10(last) + 1e-9)
    ax.set(xlabel="steps", xlim=(0, last), xticks=[0, *powers])
    ax.xaxis.set(major_formatter="{x:,.0f}", minor_locator=NullLocator())
