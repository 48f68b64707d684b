"""The look of a figure, and what `show` makes of one for a page."""

import io
import re
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from chainrule import Tensor, axes, draw, show
from chainrule._show import LOOK, _drawn
from chainrule._svg import PALETTE


def html(figure: Any, description: str = "a description", **options: str) -> str:
    return show(figure, description=description, **options)._repr_html_()


def sizes(page: str) -> set[float]:
    return {float(size) for size in re.findall(r"font-size:([\d.]+)px", page)}


def test_axes_gives_one_axes_or_an_array_of_them() -> None:
    figure, ax = axes(height=2.5)
    assert isinstance(figure, Figure)
    assert tuple(figure.get_size_inches()) == (6, 2.5)
    assert ax.figure is figure
    assert axes(3, sharex=True)[1].shape == (3,)
    assert axes(2, 2)[1].shape == (2, 2)


def test_series_differ_in_colour_and_in_dash() -> None:
    _, ax = axes()
    lines = [ax.plot([0, 1], [k, k])[0] for k in range(6)]
    assert [line.get_color() for line in lines] == [PALETTE[f"cr-{k}"] for k in range(1, 7)]
    assert len({str(line._dash_pattern) for line in lines}) == 6


def test_the_look_is_not_left_behind() -> None:
    before = dict(mpl.rcParams)
    html(axes()[0])
    assert dict(mpl.rcParams) == before
    assert any(mpl.rcParams[key] != value for key, value in LOOK.items())


def test_a_figure_is_shown_as_text_and_lines_with_its_description() -> None:
    figure, ax = axes()
    ax.plot([0, 1], [0, 1])
    ax.set(title="A title", xlabel="across", ylabel="up")
    root = ET.fromstring(html(figure, "A line that rises.", title="Line"))
    assert [e.text for e in root[:2]] == ["Line", "A line that rises."]
    assert {"A title", "across", "up"} <= {e.text for e in root.iter("text")}
    assert root.get("width") == "576"


def test_colours_are_those_of_the_page_and_nothing_is_white() -> None:
    figure, ax = axes()
    ax.plot([0, 1], [0, 1], label="line")
    ax.legend(frameon=True)
    page = html(figure)
    assert f"stroke:var(--cr-1,{PALETTE['cr-1']})" in page
    assert "stroke:var(--cr-line" in page
    assert "#ffffff" not in page
    assert set(re.findall(r"(?<!,)#[0-9a-f]{6}\b", page)) == set()


def test_text_is_never_too_small_for_a_phone_and_titles_stand_on_the_left() -> None:
    figure, ax = plt.subplots()
    ax.set(title="The title", xlabel="across")
    ax.text(0.5, 0.5, "tiny", fontsize=5)
    ax.text(0.5, 0.7, "huge", fontsize=20)
    page = html(figure)
    assert sizes(page) == {12, 20}
    assert re.search(r'style="font-weight:700;font-size:12px;text-anchor:start">The title<', page)
    assert ax.get_title("left") == "The title"


@pytest.mark.parametrize(
    ("layout", "settings"),
    [
        ("constrained", {}),
        ("tight", {}),
        ("none", {}),
        ("constrained", {"figure.autolayout": True}),
        (None, {"figure.autolayout": True}),
        ("tight", {"figure.constrained_layout.use": True}),
    ],
)
def test_a_figure_is_drawn_once_as_matplotlib_draws_it_and_stays_as_it_was(
    layout: Any, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def labelled() -> Figure:
        with mpl.rc_context(settings):
            figure = Figure(layout=layout, dpi=90)
            ax = figure.subplots()
            ax.set_xlabel("$x^2$", fontsize=20)
            figure.colorbar(ax.imshow([[1, 2]]))
            return figure

    drawn = []
    figure, same = labelled(), labelled()
    before = figure.canvas, figure.dpi, figure.get_layout_engine()
    with monkeypatch.context() as patch:
        patch.setattr(Figure, "draw", lambda self, *args, draw=Figure.draw: [drawn.append(self), draw(self, *args)])
        with mpl.rc_context(settings):
            svg = _drawn(figure)
    assert drawn == [figure]
    assert (figure.canvas, figure.dpi, figure.get_layout_engine()) == before
    with mpl.rc_context(LOOK), io.StringIO() as file:
        same.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        assert svg == file.getvalue()


def test_a_figure_of_pyplot_is_closed() -> None:
    figure = plt.figure()
    html(figure)
    assert not plt.fignum_exists(figure.number)


def test_pyplot_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "matplotlib.pyplot")
    assert "</svg>" in html(axes()[0])


def test_a_graph_can_be_given_other_words() -> None:
    graph = draw(Tensor(2.0, "a") * 3)
    root = ET.fromstring(html(graph, "Two boxes."))
    assert [e.text for e in root[:2]] == ["Computation graph of u₁", "Two boxes."]
    assert ET.fromstring(html(graph, title="Other"))[0].text == "Other"


def test_who_reads_text_gets_the_description() -> None:
    assert repr(show(axes()[0], description="A line.")) == "A line."


def test_the_description_is_required() -> None:
    figure, _ = axes()
    with pytest.raises(TypeError, match="description"):
        show(figure)  # type: ignore[call-arg] # what the test is about
    for empty in ("", " \n"):
        with pytest.raises(ValueError, match="the description is empty: say what is seen"):
            show(figure, description=empty)
    with pytest.raises(TypeError, match="must be a str, not int"):
        show(figure, description=3)  # type: ignore[arg-type] # what the test is about


@pytest.mark.parametrize("thing", [None, np.ones(2), axes()[1]])
def test_only_figures_are_shown(thing: Any) -> None:
    with pytest.raises(TypeError, match=f"takes a Matplotlib Figure or a graph of draw, not {type(thing).__name__}"):
        show(thing, description="x")
