"""The lab as its readers use it: every control, the presets, the address, bad input, divergence, and no script at all."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tools import axe_findings
from tests.browser.visiting import Visit, handle

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
    ("name", "look"),
    [
        ("Elbows outside the data", "Which of these come in?"),
        ("One unit", "One elbow makes one bend."),
        ("Output layer only", "the elbows cannot move"),
        ("All elbows in one place", "Look how they part"),
    ],
)
def test_a_preset_makes_its_point(desktop: Visit, name: str, look: str) -> None:
    page = desktop.open(LAB)
    address, old = page.url, changed(page, "")
    page.get_by_role("button", name=name).click()
    expect(page).not_to_have_url(address)
    told = changed(page, old)
    expect(page.locator(".cr-message")).to_contain_text(look)
    page.get_by_role("button", name="Next seed").click()
    expect(page.locator(".cr-message")).to_have_text("")  # of this run it need not be true
    changed(page, told)


def test_a_preset_ends_what_the_pointer_did(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=3")
    old = changed(page, "")
    page.get_by_label("A pointer in the chart").select_option("draw")
    page.get_by_role("button", name="One unit").click()
    changed(page, old)
    assert page.get_by_label("A pointer in the chart").input_value() == "read"
    page.locator(".cr-network").click(position={"x": 300, "y": 60})
    assert page.get_by_label("Target", exact=True).input_value() == "zigzag"


@pytest.mark.parametrize("target", ["sine", "step", "bump"])
def test_a_target_is_chosen(desktop: Visit, target: str) -> None:
    page = desktop.open(LAB + "?width=3")
    old, truth = changed(page, ""), page.locator(".cr-network .cr-truth")
    before = truth.get_attribute("d")
    page.get_by_label("Target", exact=True).select_option(target)
    expect(page).to_have_url(re.compile(f"target={target}"))
    changed(page, old)
    assert truth.get_attribute("d") != before


def test_divergence_is_told_in_words(desktop: Visit) -> None:
    page = desktop.open(LAB)
    page.get_by_role("button", name="Too large a rate").click()
    expect(page.locator(".cr-outcome")).to_contain_text("The run diverged at step", timeout=20_000)
    assert prediction(page)
    expect(page.locator(".cr-network")).to_contain_text("The network is far beyond this picture")


def test_dead_units_are_told_in_words(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=1&elbows=0_1.2&seed=2")
    finished(page)
    expect(page.locator(".cr-outcome")).to_contain_text("1 of 1 unit is dead, active at no point: 0.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?width=ten", "The width is not a number; it is 40 now."),
        (
            "?width=1000&learningRate=-3&steps=1e99",
            "The learning rate must be from 0.0001 to 10, not −3; it is 0.0001 now.",
        ),
        ("?target=drawn&drawn=", "Nothing is drawn; the true function is zigzag now."),
        ("?off=3,4,x&elbows=?", "A unit was left out that is not there; the units are 0 to 39."),
        ("?nonsense=%", "The address says something of “nonsense”, which the lab does not have."),
        ("?width=9&elbows=" + "_".join(f"{j}_x" for j in range(9)), "And 5 more."),
    ],
)
def test_an_address_with_nonsense_is_mended_in_words(desktop: Visit, query: str, words: str) -> None:
    page = desktop.open(LAB + query)
    expect(page.locator(".cr-message.cr-problem")).to_contain_text(words)
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


def elbow(page: Page, kind: str) -> tuple[float, float]:
    """Where the first elbow of a kind is, in the window; it is read before the page scrolls, which may end what it is."""
    path = page.locator(f".cr-network .cr-elbow{kind}").first.get_attribute("d") or ""
    page.locator(".cr-network").scroll_into_view_if_needed()
    box = page.locator(".cr-network > svg").bounding_box()
    assert box
    x, y = map(float, path[1:].split("m")[0].split())
    return box["x"] + x, box["y"] + y


def test_a_unit_is_read_under_pointer_and_focus(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=4&off=3")
    finished(page)
    reading = page.locator(".cr-reading")
    names = [r"unit \d", "w ", "b ", "v ", "elbow ", "slope ", r"active .* at \d+ of 200 points"]
    for j in (0, 3):
        page.get_by_role("button", name=f"Unit {j}", exact=True).focus()
        expect(reading).to_contain_text(f"unit {j}")
        expect(reading).to_have_attribute("aria-live", "polite")
    expect(reading).to_have_text("unit 3, switched off")
    page.get_by_role("button", name="Unit 0", exact=True).hover()
    expect(reading).to_have_text(re.compile(".*".join(names)))
    told = reading.text_content() or ""
    place = elbow(page, ".cr-chosen")
    page.mouse.move(0, 0)
    page.mouse.move(*place)
    expect(reading).to_have_text(told)


@pytest.mark.parametrize("desktop", [{"has_touch": True}], indirect=True)
def test_a_unit_is_read_by_a_tap(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=1&elbows=0_0.5")
    finished(page)
    page.touchscreen.tap(*elbow(page, ":not(.cr-chosen, .cr-silent)"))
    expect(page.locator(".cr-reading")).to_contain_text("unit 0")
    assert page.locator(".cr-units select").input_value() == "0"


def test_the_steps_are_even_or_logarithmic(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=5")
    changed(page, "")
    step = page.get_by_label("Step", exact=True)
    step.focus()
    page.keyboard.press("PageDown")
    told = step.get_attribute("aria-valuetext")
    places = [int(step.input_value())]
    trails = page.locator(".cr-network .cr-trail").first
    before = trails.inner_html()
    page.get_by_label("log steps").uncheck()
    places.append(int(step.input_value()))
    assert step.get_attribute("aria-valuetext") == told  # the same snapshot, elsewhere on the axis
    assert places[0] > places[1]
    assert trails.inner_html() != before


def test_a_figure_opens_the_lab_with_its_settings(desktop: Visit) -> None:
    page = desktop.open("relu/output-layer.html")
    page.get_by_role("link", name="width 20").last.click()
    finished(page)
    assert page.get_by_label("Width", exact=True).get_attribute("aria-valuetext") == "20"
    assert page.get_by_label("Trained", exact=True).input_value() == "output"
    assert page.get_by_label("Learning rate", exact=True).get_attribute("aria-valuetext") == "0.2"


def test_while_it_trains_the_steps_are_not_read_aloud(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=40")
    old, output = changed(page, ""), ".cr-player output"
    page.evaluate(
        """(output) => {
            window.aloud = [];
            new MutationObserver(() => aloud.push(document.querySelector(output).getAttribute("aria-live")))
                .observe(document.querySelector(output), { subtree: true, childList: true, characterData: true });
        }""",
        output,
    )
    page.get_by_label("Width", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    changed(page, old)
    assert page.evaluate("aloud.length") > 1
    assert page.evaluate("aloud.slice(0, -1).includes('polite')") is False  # the last step may be
    expect(page.locator(output)).to_have_attribute("aria-live", "polite")


CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { %s } } })"


def test_link_and_python_are_copied(desktop: Visit) -> None:
    page = desktop.page
    page.add_init_script(CLIPBOARD % "window.copied = text")
    desktop.open(LAB + "?width=7")
    finished(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".cr-message")).to_have_text("Link copied.")
    assert page.evaluate("copied") == page.url
    page.get_by_role("button", name="Copy as Python").click()
    expect(page.locator(".cr-message")).to_have_text("Python copied.")
    assert "ReluNet.random(7," in page.evaluate("copied")


def test_what_cannot_be_copied_can_be_selected(desktop: Visit) -> None:
    page = desktop.page
    page.add_init_script(CLIPBOARD % "throw new Error('no')")
    desktop.open(LAB + "?width=7")
    finished(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".cr-message")).to_have_text(
        f"The browser does not let the page copy. This is the link: {page.url}"
    )
    page.get_by_role("button", name="Copy as Python").click()
    expect(page.locator(".cr-message")).to_contain_text("The lines stand below.")
    expect(page.locator(".cr-lab details pre")).to_contain_text("ReluNet.random(7,")


STATES = [
    "?target=drawn&drawn=0_0_1_1",
    "?width=100&off=0_7_99",
    "?width=ten&nonsense=1",
    "?learningRate=10&width=5",
]


@pytest.mark.parametrize("width", [360, 820, 1280])
@pytest.mark.parametrize("query", STATES)
def test_in_other_states_it_is_accessible_and_within_its_width(desktop: Visit, query: str, width: int) -> None:
    desktop.page.set_viewport_size({"width": width, "height": 800})
    page = desktop.open(LAB + query)
    finished(page)
    page.get_by_role("button", name="Pin this run").click()
    page.get_by_role("button", name="Next seed").click()
    expect(page.locator(".cr-compared")).to_contain_text("Changed: seed: 1, now 2.", timeout=20_000)
    expect(page.get_by_text("pinned run", exact=True)).to_have_count(2)
    page.get_by_text("This run in Python").click()
    page.evaluate("scrollTo({ top: 1200, behavior: 'instant' })")
    page.wait_for_timeout(100)
    page.evaluate("scrollTo({ top: 900, behavior: 'instant' })")  # the way back to the top is shown
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert axe_findings(page) == []


def test_on_a_phone_the_chart_is_seen_while_a_control_is_moved(desktop: Visit) -> None:
    desktop.page.set_viewport_size({"width": 360, "height": 800})
    page = desktop.open(LAB + "?width=5")
    finished(page)
    for name in ("Width", "Learning rate", "Noise"):
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        control = page.get_by_label(name, exact=True)
        control.focus()
        page.wait_for_timeout(700)  # the page scrolls smoothly
        chart, box = page.locator(".cr-network").bounding_box(), control.bounding_box()
        assert chart
        assert box
        assert 0 <= chart["y"] < chart["y"] + chart["height"] <= box["y"] < 800, name


def test_if_the_script_does_not_come_the_page_says_so(desktop: Visit) -> None:
    desktop.page.route("**/lab.js*", lambda route: route.abort())
    desktop.page.goto(f"{desktop.home}/{LAB}")
    expect(desktop.page.get_by_text("none has run here")).to_be_visible(timeout=12_000)


FINGER = [{"has_touch": True}]


def stroke(page: Page, *places: tuple[float, float], finger: bool) -> None:
    """Goes from place to place with the pointer down, or with a finger."""
    if not finger:
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=5)
        page.mouse.up()
        return
    browser = page.context.new_cdp_session(page)
    for k, (x, y) in enumerate(places):
        kind = "touchMove" if k else "touchStart"
        browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        page.wait_for_timeout(50)  # a frame: browsers hand on one move for each
    browser.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize(("desktop", "finger"), [({}, False), (FINGER[0], True)], indirect=["desktop"])
def test_an_initial_elbow_is_dragged(desktop: Visit, finger: bool) -> None:
    page = desktop.open(LAB + "?width=12")
    old = changed(page, "")
    x, y = handle(page, 5)
    scrolled = page.evaluate("scrollY")
    stroke(page, (x, y), (x + 20, y), (x + 60, y), finger=finger)
    expect(page).to_have_url(re.compile("elbows="))
    assert page.evaluate("scrollY") == scrolled
    changed(page, old)
    at, _ = handle(page, 5)
    assert at == pytest.approx(x + 60, abs=2)


@pytest.mark.parametrize(("desktop", "finger"), [({}, False), (FINGER[0], True)], indirect=["desktop"])
def test_a_target_is_drawn_in_the_chart(desktop: Visit, finger: bool) -> None:
    page = desktop.open(LAB + "?width=5")
    old = changed(page, "")
    page.get_by_label("A pointer in the chart").select_option("draw")
    expect(page).to_have_url(re.compile("target=drawn"))
    truth = page.locator(".cr-network .cr-truth")
    before, began = truth.get_attribute("d"), page.url
    box = page.locator(".cr-network > svg").bounding_box()
    assert box
    places = [(box["x"] + box["width"] * across, box["y"] + box["height"] * 0.15) for across in (0.3, 0.5, 0.7)]
    stroke(page, *places, finger=finger)
    expect(truth).not_to_have_attribute("d", before or "")
    page.wait_for_timeout(300)
    pairs = zip((before or "").split("L"), (truth.get_attribute("d") or "").split("L"), strict=True)
    assert sum(a != b for a, b in pairs) > 50  # of 301 points, where the stroke covers 0.4 of 1.5
    expect(page).not_to_have_url(began)
    told = changed(page, old)
    page.goto(page.url)
    assert changed(page, "") == told  # the drawing is in the address
    assert page.get_by_label("Target", exact=True).input_value() == "drawn"


def test_a_unit_is_switched_off_in_the_chart(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=3")
    changed(page, "")
    page.get_by_label("A pointer in the chart").select_option("switch")
    page.mouse.click(*handle(page))
    expect(page).to_have_url(re.compile(r"off=\d"))
    expect(page.locator(".cr-form [aria-pressed=false]")).to_have_count(1)


def test_a_run_is_compared_with_a_pinned_one(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=4")
    old = changed(page, "")
    page.get_by_role("button", name="Pin this run").click()
    width = page.get_by_label("Width", exact=True)
    width.focus()
    page.keyboard.press("End")
    changed(page, old)
    expect(page.locator(".cr-compared")).to_contain_text(re.compile(r"test error", re.IGNORECASE))
    assert page.locator(".cr-network .cr-pinned").get_attribute("d")
    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(".cr-compared")).to_have_text("")


def test_the_last_change_is_the_run_that_is_shown(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=40")
    old = changed(page, "")
    width = page.get_by_label("Width", exact=True)
    width.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")  # each asks for a run before the last one can have ended
    expect(page).to_have_url(re.compile("width=35"))
    told = changed(page, old)
    page.goto(page.url)
    assert changed(page, "") == told


@pytest.mark.parametrize("desktop", [{"reduced_motion": "reduce"}], indirect=True)
def test_who_wants_no_motion_sees_the_end_of_a_run_alone(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=40")
    changed(page, "")
    page.evaluate(
        """window.shown = new Set(); new MutationObserver(() => {
            shown.add(document.querySelector(".cr-player output").innerText.split(":")[0]);
        }).observe(document.querySelector(".cr-player"), { subtree: true, childList: true, characterData: true })"""
    )
    page.get_by_label("Width", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    finished(page)
    expect(page.locator(".cr-outcome")).to_have_attribute("aria-busy", "false", timeout=20_000)
    expect(page).to_have_url(re.compile("width=39"))
    page.wait_for_timeout(500)
    assert page.evaluate("[...shown].sort()") == ["Step 0", "Step 150,000"]


def test_its_lines_of_python_say_the_run(desktop: Visit) -> None:
    page = desktop.open(LAB + "?width=7&seed=3")
    page.get_by_text("This run in Python").click()
    expect(page.locator(".cr-lab details pre")).to_contain_text("seed = 3")
    expect(page.locator(".cr-lab details pre")).to_contain_text("ReluNet.random(7,")


@pytest.mark.parametrize("desktop", [{"java_script_enabled": False}], indirect=True)
def test_without_a_script_the_page_tells_its_story(desktop: Visit) -> None:
    page = desktop.page
    page.goto(f"{desktop.home}/{LAB}")
    expect(page.locator(".cr-lab")).to_contain_text("none has run here")
    assert page.locator("article figure").count() >= 4
