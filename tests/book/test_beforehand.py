"""What the process of every page would do is done before there are any."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import fastjsonschema
import pytest
from myst_nb.core.render import load_mime_renders, load_renderer
from nbformat import validator
from nbformat.v4 import new_notebook

from book._ext.beforehand import IMPORTED, beforehand

APP: Any = None  # of the application it needs nothing
ENV: Any = SimpleNamespace(mystnb_config=SimpleNamespace(render_plugin="default"))


@pytest.fixture(autouse=True)
def _as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which nothing of it is done."""
    monkeypatch.setattr(validator, "validators", {})
    for name in IMPORTED:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for loaded in (load_mime_renders, load_renderer):
        loaded.cache_clear()


def test_afterwards_a_notebook_needs_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("book._ext.beforehand.localhost", lambda: asked.append("localhost"))
    beforehand(APP, ENV, ["a", "b"])
    assert asked == ["localhost"]
    assert {"ipykernel.kernelspec", *IMPORTED} <= set(sys.modules)
    monkeypatch.setattr(fastjsonschema, "compile", None)
    new_notebook()
    load_renderer("default")
    load_mime_renders()
    assert (load_renderer.cache_info().hits, load_mime_renders.cache_info().hits) == (1, 1)


def test_for_one_page_nothing_is_done() -> None:
    beforehand(APP, ENV, ["a"])
    assert validator.validators == {}
