"""The page in a browser: no fault in its console, it fits a phone, contents stay at hand, charts can be read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import demo_sim as ds
from demo_sim.report import write_report

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="2026-11-28: no chromium on the PATH of this machine")
SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1400, 900)}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a short run with charts."""
    results = ds.simulate(ds.load("hunan").replace({"draws": 0, "period.end": 2030}), engine="cohort")
    return write_report(results, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser: Any, file: Path, size: str = "phone", scheme: str = "light") -> tuple[Any, list[str]]:
    """The page without a network, and what its console says."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, reduced_motion="reduce"
    )
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(file.as_uri())
    return page, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits(browser: Any, page_file: Path, size: str, scheme: str) -> None:
    page, said = opened(browser, page_file, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    width = SIZES[size][0]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    charts = page.evaluate(
        "Array.from(document.querySelectorAll('.chart'), c => [c.getBoundingClientRect().left,"
        " c.getBoundingClientRect().right])"
    )
    assert charts and all(left >= 0 and right <= width for left, right in charts)
    assert not said
    page.context.close()


def test_contents_stay_at_hand(browser: Any, page_file: Path) -> None:
    for size in SIZES:
        page, _ = opened(browser, page_file, size)
        page.evaluate("document.getElementById('r0-supply').scrollIntoView()")
        page.wait_for_function("document.querySelector('.contents [aria-current]').textContent === '供给与缺口'")
        link = page.get_by_role("link", name="规划指标完成情况")
        if size != "desktop":  # a bar that unfolds
            assert not link.is_visible()
            page.get_by_role("button", name="目录").click()
        link.click()
        top = page.evaluate("document.getElementById('r0-targets').getBoundingClientRect().top")
        assert 0 <= top < 80
        assert link.is_visible() == (size == "desktop")
        page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody(browser: Any, page_file: Path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _ = opened(browser, page_file, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")]
    assert not serious
    page.context.close()


def test_what_is_printed(browser: Any, page_file: Path) -> None:
    page, _ = opened(browser, page_file, scheme="dark")
    page.emulate_media(media="print")
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(31, 41, 51)", "rgb(255, 255, 255)"]  # dark is of the screen
    assert not page.locator(".contents").is_visible() and not page.locator(".annex").is_visible()
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert 8 <= pages <= 15  # the chapter; the annex where it is open
    page.context.close()
