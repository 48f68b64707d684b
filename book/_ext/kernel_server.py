"""Imports what the kernels of the pages import, once, and then forks itself for each of them; started by kernels.py.

Its one argument is a file descriptor, a socket. A request is a pickled (arguments, folder, environment), and with it
comes another socket, which the kernel keeps open while it lives; there it says its process id, and a byte when it can be asked.
"""

import gc
import os
import pickle
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module

PID_WIDTH = 16
IMPORTED = ["ipykernel.kernelapp", "matplotlib.backends.backend_svg", "chainrule.player", "chainrule.sweeps"]
LATER = [  # what a kernel imports while it starts, which takes it two thirds of the time
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "argcomplete",
    "encodings.idna",
    "ipykernel.debugger",
    "psutil",
    "tornado.platform.asyncio",
    "traitlets.config.argcomplete_config",
]


def serve(requests: socket.socket) -> tuple[int, bytes] | None:
    """Forks until nobody is left who could ask; returns in every fork, with its socket and its request, and in the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    while True:
        request, lines, _, _ = socket.recv_fds(requests, 2**20, 1)
        if not request:
            return None
        if os.fork() == 0:
            break
        os.close(lines[0])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests.close()
    os.set_inheritable(lines[0], False)
    os.setsid()  # as Jupyter has it: a signal to a kernel is for whatever that has started, too
    return lines[0], request


def load() -> None:
    """Loads what every kernel would otherwise load by itself: the compiled trainer, and what the first figure needs."""
    import numpy as np

    from chainrule import ReluNet, axes, train

    one, data = np.ones(1), np.arange(2.0)
    train(ReluNet(one, one, one, 1.0), data, data, learning_rate=0.1, steps=1, batches=[[0]], method="prefix")
    axes()


def main() -> None:
    """Serves; and is a kernel, in a fork."""
    del sys.path[0]  # this file's folder, in which a page has nothing to look for
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as in a kernel, where it is late
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # nobody debugs a page
    for name in (*IMPORTED, *LATER):
        with suppress(Exception):  # the pages will say it, with their lines
            import_module(name)
    with suppress(Exception):
        load()
    gc.freeze()  # a collection in a fork would look at all of this, and have every page of memory copied for it
    asked = serve(socket.socket(fileno=int(sys.argv[1])))
    if asked:
        line, request = asked
        arguments, folder, environment = pickle.loads(request)
        os.chdir(folder)
        os.environ.update(environment)
        sys.argv[1:] = [*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"]  # with which a kernel ends, too
        os.write(line, f"{os.getpid():{PID_WIDTH}}".encode())
        kernel = import_module("ipykernel.kernelapp").IPKernelApp.instance()
        kernel.initialize()
        os.write(line, b"!")
        kernel.start()


if __name__ == "__main__":
    main()
