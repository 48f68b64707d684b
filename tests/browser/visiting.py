"""Chromium, and a page that is open in it, with what it has said, asked for and failed to get."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Response

HERE = Path(__file__).parent
SITE = Path(os.environ.get("CHAINRULE_SITE", HERE.parents[1] / "book" / "_build" / "html"))
#: A process of root, as in a container, has no sandbox; the rest keeps Chromium from looking for its makers' servers.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-domain-reliability", "--no-pings",
]  # fmt: skip
#: A machine with much to do may paint later than it loads.
PAINTED = """new Promise((painted) => {
    const seen = (list) => list.getEntriesByName("first-contentful-paint").forEach((entry) => painted(entry.startTime));
    new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
    setTimeout(painted, 10_000);
})"""
WATCH_FOR_MOVEMENT = (HERE / "movement.js").read_text()


def pages() -> list[str]:
    """Every page of the built site, as its path."""
    return sorted(str(p.relative_to(SITE)) for p in SITE.rglob("*.html") if "_static" not in p.parts)


def chromium() -> str:
    """The browser's program, from CHROMIUM or from PATH."""
    names = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "chrome"]
    program = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if program is None:
        pytest.exit("no Chromium: install it (Debian: apt-get install chromium), or name its program in CHROMIUM", 2)
    return program


@dataclass
class Visit:
    """A page that is open, and what it has said, asked for and failed to get."""

    page: Page
    home: str
    messages: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.home}/{path}", wait_until="load")
        self.wait_for_first_frame()
        return self.page

    def wait_for_first_frame(self) -> None:
        self.page.evaluate("document.fonts.ready")
        self.page.evaluate(PAINTED)
        self.page.wait_for_timeout(150)

    def watch(self) -> None:
        def request(request: Request) -> None:
            if not request.url.startswith((self.home, "data:", "blob:")):
                self.foreign.append(request.url)

        def response(response: Response) -> None:
            if response.status >= 400:
                self.failed.append(f"{response.url}: {response.status}")

        self.page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.messages.append(f"error: {error}"))
        self.page.on("request", request)
        self.page.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        self.page.on("response", response)


def visit(context: BrowserContext, home: str) -> Visit:
    page = context.new_page()
    page.add_init_script(WATCH_FOR_MOVEMENT)
    visit = Visit(page, home)
    visit.watch()
    return visit


def handle(page: Page, which: int = 0) -> tuple[float, float]:
    """Where the handle of an initial elbow of the lab is, in the window; the handles are one path, a piece for each."""
    page.locator(".cr-network").scroll_into_view_if_needed()
    drawing, grip = page.locator(".cr-network > svg").bounding_box(), page.locator(".cr-grip").bounding_box()
    assert drawing
    assert grip
    starts = re.findall(r"M([\d.]+)", page.locator(".cr-handle:not(.cr-off)").get_attribute("d") or "")
    return drawing["x"] + float(starts[which]), grip["y"] + grip["height"] / 2 - 4
