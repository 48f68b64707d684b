"""The `dot` program that comes with a package, and the graph that shows itself."""

import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import graphviz
import pytest
from graphviz.backend import dot_command

from chainrule import Tensor, draw
from chainrule._dot import Digraph, bundled_dot, dot_program


def test_the_program_is_the_one_of_the_package_and_draws() -> None:
    program = dot_program()
    assert program.stem == "graphviz-pure"
    drawn = subprocess.run([program, "-Tsvg"], input="digraph { a -> b }", capture_output=True, text=True, check=True)
    assert "</svg>" in drawn.stdout


def test_no_dot_is_needed_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("dot") is None
    assert "</svg>" in draw(Tensor(1.0))._repr_html_()


def test_the_program_is_looked_for_on_the_path_if_the_package_does_not_list_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "graphviz-pure"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setattr(metadata, "files", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dot_program() == program


@pytest.mark.parametrize("other", ["a-licence", "the-manual"])
def test_only_the_program_counts_among_the_files_of_the_package(
    other: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths = [tmp_path / other, tmp_path / "graphviz-pure"]
    for path in paths:
        path.write_text("")
    listed = [SimpleNamespace(stem=path.stem, locate=lambda path=path: path) for path in paths]
    monkeypatch.setattr(metadata, "files", lambda _: listed)
    assert dot_program() == paths[1]


def test_without_the_program_the_message_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="pip install graphviz-pure"):
        draw(Tensor(1.0))._repr_html_()


def test_other_graphs_keep_their_dot() -> None:
    before = dot_command.DOT_BINARY
    with bundled_dot():
        assert dot_command.command("dot", "svg")[0] == dot_program()
    assert before == dot_command.DOT_BINARY
    with pytest.raises(graphviz.CalledProcessError):
        Digraph(body=["this is not DOT ]"]).svg()
    assert before == dot_command.DOT_BINARY


def test_it_is_a_digraph_of_graphviz_and_can_be_written_to_a_file(tmp_path: Path) -> None:
    graph = draw(Tensor(2.0, "a"))
    assert isinstance(graph, graphviz.Digraph)
    written = graph.render(tmp_path / "graph", format="svg", quiet=True)
    assert "</svg>" in Path(written).read_text(encoding="utf-8")


def test_nothing_is_said_while_drawing(capfd: pytest.CaptureFixture[str]) -> None:
    draw(Tensor(2.0, "ℓ₁"))._repr_html_()
    assert capfd.readouterr() == ("", "")


def test_a_page_gets_html_and_who_reads_text_gets_the_description() -> None:
    graph = draw(Tensor(2.0, "a"), title="The title", description="What is seen")
    shown = graph._repr_mimebundle_(include=None, exclude=None)
    assert list(shown) == ["text/html", "text/plain"]
    assert shown["text/html"].startswith('<svg class="cr-figure" role="img"')
    assert ">The title</title>" in shown["text/html"]
    assert ">What is seen</desc>" in shown["text/html"]
    assert shown["text/plain"] == "The title. What is seen"
