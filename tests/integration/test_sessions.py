"""Signing in: sessions in both stores, over time, over several catalogs, and no further than their token."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from catalog.domain.sign_in import MOST_FAILURES
from catalog.handlers import sessions as handlers
from catalog.handlers.sessions import LINK_LASTS, MOST_OF_A_TOKEN, SessionLimits, Sessions, remove_expired
from shared.admission import Credential, Tokens, new_token, token_hash
from shared.collections import SESSIONS, SIGN_IN_LINKS, TOKENS
from shared.contracts.principal import GRANTS, Token, TokenDefinition
from shared.contracts.values import instant_text
from shared.store import DocumentStore, StoreUnavailableError
from tests.builders import NOON
from tests.builders_catalog import ADMIN_TOKEN, RunningCatalog, a_catalog

DAY = timedelta(days=1)
LIMITS = SessionLimits(unused=2 * DAY, longest=10 * DAY)
COOKIE = "opsimate-session-80"
"""As the client here calls the catalog at no port."""


@dataclass
class Time:
    """A clock that is set by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@dataclass
class House:
    """A store with the token of one person, and the sessions in it."""

    store: DocumentStore
    time: Time
    tokens: Tokens
    token: Token
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.store, self.tokens, self.time, LIMITS)

    def elsewhere(self) -> Sessions:
        """The same in another process: nothing is remembered there."""
        return Sessions(self.store, Tokens(self.store, self.time), self.time, LIMITS)

    async def knows(self, secret: str) -> bool:
        return await self.elsewhere().authenticate(Credential("session", secret)) is not None


@pytest.fixture
async def house(store: DocumentStore) -> House:
    time = Time()
    tokens, shown = Tokens(store, time), new_token()
    await tokens.create(TokenDefinition(name="ada", kind="person", role="administrator"), shown)
    token = await tokens.of(shown)
    assert token is not None
    return House(store, time, tokens, token)


async def test_a_session_acts_as_its_token_and_is_stored_by_its_hash(house: House) -> None:
    secret, session = await house.sessions.open(house.token)
    principal = await house.sessions.authenticate(Credential("session", secret))
    assert principal == house.token.principal
    (stored,) = await house.store.find(SESSIONS, {})
    assert stored["id"] == token_hash(secret) == session.id
    assert secret not in str(stored)
    for credential in (Credential("token", secret), Credential("session", session.id), Credential("session", "x")):
        assert await house.sessions.authenticate(credential) is None


async def test_a_session_is_over_when_it_was_not_used(house: House) -> None:
    secret, _ = await house.sessions.open(house.token)
    house.time.passes(LIMITS.unused - timedelta(seconds=1))
    assert await house.sessions.of(secret) is not None
    assert await house.elsewhere().of(secret) is not None
    house.time.passes(timedelta(seconds=1))
    assert await house.sessions.authenticate(Credential("session", secret)) is None, "although it is remembered"
    assert not await house.sessions.is_still_known(Credential("session", secret))
    assert not await house.knows(secret)


async def test_a_session_that_is_used_lasts_on_but_not_for_ever(house: House) -> None:
    secret, session = await house.sessions.open(house.token)
    while house.time.now < session.ends_at:
        assert await house.knows(secret), house.time.now
        house.time.passes(DAY)
    assert house.time.now == NOON + LIMITS.longest
    assert not await house.knows(secret)


async def test_the_use_of_a_session_is_stored_seldom(house: House) -> None:
    secret, _ = await house.sessions.open(house.token)
    credential = Credential("session", secret)
    step = LIMITS.unused / handlers.NOTED_USES / 10
    for _ in range(30):
        house.time.passes(step)
        assert await house.sessions.authenticate(credential) is not None
    (stored,) = await house.store.find(SESSIONS, {})
    assert stored["version"] == 1 + 3
    assert stored["expires_at"] == instant_text(house.time.now + LIMITS.unused)


async def test_a_session_that_was_ended_is_over_everywhere(house: House) -> None:
    secret, _ = await house.sessions.open(house.token)
    other, _ = await house.sessions.open(house.token)
    assert await house.sessions.authenticate(Credential("session", secret)) is not None
    await house.sessions.end(secret)
    await house.sessions.end(secret)
    assert await house.sessions.authenticate(Credential("session", secret)) is None
    assert not await house.knows(secret)
    assert await house.knows(other)


async def test_a_session_that_is_ended_elsewhere_is_not_stored_anew_by_its_use(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = await house.sessions.open(house.token)
    assert await house.sessions.of(secret) is not None
    await house.elsewhere().end(secret)
    house.time.passes(DAY)
    await house.sessions.authenticate(Credential("session", secret))
    assert await house.store.count(SESSIONS, {}) == 0
    assert await house.sessions.authenticate(Credential("session", secret)) is None


async def test_sessions_and_links_are_over_with_their_token_and_no_other_of_its_name_revives_them(house: House) -> None:
    secret, _ = await house.sessions.open(house.token)
    link, _ = await house.sessions.make_link(house.token)
    await house.tokens.remove(house.token, house.token.principal)
    assert not await house.knows(secret)
    assert await house.sessions.authenticate(Credential("session", secret)) is None
    await house.tokens.create(TokenDefinition(name="ada", kind="person", role="administrator"), new_token())
    assert not await house.knows(secret)
    assert await house.sessions.used_link(link) is None
    await house.sessions.open(house.token)
    await house.sessions.end_all_of(house.token)
    assert await house.store.count(SESSIONS, {}) == await house.store.count(SIGN_IN_LINKS, {}) == 0


async def test_a_link_signs_in_once(house: House) -> None:
    link, made = await house.sessions.make_link(house.token)
    assert made.expires_at == NOON + LINK_LASTS
    (stored,) = await house.store.find(SIGN_IN_LINKS, {})
    assert link not in str(stored)
    assert await house.sessions.used_link(f"{link}x") is None
    assert await house.elsewhere().used_link(link) == house.token
    assert await house.sessions.used_link(link) is None


async def test_of_those_who_use_a_link_at_the_same_moment_one_is_signed_in(house: House) -> None:
    for _ in range(5):
        link, _ = await house.sessions.make_link(house.token)
        used = await asyncio.gather(*(house.elsewhere().used_link(link) for _ in range(10)))
        assert sum(token is not None for token in used) == 1


async def test_a_link_is_good_for_ten_minutes(house: House) -> None:
    assert timedelta(minutes=10) == LINK_LASTS
    early, _ = await house.sessions.make_link(house.token)
    late, _ = await house.sessions.make_link(house.token)
    house.time.passes(LINK_LASTS - timedelta(milliseconds=1))
    assert await house.sessions.used_link(early) is not None
    house.time.passes(timedelta(milliseconds=1))
    assert await house.sessions.used_link(late) is None


async def test_what_is_over_is_removed_and_nothing_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "REMOVED_AT_ONCE", 2)
    for _ in range(5):
        await house.sessions.open(house.token)
        await house.sessions.make_link(house.token)
    house.time.passes(LIMITS.unused / 2)
    secret, _ = await house.sessions.open(house.token)
    link, _ = await house.sessions.make_link(house.token)
    house.time.passes(LIMITS.unused / 2)
    await remove_expired(house.store, house.time.now)
    assert [one["id"] for one in await house.store.find(SESSIONS, {})] == [token_hash(secret)]
    assert await house.store.count(SIGN_IN_LINKS, {}) == 0, "a day is too long for any link"
    assert link


async def test_a_token_has_so_many_sessions_and_links_of_which_the_longest_unused_go(house: House) -> None:
    secrets = []
    for _ in range(MOST_OF_A_TOKEN):
        house.time.passes(timedelta(seconds=1))
        secrets.append((await house.sessions.open(house.token))[0])
        await house.sessions.make_link(house.token)
    house.time.passes(DAY)
    assert await house.knows(secrets[0]), "it is used, so the second one is unused for longest"
    await house.sessions.open(house.token)
    await house.sessions.make_link(house.token)
    assert await house.store.count(SESSIONS, {}) == await house.store.count(SIGN_IN_LINKS, {}) == MOST_OF_A_TOKEN
    assert [await house.knows(secrets[number]) for number in range(3)] == [True, False, True]


async def test_many_who_sign_in_at_the_same_time_leave_no_more_than_that_for_long(house: House) -> None:
    for _ in range(MOST_OF_A_TOKEN):
        await house.sessions.open(house.token)
    await asyncio.gather(*(house.elsewhere().open(house.token) for _ in range(10)))
    await house.sessions.open(house.token)
    assert await house.store.count(SESSIONS, {}) == MOST_OF_A_TOKEN


async def test_a_session_that_is_known_goes_on_while_the_store_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = await house.sessions.open(house.token)
    credential = Credential("session", secret)
    assert await house.sessions.authenticate(credential) is not None

    async def away(*_arguments: Any, **_options: Any) -> Any:
        raise StoreUnavailableError("the connection was lost")

    for verb in ("find", "get", "change"):
        monkeypatch.setattr(house.store, verb, away)
    house.time.passes(DAY)
    monkeypatch.setattr(handlers, "REMEMBERED_SECONDS", 0.0)
    assert await house.sessions.authenticate(credential) is not None
    assert await house.sessions.is_still_known(credential)
    with pytest.raises(StoreUnavailableError):
        await house.elsewhere().authenticate(credential)
    assert await house.elsewhere().is_still_known(credential)


# Over HTTP.


@pytest.fixture(params=["sqlite", "mongo"])
def where(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings that name one of the stores; an embedded one lies in the directory of the catalog."""
    return {"OPSIMATE_STORE_URL": request.getfixturevalue("mongo").database_url()} if request.param == "mongo" else {}


@asynccontextmanager
async def a_browser(catalog: RunningCatalog, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """It shows no token, and keeps cookies."""
    transport = httpx.ASGITransport(catalog.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog", headers=headers) as http:
        yield http


async def signed_in(browser: httpx.AsyncClient, **shown: str) -> dict[str, Any]:
    """The session of a browser that signs in; the administrator's, where nothing else is said."""
    answer = await browser.post("/api/v1/session", json=shown or {"token": ADMIN_TOKEN})
    assert answer.status_code == 200, answer.text
    browser.headers["Cookie"] = f"{COOKIE}={answer.cookies[COOKIE]}"
    return dict(answer.json())


async def test_a_browser_signs_in_works_and_signs_out(tmp_path: Path, where: dict[str, str]) -> None:
    async with a_catalog(tmp_path, **where) as catalog, a_browser(catalog) as browser:
        assert (await browser.get("/api/v1/session")).status_code == 401
        session = await signed_in(browser)
        assert session.keys() == {"name", "uid", "role", "kind", "expires_at", "permissions"}
        assert (session["name"], session["role"], session["kind"]) == ("admin", "administrator", "session")
        assert session["permissions"] == sorted(GRANTS["administrator"])
        assert (await browser.get("/api/v1/session")).json() == session
        made = await browser.post("/api/v1/secrets", json={"name": "key", "value": "opens"})
        assert made.status_code == 201
        out = await browser.delete("/api/v1/session")
        assert (out.status_code, out.content) == (204, b"")
        assert f'{COOKIE}="";' in out.headers["set-cookie"]
        over = await browser.get("/api/v1/secrets")
        assert (over.status_code, over.json()["detail"]) == (401, "this session is over; sign in again")
        assert await catalog.store.count(SESSIONS, {}) == 0
        assert (await browser.delete("/api/v1/session")).status_code == 204
    async with a_catalog(tmp_path, **where) as catalog, a_browser(catalog) as browser:
        assert (await browser.delete("/api/v1/session")).status_code == 204


async def test_the_bearer_of_a_token_is_shown_what_it_may(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        made = await catalog.made("tokens", {"name": "alertmanager"})
        own = {"Authorization": f"Bearer {made['token']}"}
        shown = (await catalog.http.get("/api/v1/session", headers=own)).json()
        assert shown == {
            "name": "alertmanager",
            "uid": made["uid"],
            "role": "alerts",
            "kind": "token",
            "expires_at": None,
            "permissions": ["alerts.write"],
        }


async def test_a_session_is_known_to_every_catalog_and_after_a_restart(tmp_path: Path, mongo: Any) -> None:
    where = {"OPSIMATE_STORE_URL": mongo.database_url()}
    async with AsyncExitStack() as opened:
        catalogs = [await opened.enter_async_context(a_catalog(tmp_path, **where)) for _ in range(2)]
        first, second = [await opened.enter_async_context(a_browser(catalog)) for catalog in catalogs]
        await signed_in(first)
        second.headers["Cookie"] = first.headers["Cookie"]
        for browser in (second, first):
            assert (await browser.get("/api/v1/session")).json()["name"] == "admin"
        del second.headers["Cookie"]
        link = (await catalogs[0].post("session/links", None)).json()["link"]
        await signed_in(second, link=link)
    async with a_catalog(tmp_path, **where) as catalog, a_browser(catalog) as browser:
        for kept in (first, second):
            browser.headers["Cookie"] = kept.headers["Cookie"]
            assert (await browser.get("/api/v1/runs")).status_code == 200
        await browser.delete("/api/v1/session")
        assert await catalog.store.count(SESSIONS, {}) == 1


async def test_an_embedded_store_keeps_sessions_over_a_restart(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        await signed_in(browser)
    async with a_catalog(tmp_path) as catalog, a_browser(catalog, Cookie=browser.headers["Cookie"]) as later:
        assert (await later.get("/api/v1/runs")).status_code == 200


async def test_a_link_signs_in_one_browser(tmp_path: Path, where: dict[str, str]) -> None:
    async with a_catalog(tmp_path, **where) as catalog, AsyncExitStack() as opened:
        made = await catalog.post("session/links", None)
        assert made.status_code == 201
        link = made.json()
        assert link.keys() == {"link", "path", "expires_at"}
        assert link["path"] == f"/sign-in#link={link['link']}"
        browsers = [await opened.enter_async_context(a_browser(catalog)) for _ in range(5)]
        answers = await asyncio.gather(
            *(browser.post("/api/v1/session", json={"link": link["link"]}) for browser in browsers)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]
        refused = next(answer for answer in answers if answer.status_code == 401)
        assert "opsimate console" in refused.json()["detail"]
        assert "set-cookie" not in refused.headers
        assert await catalog.store.count(SESSIONS, {}) == 1


async def test_a_session_makes_no_links_and_whoever_is_unknown_none_either(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        assert (await browser.post("/api/v1/session/links")).status_code == 401
        await signed_in(browser)
        refused = await browser.post("/api/v1/session/links")
        assert (refused.status_code, "session" in refused.json()["detail"]) == (403, True)
        assert await catalog.store.count(SIGN_IN_LINKS, {}) == 0


async def test_a_session_may_what_its_token_may(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        token = (await catalog.made("tokens", {"name": "alertmanager"}))["token"]
        assert (await signed_in(browser, token=token))["permissions"] == ["alerts.write"]
        for method, path in (("GET", "runs"), ("GET", "tokens"), ("POST", "tokens"), ("DELETE", "tokens/admin")):
            answer = await browser.request(method, f"/api/v1/{path}", json={"name": "x", "role": "administrator"})
            assert answer.status_code == 403, path


async def test_a_browser_is_signed_out_with_its_token(tmp_path: Path, where: dict[str, str]) -> None:
    async with a_catalog(tmp_path, **where) as catalog, a_browser(catalog) as browser:
        token = (await catalog.made("tokens", {"name": "ada", "role": "administrator"}))["token"]
        link = (await catalog.http.post("/api/v1/session/links", headers={"Authorization": f"Bearer {token}"})).json()
        await signed_in(browser, token=token)
        assert (await browser.get("/api/v1/runs")).status_code == 200
        assert (await catalog.delete("tokens/ada")).status_code == 204
        assert (await browser.get("/api/v1/runs")).status_code == 401
        assert (await browser.post("/api/v1/session", json={"link": link["link"]})).status_code == 401
        assert await catalog.store.count(SESSIONS, {}) == await catalog.store.count(SIGN_IN_LINKS, {}) == 0


async def test_a_browser_that_signs_in_again_has_one_session(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        await signed_in(browser)
        before = browser.headers["Cookie"]
        await signed_in(browser)
        assert before != browser.headers["Cookie"]
        assert await catalog.store.count(SESSIONS, {}) == 1


@pytest.mark.parametrize("foreign", [{"Origin": "http://catalog:8081"}, {"Sec-Fetch-Site": "same-site"}])
async def test_nothing_happens_because_a_page_of_another_address_asks_for_it(
    tmp_path: Path, foreign: dict[str, str]
) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        await signed_in(browser)
        mine = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        writes = [
            (verb.upper(), path.replace("{", "").replace("}", ""))
            for path, verbs in catalog.app.openapi()["paths"].items()
            for verb in verbs
            if verb != "get"
        ]
        assert len(writes) > 30
        for method, path in writes:
            answer = await browser.request(method, path, headers=foreign, json={"token": ADMIN_TOKEN})
            assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden"), (method, path)
            assert "set-cookie" not in answer.headers
        assert (await browser.get("/api/v1/runs", headers=foreign)).status_code == 403
        assert (await browser.get("/api/v1/runs", headers=foreign | mine)).status_code == 200
        secret = {"name": "key", "value": "opens"}
        assert (await browser.post("/api/v1/secrets", headers=foreign | mine, json=secret)).status_code == 201
        assert (await browser.get("/api/v1/session")).status_code == 200, "nobody was signed out"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"token": "a", "link": "b"}, "body"),
        ({"token": None}, "body"),
        ({"token": ""}, "token"),
        ({"token": 1}, "token"),
        ({"link": "x" * 5_000}, "link"),
        ({"tokn": "a"}, "tokn"),
        ([], "body"),
    ],
)
async def test_what_is_no_way_to_sign_in_is_named(tmp_path: Path, body: Any, field: str) -> None:
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        answer = await browser.post("/api/v1/session", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_body_that_nobody_vouches_for_is_bounded_and_has_to_be_json(tmp_path: Path) -> None:
    json = {"Content-Type": "application/json"}
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        for sent, headers, status in (
            (b'{"token": "' + b"x" * 2**20 + b'"}', json, 413),
            (b"token=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
            (b'{"token": "x"}', {"Content-Type": "text/plain"}, 415),
            (b"{", json, 400),
        ):
            assert (await browser.post("/api/v1/session", content=sent, headers=headers)).status_code == status


async def test_an_address_that_fails_too_often_has_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("catalog.api.sessions.seconds_passed", lambda: now)
    async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
        for number in range(MOST_FAILURES):
            shown = {"token": "wrong"} if number % 2 else {"link": "wrong"}
            assert (await browser.post("/api/v1/session", json=shown)).status_code == 401
        refused = await browser.post("/api/v1/session", json={"token": ADMIN_TOKEN})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert (await catalog.get("runs")).status_code == 200, "whoever shows a token with each call is not held up"
        now += 60.0
        await signed_in(browser)


async def test_an_address_fails_no_more_often_for_trying_at_the_same_time(
    tmp_path: Path, where: dict[str, str]
) -> None:
    async with a_catalog(tmp_path, **where) as catalog, a_browser(catalog) as browser:
        for _ in range(MOST_FAILURES):
            await signed_in(browser)
        wrong = [browser.post("/api/v1/session", json={"token": f"wrong-{number}"}) for number in range(30)]
        found = Counter(answer.status_code for answer in await asyncio.gather(*wrong))
        assert found == {401: MOST_FAILURES, 429: 30 - MOST_FAILURES}


async def test_no_secret_is_logged(tmp_path: Path) -> None:
    with capture_logs() as logged:
        async with a_catalog(tmp_path) as catalog, a_browser(catalog) as browser:
            link = (await catalog.post("session/links", None)).json()["link"]
            await signed_in(browser, link=link)
            await browser.post("/api/v1/session", json={"link": link})
            await browser.delete("/api/v1/session")
    assert {"session.opened", "session.ended"} <= {line["event"] for line in logged}
    text = str(logged)
    for secret in (link, browser.headers["Cookie"].partition("=")[2], token_hash(link)):
        assert secret not in text


async def test_the_settings_say_how_long_a_session_lasts(tmp_path: Path) -> None:
    limits = {"OPSIMATE_SESSION_UNUSED": "2h", "OPSIMATE_SESSION_LONGEST": "1d"}
    async with a_catalog(tmp_path, **limits) as catalog, a_browser(catalog) as browser:
        answer = await browser.post("/api/v1/session", json={"token": ADMIN_TOKEN})
        assert "Max-Age=86400" in answer.headers["set-cookie"]
        (stored,) = await catalog.store.find(SESSIONS, {})
        instants = {name: datetime.fromisoformat(stored[name]) for name in ("created_at", "expires_at", "ends_at")}
        assert instants["expires_at"] - instants["created_at"] == timedelta(hours=2)
        assert instants["ends_at"] - instants["created_at"] == timedelta(days=1)
        assert answer.json()["expires_at"] == stored["expires_at"]


async def test_a_token_that_was_removed_a_moment_ago_elsewhere_makes_no_link(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        assert (await catalog.get("session")).status_code == 200
        await catalog.store.delete(TOKENS, {"id": "admin"})
        assert (await catalog.post("session/links", None)).status_code == 401
