"""Definitions of terms and symbols: by pointer and by keyboard, within the window, and sent away with Escape."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.test_every_page import axe_findings
from tests.browser.visiting import Visit

PAGE = "backprop/d-matrices.html"
TERM = "article a[href*='glossary.html#term-']"
SYMBOL = "article a.symbol[href$='#symbol-delta']"
SHOWN = "[role=tooltip]:visible"


def wait_until_gone(page: Page) -> None:
    page.locator("[role=tooltip]").wait_for(state="hidden", timeout=5_000)


def rest_on(page: Page, selector: str) -> None:
    """Moves the pointer onto a link, by its box: `hover` aims at a formula's MathML, of which nothing is seen."""
    link = page.locator(selector).first
    link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = link.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator(SHOWN).wait_for(timeout=5_000)


@pytest.mark.parametrize(("selector", "words"), [(TERM, r"\w+ \w+ \w+"), (SYMBOL, "as a column.*Shape: ")])
def test_a_pointer_shows_it_and_may_move_onto_it(desktop: Visit, selector: str, words: str) -> None:
    page = desktop.open(PAGE)
    rest_on(page, selector)
    tip = page.locator(SHOWN)
    assert re.search(words, tip.text_content() or "", re.DOTALL)
    assert page.locator(selector).first.get_attribute("aria-describedby") == tip.get_attribute("id")
    tip.hover()
    page.wait_for_timeout(600)  # longer than it waits for the pointer
    assert tip.is_visible()
    page.mouse.move(2, 2)
    wait_until_gone(page)
    assert page.locator("article a[aria-describedby]").count() == 0
    assert page.evaluate("movedSinceFirstPaint().shift") == 0
    assert desktop.messages == []


@pytest.mark.parametrize("selector", [TERM, SYMBOL])
def test_the_keyboard_shows_it_and_escape_sends_it_away(desktop: Visit, selector: str) -> None:
    page = desktop.open(PAGE)
    page.keyboard.press("Tab")  # from here on, what has the focus shows it
    link = page.locator(selector).first
    link.focus()
    tip = page.locator(SHOWN)
    assert link.get_attribute("aria-describedby") == tip.get_attribute("id")
    page.keyboard.press("Escape")
    assert tip.count() == 0
    assert link.get_attribute("aria-describedby") is None
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert tip.is_visible()
    page.emulate_media(media="print")
    assert tip.count() == 0


def test_escape_sends_it_away_until_the_pointer_comes_again(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    rest_on(page, SYMBOL)
    page.keyboard.press("Escape")
    assert page.locator(SHOWN).count() == 0
    box = page.locator(SYMBOL).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + 3, box["y"] + box["height"] / 2)
    page.wait_for_timeout(400)
    assert page.locator(SHOWN).count() == 0
    page.mouse.move(2, 2)
    rest_on(page, SYMBOL)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_is_accessible_and_within_the_window(desktop: Visit, scheme: str, width: int) -> None:
    page = desktop.page
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
    page.set_viewport_size({"width": width, "height": 640})
    desktop.open(PAGE)
    outside = []
    for link in page.locator(f"article :is({TERM}, {SYMBOL})").all()[:12]:
        if not link.is_visible():
            continue
        link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
        page.keyboard.press("Shift")  # a key: the focus that follows is shown
        link.focus()
        box = page.locator(SHOWN).bounding_box()
        assert box
        if box["x"] < 0 or box["x"] + box["width"] > width or box["y"] < 0 or box["y"] + box["height"] > 640:
            outside.append((link.text_content(), box))
    assert outside == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert page.locator(SHOWN).count() == 1
    assert axe_findings(page) == []


def test_a_definition_is_shown_from_disk_too(desktop: Visit, site: object) -> None:
    page = desktop.page
    page.goto(f"{site.as_uri()}/{PAGE}")  # type: ignore[attr-defined]  # a Path
    rest_on(page, TERM)
    assert page.locator(SHOWN).text_content()


@pytest.mark.parametrize("desktop", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_the_links_lead_to_the_definitions(desktop: Visit) -> None:
    page = desktop.page
    page.goto(f"{desktop.home}/{PAGE}")
    page.locator(SYMBOL).first.click()
    assert page.url.endswith("reference/notation.html#symbol-delta")
    assert page.locator("tr:target").is_visible()
