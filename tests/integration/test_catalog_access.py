"""Who may call the catalog, and how it answers whoever may not."""

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from catalog.handlers.tokens import ensure_administrator
from shared import admission, remembered
from shared.collections import ALL, TOKENS
from shared.encryption import new_master_key
from shared.settings import SettingsError
from shared.store import Collection, StoreUnavailableError
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders_catalog import ADMIN_TOKEN, a_catalog, an_action_body
from tests.product import BIN

AS_ADMINISTRATOR = admission.Credential("token", ADMIN_TOKEN)
SIGNING_IN_AND_OUT = [("/api/v1/session", "post"), ("/api/v1/session", "delete")]
NOUNS = ["providers", "actions", "secrets", "alert-rules", "runs", "alerts", "deliveries", "tokens"]


async def test_the_first_start_makes_the_first_administrator_and_no_later_one_another(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        (stored,) = await catalog.store.find(TOKENS, {})
        assert (stored["id"], stored["role"], stored["kind"]) == ("admin", "administrator", "person")
        assert ADMIN_TOKEN not in str(stored)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("another-token-that-is-long-enough")
    async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(elsewhere)) as catalog:
        assert (await catalog.get("tokens")).status_code == 200
        assert await catalog.store.count(TOKENS, {}) == 1


async def test_catalogs_that_start_at_the_same_time_make_one_administrator(tmp_path: Path, mongo: Any) -> None:
    url = mongo.database_url()
    ready, over = asyncio.Barrier(3), asyncio.Event()

    async def one() -> None:
        async with a_catalog(tmp_path, OPSIMATE_STORE_URL=url) as catalog:
            assert (await catalog.get("tokens")).status_code == 200
            assert await catalog.store.count(TOKENS, {}) == 1
            await ready.wait()
            over.set()

    await asyncio.gather(*(one() for _ in range(3)))
    assert over.is_set()


@pytest.mark.parametrize("content", ["", "short", "two words that are long enough", "ünïcödé-that-is-long-enough"])
async def test_a_file_that_holds_no_token_stops_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(SettingsError, match="OPSIMATE_ADMIN_TOKEN_FILE"):
        async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(file)):
            pass


@pytest.mark.parametrize("size", [None, 5_000])
async def test_a_file_that_is_too_large_for_a_token_stops_the_start(tmp_path: Path, size: int | None) -> None:
    file = Path("/dev/full")  # which gives zeroes for ever
    if size is not None:
        file = tmp_path / "token"
        file.write_text("x" * size)
    with pytest.raises(SettingsError, match=f"OPSIMATE_ADMIN_TOKEN_FILE: the file {file} "):
        async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(file)):
            pass


async def test_a_file_that_is_missing_is_written_for_the_first_administrator_alone(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere"
    async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(file)) as catalog:
        token = file.read_text().strip()
        answer = await catalog.http.get("/api/v1/runs", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(file)):
        assert not file.exists(), "there is an administrator already"


async def test_a_file_that_can_neither_be_read_nor_written_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OPSIMATE_ADMIN_TOKEN_FILE") as refusal:
        async with a_catalog(tmp_path, OPSIMATE_ADMIN_TOKEN_FILE=str(tmp_path / "missing" / "opsimate_token")):
            pass
    assert "opsimate_token" not in str(refusal.value)


async def test_of_catalogs_that_start_with_files_of_their_own_one_keeps_its_token(tmp_path: Path) -> None:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(ALL)
    files = [tmp_path / f"token-{number}" for number in range(5)]
    await asyncio.gather(*(ensure_administrator(admission.Tokens(store), file) for file in files))
    (kept,) = [file for file in files if file.exists()]
    caller = await admission.Tokens(store).of(kept.read_text().strip())
    assert caller is not None
    assert caller.role == "administrator"
    await store.close()


def test_a_catalog_that_cannot_start_ends_and_says_why(tmp_path: Path, mongo: Any) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "OPSIMATE_LISTEN": "127.0.0.1:0",
        "OPSIMATE_STORE_URL": mongo.database_url(),
        "OPSIMATE_MASTER_KEY": new_master_key(),
        "OPSIMATE_ADMIN_TOKEN_FILE": str(tmp_path / "missing" / "token"),
    }
    program = str(BIN / "opsimate-catalog")
    done = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "OPSIMATE_ADMIN_TOKEN_FILE: the file that it names is not there" in done.stderr
    assert "Traceback" not in done.stderr


async def test_nothing_is_shown_without_a_token(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        for noun in NOUNS:
            for authorization in ("", "Bearer nonsense", "Basic YTpi"):
                answer = await catalog.http.get(f"/api/v1/{noun}", headers={"Authorization": authorization})
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
                assert answer.headers["content-type"] == "application/problem+json"
        operations = [
            (path, verb)
            for path, verbs in catalog.app.openapi()["paths"].items()
            for verb in verbs
            if path.startswith("/api/") and (path, verb) not in SIGNING_IN_AND_OUT
        ]
        assert len(operations) > 25
        for path, verb in operations:
            url = path.replace("{", "").replace("}", "")
            answer = await catalog.http.request(verb, url, headers={"Authorization": ""})
            assert answer.status_code == 401, (verb, path)


async def test_a_token_for_alerts_opens_nothing_here(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        token = (await catalog.made("tokens", {"name": "alertmanager"}))["token"]
        for noun in NOUNS:
            answer = await catalog.http.get(f"/api/v1/{noun}", headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 403
            assert "administrator" in answer.json()["detail"]


async def test_a_token_is_shown_once_and_opens_nothing_once_it_is_deleted(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        definition = {"name": "second", "role": "administrator", "kind": "person"}
        made = await catalog.post("tokens", definition)
        token = made.json()["token"]
        own = {"Authorization": f"Bearer {token}"}
        assert (made.status_code, made.headers["location"]) == (201, "/api/v1/tokens/second")
        assert (await catalog.http.get("/api/v1/runs", headers=own)).status_code == 200
        assert token not in (await catalog.get("tokens")).text
        assert (await catalog.get("tokens/second")).json()["kind"] == "person"
        assert (await catalog.post("tokens", definition)).status_code == 409
        assert (await catalog.delete("tokens/second")).status_code == 204
        assert (await catalog.http.get("/api/v1/runs", headers=own)).status_code == 401
        assert (await catalog.delete("tokens/second")).status_code == 404


async def test_a_token_that_was_stored_without_a_uid_goes_on_as_its_name(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.store.change(TOKENS, {"id": "admin"}, Changes(unset=("uid",)))
        assert (await catalog.get("tokens/admin")).json()["uid"] == "admin"
        known: admission.Tokens = catalog.app.state.tokens
        known._remembered.clear()
        principal = await known.authenticate(AS_ADMINISTRATOR)
        assert principal is not None
        assert (principal.id, principal.name) == ("admin", "admin")
        assert await known.is_still_known(AS_ADMINISTRATOR)


async def test_who_was_let_in_is_not_known_by_a_later_token_of_that_name(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        known: admission.Tokens = catalog.app.state.tokens
        token = (await catalog.made("tokens", {"name": "ada"}))["token"]
        shown = admission.Credential("token", token)
        assert await known.authenticate(shown) is not None
        assert await known.is_still_known(shown)
        assert (await catalog.delete("tokens/ada")).status_code == 204
        await catalog.made("tokens", {"name": "ada"})
        assert not await known.is_still_known(shown)


async def test_the_last_administrator_stays(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.made("tokens", {"name": "alertmanager"})
        assert (await catalog.delete("tokens/admin")).status_code == 409
        await catalog.made("tokens", {"name": "second", "role": "administrator"})
        assert (await catalog.delete("tokens/admin")).status_code == 204


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_is_asked_for_with_head_too(tmp_path: Path, path: str) -> None:
    async with a_catalog(tmp_path) as catalog:
        assert (await catalog.http.head(path)).status_code == 200


async def test_what_is_not_there_is_a_problem_too(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        nothing, wrong = await catalog.get("nothing"), await catalog.http.patch("/api/v1/runs")
        assert (nothing.status_code, wrong.status_code) == (404, 405)
        assert {one.headers["content-type"] for one in (nothing, wrong)} == {"application/problem+json"}
        assert "/api/v1/nothing" in nothing.json()["detail"]


async def test_no_slash_is_added_or_taken_before_a_token_is_asked_for(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        for path in ("/api/v1/secrets/", "/api/v1/tokens/", "/healthz/", "/docs/"):
            answer = await catalog.http.get(path, headers={"Authorization": ""})
            assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_with_the_store_away_calls_are_asked_to_come_again(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.get("runs")

        async def away(*_arguments: Any, **_options: Any) -> Any:
            raise StoreUnavailableError("the connection was lost")

        catalog.store.find = catalog.store.get = away  # type: ignore[method-assign]
        for path in ("runs", "runs/x", "providers", "runs/x/events"):
            answer = await catalog.get(path)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_store_that_hangs_is_asked_about_a_known_token_once_in_a_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "PATIENCE", 0.05)
    async with a_catalog(tmp_path) as catalog:
        await catalog.get("runs")
        asked: list[str] = []

        async def hang(collection: Collection, *_arguments: Any, **_options: Any) -> Any:
            asked.append(collection.name)
            if collection is TOKENS:
                await asyncio.Event().wait()
            raise StoreUnavailableError("no answer")

        catalog.store.find = hang  # type: ignore[method-assign]
        monkeypatch.setattr(admission, "REMEMBERED_SECONDS", 0.0)
        async with asyncio.timeout(10):
            assert (await catalog.get("runs")).status_code == 503
        monkeypatch.setattr(admission, "REMEMBERED_SECONDS", 60.0)
        assert (await catalog.get("runs")).status_code == 503
        assert asked == ["tokens", "runs", "runs"]


async def test_the_documentation_describes_every_operation(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        document = (await catalog.http.get("/openapi.json")).json()
        assert (await catalog.http.get("/docs")).status_code == 200
    operations = [
        (path, verb, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        if "/api/" in path
    ]
    for path, verb, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        assert "401" in operation["responses"] or (path, verb) in SIGNING_IN_AND_OUT, path
    stream = document["paths"]["/api/v1/runs/{run_id}/events"]["get"]["responses"]["200"]["content"]
    assert "RunEvent" in str(stream["text/event-stream"])


async def test_every_error_is_documented_as_the_problem_that_is_answered(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        document = (await catalog.http.get("/openapi.json")).json()
        answers = [
            await catalog.http.get("/api/v1/runs", params={"limit": "x"}),
            await catalog.http.post("/api/v1/secrets", content=b"{", headers={"Content-Type": "application/json"}),
            await catalog.http.post("/api/v1/secrets", content=b"{}", headers={"Content-Type": "text/plain"}),
            await catalog.http.post("/api/v1/secrets", content=b'"' + b"x" * 2**20 + b'"'),
        ]
    for answer in answers:
        operation = document["paths"][answer.request.url.path][answer.request.method.lower()]
        (documented,) = operation["responses"][str(answer.status_code)]["content"]
        assert documented == answer.headers["content-type"] == "application/problem+json"
    assert [answer.status_code for answer in answers] == [422, 400, 415, 413]
    errors = [
        answer
        for path, operations in document["paths"].items()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if path.startswith("/api/") and status >= "400"
    ]
    assert {str(error["content"]["application/problem+json"]["schema"]["$ref"]) for error in errors} == {
        "#/components/schemas/Problem"
    }
    assert not {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()


async def test_the_examples_of_the_documentation_work_as_they_stand(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        schemas = (await catalog.http.get("/openapi.json")).json()["components"]["schemas"]
        for path, schema in (
            ("secrets", "SecretBody"),
            ("providers", "ProviderBody"),
            ("actions", "ActionBody"),
            ("alert-rules", "AlertRuleBody"),
        ):
            (example,) = schemas[schema]["examples"]
            if path == "secrets":  # a whole private key does not belong into a document
                key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
                example = example | {"value": key}
            answer = await catalog.post(path, example)
            assert answer.status_code == 201, answer.text


async def test_what_stands_in_a_query_and_means_nothing_there_is_refused(tmp_path: Path) -> None:
    refused = [
        ("POST", "actions/restart/runs?plan_digest=abc", "plan_digest: unknown field"),
        ("POST", "actions/restart/plan?check_reachable=true", "check_reachable: unknown field"),
        ("PUT", "actions/restart?notee=why", "notee: unknown field; did you mean 'note'?"),
        ("GET", "actions/restart?version=1", "version: unknown field"),
        ("GET", "actions?txt=a", "txt: unknown field; did you mean 'text'?"),
        ("GET", "pools?state=a", "state: unknown field"),
        ("GET", "session?x=1&y=2", "x: unknown field; y: unknown field"),
    ]
    async with a_catalog(tmp_path) as catalog:
        await catalog.with_provider()
        await catalog.made("actions", an_action_body())
        for method, path, said in refused:
            answer = await catalog.http.request(method, f"/api/v1/{path}", json=None if method == "GET" else {})
            assert (answer.status_code, answer.json()["detail"]) == (422, said)
        assert (await catalog.get("runs")).json()["items"] == []
        # A list that is always whole takes what all lists take.
        for path in ("pools", "categories", "quick-access", "tokens", "templates", "providers"):
            assert (await catalog.get(f"{path}?limit=5")).status_code == 200, path
