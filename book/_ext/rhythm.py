"""Holds every part to the book's rhythm, names its sections for the stylesheet, and folds the solutions."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from book._ext.where import where

logger = logging.getLogger(__name__)
RHYTHM = ("Problem", "Predict", "Derivation", "Run it", "Check", "Remember", "Exercises")


class Solution(nodes.Element):
    """A solution, folded until the reader opens it; `of` is what it solves, in words."""


def title_of(section: nodes.Element) -> str:
    title = section.next_node(nodes.title)
    return title.astext() if title is not None else ""


def sections(parent: nodes.Element) -> list[nodes.section]:
    return [child for child in parent.children if isinstance(child, nodes.section)]


class Rhythm(SphinxTransform):
    """Checks the order of a part's sections, and turns each `Solution` section into a folded one."""

    default_priority = 700

    def apply(self, **_: Any) -> None:
        parts = [part for page in sections(self.document) for part in sections(page)]
        if self.env.docname.startswith(("relu/", "backprop/")) and self.front_matter("rhythm") != "False":
            self.check(parts)
        for part in parts:
            if title_of(part) in RHYTHM:
                part["classes"] += ["rhythm", f"rhythm-{title_of(part).split()[0].lower()}"]
            if title_of(part) == "Exercises":
                for exercise in sections(part):
                    self.fold(exercise)

    def front_matter(self, name: str) -> str | None:
        for field in self.document.findall(nodes.field):
            if field[0].astext() == name:
                return field[1].astext()
        return None

    def check(self, parts: list[nodes.section]) -> None:
        for part, expected in zip_longest(parts, RHYTHM):
            found = title_of(part) if part is not None else None
            if found != expected:
                named = [f"'## {title}'" if title else "the end of the page" for title in (expected, found)]
                place = part if part is not None else parts[-1] if parts else self.document
                self.warn(f"the rhythm of a part: expected {named[0]}, found {named[1]}", place)
                return

    def fold(self, exercise: nodes.section) -> None:
        solutions = [section for section in sections(exercise) if title_of(section) == "Solution"]
        if len(solutions) != 1 or sections(exercise)[-1] is not solutions[0]:
            self.warn(f"'### {title_of(exercise)}' must end with one '#### Solution'", exercise)
            return
        (section,) = solutions
        label = re.match(r"Exercise \w+", title_of(exercise))
        of = (label[0] if label else title_of(exercise)).lower()
        exercise["classes"].append("exercise")
        identifier = nodes.make_id(f"solution to {of}")
        # The title goes: the summary takes its place, and the table of contents stays free of it.
        folded = Solution("", *section.children[1:], of=of, ids=[identifier, *section["ids"]], names=section["names"])
        folded.source, folded.line = section.source, section.line
        self.document.ids.update(dict.fromkeys(folded["ids"], folded))
        exercise.replace(section, folded)

    def warn(self, message: str, place: nodes.Element) -> None:
        logger.warning("%s", message, location=where(self.env, place, title_of(place)), type="rhythm")


def visit_solution(self: HTML5Translator, node: Solution) -> None:
    # The link's target lies inside, so that a browser which follows a link to it opens the solution by itself.
    targets = "".join(f'<span id="{i}"></span>' for i in node["ids"][1:])
    self.body.append(
        f'<details class="solution"><summary>Solution to {self.encode(node["of"])}</summary>\n'
        f'<div class="solution-body" id="{node["ids"][0]}">{targets}\n'
    )


def depart_solution(self: HTML5Translator, _node: Solution) -> None:
    self.body.append("</div></details>\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the node and the transform."""
    app.add_node(Solution, html=(visit_solution, depart_solution))
    app.add_transform(Rhythm)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
