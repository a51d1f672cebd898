"""The console in a headless Chromium: ``make bench ARGS=console`` measures it alone.

What a person waits for: a first page, a hundred thousand lines that arrive while one looks, scrolling in them and in
ten thousand actions; and what it costs the browser. The reference is the same browser with a page of plain HTML that
the same product serves.
"""

import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Browser, BrowserContext, Page
from rich.console import Console
from rich.table import Table

from tests.product import Product, embedded
from tests.servers.chromium import browser

LINES = 100_000
ACTIONS = 10_000
RUNS = 5
SLEEP = 2
"""Seconds before it prints, in which the page opens."""
SCROLLED_FRAMES = 120


@dataclass(frozen=True)
class Look:
    """What a person waited for, and what it cost the browser."""

    first_page: float
    """Seconds from a new browser context to a list that can be used, the median."""
    plain_page: float
    """The same for plain HTML, the documentation of the API."""
    script_kb: float
    """JavaScript of the first page as it is sent, in kB."""
    lines: float
    """Seconds from when a command begins to print to its last line on the screen, the page being open."""
    command: float
    """To its own end."""
    nodes: int
    heap_mib: float
    frame_ms: float
    """A frame while it scrolls, the 95th percentile."""
    plain_frame_ms: float
    cards_frame_ms: float
    """A frame while all actions scroll as cards, the 95th percentile, once they are read."""
    cards_nodes: int


def main() -> None:
    """Measure, and print."""
    product = embedded()
    with closing(_Discarded(product)), browser() as chromium:
        product.start()
        product.put("providers", {"name": "here", "connection": {"local": {}}})
        _print(_look(product, chromium))


class _Discarded:
    def __init__(self, product: Product) -> None:
        self.close = product.discard


def _look(product: Product, chromium: Browser) -> Look:
    _say("first pages")
    product.result(_prints(product, 1))
    pages = [_first_page(product, chromium) for _ in range(RUNS)]
    plain = [_plain_page(product, chromium) for _ in range(RUNS)]
    _say(f"{LINES:,} lines")
    context = _signed_in(product, chromium)
    page = context.new_page()
    lines, command = _shown_lines(product, page)
    metrics = _metrics(page)
    frame = _scrolled(page, "[role=log]")
    still = context.new_page()
    still.goto("/healthz")
    still.evaluate(
        "() => { document.body.innerHTML = '<div style=\"height:9999999px\">' + 'x'.repeat(2000) + '</div>' }"
    )
    plain_frame = _scrolled(still, "html")
    context.close()
    _say(f"{ACTIONS:,} actions")
    cards_frame, cards_nodes = _long_list(product, chromium)
    return Look(
        statistics.median(seconds for seconds, _ in pages),
        statistics.median(plain),
        pages[0][1],
        lines,
        command,
        int(metrics["Nodes"]),
        metrics["JSHeapUsedSize"] / 2**20,
        frame,
        plain_frame,
        cards_frame,
        cards_nodes,
    )


def _long_list(product: Product, chromium: Browser) -> tuple[float, int]:
    """The 95th percentile of a frame in ms while all actions scroll as cards, and how many nodes the page has then."""

    def define(number: int) -> None:
        steps = [{"name": "one", "provider": "here", "command": "true"}]
        product.put("actions", {"name": f"action-{number:05d}", "steps": steps, "tags": ["many"]})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(define, range(ACTIONS)))
    context = _signed_in(product, chromium)
    page = context.new_page()
    page.goto("/actions?tag=many")
    whole = page.get_by_role("status").filter(has_text=f"{ACTIONS} actions")
    give_up_at = time.monotonic() + 180
    while whole.count() == 0:
        assert time.monotonic() < give_up_at, "the list was not read to its end"
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(20)
    frame = _scrolled(page, "html")
    nodes = int(_metrics(page)["Nodes"])
    context.close()
    return frame, nodes


def _signed_in(product: Product, chromium: Browser) -> BrowserContext:
    context = chromium.new_context(base_url=product.url, viewport={"width": 1440, "height": 900})
    link = product.http.post("/api/v1/session/links").json()["link"]
    assert context.request.post("/api/v1/session", data={"link": link}).ok
    return context


def _first_page(product: Product, chromium: Browser) -> tuple[float, float]:
    """Seconds until the list can be used, and kB of JavaScript, with nothing in any cache."""
    context = _signed_in(product, chromium)
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(_size(request.url, request.sizes()["responseBodySize"])))
    began = time.perf_counter()
    page.goto("/runs")
    page.get_by_role("table", name="Runs").wait_for()
    seconds = time.perf_counter() - began
    page.wait_for_load_state("networkidle")
    context.close()
    return seconds, sum(sizes) / 1000


def _size(url: str, size: int) -> int:
    return size if url.endswith(".js") else 0


def _plain_page(product: Product, chromium: Browser) -> float:
    context = _signed_in(product, chromium)
    page = context.new_page()
    began = time.perf_counter()
    page.goto("/healthz")
    seconds = time.perf_counter() - began
    context.close()
    return seconds


def _prints(product: Product, lines: int) -> str:
    name = f"prints-{lines}"
    command = f"sleep {SLEEP}; seq -f '\033[32mline %.0f\033[0m of a long output with some words in it' {lines}"
    product.put("actions", {"name": name, "steps": [{"name": "print", "provider": "here", "command": command}]})
    return name


def _shown_lines(product: Product, page: Page) -> tuple[float, float]:
    """Seconds from when the command begins to print to its last line on the screen, and to its own end."""
    run_id = product.run(_prints(product, LINES))["id"]
    page.goto(f"/runs/{run_id}")
    page.get_by_text("Nothing was printed yet.").wait_for()
    page.locator(f"[role=log] [data-index='{LINES - 1}']").wait_for(timeout=60_000)
    shown = time.time()
    attempt = product.ended(run_id)["steps"][0]["attempts"][0]
    began, ended = (datetime.fromisoformat(attempt[field]) for field in ("command_started_at", "ended_at"))
    prints = began.timestamp() + SLEEP
    return shown - prints, ended.timestamp() - prints


def _metrics(page: Page) -> dict[str, float]:
    page.wait_for_timeout(1_000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


def _scrolled(page: Page, what: str) -> float:
    """The 95th percentile of the time between frames, in ms, while it scrolls a screen a frame."""
    times: list[float] = page.evaluate(
        """([what, frames]) => new Promise(resolve => {
            const box = document.querySelector(what); box.scrollTop = 0
            const times = []; let last = performance.now()
            const step = now => {
                times.push(now - last); last = now; box.scrollTop += 700
                times.length < frames ? requestAnimationFrame(step) : resolve(times.slice(5))
            }
            requestAnimationFrame(step)
        })""",
        [what, SCROLLED_FRAMES],
    )
    return statistics.quantiles(times, n=20)[18]


def _say(what: str) -> None:
    print(f"measuring: the console, {what} …", file=sys.stderr, flush=True)


def _print(look: Look) -> None:
    table = Table(title="The console in Chromium, embedded form, everything on this machine")
    for name in ("", "plain HTML", "console", "must"):
        table.add_column(name, justify="right" if name else "left")
    table.add_row(
        "first page, to a list that can be used", f"{look.plain_page:.2f} s", f"{look.first_page:.2f} s", "1 s"
    )
    table.add_row("JavaScript of it, as sent", "", f"{look.script_kb:.0f} kB", "250 kB")
    table.add_row(
        f"{LINES:,} live lines, until the last is seen",
        f"{look.command:.2f} s",
        f"{look.lines:.2f} s",
        "2.5 s",
    )
    table.add_row("DOM nodes then", "", f"{look.nodes}", "1000")
    table.add_row("heap then", "", f"{look.heap_mib:.0f} MiB", "60 MB")
    table.add_row("a frame while it scrolls, p95", f"{look.plain_frame_ms:.0f} ms", f"{look.frame_ms:.0f} ms", "25 ms")
    of_cards = f"{look.cards_frame_ms:.0f} ms"
    table.add_row(f"a frame while {ACTIONS:,} actions scroll, p95", f"{look.plain_frame_ms:.0f} ms", of_cards, "25 ms")
    table.add_row("DOM nodes then", "", f"{look.cards_nodes}", "")
    Console(width=110).print(table)
