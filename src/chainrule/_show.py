"""The look of the book's figures, `axes` to make one and `show` to put it on a page."""

import io
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from chainrule._checks import _checked_count, _checked_number, check_description, check_function, check_type
from chainrule._dot import Digraph
from chainrule._svg import PALETTE, inline

#: Six inches make 576 px on a page; a phone shows them at 0.57 of that, and text of 12 pt at 9 px.
WIDTH, TEXT = 6.0, 12.0
_SERIES = [PALETTE[f"cr-{k}"] for k in range(1, 7)]
_DASHES = ["-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1.5)), (0, (8, 2, 1, 2, 1, 2))]
#: Matplotlib's settings for a figure of the book.
LOOK: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": PALETTE["cr-line"],
    "axes.grid": True,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": cycler(color=_SERIES, linestyle=_DASHES),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": TEXT,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "font.size": TEXT,
    "grid.alpha": 0.3,
    "grid.color": PALETTE["cr-line"],
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "path.simplify_threshold": 0.7,
    "svg.fonttype": "none",
    "svg.hashsalt": "chainrule",
    "xtick.color": PALETTE["cr-line"],
    "xtick.labelcolor": "black",
    "ytick.color": PALETTE["cr-line"],
    "ytick.labelcolor": "black",
    **{f"{part}.labelsize": TEXT for part in ("axes", "xtick", "ytick")},
}


def axes(rows: int = 1, columns: int = 1, *, height: float = 3.0, **options: Any) -> tuple[Figure, Any]:
    """Make a figure in the book's look.

    Parameters
    ----------
    rows, columns : int
        How many axes, at most 100 each way. A phone is narrow: prefer rows.
    height : float
        Of the whole figure, in inches; the width is 6.
    **options
        For `Figure.subplots`, such as `sharex=True`, which says what it cannot take.

    Returns
    -------
    Figure, Axes or array of Axes
        An array, (rows,) or (columns,) or (rows, columns), unless there is just one. Series differ in colour and dash.

    Raises
    ------
    TypeError, ValueError
        If `rows` or `columns` is not a whole number from 1 to 100, `height` not a number above 0, or an option no option.
    """
    rows, columns = (_checked_count(name, n, at_most=100) for name, n in (("rows", rows), ("columns", columns)))
    height = _checked_number("height", height, above=0)
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        return figure, figure.subplots(rows, columns, **options)


class Shown:
    """What a page or a notebook shows in place of a cell's value: HTML, or the description where there are no pictures.

    Raises a TypeError if `html` is not a function or the description not text, a ValueError if that is empty.
    """

    def __init__(self, html: Callable[[], str], description: str) -> None:
        check_function("html", html)
        check_description(description)
        self._html, self._description = html, description

    def _repr_html_(self) -> str:
        return self._html()

    def __repr__(self) -> str:
        return self._description


def show(figure: Figure | Digraph, *, description: str, title: str = "") -> Shown:
    """Show a figure in a page, as text and lines that follow light and dark mode.

    Text smaller than 12 pt is set in 12 pt, so that a phone shows it legibly; titles go to the left, legends lose their
    frames. A figure of pyplot is closed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or graphviz.Digraph
        A graph of `draw` shows itself; give it here to describe it in other words.
    description : str
        What is seen, for a reader who does not see it.
    title : str, optional
        A short name, also seen when the pointer rests on the figure.

    Raises
    ------
    TypeError
        If `figure` is neither, such as an Axes, or the description or the title is not text.
    ValueError
        If the description is empty.
    """
    check_description(description)
    check_type("title", title, str)
    if isinstance(figure, Digraph):
        return Shown(partial(inline, figure.svg(), description=description, title=title or figure.title), description)
    if not isinstance(figure, Figure):
        raise TypeError(f"show takes a Matplotlib Figure or a graph of draw, not {type(figure).__name__}")
    for text in figure.findobj(Text):
        text.set_fontsize(max(TEXT, text.get_fontsize()))
    for legend in figure.findobj(Legend):
        legend.set_frame_on(False)  # it would stay white in dark mode
    for ax in figure.axes:
        if title_of_axes := ax.get_title():
            ax.set_title("")
            ax.set_title(title_of_axes, loc="left", fontsize=TEXT, fontweight="bold")
    svg = _drawn(figure)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(figure)
    return Shown(partial(inline, svg, description=description, title=title), description)


def _drawn(figure: Figure) -> str:
    """The figure as SVG, drawn once: as long as it has a layout engine, Matplotlib draws it twice, for the layout and to save it."""
    canvas, dpi, layout = figure.canvas, figure.dpi, figure.get_layout_engine()
    FigureCanvasSVG(figure)  # lays out by the text's size in SVG
    with mpl.rc_context(LOOK), io.StringIO() as file:
        try:
            if layout:
                layout.execute(figure)
            figure.set_layout_engine(None)  # that is the one of the settings, and LOOK has none
            figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
            return file.getvalue()
        finally:
            figure.set_layout_engine(layout)
            figure.set_canvas(canvas)
            figure.set_dpi(dpi)
