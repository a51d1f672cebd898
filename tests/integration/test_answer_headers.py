"""What answers tell browsers: what they are, who may show them, and what a page may load."""

import base64
import hashlib
import re
from pathlib import Path

import httpx
import pytest

import scheduler.main
from shared.encryption import new_master_key
from shared.service import bare_application, runtime_of
from shared.settings import load_settings
from tests.builders import a_run, an_action
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body, save_run


async def answers_of(catalog: RunningCatalog, method: str, path: str) -> list[httpx.Response]:
    """To somebody, and to nobody known."""
    body: dict[str, str] | None = {} if method == "POST" else None
    return [
        await catalog.http.request(method, path, headers=headers, json=body) for headers in ({}, {"Authorization": ""})
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/runs"),
        ("GET", "/api/v1/actions/restart"),
        ("POST", "/api/v1/actions/restart/runs"),
        ("GET", "/api/v1/runs/RUN/output"),
        ("GET", "/api/v1/nothing"),
        ("PATCH", "/api/v1/runs"),
        ("GET", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
    ],
)
async def test_no_answer_of_the_api_is_taken_for_a_page_or_kept(tmp_path: Path, method: str, path: str) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.with_provider()
        await catalog.made("actions", an_action_body())
        run = a_run(an_action())
        await save_run(catalog.store, run)
        for answer in await answers_of(catalog, method, path.replace("RUN", run.id)):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert answer.headers["cache-control"] == "no-store"


async def test_what_an_answer_says_itself_stands(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        run = a_run(an_action())
        run.state = "cancelled"
        await save_run(catalog.store, run)
        answer = await catalog.http.get(f"/api/v1/runs/{run.id}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers.get_list("cache-control") in (["no-cache"], ["no-store"])
        assert len(answer.headers.get_list("x-content-type-options")) == 1


async def test_the_documentation_runs_its_own_scripts_and_is_shown_in_no_other_page(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        page = await catalog.http.get("/docs", headers={"Authorization": ""})
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert policy["script-src"] == f"'self' 'sha256-{digest}'"
        assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
        assert page.headers["cross-origin-opener-policy"] == page.headers["cross-origin-resource-policy"]
        assert page.headers["referrer-policy"] == "same-origin"


async def test_a_process_without_endpoints_says_the_same() -> None:
    given = {"OPSIMATE_STORE_URL": "sqlite:never-opened.db", "OPSIMATE_MASTER_KEY": new_master_key()}
    runtime = runtime_of(load_settings(given, listen="127.0.0.1:0"))
    app = bare_application(runtime, [scheduler.main.build(runtime)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any") as http:
        for path in ("/healthz", "/metrics", "/nothing"):
            assert (await http.get(path)).headers["x-content-type-options"] == "nosniff"
