"""Every page, in light and dark, on a phone and on a desk: silent, self-contained, still, within its width, accessible."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from tests.browser.tools import axe_findings, html_problems
from tests.browser.visiting import PAINTED, Visit, visit

#: What a first visit may transfer, compressed: all of it, and its scripts.
BYTES, SCRIPT_BYTES = 300_000, 40_000
#: For so many milliseconds early.js has a page wait for its fonts; then it is shown without them, and moves when they come.
PATIENCE = 1500


def test_page(open_in: Visit, page_path: str) -> None:
    for _ in range(3):
        page = open_in.open(page_path)
        movement = page.evaluate("movedSinceFirstPaint()")
        if not (movement["late"] and movement["painted"] >= PATIENCE):  # else the machine stopped: one more visit
            break
    # Furo lets the content scroll, not the page.
    overflow = page.evaluate(
        """Math.max(...[document.documentElement, ...document.querySelectorAll(".content")].map(
            (box) => box.scrollWidth - box.clientWidth))"""
    )
    findings = axe_findings(page)
    assert movement["watched"] > 5, "the watch saw nothing"
    found = {
        "console messages": open_in.messages,
        "requests to other hosts": open_in.foreign,
        "failed requests": open_in.failed,
        "fonts that came after the first paint": movement["late"],
        "elements that moved": movement["moved"],
        "layout shift": movement["shift"],
        "pixels of horizontal scroll": overflow,
        "findings of axe": findings,
    }
    assert not any(found.values()), json.dumps({k: v for k, v in found.items() if v}, indent=2)


def test_a_page_does_not_wait_for_a_font_that_does_not_come(desktop: Visit) -> None:
    held: list[Route] = []
    desktop.page.route("**/KaTeX_Math-Italic.woff2", lambda route: held.append(route))  # no method will do
    desktop.page.goto(f"{desktop.home}/backprop/d-matrices.html", wait_until="domcontentloaded")
    painted = desktop.page.evaluate(PAINTED)
    assert held
    assert desktop.page.evaluate("movedSinceFirstPaint().late") == []  # none that has come did so later
    assert painted >= PATIENCE, "it waits for so long"
    assert desktop.page.locator("h1").is_visible()
    held[0].continue_()
    desktop.page.wait_for_load_state("load")
    desktop.page.evaluate("document.fonts.ready")
    (late,) = desktop.page.evaluate("movedSinceFirstPaint().late")
    assert late.endswith("/KaTeX_Math-Italic.woff2")


def test_page_from_disk(browser: Browser, site: Path, page_path: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    v = visit(context, site.as_uri())
    page = v.open(page_path)
    title = page.title()
    context.close()
    assert title
    assert v.messages == []
    assert v.foreign == []
    assert v.failed == []


def test_weight(desktop: Visit, page_path: str) -> None:
    """What the first visit to a page transfers, compressed."""
    session = desktop.page.context.new_cdp_session(desktop.page)
    session.send("Network.enable")
    sizes: dict[str, float] = {}
    kinds: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    desktop.open(page_path)
    script = sum(size for request, size in sizes.items() if kinds.get(request) == "Script")
    assert sizes, "nothing was measured"
    assert sum(sizes.values()) < BYTES
    assert script < SCRIPT_BYTES or page_path == "search.html", f"{script:.0f} bytes of script"


def test_the_fonts_of_the_formulas_are_foreseen(desktop: Visit, page_path: str) -> None:
    """What early.js waits for is what the page then uses; a font that it does not wait for would move what it sets."""
    page = desktop.open(page_path)
    foreseen = page.evaluate(
        "document.querySelector('script[data-fonts]')?.dataset.fonts.split(' ').filter(Boolean) ?? []"
    )
    used = page.evaluate("""[...document.querySelectorAll('.katex-html *')].filter((e) => e.checkVisibility() &&
        [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
            const { fontFamily, fontStyle, fontWeight } = getComputedStyle(e);
            const style = `${fontWeight === '700' ? 'Bold' : ''}${fontStyle === 'italic' ? 'Italic' : ''}` || 'Regular';
            return `${fontFamily.split(',')[0].replace('KaTeX_', '')}-${style}`;
        })""")
    assert set(used) - set(foreseen) == set()


def test_html(site: Path) -> None:
    """html-validate, with the exclusions and reasons in htmlvalidate.json."""
    problems = html_problems(site)
    assert problems == [], "\n".join(problems[:40])


@pytest.mark.parametrize("path", ["no/such/page.html"])
def test_what_is_not_there_is_said(desktop: Visit, path: str) -> None:
    response = desktop.page.goto(f"{desktop.home}/{path}")
    assert response is not None
    assert response.status == 404
    assert "No such page" in desktop.page.inner_text("h1")
    assert axe_findings(desktop.page) == []
