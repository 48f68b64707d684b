"""Says in every page's head what the page is: an icon, a description for searches, and a card with a picture for links to it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx

from book._ext.kept import keep
from book._ext.stale import fingerprint
from chainrule import PALETTE, ReluNet, make_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ABOUT = "A textbook on backpropagation and on how a ReLU network learns, in which every formula and figure is executed."
ALT = "A function made of straight pieces that follows noisy points along a zigzag, a diamond at each of its bends."
LONGEST = 160
PICTURES = ("icon.png", "card.png")  # drawn here, into the site's static files
STAMP = "pictures-drawn-from"


def describe(doctree: nodes.document | None) -> str:
    """The page's first paragraph without a formula, cut at a word; what the book is, if there is none."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = " ".join(paragraph.astext().split())
        if len(text) > 40 and not any(paragraph.findall(nodes.math)):
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ABOUT


def complete(app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Adds the tags; addresses are absolute, as their readers want them, where html_baseurl says what the site's is."""
    base = app.config.html_baseurl
    image = f"{base}_static/card.png" if base else context["pathto"]("_static/card.png", resource=True)
    title, about = context.get("title", app.config.project), describe(doctree)
    properties = {
        "og:type": "article",
        "og:site_name": app.config.project,
        "og:title": title if page != app.config.root_doc else app.config.project,
        "og:description": about,
        "og:image": image,
        "og:image:alt": ALT,
    }
    if base:
        properties["og:url"] = context["pageurl"]
    # No SVG: a browser paints one as it paints a page, and would do so before the page.
    tags = [f'<link rel="icon" href="{context["pathto"]("_static/icon.png", resource=True)}">']
    tags += [f'<meta name="description" content="{escape(about)}">']
    tags += [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
    context["metatags"] += "\n    " + "\n    ".join([*tags, '<meta name="twitter:card" content="summary_large_image">'])


def draw(app: Sphinx, error: Exception | None) -> None:
    """Draws both pictures. A build that changes nothing of what is executed has them; stale.py knows what that is."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    pictures = {static / name: drawing for name, drawing in zip(PICTURES, (icon, card), strict=True)}

    def save() -> None:
        for path, drawing in pictures.items():
            drawing(app.config.project).savefig(path, metadata={"Software": None})

    keep(app, STAMP, fingerprint(app), pictures, save)


# Matplotlib is imported where it is used: a build that changes nothing would take twice as long with it.


def icon(_title: str) -> Figure:
    """Draws the icon, 96 × 96: an elbow."""
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    figure = Figure(figsize=(1, 1), dpi=96, facecolor="none")
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 32), ylim=(0, 32))
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((7, 7), 18, 18, boxstyle="round,pad=7", facecolor="#1f5fa8", edgecolor="none"))
    ax.plot([4, 14, 27], [10, 10, 24], color="white", linewidth=8, solid_capstyle="round", solid_joinstyle="round")
    ax.plot(14, 10, "o", color="#ffd166", markersize=17)
    return figure


def card(title: str) -> Figure:
    """Draws the card, 1200 × 630, from a run of the trainer: a link to the book shows what the book does."""
    from matplotlib.figure import Figure

    from chainrule import train

    rng = np.random.default_rng(2020)
    data, net = make_data(rng), ReluNet.random(40, rng)
    net = train(net, data.x, data.y, learning_rate=0.02, steps=100_000, batch_size=40, rng=rng)[-1]
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white")
    ax = figure.add_axes((0, 0, 1, 0.66))
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(-1.5, 1.5))
    ax.plot(data.x, data.y, "o", color=PALETTE["cr-6"], markersize=5)
    x = np.linspace(0, 1, 2001)
    ax.plot(x, net(x), color=PALETTE["cr-1"], linewidth=5)
    ax.plot(net.elbows, net(net.elbows), "D", color=PALETTE["cr-2"], markersize=11, clip_on=False)
    figure.text(0.05, 0.79, title, fontsize=50, fontweight="bold", color="#131416")
    figure.text(0.05, 0.70, "Backpropagation and a ReLU network, every formula run", fontsize=25, color="#464b55")
    return figure


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the tags, after those of head.py, and the card."""
    app.connect("html-page-context", complete, priority=600)
    app.connect("build-finished", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
