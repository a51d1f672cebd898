"""A new kind of definition is a model, an entry and a check: everything else derives from the entry."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from catalog.domain import checks
from opsimate.cli.apply import apply
from opsimate.cli.definitions import group_of
from shared import collections
from shared.contracts.definition import Definition, Reference
from shared.contracts.principal import GRANTS, PERMISSIONS
from shared.contracts.problem import FieldError
from shared.contracts.values import Name
from shared.kinds import KINDS, Kind
from tests.builders_catalog import ADMIN_TOKEN, RunningCatalog, a_catalog, a_provider, an_action_body
from tests.integration.test_alertmanager import served


class Playlist(Definition):
    """Actions to be run one after the other, on one provider."""

    kind: Literal["play_list"] = "play_list"
    name: Name
    provider: Name
    actions: list[Name]
    follows: Name | None = None

    def references(self) -> Iterator[Reference]:
        yield Reference("provider", self.provider, "provider")
        yield from (Reference("action", name, f"actions.{index}") for index, name in enumerate(self.actions))
        if self.follows is not None:
            yield Reference("play_list", self.follows, "follows")


def check_playlist(playlist: Playlist) -> list[FieldError]:
    """None is empty."""
    return [] if playlist.actions else [FieldError(field="actions", message="name one at least")]


PLAYLIST: Kind[Playlist] = Kind(
    "play_list", "play-lists", f"{__name__}:Playlist", uses=("provider", "action", "play_list")
)


@pytest.fixture
async def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningCatalog]:
    """A catalog of a product that has one kind more."""
    monkeypatch.setitem(KINDS, PLAYLIST.word, PLAYLIST)
    monkeypatch.setattr(checks, "OWN_CHECKS", {**checks.OWN_CHECKS, PLAYLIST.word: check_playlist})
    monkeypatch.setattr("catalog.handlers.definitions.OWN_CHECKS", checks.OWN_CHECKS)
    monkeypatch.setattr("opsimate.definitions.applying.OWN_CHECKS", checks.OWN_CHECKS)
    monkeypatch.setattr(collections, "ALL", (*collections.ALL, PLAYLIST.collection, PLAYLIST.versions))
    # Who may do what with it is decided by people.
    permissions: Any = (PLAYLIST.permission("read"), PLAYLIST.permission("write"))
    monkeypatch.setattr("shared.access.PERMISSIONS", (*PERMISSIONS, *permissions))
    grants: Any = GRANTS
    monkeypatch.setitem(grants, "administrator", grants["administrator"] | set(permissions))
    async with a_catalog(tmp_path) as running:
        await running.with_provider()
        await running.made("actions", an_action_body())
        yield running


def a_playlist(name: str = "morning", **fields: Any) -> dict[str, Any]:
    """Restart, on web-1."""
    return {"kind": "play_list", "name": name, "provider": "web-1", "actions": ["restart"], **fields}


async def test_a_new_kind_has_the_calls_of_all(catalog: RunningCatalog) -> None:
    made = await catalog.post("play-lists", a_playlist())
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/play-lists/morning")
    assert (await catalog.post("play-lists", a_playlist())).status_code == 409
    shown = await catalog.get("play-lists/morning")
    assert (shown.json(), shown.headers["etag"]) == (made.json(), '"1"')
    assert (await catalog.get("play-lists")).json() == {"items": [shown.json()], "next": None}
    assert (await catalog.put("play-lists/morning", shown.json())).json() == shown.json()
    missing = await catalog.get("play-lists/mornign")
    assert missing.json()["detail"] == "there is no play list 'mornign'; did you mean 'morning'?"
    assert (await catalog.delete("play-lists/morning")).status_code == 204
    schemas = catalog.app.openapi()["components"]["schemas"]
    assert {"PlayList", "PlayListBody", "PlayListPage"} <= schemas.keys()


async def test_a_new_kind_is_checked_and_all_that_it_names_has_to_be_there(catalog: RunningCatalog) -> None:
    answer = await catalog.post("play-lists", a_playlist(provider="web-2", actions=["restart", "restrat"]))
    assert [error["field"] for error in answer.json()["errors"]] == ["provider", "actions.1"]
    assert "there is no action 'restrat'; did you mean 'restart'?" in answer.json()["detail"]
    answer = await catalog.post("play-lists", a_playlist(actions=[]))
    assert answer.json()["errors"] == [{"field": "actions", "message": "name one at least"}]


@pytest.mark.parametrize(
    ("verify", "field", "told"),
    [
        ({"token": {"secrets": ["nope"]}}, "verify.token.secrets.0", "there is no secret 'nope'"),
        ({"basic": {"user": "u", "secrets": ["key", "nope"]}}, "verify.basic.secrets.1", "there is no secret 'nope'"),
        ({"basic": {"user": "a:b", "secrets": ["key"]}}, "verify.basic.user", "holds a colon"),
        ({"token": {"secrets": ["key"]}, "hmac": {"secrets": ["key"]}}, "verify", "keep one of them"),
        ({"token": {"secrets": ["key"], "header": "X-T", "query": "t"}}, "verify.token", "keep header or query"),
        ({"token": {"secrets": ["key"], "header": "Content-Type"}}, "verify.token.header", "such as X-Signature"),
        ({"hmac": {"secrets": ["key"], "header": "a b"}}, "verify.hmac.header", "no name of a header"),
        ({"hmac": {"secrets": []}}, "verify.hmac.secrets", "at least"),
        ({"sns": {"topics": ["alarms"]}}, "verify.sns.topics.0", "such as arn:aws:sns:"),
        ({"sns": {"topics": ["arn:aws:sns:eu-central-1:123456789012:a"]}}, "verify.sns", "say source: sns"),
        ({"hmac": {"secretes": ["key"]}}, "verify.hmac.secretes", "did you mean 'secrets'"),
    ],
)
async def test_credentials_of_an_integration_that_let_nobody_in_are_refused(
    catalog: RunningCatalog, verify: dict[str, Any], field: str, told: str
) -> None:
    answer = await catalog.post("integrations", {"name": "i", "source": "generic", "verify": verify})
    assert answer.status_code == 422
    errors = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert told in errors[field], errors


async def test_what_a_new_kind_uses_is_not_deleted(catalog: RunningCatalog) -> None:
    await catalog.made("play-lists", a_playlist())
    await catalog.made("play-lists", a_playlist("evening", follows="morning"))
    for path in ("actions/restart", "play-lists/morning"):
        answer = await catalog.delete(path)
        assert (answer.status_code, "play list 'evening'" in answer.json()["detail"]) == (409, True)
    assert (await catalog.delete("play-lists/evening")).status_code == 204
    assert (await catalog.delete("play-lists/morning")).status_code == 204
    assert (await catalog.delete("actions/restart")).status_code == 204


async def test_a_new_kind_has_versions(catalog: RunningCatalog) -> None:
    await catalog.made("play-lists", a_playlist())
    await catalog.put("play-lists/morning", a_playlist(actions=["restart", "restart"]))
    diff = (await catalog.get("play-lists/morning/versions/2", against=1)).json()["diff"]
    assert diff.splitlines()[-1] == "+- restart"
    restored = await catalog.http.post("/api/v1/play-lists/morning/versions/1/restore")
    assert (restored.json()["version"], restored.json()["actions"]) == (3, ["restart"])
    items = (await catalog.get("play-lists/morning/versions")).json()["items"]
    assert [(item["version"], item["change"]) for item in items] == [(3, "changed"), (2, "changed"), (1, "created")]


async def test_a_new_kind_is_applied_after_what_it_names_and_has_a_group_of_commands(
    catalog: RunningCatalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = [a_playlist("evening", follows="noon"), a_playlist("noon", provider="web-2", actions=["tidy"])]
    bodies = [*lists, an_action_body(kind="action", name="tidy"), {**a_provider("web-2"), "kind": "provider"}]
    file = tmp_path / "all.yaml"
    file.write_text("\n---\n".join(str(body) for body in bodies).replace("None", "null"))
    async with served(catalog.app) as url:
        monkeypatch.setenv("OPSIMATE_URL", url)
        monkeypatch.setenv("OPSIMATE_TOKEN", ADMIN_TOKEN)

        async def typed(command: Any, *arguments: str) -> str:
            with capture_logs():  # of the server, which would stand among what is printed
                done = await asyncio.to_thread(CliRunner().invoke, command, arguments)
            assert done.exit_code == 0, done.output
            return done.output

        group = group_of(PLAYLIST)
        applied = await typed(apply, "-f", str(file), "--note", "the first ones")
        assert applied.splitlines() == [
            "+ provider web-2 created",
            "+ action tidy created",
            "+ play_list noon created",
            "+ play_list evening created",
        ]
        assert "evening" in await typed(group, "list")
        shown = await typed(group, "show", "noon")
        file.write_text(shown)
        assert await typed(apply, "-f", str(file)) == "= play_list noon unchanged\n"
        file.write_text(shown.replace("- tidy", "- restart"))
        await typed(apply, "-f", str(file))
        assert "the first ones" in await typed(group, "versions", "noon")
        assert "-- tidy\n+- restart\n" in await typed(group, "diff", "noon", "1", "2")
        assert "- tidy" in await typed(group, "show", "noon", "--version", "1")
        assert "that is version 3" in await typed(group, "restore", "noon", "1")
        assert "is deleted" in await typed(group, "delete", "evening", "--note", "no more")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.word)
def test_an_entry_fits_its_model_and_names_only_kinds_that_are_made_before(kind: Kind[Any]) -> None:
    words = list(KINDS)
    assert kind.model.model_fields["kind"].default == kind.word
    assert issubclass(kind.model, kind.kept)
    said = kind.kept.model_fields.keys() | {name for name, one in vars(kind.kept).items() if isinstance(one, property)}
    assert {*kind.keys} <= said
    assert all(words.index(used) <= words.index(kind.word) for used in kind.uses)
    assert (kind.sealed in kind.model.model_fields) == bool(kind.sealed)
    assert kind.sealed not in kind.kept.model_fields
    assert {kind.permission("read"), kind.permission("write")} <= set(PERMISSIONS)
