"""Runs the cells apart from the settings of whoever builds; a failing one is an error with page, line and traceback."""

from __future__ import annotations

import logging as python_logging
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.core.render import strip_ansi
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from book._ext.where import where

logger = logging.getLogger(__name__)
# Parallel kernels would wait for each other's history; and none need say that it is local, or that it was stopped.
# What a cell prints is sent when it ends: what is sent on the way, five times a second, is put together with line breaks.
KERNEL_SETTINGS = """
from ipykernel.iostream import OutStream
OutStream.flush_interval = 3600
c.HistoryManager.enabled = False
c.IPKernelApp.log_level = 50
"""


def isolate(app: Sphinx) -> None:
    """Gives the kernels an IPython folder of their own, so that no startup file of a user takes part in the book."""
    profile = Path(app.doctreedir) / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL_SETTINGS)
    os.environ["IPYTHONDIR"] = str(profile.parent)


class ReportFailure(SphinxTransform):
    """Logs the error output of the cell that failed. MyST-NB's own message has no line and is silenced in conf.py."""

    default_priority = 10

    def apply(self, **_: Any) -> None:
        execution = NbMetadataCollector.get_exec_data(self.env, self.env.docname)
        if execution is None or execution["succeeded"]:
            return
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code" or "raises-exception" in cell["cell_metadata"].get("tags", ()):
                continue
            for output in cell.findall(nodes.literal_block):
                if "traceback" in output["classes"]:
                    self.report(cell, output.astext())
                    return
        # no traceback on the page: a timeout, or a cell whose output is hidden
        logger.error("a cell failed\n%s", strip_ansi(execution["traceback"] or ""), location=self.env.docname)

    def report(self, cell: nodes.container, traceback: str) -> None:
        source = next(cell.findall(nodes.literal_block)).astext()
        page, _, line = where(self.env, cell, source).rpartition(":")
        failed = re.search(r"Cell In\[\d+\], line (\d+)", traceback)  # the first frame is the cell's own
        place = f"{page}:{int(line) + int(failed[1]) - 1}" if failed else f"{page}:{line}"
        logger.error("a cell failed\n%s", traceback, location=place, type="execution")


class FailOnError(python_logging.Handler):
    """An error is a failed build, also without -W."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(python_logging.ERROR)
        self.app = app

    def emit(self, _record: python_logging.LogRecord) -> None:
        self.app.statuscode = 1


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the settings, the transform and the handler."""
    app.connect("builder-inited", isolate)
    app.add_transform(ReportFailure)
    python_logging.getLogger("sphinx").addHandler(FailOnError(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
