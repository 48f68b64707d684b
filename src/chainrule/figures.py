"""The look of the book's figures, and the way to show one: `fig, ax = axes()`, then `show(fig, description="…")`.

`PALETTE` has the colours. Every one is a CSS property that the page may set, so figures follow light and dark mode.
"""

import io
import sys
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

from chainrule._svg import PALETTE, inline
from chainrule.draw import Digraph

__all__ = ["PALETTE", "Shown", "axes", "show"]

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
    "axes.titlelocation": "left",
    "axes.titlesize": TEXT,
    "axes.titleweight": "bold",
    "font.size": TEXT,
    "grid.alpha": 0.3,
    "grid.color": PALETTE["cr-line"],
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
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
        How many axes. A phone is narrow: prefer rows.
    height : float
        Of the whole figure, in inches; the width is 6.
    **options
        For `Figure.subplots`, such as `sharex=True`.

    Returns
    -------
    Figure, Axes or array of Axes
        An array, (rows,) or (columns,) or (rows, columns), unless there is just one. Series differ in colour and dash.
    """
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        return figure, figure.subplots(rows, columns, **options)


class Shown:
    """A figure as a page or a notebook shows it: inline SVG, and the description where there are no pictures."""

    def __init__(self, svg: str, description: str, title: str) -> None:
        self._svg, self._description, self._title = svg, description, title

    def _repr_html_(self) -> str:
        return inline(self._svg, title=self._title, description=self._description)

    def __repr__(self) -> str:
        return self._description


def show(figure: Figure | Digraph, *, description: str, title: str = "") -> Shown:
    """Show a figure in a page, as text and lines that follow light and dark mode.

    Text smaller than 12 pt is set in 12 pt, so that a phone shows it legibly; legends lose their frames. A figure of
    pyplot is closed.

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
        If `figure` is neither, such as an Axes.
    ValueError
        If the description is empty.
    """
    if not isinstance(description, str) or not description.strip():
        raise ValueError("show needs a description: say what is seen, for a reader who does not see it")
    if isinstance(figure, Digraph):
        return Shown(figure.svg(), description, title or figure.title)
    if not isinstance(figure, Figure):
        raise TypeError(f"show takes a Matplotlib Figure or a graph of draw, not {type(figure).__name__}")
    for text in figure.findobj(Text):
        text.set_fontsize(max(TEXT, text.get_fontsize()))
    for legend in figure.findobj(Legend):
        legend.set_frame_on(False)  # it would stay white in dark mode
    with mpl.rc_context(LOOK), io.StringIO() as file:
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        svg = file.getvalue()
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(figure)
    return Shown(svg, description, title)
