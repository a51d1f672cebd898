"""Versions of definitions: one mechanism for every kind, which neither a crash nor another writer gets out of step."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from catalog.handlers.checks import CheckContext
from catalog.handlers.definitions import Definitions, Write
from catalog.handlers.refusals import NameTakenError, StaleError, UnknownError
from opsimate.client import ApiClient
from opsimate.credentials import Credentials
from opsimate.product_looks import _definitions as definitions_found
from shared.collections import ALL
from shared.contracts.action import ActionDefinition
from shared.contracts.secret import SecretDefinition
from shared.definitions import action_version, bound_to_secret, stored, unreadable_secrets
from shared.encryption import Sealer, master_key_from
from shared.kinds import ACTION, KINDS, PROVIDER, SECRET, Kind
from shared.migrations import migrator_of
from shared.store import DocumentStore
from shared.store.port import Collection
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.builders_alerts import a_provider as a_provider_definition
from tests.builders_alerts import restart, save
from tests.builders_catalog import ADMIN_TOKEN, RunningCatalog, a_catalog, a_provider, an_action_body
from tests.earlier_releases import MASTER_KEY, documents, write_database
from tests.integration.conftest import NewStore
from tests.integration.test_alertmanager import served

BY = Write("ada", "uid-of-ada")
SEALER = Sealer(bytes(32))


def titled(title: str) -> ActionDefinition:
    """The action ``restart`` under another title."""
    return restart().model_copy(update={"title": title})


def over(*versions: int) -> Write:
    """A write that names the versions which it may replace."""
    return Write("bob", "uid-of-bob", versions=frozenset(versions))


def definitions_in(store: DocumentStore, kind: Kind[Any] = ACTION) -> Definitions[Any]:
    """The definitions of a kind, as a catalog over this store has them."""
    return Definitions(kind, CheckContext(store, SEALER, allow_local=True), lambda: NOON)


@pytest.fixture
async def stores(new_store: NewStore) -> AsyncIterator[list[DocumentStore]]:
    """The store of two catalogs: two clients of one database, or the one that all of a process share."""
    opened = [new_store(), new_store()]
    async with AsyncExitStack() as closing:
        for store in {id(one): one for one in opened}.values():
            await store.open(ALL)
            closing.push_async_callback(store.close)
        yield opened


class CrashError(Exception):
    """The process came to its end here."""


class CrashingStore:
    """A store of a process that comes to its end when it would change a collection."""

    def __init__(self, store: DocumentStore, collection: Collection) -> None:
        self._store = store
        self._collection = collection

    def __getattr__(self, verb: str) -> Any:
        really = getattr(self._store, verb)

        async def done(collection: Collection, *arguments: Any, **options: Any) -> Any:
            if collection == self._collection and verb in {"insert", "replace", "change", "delete"}:
                raise CrashError
            return await really(collection, *arguments, **options)

        return done


async def crashed(store: DocumentStore, kind: Kind[Any], work: Callable[[Definitions[Any]], Awaitable[Any]]) -> None:
    """A catalog does something, and comes to its end between the version and the head."""
    with pytest.raises(CrashError):
        await work(definitions_in(CrashingStore(store, kind.collection), kind))


async def test_a_creation_cut_off_before_its_head_blocks_its_name_for_nobody(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    await crashed(stores[0], ACTION, lambda actions: actions.create(titled("first"), BY))
    actions = definitions_in(stores[1])
    with pytest.raises(NameTakenError):
        await actions.create(titled("second"), BY)
    assert (await actions.get("restart")).definition.title == "first"
    changed, created = await actions.put(titled("second"), BY)
    assert (changed.version, created) == (2, False)


async def test_a_change_cut_off_before_its_head_is_met_and_not_overwritten_unseen(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    actions = definitions_in(stores[1])
    await actions.create(titled("first"), BY)
    await crashed(stores[0], ACTION, lambda crashing: crashing.put(titled("second"), BY))
    assert (await actions.get("restart")).version == 1
    with pytest.raises(StaleError, match="is at version 2 by now"):
        await actions.put(titled("third"), over(1))
    assert (await actions.get("restart")).definition.title == "second"
    third, _ = await actions.put(titled("third"), over(2))
    assert (third.version, third.definition.title) == (3, "third")


async def test_a_deletion_cut_off_before_its_head_is_met_and_what_follows_is_new(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    actions = definitions_in(stores[1])
    first = await actions.create(titled("first"), BY)
    await crashed(stores[0], ACTION, lambda crashing: crashing.delete("restart", BY))
    again, created = await actions.put(titled("again"), BY)
    assert (again.version, created) == (3, True)
    assert again.uid != first.uid
    assert [one.change for one in await actions.versions("restart", None, 10)] == ["created", "deleted", "created"]


async def test_the_value_of_a_secret_outlives_a_crash_and_stands_in_no_version(stores: list[DocumentStore]) -> None:
    def a_secret(value: str) -> SecretDefinition:
        return SecretDefinition.model_validate({"name": "key", "value": value})

    await crashed(stores[0], SECRET, lambda crashing: crashing.create(a_secret("first value"), BY))
    secrets = definitions_in(stores[1], SECRET)
    assert (await secrets.put(a_secret("first value"), BY))[0].version == 1
    await crashed(stores[0], SECRET, lambda crashing: crashing.put(a_secret("second value"), BY))
    with pytest.raises(StaleError):
        await secrets.put(a_secret("third value"), over(1))
    head = await secrets.get("key")
    assert (head.version, SEALER.open(head.sealed, bound_to=bound_to_secret("key"))) == (2, "second value")
    await secrets.put(a_secret("third value"), BY)
    versions = await stores[0].find(SECRET.versions, {"name": "key"})
    assert [("sealed" in one, one["number"]) for one in versions] == [(False, 1), (False, 2), (False, 3)]
    assert "value" not in str(await secrets.version("key", 2))


async def test_of_two_catalogs_that_write_the_same_name_one_wins_each_version(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    catalogs = [definitions_in(store) for store in stores]
    made = await asyncio.gather(
        *(catalogs[n % 2].create(titled(f"{n}"), BY) for n in range(10)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in made) == ["NameTakenError"] * 9 + ["Stored"]
    for version in range(1, 4):
        writes = (catalogs[n % 2].put(titled(f"{version}.{n}"), over(version)) for n in range(10))
        answers = await asyncio.gather(*writes, return_exceptions=True)
        (winner,) = [answer for answer in answers if not isinstance(answer, BaseException)]
        assert all(isinstance(one, StaleError) for one in answers if one is not winner)
        head = await catalogs[0].get("restart")
        assert (head.version, head.definition.title) == (version + 1, winner[0].definition.title)
    deleted = await asyncio.gather(*(catalogs[n % 2].delete("restart", BY) for n in range(4)), return_exceptions=True)
    assert [type(one) for one in deleted if one is not None] == [UnknownError] * 3
    assert [one.number for one in await catalogs[1].versions("restart", None, 10)] == [5, 4, 3, 2, 1]


async def test_writers_that_come_and_go_leave_head_and_versions_in_step(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    catalogs = [definitions_in(store) for store in stores]

    async def write(number: int) -> None:
        try:
            if number % 3 == 2:
                await catalogs[number % 2].delete("restart", BY)
            else:
                await catalogs[number % 2].put(titled(f"{number}"), BY)
        except (UnknownError, StaleError):
            pass  # somebody else was faster

    for turn in range(4):
        await asyncio.gather(*(write(number) for number in range(turn, turn + 9)))
        newest = (await catalogs[0].versions("restart", None, 1))[0]
        head = await stored(stores[1], ACTION, "restart")
        assert (None if head is None else head.version) == (None if newest.change == "deleted" else newest.number)
    numbers = [one.number for one in await catalogs[0].versions("restart", None, 200)]
    assert numbers == list(range(len(numbers), 0, -1))


async def test_what_a_slow_writer_puts_back_after_a_deletion_is_taken_away_again(stores: list[DocumentStore]) -> None:
    await save(stores[0], a_provider_definition())
    slow, quick = definitions_in(stores[0]), definitions_in(stores[1])
    really, held, others_done = stores[0].insert, asyncio.Event(), asyncio.Event()

    async def insert(collection: Collection, document: Any) -> None:
        if collection == ACTION.collection and not held.is_set():
            held.set()
            await others_done.wait()
        await really(collection, document)

    stores[0].insert = insert  # type: ignore[method-assign]
    creation = asyncio.create_task(slow.create(titled("slow"), Write("slow", "")))
    await held.wait()
    assert (await quick.put(titled("slow"), BY))[0].version == 1, "the head was moved on to what the slow one wrote"
    await quick.delete("restart", BY)
    others_done.set()
    await creation
    with pytest.raises(UnknownError):
        await quick.get("restart")
    assert (await quick.put(titled("again"), BY))[0].version == 3


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog that knows the secret ``key``, the provider ``web-1``, and one of each other kind."""
    async with a_catalog(tmp_path) as running:
        await running.with_provider()
        await running.made("actions", an_action_body())
        response = {"action": "restart"}
        await running.made("alert-rules", {"name": "down", "match": {"labels": {"a": "b"}}, "responses": [response]})
        verify = {"hmac": {"secrets": ["key"]}}
        await running.made("provider-groups", {"name": "web", "providers": ["web-1"]})
        await running.made("schedules", {"name": "nightly", "action": "restart", "at": {"daily": "02:30"}})
        lasts = {"from": "2026-12-20T00:00:00Z", "until": "2027-01-02T00:00:00Z"}
        await running.made("maintenance-windows", {"name": "freeze", **lasts})
        await running.made("channels", {"name": "on-call", "url": {"secret": "key"}})
        await running.made("integrations", {"name": "signed", "source": "generic", "verify": verify})
        yield running


OF_EACH_KIND = {
    "secrets": "key",
    "providers": "web-1",
    "provider-groups": "web",
    "actions": "restart",
    "alert-rules": "down",
    "schedules": "nightly",
    "maintenance-windows": "freeze",
    "channels": "on-call",
    "integrations": "signed",
}


def test_every_kind_is_tried_here() -> None:
    assert OF_EACH_KIND.keys() == {kind.path for kind in KINDS.values()}


@pytest.mark.parametrize(("path", "name"), OF_EACH_KIND.items())
async def test_versions_of_every_kind_say_who_when_and_why(catalog: RunningCatalog, path: str, name: str) -> None:
    place = f"{path}/{name}"
    shown = (await catalog.get(place)).json()
    changed = {**shown, "description": "another one", **({"value": "x" * 9} if path == "secrets" else {})}
    answer = await catalog.http.put(f"/api/v1/{place}", json=changed, params={"note": "after the move"})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    page = (await catalog.get(f"{place}/versions")).json()
    newest, first = page["items"]
    assert (newest["version"], newest["change"], newest["by"], newest["note"]) == (
        2,
        "changed",
        "admin",
        "after the move",
    )
    assert newest["at"] == answer.json()["updated_at"]
    assert newest["principal_id"]
    assert (first["version"], first["change"], first["note"], page["next"]) == (1, "created", "", None)
    one = (await catalog.get(f"{place}/versions/1")).json()
    assert (one["version"], one["definition"]["name"], one["definition"]["description"]) == (1, name, "")
    diff = (await catalog.get(f"{place}/versions/2", against=1)).json()["diff"]
    assert f"+++ {path[:-1].replace('-', '_')} {name}, version 2" in diff
    assert "+description: another one\n" in diff
    assert (await catalog.get(f"{place}/versions/2", against=2)).json()["diff"] == ""
    whole = (await catalog.get(f"{place}/versions/2", against=0)).json()["diff"].splitlines()[3:]
    assert all(line.startswith("+") for line in whole)
    assert "+description: another one" in whole
    assert (await catalog.get(f"{place}/versions/7")).status_code == 404
    assert (await catalog.get(f"{path}/nothing/versions")).status_code == 404
    pages = await catalog.get(f"{place}/versions", limit=1)
    rest = (await catalog.get(f"{place}/versions", limit=1, cursor=pages.json()["next"])).json()
    assert ([item["version"] for item in rest["items"]], rest["next"]) == ([1], None)
    assert (await catalog.get(f"{place}/versions", cursor="bm9uZQ")).status_code == 422


@pytest.mark.parametrize(("path", "name"), [item for item in OF_EACH_KIND.items() if item[0] != "secrets"])
async def test_a_version_of_every_kind_is_restored_as_a_new_one(catalog: RunningCatalog, path: str, name: str) -> None:
    place = f"{path}/{name}"
    first = (await catalog.get(place)).json()
    await catalog.put(place, {**first, "description": "another one"})
    stale = await catalog.http.post(f"/api/v1/{place}/versions/1/restore", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    restored = await catalog.http.post(f"/api/v1/{place}/versions/1/restore", headers={"If-Match": '"2"'})
    assert (restored.status_code, restored.headers["etag"]) == (200, '"3"')
    assert (restored.json()["description"], restored.json()["uid"]) == ("", first["uid"])
    newest = (await catalog.get(f"{place}/versions")).json()["items"][0]
    assert (newest["version"], newest["note"]) == (3, "restores version 1")


async def test_a_secret_has_versions_and_none_of_them_is_restored(catalog: RunningCatalog) -> None:
    await catalog.put("secrets/key", {"name": "key", "value": "opens nothing"})
    versions = await catalog.get("secrets/key/versions")
    one = await catalog.get("secrets/key/versions/1", against=2)
    refused = await catalog.http.post("/api/v1/secrets/key/versions/1/restore")
    assert [item["version"] for item in versions.json()["items"]] == [2, 1]
    assert one.json()["definition"] == {"kind": "secret", "name": "key", "description": ""}
    assert (refused.status_code, "set it anew" in refused.json()["detail"]) == (409, True)
    assert all("opens" not in answer.text for answer in (versions, one, refused))
    assert (await catalog.http.post("/api/v1/secrets/key/versions/9/restore")).status_code == 404


async def test_numbers_go_on_over_a_deletion_so_that_nothing_new_is_overwritten_by_what_saw_the_old(
    catalog: RunningCatalog,
) -> None:
    await catalog.delete("alert-rules/down")
    await catalog.delete("schedules/nightly")
    before = (await catalog.get("actions/restart")).json()
    deleted = await catalog.http.delete("/api/v1/actions/restart", params={"note": "no more"})
    assert deleted.status_code == 204
    assert (await catalog.put("actions/restart", an_action_body(title="old"), If_Match='"1"')).status_code == 412
    anew = await catalog.made("actions", an_action_body(title="anew"))
    assert anew["version"] == 3
    assert anew["uid"] != before["uid"]
    assert (await catalog.put("actions/restart", an_action_body(title="old"), If_Match='"1"')).status_code == 412
    items = (await catalog.get("actions/restart/versions")).json()["items"]
    assert [(item["change"], item["note"]) for item in items] == [
        ("created", ""),
        ("deleted", "no more"),
        ("created", ""),
    ]
    deletion = (await catalog.get("actions/restart/versions/2", against=1)).json()
    assert deletion["definition"] is None
    assert "-name: restart\n" in deletion["diff"]
    refused = await catalog.http.post("/api/v1/actions/restart/versions/2/restore")
    assert (refused.status_code, "is a deletion" in refused.json()["detail"]) == (409, True)


async def test_what_was_deleted_is_restored_under_its_name_as_a_new_thing(catalog: RunningCatalog) -> None:
    rule = (await catalog.get("alert-rules/down")).json()
    await catalog.delete("alert-rules/down")
    assert (await catalog.get("alert-rules/down")).status_code == 404
    restored = await catalog.http.post("/api/v1/alert-rules/down/versions/1/restore")
    assert (restored.status_code, restored.json()["version"]) == (200, 3)
    assert restored.json()["uid"] != rule["uid"]
    assert restored.json()["responses"] == rule["responses"]


async def test_what_a_version_names_has_to_be_there_when_it_is_restored(catalog: RunningCatalog) -> None:
    await catalog.made("providers", a_provider("web-2"))
    step = {"name": "only", "provider": "web-2", "command": "true"}
    await catalog.put("actions/restart", an_action_body(step))
    await catalog.put("actions/restart", an_action_body())
    assert (await catalog.delete("providers/web-2")).status_code == 204
    refused = await catalog.http.post("/api/v1/actions/restart/versions/2/restore")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["steps.0.provider"]


async def test_what_names_a_thing_that_is_gone_says_so(catalog: RunningCatalog) -> None:
    assert "gone" not in (await catalog.get("actions/restart")).json()
    # As where a provider was deleted at the very moment at which the action was saved.
    await catalog.store.delete(PROVIDER.collection, {"id": "web-1"})
    shown = (await catalog.get("actions/restart")).json()
    assert shown["gone"] == ["there is no provider 'web-1' any more"]
    assert (await catalog.get("actions")).json()["items"] == [shown]
    run = await catalog.post("actions/restart/runs", {})
    assert (run.status_code, "there is no provider 'web-1'" in run.json()["detail"]) == (422, True)


async def test_the_doctor_lists_what_names_a_thing_that_is_gone(catalog: RunningCatalog) -> None:
    await catalog.store.delete(PROVIDER.collection, {"id": "web-1"})
    async with served(catalog.app) as url:
        with ApiClient(Credentials(url, ADMIN_TOKEN, "")) as api:
            found = await asyncio.to_thread(lambda: list(definitions_found(api)))
    assert [(one.state, one.message) for one in found] == [
        ("warning", "provider group 'web': there is no provider 'web-1' any more"),
        ("warning", "action 'restart': there is no provider 'web-1' any more"),
    ]


async def test_a_note_is_a_thousand_characters_at_most(catalog: RunningCatalog) -> None:
    answer = await catalog.http.put("/api/v1/actions/restart", json=an_action_body(), params={"note": "x" * 1_001})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "note")


async def test_what_the_first_release_stored_has_its_versions_from_where_it_was(tmp_path: Path) -> None:
    write_database(tmp_path / "opsimate.db", under_way=False)
    store = SqliteDocumentStore(tmp_path / "opsimate.db")
    await migrator_of(store, may_move=True).bring_up_to_date()
    for kind in KINDS.values():
        definitions = definitions_in(store, kind)
        for document in [document for collection, document in documents() if collection == kind.plural]:
            one = await definitions.get(document["id"])
            assert (one.uid, one.version, one.updated_by) == (document["uid"], document["version"], "admin")
            assert [version.number for version in await definitions.versions(one.name, None, 10)] == [one.version]
            assert (await definitions.version(one.name, one.version)).definition is not None
    assert await unreadable_secrets(store, Sealer(master_key_from(MASTER_KEY))) == []
    actions = definitions_in(store)
    old = next(one for collection, one in documents() if (collection, one["id"]) == ("actions", "restart"))
    assert (await action_version(store, old["version_id"])).definition.name == "restart", "its runs find it by its id"
    unchanged = (await actions.get("restart")).definition
    changed, created = await actions.put(unchanged.model_copy(update={"title": "x"}), BY)
    assert (changed.version, changed.uid, created) == (old["version"] + 1, old["uid"], False)
    assert [one.number for one in await actions.versions("restart", None, 10)] == [old["version"] + 1, old["version"]]
    await store.close()
