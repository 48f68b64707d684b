"""What is said of the supply: no answer is never a good one, and every finding is explained or a failure."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supply import __main__ as supply

KNOWN = {"id": "PYSEC-1", "fix_versions": ["2"], "aliases": [], "description": "It leaks.\nMuch."}
NPM = {
    "vulnerabilities": {"a": {"via": ["b"]}, "b": {"via": [{"url": "x/GHSA-2", "range": "<2", "title": "It hangs."}]}}
}


def dependency(**more: Any) -> dict[str, Any]:
    return {"name": "one", "version": "1.0", "vulns": []} | more


def test_what_is_no_json_is_no_answer() -> None:
    silent = subprocess.CompletedProcess(
        ["npm"], 1, "", "npm error one\nnpm error two\nnpm error A complete log is there\n"
    )
    with pytest.raises(supply.NotAnswered, match=r"^npm ended with 1 and no answer. npm error two$"):
        supply.answer(silent, "npm")
    found = subprocess.CompletedProcess(["npm"], 1, '{"a": 1}', "")
    assert supply.answer(found, "npm") == {"a": 1}


def test_a_package_that_is_skipped_is_not_a_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    skipped = {"name": "two", "skip_reason": "Dependency not found"}
    monkeypatch.setattr(supply, "ask", lambda *_: {"dependencies": [dependency(), skipped]})
    with pytest.raises(supply.NotAnswered, match=r"pypi has not looked at 1 of 2 packages. .*osv has not"):
        supply.audit_python()


def test_the_second_service_is_asked_where_the_first_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*command: str) -> Any:
        if "pypi" in command:
            raise supply.NotAnswered
        return {"dependencies": [dependency(), dependency(vulns=[KNOWN])]}

    monkeypatch.setattr(supply, "ask", ask)
    assert supply.audit_python() == [supply.Finding("PYSEC-1", "one", "1.0", "It leaks.")]


def test_npm_names_the_package_that_has_the_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "ask_npm", lambda *_: NPM)
    assert list(supply.audit_npm("book")) == [supply.Finding("GHSA-2", "b", "<2", "It hangs.")]


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        (supply.audit_npm, {"message": "405 Method Not Allowed"}),
        (supply.outdated_npm, {"error": {"summary": "405 Method Not Allowed"}}),
    ],
)
def test_an_error_of_npm_is_no_answer(
    question: Callable[[str], Any], answered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "ask_npm", lambda *_: answered)
    with pytest.raises(supply.NotAnswered, match="in book: 405"):
        list(question("book"))


def test_what_is_outdated_is_what_would_be_chosen_today(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = [("NumPy", supply.pins()["numpy"]), ("a_new.one", "3"), ("sphinx", "99")]
    metadata = [{"metadata": {"name": name, "version": release}} for name, release in chosen]
    monkeypatch.setattr(supply, "ask", lambda *_: {"install": metadata})
    expected = ["a-new-one without a pin: there is 3", f"sphinx {supply.pins()['sphinx']}: there is 99"]
    assert list(supply.outdated_python()) == expected
    monkeypatch.setattr(supply, "ask_npm", lambda *_: {"katex": {"wanted": "1", "latest": "2"}})
    assert list(supply.outdated_npm("book")) == ["book: katex 1: there is 2"]


def test_a_finding_needs_a_reason_and_a_reason_a_finding() -> None:
    found = [supply.Finding("A", "one", "1", "It leaks."), supply.Finding("B", "two", "1", "It hangs.")]
    reasons = [
        {"id": name, "package": package, "why": why} for name, package, why in [("A", "one", "No."), ("B", "two", " ")]
    ]
    assert list(supply.unexplained(found, reasons, asked_all=True)) == [f"not explained: {found[1]}"]
    assert list(supply.unexplained([], reasons[:1], asked_all=True)) == ["accepted, and not found: A of one"]
    assert list(supply.unexplained([], reasons[:1], asked_all=False)) == []


@pytest.mark.parametrize(
    ("knows", "code", "said"),
    [
        (list, 0, "none"),
        (lambda: [supply.Finding("A", "one", "1", "")], 1, "not explained: Finding(id='A'"),
        (None, 1, "not answered: nobody"),
    ],
)
def test_the_end_says_what_must_not_stay_so(
    knows: Any,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def nobody() -> Any:
        raise supply.NotAnswered("nobody")

    bill = {"components": [{"name": "one", "licenses": [1]}, {"name": "two"}]}
    monkeypatch.setattr(supply, "ROOT", tmp_path)
    monkeypatch.setattr(supply, "BILLS", tmp_path / "bills")
    monkeypatch.setattr(supply.sys, "argv", ["supply", "environment"])
    monkeypatch.setattr(supply, "ask", lambda *_: bill)
    monkeypatch.setattr(
        supply, "ask_npm", lambda _, command, *__: {"audit": {"vulnerabilities": {}}, "sbom": bill}.get(command, {})
    )
    monkeypatch.setattr(supply, "outdated_python", list)
    monkeypatch.setattr(supply, "audit_python", knows or nobody)
    with pytest.raises(SystemExit) as ended:
        supply.main()
    assert ended.value.code == code
    printed = capsys.readouterr().out
    assert f"Failures:\n  {said}" in printed
    assert ("not everything was looked at" in printed) == (knows is None)
    assert "bills/python.cdx.json: 2 packages; without a licence: two" in printed
    assert json.loads((tmp_path / "bills" / "book-lab.cdx.json").read_text("utf-8")) == bill
