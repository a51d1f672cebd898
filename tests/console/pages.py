"""What tests of every page say of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.product import eventually

_AXE = Path(__file__).parents[2] / "services" / "console" / "node_modules" / "axe-core" / "axe.min.js"
_STANDS_STILL = """document.getAnimations().every(
    one => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)"""
"""A part that fades in has not its colours yet."""
IN_TWO_YEARS = str(datetime.now(UTC).year + 2)
"""A year that is far enough for a run to wait until, and not too far for the API."""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def assert_accessible(page: Page) -> None:
    """Axe finds nothing in the page, as it is now, that WCAG 2.2 AA forbids."""
    # Not `wait_for_function`, which has the page evaluate a text: its policy refuses that.
    eventually(lambda: page.evaluate(_STANDS_STILL), what="everything has come to rest")
    page.evaluate(_AXE.read_text())
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: rules})", _RULES)
    faults = [
        f"{fault['id']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    assert not faults, "\n".join(faults)


def assert_fits(page: Page) -> None:
    """Nothing of the page is wider than its window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.evaluate("""
        [...document.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 120)).slice(0, 5)""")
