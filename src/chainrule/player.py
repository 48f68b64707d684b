"""A training history as key frames and as data for the page's player: `play(history, data, description="…")`."""

import json
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from chainrule._checks import _checked_count, _checked_range, check_description, check_type
from chainrule._show import Shown
from chainrule._svg import PALETTE
from chainrule.figures import check_snapshots, function_knots, unit_lines
from chainrule.relu_net import Data
from chainrule.sgd import History

#: A key frame, in px: its size, and where the axes are.
WIDTH, HEIGHT = 240, 176
LEFT, RIGHT, TOP, BOTTOM = 38, 236, 26, 156
#: The true function is handed over at so many equally spaced points.
TRUTH_POINTS = 201


def play(
    history: History,
    data: Data,
    *,
    description: str,
    frames: int = 6,
    ylim: tuple[float, float] = (-2.5, 2.5),
) -> Shown:
    """Show a training run: key frames, and the data from which a page's script makes an animation.

    Without a script, in a notebook or on paper, the key frames are what is seen: the first and the last snapshot, and
    others at equal ratios of steps in between.

    Parameters
    ----------
    history : History
        The run.
    data : Data
        What it was trained on.
    description : str
        What is seen, for a reader who does not see it.
    frames : int
        How many key frames, at least 2.
    ylim : (float, float)
        The vertical range.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, the description empty, `frames` less than 2, `ylim` upside down, or the
        history empty or an error in it not finite.

    Notes
    -----
    The HTML is `<div class="cr-player">` with the frames in `<div class="cr-frames">` and, after it, the data in
    `<script type="application/json">`: an object with the numbers to 4 digits under these keys.

    steps : (S,), w, b, v : (S, H), c : (S,), train_error : (S,), test_error : (S,) or null
        As in `History`. The network of snapshot k is straight between 0, its elbows -b/w in between, and 1.
    x, y : (N,)
        The training points.
    truth : (201,)
        The true function at equally spaced points from the one end of xlim to the other.
    xlim, ylim : (2,)
        The ranges.
    """
    check_snapshots("history", history)
    check_type("data", data, Data)
    check_description(description)
    frames = _checked_count("frames", frames, at_least=2)  # the first snapshot and the last
    ylim = _checked_range("ylim", ylim)
    if not all(np.isfinite(e).all() for e in (history.train_error, history.test_error) if e is not None):
        raise ValueError("history must have finite errors: this run was diverging, and there is no picture of that")
    pictures = "".join(_frame(history, k, data, ylim) for k in _key_frames(history.steps, frames))
    values = {
        **{name: _short(value) for name, value in vars(history).items()},
        "x": _short(data.x),
        "y": _short(data.y),
        "truth": _short(data.truth(np.linspace(0, 1, TRUTH_POINTS))),
        "xlim": [0, 1],
        "ylim": _short(ylim),
    }
    grid = "display:grid;gap:0.5rem;grid-template-columns:repeat(auto-fit,minmax(max(9.5rem,30%),1fr))"
    html = (
        f'<div class="cr-player" role="group" aria-label="{escape(description)}">'
        f'<div class="cr-frames" style="{grid}">{pictures}</div>'
        f'<script type="application/json">{json.dumps(values, separators=(",", ":"))}</script></div>'
    )
    return Shown(lambda: html, description)


def _key_frames(steps: NDArray[np.int64], frames: int) -> list[int]:
    """The first snapshot, the last, and those nearest to equal ratios of steps back to the second."""
    wanted = np.geomspace(steps[-1], steps[:2].max(), frames - 1)
    nearest = [int(np.argmin(np.abs(np.log(steps / step)))) for step in wanted]
    return sorted({0, *nearest})


def _short(values: Any) -> Any:
    """Numbers to 4 digits, whole ones without a point."""
    if values is None:
        return None
    return [_short(row) if np.ndim(row) else json.loads(f"{row:.4g}" if row % 1 else f"{row:.0f}") for row in values]


def _frame(history: History, k: int, data: Data, ylim: tuple[float, float]) -> str:
    """Snapshot k as SVG, written by hand: a tenth of what Matplotlib would make of it."""
    net = history[k]
    width, height = RIGHT - LEFT, BOTTOM - TOP

    def points(x: ArrayLike, y: ArrayLike) -> list[str]:
        across, down = width * np.asarray(x), height * (ylim[1] - np.asarray(y)) / (ylim[1] - ylim[0])
        return [f"{a:.1f} {b:.1f}".replace(".0", "") for a, b in zip(across, down, strict=True)]

    def path(d: str, color: str, style: str) -> str:
        return f'<path d="{d}" style="fill:none;stroke:var(--{color},{PALETTE[color]});{style}"/>'

    def label(x: int, y: int, anchor: str, text: str) -> str:
        return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text.replace("-", "−")}</text>'

    knots, true = function_knots(net), np.linspace(0, 1, TRUTH_POINTS)
    bends = np.abs(np.diff(data.truth(true), 2, prepend=np.inf, append=np.inf)) > 1e-9  # the ends, too
    lines = ["L".join(points(x, y)) for x, y in zip(*unit_lines(net), strict=True)]
    curves = (
        path("".join(f"M{dot}h0" for dot in points(data.x, data.y)), "cr-line", "stroke-width:2.5;stroke-linecap:round")
        + path(
            "M" + "L".join(points(true[bends], data.truth(true[bends]))),
            "cr-3",
            "stroke-width:1.5;stroke-dasharray:5 2",
        )
        + path("M" + "M".join(lines), "cr-muted", "stroke-width:0.7;stroke-opacity:0.6")
        + path("M" + "L".join(points(knots, net(knots))), "cr-1", "stroke-width:2")
        + path(
            "".join(f"M{p}m-3 0l3-3 3 3-3 3z" for p in points(knots[1:-1], net(knots[1:-1]))),
            "cr-2",
            f"fill:var(--cr-2,{PALETTE['cr-2']})",
        )
    )
    size = f"width:{width}px;height:{height}px;max-width:none;margin:0"  # whatever the page says of an svg
    step = f"{history.steps[k]:,} step" + "s" * bool(history.steps[k] != 1)
    error = f"error {history.train_error[k]:.2g}"
    texts = (
        label(LEFT, 16, "start", step)
        + label(RIGHT, 16, "end", error)
        + label(LEFT - 4, TOP + 11, "end", f"{ylim[1]:g}")
        + label(LEFT - 4, BOTTOM, "end", f"{ylim[0]:g}")
        + label(LEFT, BOTTOM + 15, "middle", "0")
        + label(RIGHT, BOTTOM + 15, "end", "1")
    )
    return (
        f'<svg class="cr-figure" role="img" aria-label="After {step}: training {error}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'style="width:100%;height:auto;fill:currentColor;font-size:14px">{texts}'
        f"{path(f'M{LEFT} {TOP}V{BOTTOM}H{RIGHT}', 'cr-line', 'stroke-width:1')}"
        f'<svg x="{LEFT}" y="{TOP}" width="{width}" height="{height}" style="{size}">{curves}</svg></svg>'
    )
