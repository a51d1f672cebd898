"""Chromium, as Debian has it, for tests that look at pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.servers import programs
from tests.servers.sources import CHROMIUM


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser; `ServerMissing` where there is none."""
    CHROMIUM.source()
    # As root Chromium has no sandbox, and tests look at nothing but their own pages.
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=programs.chromium(), args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()
