"""Builds the book twice, in surroundings as unlike as one machine allows, and compares the sites byte for byte.

The two copies of the tree lie in folders of other names and depths; their builds run in other years, time zones and
locales, for users with other homes, with other seeds of Python's hashes and another number of processes. Whatever
differs is printed with its first difference, and is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns("_build", ".git", ".nox", ".*_cache", "__pycache__")  # a build is clean without
# Every Python started in a folder's surroundings imports this, kernels included, and the clock goes on from there.
ANOTHER_DAY = """
import datetime, os, time_machine
time_machine.travel(datetime.timedelta(days=int(os.environ["DAYS_AWAY"]))).start()
"""


@dataclass(frozen=True)
class Surroundings:
    """What must not show in the site."""

    folder: str
    days: int
    zone: str
    locale: str
    seed: int
    processes: int

    def environment(self, work: Path) -> dict[str, str]:
        """The variables of a process in these surroundings, with what they name."""
        home, customs, locales = (work / name for name in ("home", "customs", "locales"))
        for folder in (home, customs, locales):
            folder.mkdir(parents=True, exist_ok=True)
        (customs / "sitecustomize.py").write_text(ANOTHER_DAY)
        language, _, charmap = self.locale.partition(".")
        if language != "C":  # which is always there
            # With its warnings localedef ends with 1; whether the locale is there is seen when it is asked for.
            subprocess.run(["localedef", "-i", language, "-f", charmap, locales / self.locale], capture_output=True)
        return os.environ | {
            "DAYS_AWAY": str(self.days),
            "HOME": str(home),
            "LANG": self.locale,
            "LC_ALL": self.locale,
            "LOCPATH": str(locales),
            "PYTHONHASHSEED": str(self.seed),
            "PYTHONPATH": str(customs),
            "TZ": self.zone,
        }


ONE = Surroundings("one", days=0, zone="Pacific/Kiritimati", locale="C.UTF-8", seed=1, processes=2)
OTHER = Surroundings(
    "in some/other place", days=-500, zone="America/St_Johns", locale="tr_TR.UTF-8", seed=2, processes=3
)
SEEN = """
import datetime, locale, time
locale.setlocale(locale.LC_ALL, "")
print(f"{datetime.date.today()}, {time.strftime('%A', (2026, 1, 1, 0, 0, 0, 3, 1, -1))}, {time.tzname}")
"""


def seen(surroundings: Surroundings, work: Path) -> str:
    """The day, a weekday's name and the time zone, as a process sees them there; fails if the locale is not to be had."""
    command = [sys.executable, "-X", "utf8", "-c", SEEN]
    return subprocess.check_output(command, env=surroundings.environment(work), encoding="utf-8").strip()


def copy(surroundings: Surroundings, work: Path) -> Path:
    """A copy of the tree, its files modified now."""
    tree = work / surroundings.folder / "tree"
    shutil.copytree(ROOT, tree, ignore=NOT_COPIED, copy_function=shutil.copy)
    return tree


def build(surroundings: Surroundings, tree: Path) -> Path:
    """Builds the copy's book; returns the site."""
    site, environment = tree.parent / "site", surroundings.environment(tree.parent)
    environment["PYTHONPATH"] += os.pathsep + str(tree / "src")
    options = ["-b", "html", "-W", "-n", "-q", "-j", str(surroundings.processes), "-d", str(tree.parent / "doctrees")]
    subprocess.run([sys.executable, "-m", "sphinx", *options, "book", str(site)], cwd=tree, env=environment, check=True)
    return site


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two folders, a line for every file: which has it, or where its bytes part."""
    files = {path.relative_to(site) for site in (one, other) for path in site.rglob("*") if path.is_file()}
    found = []
    for file in sorted(files):
        missing = [site for site in (one, other) if not (site / file).is_file()]
        if missing:
            found.append(f"{file}: not in {missing[0]}")
        elif (parting := first_difference((one / file).read_bytes(), (other / file).read_bytes())) is not None:
            found.append(f"{file}: {parting}")
    return found


def first_difference(one: bytes, other: bytes) -> str | None:
    """Where two contents part, by line and byte, and what stands there; None if they are the same."""
    if one == other:
        return None
    at = next(i for i in count() if one[i : i + 1] != other[i : i + 1])
    texts = [content[max(at - 60, 0) : at + 60] for content in (one, other)]
    line = one.count(b"\n", 0, at) + 1
    return f"line {line}, byte {at}\n    {texts[0]!r}\n    {texts[1]!r}"


def main() -> None:
    """Builds, compares, prints; ends with an error if anything differs."""
    with tempfile.TemporaryDirectory() as folder:
        for each in (ONE, OTHER):
            print(f"{each.folder}: {seen(each, Path(folder, each.folder))}", flush=True)
        trees = [(each, copy(each, Path(folder))) for each in (ONE, OTHER)]  # before the tree can change
        one, other = (build(*each) for each in trees)
        files = [path for path in one.rglob("*") if path.is_file()]
        found = differences(one, other)
        print(*found, sep="\n")
        print(f"{len(files)} files, {sum(path.stat().st_size for path in files):,} bytes; {len(found)} differ")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
