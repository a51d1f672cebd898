"""Chromium, as Debian has it, for tests that look at pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.servers import programs
from tests.servers.sources import CHROMIUM

_ARGUMENTS = (
    "--no-sandbox",  # as root Chromium has none, and tests look at nothing but their own pages
    "--renderer-process-limit=1",  # a process of its own for each page would cost a fifth of showing it
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser; `ServerMissing` where there is none."""
    CHROMIUM.source()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=programs.chromium(), args=_ARGUMENTS)
        try:
            yield started
        finally:
            started.close()
