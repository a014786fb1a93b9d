"""The page in a browser: no fault in its console, it fits a phone, contents stay at hand, charts can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import SIZES, chromium, needs_browser, opened, serious, unfold

import demo_sim as ds
from demo_sim.report import write_report

pytestmark = needs_browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a short run with charts."""
    results = ds.simulate(ds.load("hunan").replace({"draws": 0, "period.end": 2030}), engine="cohort")
    return write_report(results, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_the_page_fits(browser: Any, page_file: Path, size: str, scheme: str) -> None:
    with opened(browser, page_file, size, scheme) as (page, said):
        unfold(page)
        width = SIZES[size][0]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        charts = page.evaluate(
            "Array.from(document.querySelectorAll('.chart'), c => [c.getBoundingClientRect().left,"
            " c.getBoundingClientRect().right])"
        )
        assert charts and all(left >= 0 and right <= width for left, right in charts)
        assert not said


def test_contents_stay_at_hand(browser: Any, page_file: Path) -> None:
    for size in SIZES:
        with opened(browser, page_file, size) as (page, _):
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


def test_a_chart_can_be_made_large_on_a_phone(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file) as (page, _):
        button, chart = page.get_by_role("button", name="放大").first, page.locator(".chart").first
        assert chart.bounding_box()["width"] <= 390
        button.click()
        assert chart.bounding_box()["width"] == 46 * 16 and button.get_attribute("aria-pressed") == "true"
        assert page.evaluate("document.documentElement.scrollWidth") == 390  # it scrolls in its own box
        assert not serious(page)
    with opened(browser, page_file, "desktop") as (page, _):
        assert not page.get_by_role("button", name="放大").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody(browser: Any, page_file: Path, scheme: str) -> None:
    with opened(browser, page_file, scheme=scheme) as (page, _):
        unfold(page)
        assert not serious(page)


def test_what_is_printed(browser: Any, page_file: Path) -> None:
    with opened(browser, page_file, scheme="dark") as (page, _):
        page.emulate_media(media="print")
        colours = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours == ["rgb(31, 41, 51)", "rgb(255, 255, 255)"]  # dark is of the screen
        for part in (".contents", ".annex", ".calculator"):
            assert not page.locator(part).is_visible()
        pages = page.pdf(format="A4").count(b"/Type /Page\n")
        assert 8 <= pages <= 15  # the chapter; the annex where it is open
