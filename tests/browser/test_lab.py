"""The lab as its readers use it: every control, the presets, the address, bad input, divergence, and no script at all."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Visit

LAB = "relu/lab.html"


def finished(page: Page) -> None:
    """Waits until the result of a run is told."""
    expect(page.locator(".cr-lab")).to_contain_text(re.compile(r"After [\d,]+ steps:|diverge"), timeout=20_000)


def changed(page: Page, old: str) -> str:
    """Waits until another run is there to its last step; returns what is said of it."""
    said = page.locator(".cr-player output")
    expect(said).not_to_have_text(old, timeout=20_000)
    expect(said).to_contain_text("Step 150,000", timeout=20_000)
    return said.inner_text()


def prediction(page: Page) -> str:
    return page.locator(".cr-network .cr-prediction").get_attribute("d") or ""


def test_a_control_runs_the_training_again_and_is_in_the_address(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=10")
    old = changed(page, "")
    width = page.get_by_label("Width", exact=True)
    assert width.get_attribute("aria-valuetext") == "10"
    width.focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("width=11"))
    here, told = page.url, changed(page, old)
    page.goto("about:blank")
    page.goto(here)
    assert changed(page, "") == told  # a link brings the same run
    assert desktop.messages == []


def test_the_step_is_chosen_by_keyboard(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=5&steps=20000")
    finished(page)
    step = page.get_by_label("Step", exact=True)
    step.focus()
    page.keyboard.press("Home")
    expect(step).to_have_attribute("aria-valuetext", "Step 0")
    first = prediction(page)
    page.keyboard.press("End")
    expect(step).to_have_attribute("aria-valuetext", "Step 20,000")
    assert prediction(page) != first


@pytest.mark.parametrize(
    "name", ["Elbows outside the data", "One unit", "Output layer only", "All elbows in one place"]
)
def test_a_preset_makes_its_point(desktop: Visit, name: str) -> None:
    page = desktop.open(LAB)
    address, old = page.url, changed(page, "")
    page.get_by_role("button", name=name).click()
    expect(page).not_to_have_url(address)
    changed(page, old)


def test_divergence_is_told_in_words(desktop: Visit) -> None:
    page = desktop.open(LAB)
    page.get_by_role("button", name="Too large a rate").click()
    expect(page.locator(".cr-lab")).to_contain_text(re.compile("diverge", re.IGNORECASE), timeout=20_000)
    assert prediction(page)


@pytest.mark.parametrize(
    "query",
    [
        "?width=ten",
        "?width=1000&learningRate=-3&steps=1e99",
        "?target=drawn&drawn=",
        "?off=3,4,x&elbows=?",
        "?nonsense=%",
    ],
)
def test_an_address_with_nonsense_is_mended_in_words(desktop: Visit, query: str) -> None:
    page = desktop.open(LAB + query)
    expect(page.locator(".cr-network .cr-prediction")).to_have_attribute("d", re.compile("M"), timeout=20_000)
    assert 1 <= int(page.get_by_label("Width", exact=True).input_value()) <= 100
    assert desktop.messages == []


def test_a_unit_is_left_out_by_a_click(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=3")
    old = changed(page, "")
    unit = page.get_by_role("button", name="Unit 1", exact=True)
    unit.click()
    expect(unit).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("off=1"))
    changed(page, old)


def test_its_lines_of_python_say_the_run(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=7&seed=3")
    page.get_by_text("This run in Python").click()
    expect(page.locator(".cr-lab details pre")).to_contain_text("seed = 3")
    expect(page.locator(".cr-lab details pre")).to_contain_text("ReluNet.random(7,")


@pytest.mark.parametrize("desktop", [{"java_script_enabled": False}], indirect=True)
def test_without_a_script_the_page_tells_its_story(desktop: Visit) -> None:
    page = desktop.page
    page.goto(f"{desktop.home}/{LAB}")
    expect(page.locator(".cr-lab")).to_contain_text("none runs")
    assert page.locator("article figure").count() >= 4
