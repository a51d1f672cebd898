"""The pages of the console, as the catalog shows them: a directory stands in for those that are built."""

import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts

import alert_bridge.main
import catalog.main
import executor.main
import scheduler.main
from catalog.api.pages import ENDPOINTS, installed_console
from shared.application import application
from shared.encryption import new_master_key
from shared.service import runtime_of
from shared.settings import load_settings
from tests.builders_catalog import a_catalog

INDEX = """<!doctype html><html><head><meta name="csp-nonce" content="" />
<script type="module" src="/assets/app-1a2b.js"></script></head><body><div id="page"></div></body></html>
"""
SCRIPT = b"console.log('the console')" * 100
SECRET = "what lies beside the pages"


@dataclass
class FakeConsole:
    """The two functions of the package with the pages."""

    directory: Path | None
    note: str | None = None

    def pages_directory(self) -> Path | None:
        return self.directory

    def build_note(self) -> str | None:
        return self.note


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """As a build leaves them."""
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "built-elsewhere").mkdir()
    (tmp_path / "built-elsewhere" / "secret.txt").write_text(SECRET)
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    (built / "index.html").write_text(INDEX)
    (built / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (built / "assets" / "app-1a2b.js").write_bytes(SCRIPT)
    (built / "assets" / "app-1a2b.js.br").write_bytes(b"brotli")
    (built / "assets" / "app-1a2b.js.gz").write_bytes(b"gzip")
    (built / "assets" / "app-1a2b.css").write_text("a {}")
    return built


@asynccontextmanager
async def shown(directory: Path, console: FakeConsole | None) -> AsyncIterator[httpx.AsyncClient]:
    """What a browser gets that has not signed in."""
    async with a_catalog(directory, console) as running:
        transport = httpx.ASGITransport(running.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://catalog") as http:
            yield http


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sign-in",
        "/actions",
        "/actions/restart.nginx",
        "/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/",
        "/index.html",
        "/x.js",
        "/actions/./../index.html",
        "/assets/../index.html",
        "/apis",
        "/%61pi2",
        "/runs?next=//evil.example",
        "/a" * 2000,
    ],
)
async def test_every_address_without_an_endpoint_shows_the_page(tmp_path: Path, pages: Path, path: str) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        answer = await http.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == INDEX.replace('content=""', f'content="{nonce_of(answer)}"')
        assert (await http.head(path)).headers["content-length"] == answer.headers["content-length"]


def exactly(path: str) -> httpx.URL:
    """The address with this path as it stands; httpx would mend it."""
    return httpx.URL("http://catalog").copy_with(raw_path=path.encode())


def nonce_of(answer: httpx.Response) -> str:
    (nonce,) = re.findall(r"'nonce-([\w-]{20,})'", answer.headers["content-security-policy"])
    return str(nonce)


async def test_each_page_has_a_policy_with_a_nonce_of_its_own_and_is_never_kept(tmp_path: Path, pages: Path) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        one, another = await http.get("/"), await http.get("/")
        assert nonce_of(one) != nonce_of(another)
        assert one.headers["content-security-policy"] == (
            f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce_of(one)}'; connect-src 'self'; "
            "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert one.headers["cache-control"] == "no-cache"
        assert not {"etag", "last-modified"} & one.headers.keys(), "an older one would come back with another nonce"
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["referrer-policy"] == "same-origin"
        assert one.headers["cross-origin-opener-policy"] == "same-origin"
        assert one.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("accepts", "encoding", "sent"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", b"gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", b"gzip"),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
        ("brr, xgzip", None, SCRIPT),
    ],
)
async def test_a_file_is_sent_as_it_was_compressed_and_kept_for_good(
    tmp_path: Path, pages: Path, accepts: str, encoding: str | None, sent: bytes
) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        path, headers = "/assets/app-1a2b.js", {"Accept-Encoding": accepts}
        async with http.stream("GET", path, headers=headers) as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        assert (answer.status_code, answer.headers.get("content-encoding"), body) == (200, encoding, sent)
        assert answer.headers["content-type"].split(";")[0] in {"text/javascript", "application/javascript"}
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        head = await http.head(path, headers=headers)
        assert (head.headers["content-length"], head.headers["etag"]) == (str(len(sent)), answer.headers["etag"])
        again = await http.get(path, headers=headers | {"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == answer.headers["cache-control"]
        assert again.headers["vary"] == "Accept-Encoding"


async def test_the_forms_of_a_file_have_tags_of_their_own(tmp_path: Path, pages: Path) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        tags = {
            (await http.head("/assets/app-1a2b.js", headers={"Accept-Encoding": encoding})).headers["etag"]
            for encoding in ("br", "gzip", "identity")
        }
        assert len(tags) == 3


async def test_a_file_beside_the_assets_is_asked_for_again(tmp_path: Path, pages: Path) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        icon = await http.get("/icon.svg")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
        assert icon.headers["cache-control"] == "no-cache"
        assert (await http.get("/icon.svg", headers={"If-None-Match": icon.headers["etag"]})).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1/nothing",
        "/api/v2/x",
        "//api/v1/x",
        "/webhooks/x/y/z",
        "/webhooks",
        "/v2/enqueue",
        "/metrics/x",
        "/healthz/",
        "/docs/",
        "/docs/x",
        "/openapi.json/x",
        "/readyz/x",
        "/docs-assets/nothing.js",
        "/assets/nothing.js",
        "/assets",
        "/assets/",
        "/assets/app-1a2b",
        "/assets/../assets/gone.css",
    ],
)
async def test_below_endpoints_and_assets_is_no_page(tmp_path: Path, pages: Path, path: str) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        answer = await http.get(exactly(path), headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_every_endpoint_of_every_service_is_below_an_address_that_is_no_page() -> None:
    settings = load_settings(
        {"OPSIMATE_MASTER_KEY": new_master_key(), "OPSIMATE_STORE_URL": "sqlite:never-opened.db"}, listen="127.0.0.1:0"
    )
    runtime = runtime_of(settings)
    services = [one.build(runtime) for one in (catalog.main, scheduler.main, executor.main, alert_bridge.main)]
    app = application(runtime, services, title="all")
    assert {str(route.path).split("/")[1] for route in iter_route_contexts(app.routes)} <= ENDPOINTS


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_pages_are_looked_at_and_nothing_else(tmp_path: Path, pages: Path, method: str) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        for path in ("/", "/runs", "/assets/app-1a2b.js"):
            answer = await http.request(method, path, content=b"x")
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await http.request(method, "/api/v1/nothing", content=b"x")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/..\\secret.txt",
        "/../built-elsewhere/secret.txt",
        "/link.txt",
        "//secret.txt",
        "/\\secret.txt",
        "/secret.txt%00",
        "/%00",
        "/C:/secret.txt",
        "/./././../secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%ff/../../secret.txt",
    ],
)
async def test_nothing_but_the_pages_is_shown(tmp_path: Path, pages: Path, path: str) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        answer = await http.get(exactly(path))
        assert answer.status_code in {200, 404}
        assert SECRET not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "//evil.example/%2e%2e",
        "/\\evil.example",
        "/%5cevil.example/",
        "/%2f%2fevil.example",
        "///evil.example//assets",
        "//evil.example/assets/",
        "/assets",
        "/assets//evil.example",
        "/sign-in?next=//evil.example",
        "/sign-in?next=https://evil.example",
        "/@evil.example",
        "/https://evil.example/",
        "/docs//evil.example",
        "/api//evil.example",
        "/%0d%0aLocation:%20//evil.example",
    ],
)
async def test_no_address_leads_elsewhere(tmp_path: Path, pages: Path, path: str) -> None:
    async with shown(tmp_path, FakeConsole(pages)) as http:
        answer = await http.get(exactly(path), follow_redirects=False)
        assert answer.status_code in {200, 404}
        assert "location" not in answer.headers
        assert "evil.example" not in answer.text or answer.headers["content-type"] == "application/problem+json"


async def test_who_comes_before_the_pages_are_built_is_told_and_gets_them_then(tmp_path: Path, pages: Path) -> None:
    console = FakeConsole(None, "The pages are being <built>: 12 s so far.")
    async with shown(tmp_path, console) as http:
        waiting = await http.get("/runs")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "2")
        assert "The pages are being &lt;built&gt;: 12 s so far." in waiting.text
        assert '<meta http-equiv="refresh" content="2">' in waiting.text
        assert f'<style nonce="{nonce_of(waiting)}">' in waiting.text
        assert "<script" not in waiting.text
        assert (await http.get("/assets/app-1a2b.js")).status_code == 404
        assert (await http.get("/api/v1/runs")).status_code == 401, "the API is there at once"
        console.directory = pages
        assert (await http.get("/runs")).status_code == 200
        (pages / "index.html").unlink()
        assert (await http.get("/runs")).status_code == 503, "others are about to take the place of the pages"


async def test_where_there_is_no_console_the_address_says_so(tmp_path: Path) -> None:
    async with shown(tmp_path, FakeConsole(None)) as http:
        answer = await http.get("/")
        assert answer.status_code == 404
        assert "The console is not installed here." in answer.text
        assert 'href="/docs"' in answer.text
        assert "refresh" not in answer.text


def test_a_package_of_somebody_else_with_that_name_is_no_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "console.py").write_text("def main(): ...")
    monkeypatch.delitem(sys.modules, "console", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_console().pages_directory() is None
    assert installed_console().build_note() is None
