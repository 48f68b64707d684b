"""Starts the kernels of the pages as forks of one process, kernel_server.py, which has imported what they import.

Otherwise each takes a second of computing to start, to import the same modules as all others, and to end. Where a fork
is not safe, on anything but Linux, Jupyter starts them as it always does.
"""

from __future__ import annotations

import math
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book._ext.kernel_server import PID_WIDTH

SERVER = Path(__file__).with_name("kernel_server.py")
#: A kernel has as many seconds to start; Jupyter gives it as many.
STARTUP = 60


@cache
def server() -> socket.socket:
    """Where to ask for a kernel; started once, it ends when this process and all of its forks have ended."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        number = theirs.fileno()
        # In a session of its own: an interrupt from the keyboard is for the build.
        subprocess.Popen([sys.executable, str(SERVER), str(number)], pass_fds=[number], start_new_session=True)
    return ours


class Fork:
    """A kernel, with as much of the interface of `subprocess.Popen` as Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], folder: str, environment: dict[str, str]) -> None:
        self.line, theirs = socket.socketpair()
        with theirs:
            request = pickle.dumps((arguments, folder, environment))
            socket.send_fds(server(), [request], [theirs.fileno()])
        # Who asks a kernel before its ports are open asks again a tenth of a second later. So it says when they are.
        self.pid = int(self.line.recv(PID_WIDTH, socket.MSG_WAITALL) or 0)
        heard = select.select([self.line], [], [], STARTUP)[0]
        if not (heard and self.line.recv(1)):
            self.line.close()
            if self.pid:
                self.send_signal(signal.SIGKILL)
            raise RuntimeError(
                "the kernel died before it was ready" if heard else f"the kernel was not ready in {STARTUP} seconds"
            )

    def poll(self, timeout: float | None = 0) -> int | None:
        """None while it lives; it says nothing more, so there is something to read only when it has ended."""
        return 0 if select.select([self.line], [], [], timeout)[0] else None

    def wait(self) -> int | None:
        return self.poll(None)

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):  # told to end, it may have done so before it is made to
            os.kill(self.pid, number)


class Client(AsyncKernelClient):
    """Knows that a kernel is ready by what comes from it; Jupyter's knows it when nothing has been said for 0.2 s."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until it has answered a question, and something has come on the channel of outputs: nothing is lost there from then on."""
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        self.kernel_info()
        for message in (self.get_shell_msg, self.get_iopub_msg):
            while True:
                with suppress(Empty):
                    await message(timeout=1)
                    break
                if not await self.is_alive():
                    raise RuntimeError("the kernel died before it was ready")
                if time.monotonic() > end:
                    raise RuntimeError(f"the kernel was not ready in {timeout} seconds")
                self.kernel_info()  # an answer makes itself heard on both channels


class Forked(LocalProvisioner):
    """What Jupyter asks for a kernel."""

    process: Any = None

    async def launch_kernel(self, cmd: list[str], **settings: Any) -> KernelConnectionInfo:
        """Forks one, where Jupyter would run `python -m ipykernel_launcher -f …`."""
        if isinstance(self.parent, AsyncKernelManager):
            self.parent.client_factory = Client
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.process = Fork(arguments, settings["cwd"], settings["env"])
        self.pid = self.pgid = self.process.pid
        self.cwd = settings["cwd"]
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Ends it at once: nothing outlives a page, and half a second goes by until a kernel has tidied up."""
        await self.send_signal(signal.SIGKILL)
        self.process.wait()


def start(_app: Sphinx, _env: BuildEnvironment, pages: list[str]) -> None:
    """Before the processes part that read the pages, so that they share one server."""
    if pages:
        server()


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the kernels."""
    if sys.platform == "linux":
        factory = KernelProvisionerFactory.instance()
        factory.provisioners["forked"] = EntryPoint("forked", f"{__name__}:Forked", factory.GROUP_NAME)
        factory.default_provisioner_name = "forked"
        app.connect("env-before-read-docs", start)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
