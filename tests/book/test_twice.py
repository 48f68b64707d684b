"""The comparison of two sites sees every difference; and the surroundings of a build reach its cells."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.book.building import FRONT_MATTER, build, write
from tests.book.twice import ONE, OTHER, differences

SEEN = """
import datetime, locale, os, time
locale.setlocale(locale.LC_ALL, "")
weekday = time.strftime("%A", (2026, 1, 1, 0, 0, 0, 3, 1, -1))
print(datetime.date.today(), time.tzname, hash("a"), weekday, os.environ["HOME"], sep="\\n")
"""
PAGE = f"{FRONT_MATTER}# Page\n\n```{{code-cell}} python{SEEN}```\n"


def folder(path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def test_the_same_files_have_no_difference(tmp_path: Path) -> None:
    one, other = (folder(tmp_path / name, {"a": b"1\n2", "b/c": b"", ".d": b"3"}) for name in ("one", "other"))
    assert differences(one, other) == []


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": b"1\n2"}, [r"b/c: not in .*other"]),
        ({"a": b"1\n2", "b/c": b"", ".d": b""}, [r"\.d: not in .*one"]),
        ({"a": b"1\n3", "b/c": b""}, [r"a: line 2, byte 2\n    b'1\\n2'\n    b'1\\n3'"]),
        ({"a": b"1\n2\n", "b/c": b" "}, [r"a: line 2, byte 3\n.*", r"b/c: line 1, byte 0\n.*"]),
    ],
)
def test_a_difference_is_said_with_its_place(tmp_path: Path, files: dict[str, bytes], said: list[str]) -> None:
    one, other = folder(tmp_path / "one", {"a": b"1\n2", "b/c": b""}), folder(tmp_path / "other", files)
    found = differences(one, other)
    assert len(found) == len(said)
    assert all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in zip(said, found, strict=True))


def test_the_surroundings_reach_the_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / OTHER.folder).mkdir(parents=True)
    environment = ONE.environment(tmp_path / ONE.folder)
    one = subprocess.check_output([sys.executable, "-X", "utf8", "-c", SEEN], env=environment, encoding="utf-8")
    for name, value in OTHER.environment(tmp_path / OTHER.folder).items():
        monkeypatch.setenv(name, value)
    source = write(tmp_path / OTHER.folder / "src", {"page": PAGE})
    site = build(source, "-W", path=tmp_path / OTHER.folder / "customs", anew=True).site
    (other,) = re.findall(r"<span></span>([\d-]{10}\n.*?)\n</pre>", (site / "page.html").read_text("utf-8"), re.DOTALL)
    pairs = list(zip(one.splitlines(), other.splitlines(), strict=True))
    assert len(pairs) == 5
    assert all(a != b for a, b in pairs)
    assert date.fromisoformat(one[:10]) - date.fromisoformat(other[:10]) > timedelta(days=400)
