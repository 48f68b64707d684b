"""What a reader does: opens a solution, changes the mode, searches, prints, downloads a notebook, plays the animation."""

import io
import re
from pathlib import Path

import nbformat
import pypdf
import pytest
from nbclient import NotebookClient

from tests.browser.visiting import Visit

PAGE = "backprop/d-matrices.html"
ANIMATED = "relu/every-layer.html"


def test_a_solution_opens_by_keyboard(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    solution = page.locator("details.solution").first
    body = solution.locator(".solution-body")
    assert not body.is_visible()
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    assert body.is_visible()
    page.keyboard.press("Enter")
    assert not body.is_visible()


def test_a_link_opens_the_solution(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    target = page.locator(".solution-body").nth(1).get_attribute("id")
    desktop.open(f"{PAGE}#{target}")
    assert page.locator(f"[id='{target}']").is_visible()


@pytest.mark.parametrize(
    "time", range(4)
)  # whether all has been loaded before or after the first frame differs each time
def test_a_link_into_a_page_leads_there_and_who_comes_back_is_where_he_was(desktop: Visit, time: int) -> None:
    page = desktop.open("index.html")
    last = desktop.open(PAGE).locator("article section[id]").last.get_attribute("id")
    page.goto("about:blank")
    desktop.open(f"{PAGE}#{last}")
    top = page.evaluate("(name) => document.getElementById(name).getBoundingClientRect().top", last)
    assert 0 <= top < 800, f"the section begins {top:.0f} px below the top of the window"
    desktop.open(PAGE)
    page.evaluate("scrollTo({top: 3000, behavior: 'instant'})")
    page.wait_for_timeout(200)
    page.reload()
    desktop.wait_for_first_frame()
    assert page.evaluate("scrollY") == pytest.approx(3000, abs=5)
    desktop.open("index.html")
    page.go_back()
    desktop.wait_for_first_frame()
    assert page.evaluate("scrollY") == pytest.approx(3000, abs=5)


def test_headings_and_figures_can_be_linked_by_keyboard(desktop: Visit) -> None:
    page = desktop.open(ANIMATED)
    for name in ("Link to this heading: Problem", "Link to this image: "):
        link = page.get_by_role("link", name=name).first
        assert link.evaluate("(e) => getComputedStyle(e).opacity") == "0"
        link.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert link.evaluate("(e) => document.activeElement === e && getComputedStyle(e).opacity") == "1"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash").startswith("#")


def test_the_mode_is_switched_and_kept(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    background = "getComputedStyle(document.body).backgroundColor"
    figure = "getComputedStyle(document.querySelector('svg.cr-figure text')).fill"
    seen = {}
    for _ in range(3):  # auto, and the two that the button offers
        mode = page.evaluate("document.body.dataset.theme")
        seen[mode] = (page.evaluate(background), page.evaluate(figure))
        page.locator("button.theme-toggle:visible").click()
    assert set(seen) == {"auto", "light", "dark"}
    assert seen["light"][0] != seen["dark"][0]
    assert seen["light"][1] != seen["dark"][1], "the figures' text does not follow the mode"
    page.evaluate("document.body.dataset.theme")
    while page.evaluate("document.body.dataset.theme") != "dark":
        page.locator("button.theme-toggle:visible").click()
    desktop.open("index.html")
    assert page.evaluate(background) == seen["dark"][0]


@pytest.mark.parametrize("term", ["softmax", "elbow", "Jacobian", "complex step"])
def test_the_search_finds(desktop: Visit, term: str) -> None:
    page = desktop.open("index.html")
    page.locator("input[name=q]:visible").fill(term)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    assert page.locator("#search-results li a").count() > 0
    assert desktop.foreign == []
    assert desktop.messages == []


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("normal equations", "relu/output-layer.html#equation-eq-normal"),
        ("Jacobian of the softmax", "backprop/d-matrices.html#equation-eq-d-softmax"),
        ("vector-Jacobian product", "backprop/a-chain-rule.html#equation-eq-chain-vjp"),
        ("complex step", "backprop/e-numerical.html#equation-eq-e-complex"),
        ("ridge", "relu/features.html#equation-eq-ridge"),
    ],
)
def test_the_search_finds_a_formula_by_its_name(desktop: Visit, name: str, place: str) -> None:
    page = desktop.open("index.html")
    page.locator("input[name=q]:visible").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    hits = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
    assert any(hit.endswith(place) for hit in hits[:5]), hits
    page.locator(f"#search-results li a[href$='{place.partition('#')[2]}']").click()
    desktop.wait_for_first_frame()
    formula = page.locator(f"[id='{place.partition('#')[2]}']")
    assert formula.evaluate("e => e.matches(':target')")
    assert 0 <= formula.evaluate("e => e.getBoundingClientRect().top") < 800


def test_paper_shows_the_solutions_and_the_key_frames(desktop: Visit) -> None:
    page = desktop.open(ANIMATED)
    text = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(page.pdf())).pages)
    words = page.locator(".solution-body p").first.text_content()
    assert words is not None
    first = re.findall(r"[A-Za-z]{4,}", words)[:4]
    assert len(first) == 4
    assert re.search(r"\W+(?:\w+\W+){0,6}?".join(first), text), f"{first} is not on paper"
    page.emulate_media(media="print")
    assert page.locator(".cr-player .cr-frames").first.is_visible()


def test_a_notebook_runs_as_downloaded(desktop: Visit, tmp_path: Path) -> None:
    page = desktop.open(PAGE)
    with page.expect_download() as download:
        page.get_by_role("link", name="executed notebook").click()
    path = tmp_path / "page.ipynb"
    download.value.save_as(path)
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in code), "the notebook carries no outputs"
    for cell in code:
        cell.outputs = []
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert any(cell.outputs for cell in code)


def test_a_keyboard_reaches_the_text_first(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('article, main').contains(document.activeElement)")


@pytest.mark.parametrize("desktop", [{"viewport": {"width": 360, "height": 800}}], indirect=True)
@pytest.mark.parametrize(
    ("name", "drawer"), [("site navigation", ".sidebar-drawer"), ("table of contents", ".toc-drawer")]
)
def test_a_drawer_takes_the_focus_and_gives_it_back(desktop: Visit, name: str, drawer: str) -> None:
    page = desktop.open(PAGE)
    button = page.get_by_role("button", name=re.compile(name, re.IGNORECASE)).locator("visible=true")
    has_focus = "e => e.contains(document.activeElement)"
    inside = page.locator(drawer)
    button.focus()
    page.keyboard.press("Enter")
    assert inside.evaluate(has_focus)
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert inside.evaluate(has_focus)
    page.keyboard.press("Escape")
    assert button.evaluate(has_focus)
    assert button.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.locator("article p a[href]").first.focus()  # the focus leaves it
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    page.wait_for_timeout(400)  # it slides in
    page.mouse.click(300 if "navigation" in name else 60, 600)  # beside it
    assert button.get_attribute("aria-expanded") == "false"
    assert desktop.messages == []


@pytest.mark.parametrize("desktop", [{"viewport": {"width": 360, "height": 800}}], indirect=True)
def test_a_section_chosen_in_a_drawer_is_not_behind_it(desktop: Visit) -> None:
    page = desktop.open(PAGE)
    button = page.get_by_role("button", name=re.compile("table of contents", re.IGNORECASE)).locator("visible=true")
    button.click()
    page.locator(".toc-drawer a", has_text="Remember").click()
    assert button.get_attribute("aria-expanded") == "false"
    assert page.evaluate("location.hash") == "#remember"


def test_the_animation_obeys_keyboard_and_pointer(desktop: Visit) -> None:
    page = desktop.open(ANIMATED)
    player = page.locator(".cr-player").first
    slider = player.locator("input[type=range]")
    status = player.locator("[aria-live], output").first
    before = status.text_content()
    slider.focus()
    page.keyboard.press("End")
    after = status.text_content()
    assert before != after
    page.keyboard.press("Home")
    assert status.text_content() == before
    play = player.get_by_role("button", name=re.compile("play", re.IGNORECASE))
    play.click()
    page.wait_for_function("([p, t]) => p.textContent !== t", arg=[status.element_handle(), before])
    player.get_by_role("button", name=re.compile("pause", re.IGNORECASE)).click()
    paused = status.text_content()
    page.wait_for_timeout(400)
    assert status.text_content() == paused


@pytest.mark.parametrize("desktop", [{"reduced_motion": "reduce"}], indirect=True)
def test_the_animation_does_not_move_for_who_asked_so(desktop: Visit) -> None:
    page = desktop.open(ANIMATED)
    assert page.locator(".cr-player .cr-frames").first.is_visible()


@pytest.mark.parametrize("desktop", [{"java_script_enabled": False}], indirect=True)
def test_without_javascript_the_page_tells_its_story(desktop: Visit) -> None:
    page = desktop.page
    page.goto(f"{desktop.home}/{ANIMATED}")
    assert page.locator(".cr-player .cr-frames").first.is_visible()
    assert page.locator(".katex").count() > 10
    assert desktop.messages == []
