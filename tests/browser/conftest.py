"""The built site, its server, and Chromium in the looks in which every page is opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.site_server import serving
from tests.browser.visiting import FLAGS, SITE, Visit, chromium, pages, visit


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page_path" in metafunc.fixturenames:
        found = pages()
        if not found:
            raise pytest.UsageError(f"no site in {SITE}: run `nox -s build` first, or name one in CHAINRULE_SITE")
        metafunc.parametrize("page_path", found)


@pytest.fixture(scope="session")
def site() -> Path:
    return SITE


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=[(mode, width) for mode in ("light", "dark") for width in (360, 1280)], ids=str)
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    """A colour mode and a width, in which every page is opened."""
    mode, width = request.param
    context = browser.new_context(color_scheme=mode, viewport={"width": width, "height": 800})
    yield context
    context.close()


@pytest.fixture
def open_in(look: BrowserContext, address: str) -> Iterator[Visit]:
    v = visit(look, address)
    yield v
    v.page.close()


@pytest.fixture
def desktop(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A page of ordinary size in the light, without options; a test may give context options by parametrizing it."""
    options: dict[str, Any] = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "accept_downloads": True} | options)
    v = visit(context, address)
    yield v
    context.close()
