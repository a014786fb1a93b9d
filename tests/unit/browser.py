"""A browser for tests of the page: Chromium where one is installed, without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="the page is driven in Chromium: apt install chromium")
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1400, 900)}


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, until it is no longer needed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, file: Path, size: str = "phone", scheme: str = "light") -> Iterator[tuple[Any, list[str]]]:
    """A page from its file, and what its console says or asks of a network."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, reduced_motion="reduce"
    )
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "blob:")) else said.append(request.url))
    page.goto(file.as_uri())
    yield page, said
    context.close()


def unfold(page: Any) -> None:
    """Open everything that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")


def serious(page: Any) -> list[tuple[str, str]]:
    """Serious and critical findings of axe, with the first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]
