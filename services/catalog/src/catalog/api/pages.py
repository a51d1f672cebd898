"""The pages of the console: every address that no endpoint answers shows them, and they find out what it means."""

import secrets
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from catalog.api.page_files import PageFiles
from shared.answer_headers import CONTENT_POLICY, PAGE_HEADERS

ENDPOINTS = frozenset(
    {"api", "docs", "docs-assets", "healthz", "metrics", "openapi.json", "readyz", "v2", "webhooks"},
)
"""What addresses of endpoints begin with, of whichever service: below them is no page, whatever stands there."""
ASSETS = "assets"
"""Below it lie files named after what they hold: one that is not there is no page, and one that is stays as it is."""
INDEX = "index.html"
RELOADED_AFTER = 2
"""Seconds after which somebody who waits for the pages looks for them again."""
_NO_NONCE = 'name="csp-nonce" content=""'
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Console(Protocol):
    """The package with the pages. It is asked with every request, and answers at once."""

    def pages_directory(self) -> Path | None:
        """Where the pages are; none where they are not built yet."""

    def build_note(self) -> str | None:
        """What is waited for, or what went wrong with building them; none where nothing is under way."""


class _NoConsole:
    """Instead of the package, where it is not installed."""

    def pages_directory(self) -> Path | None:
        return None

    def build_note(self) -> str | None:
        return None


def installed_console() -> Console:
    """The package with the pages, or what says that there is none."""
    if find_spec("console") is None:
        return _NoConsole()
    module = import_module("console")
    # Others publish packages of this name, too.
    is_ours = hasattr(module, "pages_directory") and hasattr(module, "build_note")
    return cast("Console", module) if is_ours else _NoConsole()


def has_console() -> bool:
    """Whether there are pages here, or will be."""
    return not isinstance(installed_console(), _NoConsole)


class Pages:
    """Answers what no route is there for. An application of its own, as it takes every path."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._response(Request(scope))
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        begins_with = next((part for part in request.scope["path"].split("/") if part), "")
        if begins_with in ENDPOINTS:
            raise HTTPException(404)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        directory = self._console.pages_directory()
        if directory is not None:
            files = PageFiles(directory, keep=begins_with == ASSETS)
            path = files.get_path(request.scope)
            if path != INDEX and (file := await files.found(path, request.scope)) is not None:
                return file
        if begins_with == ASSETS:
            raise HTTPException(404)
        page = None if directory is None else await _page(directory)
        return page or _waiting(self._console.build_note())


async def _page(directory: Path) -> Response | None:
    """The page with a nonce of its own, by which its libraries may write styles; so it is never kept.

    There is none for a moment while others take the place of the pages.
    """
    try:
        text = await anyio.to_thread.run_sync(partial((directory / INDEX).read_text, encoding="utf-8"))
    except FileNotFoundError:
        return None
    nonce = secrets.token_urlsafe(16)
    return HTMLResponse(text.replace(_NO_NONCE, f'name="csp-nonce" content="{nonce}"'), headers=_headers(nonce))


def _headers(nonce: str) -> dict[str, str]:
    return {CONTENT_POLICY: _POLICY.format(nonce=nonce), "Cache-Control": "no-cache", **PAGE_HEADERS}


def _waiting(note: str | None) -> Response:
    """What there is to say instead of the pages."""
    from html import escape  # its tables of letters are large, and seldom needed

    nonce = secrets.token_urlsafe(16)
    if note is None:
        status, reload = 404, ""
        sentence = "The console is not installed here. Where the product was cloned, make up builds and shows it."
    else:
        status, reload = 503, f'<meta http-equiv="refresh" content="{RELOADED_AFTER}">'
        sentence = note
    headers = _headers(nonce) | ({"Retry-After": str(RELOADED_AFTER)} if note else {})
    return HTMLResponse(_WAITING.format(reload=reload, nonce=nonce, sentence=escape(sentence)), status, headers)


_WAITING = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{reload}
<title>OpsiMate Actions</title>
<style nonce="{nonce}">
  :root {{ color-scheme: light dark }}
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 20vh auto; padding: 0 1rem }}
</style>
<h1>OpsiMate Actions</h1>
<p role="status">{sentence}</p>
<p>The product itself is at work: the command line can be used, and the <a href="/docs">API</a>.</p>
</html>
"""
