"""The files around the book agree with each other: commands, releases, versions; and a session installs only once."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nox
import pytest
import yaml
from dependency_groups import resolve
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import noxfile

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PINS = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]


def test_every_pin_is_a_name_and_a_release() -> None:
    assert all(re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*", pin) for pin in PINS)
    assert sorted(set(PINS)) == PINS


def test_everything_that_is_asked_for_is_pinned_to_what_it_asks() -> None:
    pins = dict(pin.split("==") for pin in PINS)
    groups = PROJECT["dependency-groups"]
    asked = [*PROJECT["project"]["dependencies"], *(name for group in groups for name in resolve(groups, group))]
    for requirement in map(Requirement, asked):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_hooks_have_the_pinned_releases() -> None:
    (hooks,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    asked = {name for hook in hooks["hooks"] for name in hook.get("additional_dependencies", [])}
    assert asked
    assert asked <= set(PINS)


def test_the_book_is_cited_as_what_it_is() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = PROJECT["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]
    assert citation["authors"] == project["authors"]
    assert citation["license"][0] == project["license"]
    assert citation["authors"][0]["name"] in (ROOT / "LICENSE").read_text("utf-8")


def sessions() -> dict[str, str | None]:
    """The sessions of the noxfile and their docstrings."""
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list]
    return {function.name: ast.get_docstring(function) for function in functions}


def test_every_session_says_what_it_does_in_a_line() -> None:
    assert all(text and "\n" not in text for text in sessions().values())


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run", ".pre-commit-config.yaml", "noxfile.py"])
def test_every_command_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"nox -s (\w+)", (ROOT / name).read_text("utf-8")))
    assert named
    assert named <= sessions().keys()


class Session:
    """As much of a session as installing needs; it writes down what it is asked to install."""

    def __init__(self, folder: Path) -> None:
        self.virtualenv = SimpleNamespace(location=str(folder))
        self.installed: list[tuple[str, ...]] = []
        self.env: dict[str, str] = {}

    def install(self, *arguments: str) -> None:
        self.installed.append(arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(noxfile, "ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def installs(session: Any, *groups: str) -> int:
    """How many installations it takes to have the groups."""
    before = len(session.installed)
    noxfile.install(session, *groups)
    return len(session.installed) - before


def test_a_session_installs_once(project: Path) -> None:
    session = Session(project)
    assert [installs(session, "site"), installs(session, "site")] == [2, 0]
    packages, package = session.installed
    assert packages[:2] == ("-c", "constraints.txt")
    assert {"sphinx", "hatchling>=1.27", *PROJECT["project"]["dependencies"]} <= set(packages)
    assert package == ("--no-deps", "--no-build-isolation", "--editable", ".")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_session_installs_again_when_the_packages_change(name: str, project: Path) -> None:
    session = Session(project)
    installs(session, "site")
    with (project / name).open("a") as file:
        file.write("# changed\n")
    assert [installs(session, "site"), installs(session, "test"), installs(session, "test")] == [2, 2, 0]


def test_an_installation_that_fails_is_tried_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(project)

    def fail(*_: str) -> None:
        raise nox.command.CommandFailed

    with monkeypatch.context() as patch:
        patch.setattr(session, "install", fail)
        with pytest.raises(nox.command.CommandFailed):
            installs(session, "site")
    assert installs(session, "site") == 2
