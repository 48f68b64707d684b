"""Every page has a kernel of its own, as if nothing had been imported before; none outlives the build."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from book._ext import kernels
from book._ext.kernel_server import PID_WIDTH
from book._ext.kernels import Client, Fork, Forked
from book._ext.parallel import one_by_one
from tests.book.building import BOOK, FRONT_MATTER, build, write

PAGE = (
    FRONT_MATTER
    + """# Page

```{code-cell} python
import os, sys, time
from pathlib import Path
def say(*words):
    with Path(LOG).open("a") as log:
        print(*words, file=log)
say(os.getpid(), os.getpgid(0))
say("" in sys.path, any("_ext" in folder for folder in sys.path), "mine" in globals())
say(sorted(path.name for path in Path.cwd().iterdir()))
say(len(sys.modules["chainrule.steps"]._prefix_loop.signatures))
mine = 1
```

```{code-cell} python
import subprocess
subprocess.run([sys.executable, "-c", "print('a child')"], capture_output=True, text=True, check=True).stdout
```

```{code-cell} python
print("one", end=" ")
time.sleep(0.5)
print("line")
```
"""
)


@pytest.mark.parametrize("processes", ["1", "2"])
def test_each_page_has_one_kernel_of_its_own(tmp_path: Path, processes: str) -> None:
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    pages = {log.stem: PAGE.replace("LOG", repr(str(log))) for log in logs}
    built = build(write(tmp_path / "src", pages), "-W", "-j", processes, anew=processes == "1")
    assert built.errors == ""
    assert built.code == 0
    (a, *seen), (b, *same) = [log.read_text().splitlines() for log in logs]
    assert seen == same == ["True False False", "[]", "1"]  # what is compiled need not be loaded by every page
    assert a != b
    for number, group in (line.split() for line in (a, b)):
        assert number == group  # what interrupts or ends it meets nothing else
        if sys.platform == "linux":
            assert not Path("/proc", number).exists()
    for log in logs:
        assert "a child" in built.read(f"{log.stem}.html")
        assert "<span></span>one line\n" in built.read(f"{log.stem}.html")


def test_a_kernel_that_dies_is_an_error(tmp_path: Path) -> None:
    page = FRONT_MATTER + "# Page\n\n```{code-cell} python\nimport os\nos._exit(3)\n```\n"
    built = build(write(tmp_path / "src", {"page": page}))
    assert built.code
    assert "Kernel died" in built.errors


def test_a_module_that_cannot_be_imported_is_an_error_where_a_page_does(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "chainrule"
    shutil.copytree(BOOK.parent / "src" / "chainrule", package)
    (package / "player.py").write_text("1 / 0\n", encoding="utf-8")
    page = FRONT_MATTER + "# Page\n\n```{code-cell} python\nfrom chainrule import play\n```\n"
    built = build(write(tmp_path / "src", {"page": page}), path=package.parent)
    assert built.code == 1
    assert "page.md:9: ERROR: a cell failed" in built.errors
    assert "ZeroDivisionError" in built.errors


def test_a_kernel_that_has_ended_is_told_to_end_without_an_error() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    kernel = Fork.__new__(Fork)
    kernel.pid = gone.pid
    kernel.send_signal(signal.SIGCONT)


def test_the_order_of_pages_is_the_order_in_which_they_are_taken() -> None:
    waiting = one_by_one(["longest", "long", "short", "shortest"], 2)
    taken = [waiting.pop(0) for _ in range(2)] + [waiting.pop() for _ in range(2)]  # as sphinx.util.parallel does
    assert taken == [["longest"], ["long"], ["short"], ["shortest"]]


# When a kernel is ready


def waiting(shell: list[Any], iopub: list[Any], *, alive: bool) -> tuple[Client, list[str]]:
    """A client of a kernel that says so, nothing where None stands, and then is silent; and the questions that it is asked."""
    asked: list[str] = []

    async def message(left: list[Any]) -> Any:
        if (said := left.pop(0) if left else None) is None:
            raise Empty
        return said

    class Scripted(Client):
        def kernel_info(self) -> str:
            asked.append("kernel_info")
            return str(len(asked))

        async def get_shell_msg(self, **_: Any) -> Any:
            return await message(shell)

        async def get_iopub_msg(self, **_: Any) -> Any:
            return await message(iopub)

        async def is_alive(self) -> bool:
            return alive

    return Scripted(), asked


def test_a_kernel_is_ready_when_it_has_been_heard_on_both_channels() -> None:
    shell, iopub = ["an answer", "more"], ["a welcome", "more"]
    client, asked = waiting(shell, iopub, alive=True)
    asyncio.run(client.wait_for_ready())
    assert (shell, iopub, len(asked)) == (["more"], ["more"], 1)


def test_a_kernel_is_asked_again_if_nothing_comes() -> None:
    shell, iopub = [None, None, "an answer"], [None, "busy"]
    client, asked = waiting(shell, iopub, alive=True)
    asyncio.run(client.wait_for_ready())
    assert (shell, iopub, len(asked)) == ([], [], 4)


@pytest.mark.parametrize("said", [[], ["an answer"]])
@pytest.mark.parametrize(
    ("alive", "message"), [(False, "died before it was ready"), (True, "not ready in 0.0 seconds")]
)
def test_a_kernel_that_is_not_there_is_not_waited_for(said: list[str], alive: bool, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        asyncio.run(waiting(said, [], alive=alive)[0].wait_for_ready(timeout=0.0))


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forks on Linux only")
@pytest.mark.parametrize(
    ("said", "stays", "message"),
    [
        (b"", False, "died before it was ready"),
        (b"PID", False, "died before it was ready"),
        (b"PID", True, "not ready in 0.1 seconds"),
    ],
)
def test_a_kernel_that_does_not_come_to_be_is_an_error_and_is_ended(
    said: bytes, stays: bool, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(kernels, "server", lambda: ours)
    monkeypatch.setattr(kernels, "STARTUP", 0.1)
    with subprocess.Popen(["sleep", "60"]) as kernel, ours, theirs, ThreadPoolExecutor() as threads:
        asked = threads.submit(Fork, ["-f", "x"], ".", {})
        request, (line,), _, _ = socket.recv_fds(theirs, 2**20, 1)
        os.write(line, said.replace(b"PID", f"{kernel.pid:{PID_WIDTH}}".encode()))
        if not stays:
            os.close(line)
        with pytest.raises(RuntimeError, match=message):
            asked.result()
        if stays:
            os.close(line)
        if not said:
            kernel.kill()
        assert kernel.wait() == -signal.SIGKILL
    assert pickle.loads(request) == (["-f", "x"], ".", {})


def test_the_kernels_of_pages_are_waited_for_so(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = AsyncKernelManager()
    monkeypatch.setattr(kernels, "Fork", lambda *_: SimpleNamespace(pid=1))
    asyncio.run(Forked(parent=manager).launch_kernel(["ipykernel_launcher", "-f", "x"], cwd=".", env={}))
    assert manager.client_factory is Client
