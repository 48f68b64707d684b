"""A graph that shows itself in a page, drawn by the `dot` program that the package graphviz-pure brings along."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import graphviz
from graphviz.backend import dot_command

from chainrule._svg import inline


class Digraph(graphviz.Digraph):  # type: ignore[misc] # it has no types
    """A graph that shows itself as inline SVG, with a title and a description, and brings its `dot` program along."""

    title: str = ""
    description: str = ""

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        with bundled_dot():
            return super().pipe(*args, **kwargs)

    def render(self, *args: Any, **kwargs: Any) -> Any:
        with bundled_dot():
            return super().render(*args, **kwargs)

    def svg(self) -> str:
        """The drawing as an SVG document."""
        # quiet: it warns of every letter whose width it has to guess
        return self.pipe(format="svg", encoding="utf-8", quiet=True)  # type: ignore[no-any-return] # it has no types

    def _repr_html_(self) -> str:
        return inline(self.svg(), title=self.title, description=self.description)

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.title}. {self.description}"


def dot_program() -> Path:
    """Where the `graphviz-pure` program is that came with the package of that name.

    Raises
    ------
    RuntimeError
        If it is not installed.
    """
    try:
        files = metadata.files("graphviz-pure") or []
    except metadata.PackageNotFoundError:
        files = []
    places = [Path(file.locate()) for file in files if file.stem == "graphviz-pure"]
    found = next(filter(Path.is_file, places), None) or shutil.which("graphviz-pure")
    if found is None:
        raise RuntimeError("drawing a graph needs the program graphviz-pure: run `pip install graphviz-pure`")
    return Path(found)


@contextmanager
def bundled_dot() -> Iterator[None]:
    """Let graphviz call that program for the moment; other graphs of this process keep the `dot` they had."""
    before, dot_command.DOT_BINARY = dot_command.DOT_BINARY, dot_program()
    try:
        yield
    finally:
        dot_command.DOT_BINARY = before
