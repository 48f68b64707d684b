"""What a build leaves out is not needed; whoever needs it is told."""

from pathlib import Path

from tests.book.building import build, write


def test_another_way_to_execute_is_refused(tmp_path: Path) -> None:
    built = build(write(tmp_path / "src", {"page": "# Page\n"}), "-D", "nb_execution_mode=cache")
    assert built.code == 2
    assert "nb_execution_mode must be 'inline', as lean.py has it, and is 'cache'" in built.errors
