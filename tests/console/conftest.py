"""The console in a real browser, served by the product in both its forms."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.pages import LOOKED_AT_ELSEWHERE
from tests.product import Product, distributed, embedded
from tests.servers.chromium import browser
from tests.servers.mongo import MongoServer
from tests.servers.presence import start_or_refuse
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.sshd import SshServer
from tests.stage import set_stage

OpenPage = Callable[..., Page]
Put = Callable[[str, Mapping[str, Any]], None]

expect.set_options(timeout=20_000)  # nothing here is about time, and the machine may be busy


@pytest.fixture(scope="session", params=["embedded", "distributed"])
def site(request: pytest.FixtureRequest, sshd: SshServer) -> Iterator[Product]:
    """A running product that knows the provider ``web-1``, and whose pages are built."""
    if request.param == "embedded":
        product = embedded()
    else:
        mongo: MongoServer = request.getfixturevalue("mongo")
        broker: RabbitMQ = request.getfixturevalue("our_rabbitmq")
        product = distributed(mongo.database_url(), broker.virtual_host())
    try:
        set_stage(product.start(), sshd)
        yield product.forked()  # where a test kills a part of it, and starts that again
    finally:
        product.discard()


@pytest.fixture
def put_for_now(site: Product) -> Iterator[Put]:
    """Saves what is deleted after the test: ``put_for_now("actions", {"name": "many-1", ...})``.

    For tests that make hundreds: every page that lists them would cost each later test more.
    """
    saved: list[str] = []

    def put(kind: str, definition: Mapping[str, Any]) -> None:
        site.put(kind, definition)
        saved.append(f"/api/v1/{kind}/{definition['name']}")

    yield put
    for path in reversed(saved):
        site.http.delete(path).raise_for_status()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser that tests share; each page has cookies of its own.

    It ends before a test of another suite begins: Playwright keeps an event loop running in the thread of the tests,
    beside which no test with a loop of its own could run.
    """
    with ExitStack() as running:
        yield start_or_refuse(lambda: running.enter_context(browser()))


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of what a page may log as an error in this test, as it is made to fail."""
    return []


@pytest.fixture
def open_page(site: Product, chromium: Browser, expected_errors: list[str]) -> Iterator[OpenPage]:
    """Opens a page of somebody who is signed in: ``open_page("/runs", width=390)``.

    With ``touch`` it is used by a finger. ``at`` is another address than the product's own, of what stands before it.
    Whatever a page logs as an error, and all that its Content-Security-Policy refuses, fails the test.
    """
    faults: list[str] = []
    with ExitStack() as opened:

        def open_it(
            path: str, *, width: int = 1280, height: int = 800, touch: bool = False, at: str | None = None
        ) -> Page:
            context = chromium.new_context(
                base_url=at or site.url,
                viewport={"width": width, "height": height},
                color_scheme="light",
                has_touch=touch,
                accept_downloads=True,
            )
            opened.callback(context.close)
            if site.form != "embedded":
                LOOKED_AT_ELSEWHERE.add(context)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            link = site.http.post("/api/v1/session/links").json()["link"]
            answer = context.request.post("/api/v1/session", data={"link": link})
            assert answer.ok, answer.text()
            page.goto(path)
            return page

        yield open_it
    unexpected = [fault for fault in faults if not any(part in fault for part in expected_errors)]
    assert not unexpected, unexpected
