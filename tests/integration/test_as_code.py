"""Definitions kept as files: exported, compared, applied, pruned."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import yaml
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from opsimate.cli import apply as apply_module
from opsimate.cli import opsimate
from opsimate.definitions.applying import plan
from opsimate.definitions.file_references import SUFFIX_OF_CREDENTIAL
from opsimate.definitions.planning import Application, file_set_of
from tests.builders_catalog import ADMIN_TOKEN, RunningCatalog, a_catalog, a_provider, an_action_body
from tests.integration.test_alertmanager import served

SECRET = "kind: secret\nname: key\nvalue: opens everything\n"
PROVIDER = """\
kind: provider
name: web-1
connection:
  ssh: {host: 10.0.0.1, user: deploy, password: {secret: key}}
"""
TIDY = """\
kind: action
name: tidy
title: Tidy up
steps:
  - {name: only, provider: web-1, command: "true", timeout: 90s}
"""
RULE = """\
kind: alert_rule
name: full
match: {labels: {alertname: DiskFull}}
responses: [{action: tidy}]
"""


@dataclass
class Desk:
    """A catalog, and somebody who types in a folder of files."""

    catalog: RunningCatalog
    files: Path

    def write(self, **texts: str) -> None:
        self.files.mkdir(exist_ok=True)
        for name, text in texts.items():
            (self.files / f"{name}.yaml").write_text(text)

    async def typed(self, *arguments: str, stdin: str | None = None) -> Result:
        with capture_logs():  # of the server, which would stand among what is printed
            return await asyncio.to_thread(CliRunner().invoke, opsimate, arguments, stdin)

    async def told(self, *arguments: str) -> dict[str, str]:
        """What became of each definition."""
        done = await self.typed(*arguments, "-o", "json")
        return {f"{one['kind']} {one['name']}": one["change"] for one in json.loads(done.stdout)["items"]}

    async def names(self, kinds: str) -> set[str]:
        return {item["name"] for item in (await self.catalog.get(kinds)).json()["items"]}


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    async with a_catalog(tmp_path) as catalog, served(catalog.app) as url:
        monkeypatch.setenv("OPSIMATE_URL", url)
        monkeypatch.setenv("OPSIMATE_TOKEN", ADMIN_TOKEN)
        yield Desk(catalog, tmp_path / "files")


async def test_all_is_applied_in_order_and_applying_again_changes_nothing(desk: Desk) -> None:
    desk.write(a=RULE, b=TIDY, c=PROVIDER, d=SECRET)
    created = await desk.typed("apply", "-f", str(desk.files))
    assert created.stdout.splitlines() == [
        "+ secret key created",
        "+ provider web-1 created",
        "+ action tidy created",
        "+ alert_rule full created",
    ]
    assert set((await desk.told("apply", "-f", str(desk.files))).values()) == {"unchanged"}
    same = await desk.typed("diff", "-f", str(desk.files))
    assert (same.exit_code, same.stdout) == (0, "4 unchanged\n")


async def test_a_difference_is_shown_and_nothing_is_changed_by_looking(desk: Desk) -> None:
    desk.write(a=SECRET, b=PROVIDER, c=TIDY)
    await desk.typed("apply", "-f", str(desk.files))
    desk.write(a=SECRET.replace("opens", "still opens"), c=TIDY.replace("90s", "2m"), d=RULE)
    shown = await desk.typed("diff", "-f", str(desk.files))
    assert shown.exit_code == 1
    assert "-  timeout: 1m30s\n+  timeout: 2m\n" in shown.stdout
    assert "~ secret key\n    its value, which is shown nowhere\n" in shown.stdout
    assert "+ alert_rule full\n+kind: alert_rule\n" in shown.stdout
    assert shown.stdout.endswith("1 created, 2 changed, 1 unchanged\n")
    assert "opens everything" not in shown.stdout
    assert (await desk.catalog.get("actions/tidy")).json()["version"] == 1
    assert await desk.names("alert-rules") == set()


async def test_looking_says_with_its_status_that_it_could_not_be_told(desk: Desk) -> None:
    desk.write(a=TIDY)
    refused = await desk.typed("diff", "-f", str(desk.files))
    assert (refused.exit_code, "there is no provider 'web-1'" in refused.stderr) == (2, True)
    assert "Nothing was applied" not in refused.stderr, "it goes without saying where one only looks"
    assert (await desk.typed("diff", "-f", str(desk.files / "nowhere.yaml"))).exit_code == 2


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"a": TIDY, "b": TIDY}, ["b.yaml:2: action tidy stands in {}/a.yaml:2 already; delete one of the two"]),
        ({"a": TIDY, "b": "kind: action\nname: [x\n"}, ["b.yaml:3:1: did not find expected"]),
        ({"a": TIDY, "b": RULE.replace("tidy}", "tidy, parameters: {x: y}}")}, ["b.yaml:4: responses.0.parameters.x"]),
        (
            {"a": TIDY, "b": PROVIDER.replace("web-1", "web-2").replace("key}", "key}, jump: web-2")},
            ["b.yaml:4: connection.ssh.jump: the jumps go round in a circle"],
        ),
        ({"a": TIDY, "b": "kind: action\nname: x\nstepps: []\n---\nkind: acton\n"}, ["b.yaml:3: stepps", "b.yaml:5: "]),
        ({"a": TIDY.replace("kind: action", "kind: action\nextends: x")}, ["a.yaml:2: extends: unknown field"]),
    ],
)
async def test_whatever_is_wrong_is_told_before_anything_is_written(
    desk: Desk, texts: dict[str, str], told: list[str]
) -> None:
    desk.write(**{"secret": SECRET, "web": PROVIDER, **texts})
    done = await desk.typed("apply", "-f", str(desk.files))
    assert (done.exit_code, done.stdout) == (1, "")
    assert [part for part in told if part.format(desk.files) not in done.stderr] == [], done.stderr
    assert done.stderr.endswith("Nothing was applied.\n")
    assert [await desk.names(kinds) for kinds in ("secrets", "providers", "actions")] == [set()] * 3


async def test_what_the_server_refuses_is_told_in_the_order_of_the_lines(desk: Desk) -> None:
    rule = RULE.replace("[{action: tidy}]", "\n  - {action: nowhere}\n  - {action: tidy, parameters: {x: y}}")
    desk.write(secret=SECRET, web=PROVIDER, tidy=TIDY, a=rule)
    done = await desk.typed("apply", "-f", str(desk.files))
    assert re.findall(r"a\.yaml:(\d+): ", done.stderr) == ["5", "6"], done.stderr


async def test_what_follows_from_another_mistake_is_not_told_besides(desk: Desk) -> None:
    desk.write(a=SECRET, b=PROVIDER.replace("key}", "nothing}"), c=TIDY)
    done = await desk.typed("apply", "-f", str(desk.files))
    assert done.stderr.count("there is no") == 1


async def test_pruning_deletes_what_the_same_files_made_and_nothing_else(desk: Desk) -> None:
    desk.write(a=SECRET, b=PROVIDER, c=TIDY, d=RULE, e=SECRET.replace("key", "spare"))
    await desk.catalog.made("secrets", {"name": "by-hand", "value": "of somebody else"})
    await desk.catalog.made("secrets", {"name": "spare", "value": "was there before"})
    await desk.typed("apply", "-f", str(desk.files))
    await desk.typed("apply", "-f", "-", "--file-set", "others", stdin=SECRET.replace("key", "of-others"))
    for name in "ade":
        (desk.files / f"{name}.yaml").unlink()
    desk.write(b=PROVIDER.replace("password: {secret: key}", "password: {secret: by-hand}"))
    assert set(await desk.told("apply", "-f", str(desk.files))) == {"provider web-1", "action tidy"}
    (desk.files / "c.yaml").unlink()
    pruned = await desk.typed("apply", "-f", str(desk.files), "--prune")
    assert pruned.stdout.splitlines() == [
        "= provider web-1 unchanged",
        "- alert_rule full deleted",
        "- action tidy deleted",
        "- secret key deleted",
    ]
    assert await desk.names("secrets") == {"by-hand", "spare", "of-others"}
    (version, *_) = (await desk.catalog.get("actions/tidy/versions")).json()["items"]
    assert version["change"] == "deleted"


async def test_what_was_adopted_can_be_pruned(desk: Desk) -> None:
    await desk.catalog.made("secrets", {"name": "key", "value": "opens everything"})
    desk.write(a=SECRET, b=PROVIDER)
    adopted = await desk.told("apply", "-f", str(desk.files), "--file-set", "shop", "--adopt")
    assert adopted == {"secret key": "changed", "provider web-1": "created"}
    assert (await desk.catalog.get("secrets/key")).json()["file_set"] == "shop"
    assert set((await desk.told("apply", "-f", str(desk.files), "--file-set", "shop", "--adopt")).values()) == {
        "unchanged"
    }
    desk.write(a="", b="", c=SECRET.replace("key", "another"))
    await desk.typed("apply", "-f", str(desk.files), "--file-set", "shop", "--prune")
    assert await desk.names("secrets") == {"another"}


async def test_a_category_that_seems_misspelt_is_told_also_where_the_other_one_stands_in_the_files(desk: Desk) -> None:
    other = TIDY.replace("tidy", "sweep")
    desk.write(a=SECRET, b=PROVIDER, c=TIDY + "category: Networking\n", d=other + "category: Netwroking\n")
    said = "category: 'Netwroking' is a category that no other action is in; did you mean 'Networking'?"
    for verb in ("diff", "apply"):
        done = await desk.typed(verb, "-f", str(desk.files))
        assert done.stderr == f"Warning: {desk.files / 'd.yaml'}:6: {said}\n"
    assert "Netwroking" in {one["name"] for one in (await desk.catalog.get("categories")).json()["items"]}


async def test_what_other_files_made_is_told_where_it_is_changed(desk: Desk) -> None:
    desk.write(a=SECRET)
    await desk.typed("apply", "-f", "-", "--file-set", "others", stdin=SECRET.replace("opens", "locks"))
    shown = await desk.typed("diff", "-f", str(desk.files), "--file-set", "ours")
    assert shown.stdout.splitlines()[0] == "~ secret key (made by the file set others)"
    applied = await desk.typed("apply", "-f", str(desk.files), "--file-set", "ours")
    assert applied.stdout == "~ secret key changed (made by the file set others)\n"
    assert (await desk.typed("diff", "-f", str(desk.files), "--file-set", "ours")).stdout == "1 unchanged\n"


async def test_what_is_adopted_is_told_and_noted_in_its_versions(desk: Desk) -> None:
    await desk.catalog.with_provider()
    await desk.catalog.made("actions", an_action_body())
    await desk.typed("export", "actions", "-d", str(desk.files))
    options = ("-f", str(desk.files), "--file-set", "ours", "--adopt")
    shown = await desk.typed("diff", *options)
    assert shown.stdout == "~ action restart (adopted)\n1 changed\n"
    assert (await desk.typed("apply", *options)).stdout == "~ action restart changed (adopted)\n"
    (version, *_) = (await desk.catalog.get("actions/restart/versions")).json()["items"]
    assert version["note"] == "adopted by the file set ours"


async def test_an_import_changes_what_another_file_made_only_where_it_is_told_to(desk: Desk, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    imports = []
    for place in ("paris", "rome"):
        inventory = tmp_path / f"{place}.ini"
        inventory.write_text(f"[web]\n{place}-1\n")
        imports.append(("import", "ansible-inventory", str(inventory), "--key", str(tmp_path / "key"), "--yes"))
    paris, rome = imports
    assert (await desk.typed(*paris)).exit_code == 0
    refused = await desk.typed(*rome)
    made_by = file_set_of([str(tmp_path / "paris.ini")])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"The provider group 'web' was made by the file set {made_by}, and would be changed." in refused.stderr
    assert "take it over with --adopt" in refused.stderr
    assert await desk.names("providers") == {"paris-1"}
    adopted = await desk.typed(*rome, "--adopt")
    assert adopted.stdout.splitlines() == [
        f"~ secret key changed (adopted from the file set {made_by})",
        "+ provider rome-1 created",
        f"~ provider_group web changed (adopted from the file set {made_by})",
    ]
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    refused = await desk.typed(*paris, "--adopt")
    assert "There is a secret 'key' already, with another value" in refused.stderr


async def test_a_long_import_is_planned_in_a_few_lines_and_in_full_where_it_is_asked_for(
    desk: Desk, tmp_path: Path
) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    hosts = tmp_path / "hosts.ini"
    importing = ("import", "ansible-inventory", str(hosts), "--key", str(tmp_path / "key"), "--user", "deploy")
    hosts.write_text("[web]\nweb-[1:3]\n")
    assert (await desk.typed(*importing, "--yes")).exit_code == 0
    hosts.write_text("[web]\nweb-[1:40]\nweb-2 ansible_port=2222\n")
    planned = await desk.typed(*importing)
    told = planned.stdout.splitlines()
    assert (planned.exit_code, len(told)) == (2, 24)
    assert told[:2] == ["37 providers: created", "1 provider, 1 provider group: changed"]
    assert told[3:6] == ["~ provider web-2", "~ provider_group web", "+ provider web-4"]
    assert told[-1] == "and 19 more; --verbose shows each in full"
    assert "+name: web-40\n" in (await desk.typed(*importing, "--verbose")).stdout
    assert [one["name"] for one in (await desk.catalog.get("providers")).json()["items"]] == ["web-1", "web-2", "web-3"]
    done = await desk.typed(*importing, "--yes")
    assert (len(done.stdout.splitlines()), done.stdout.splitlines()[-1]) == (21, "and 21 more created, 1 more changed")
    done = await desk.typed(*importing, "--yes", "--verbose")
    assert done.stdout.splitlines()[-1].startswith("= provider_group web unchanged")


async def test_what_is_made_anew_by_hand_belongs_to_no_files(desk: Desk) -> None:
    desk.write(a=SECRET)
    await desk.typed("apply", "-f", str(desk.files))
    assert (await desk.catalog.get("secrets/key")).json()["file_set"] == file_set_of([str(desk.files)])
    await desk.catalog.put("secrets/key", {"name": "key", "value": "another"})
    assert "file_set" in (await desk.catalog.get("secrets/key")).json(), "a change takes nothing away"
    await desk.catalog.delete("secrets/key")
    await desk.catalog.made("secrets", {"name": "key", "value": "by hand"})
    assert "file_set" not in (await desk.catalog.get("secrets/key")).json()


@pytest.mark.parametrize("adopt", [[], ["--adopt"]])
@pytest.mark.parametrize("credential", ["password", "private_key"])
async def test_a_secret_that_was_made_by_hand_is_not_replaced_by_a_file_of_a_provider(
    desk: Desk, credential: str, adopt: list[str]
) -> None:
    def rotated() -> None:
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(desk.files / "login")

    name = f"web-1-{SUFFIX_OF_CREDENTIAL[credential]}"
    desk.write(a=PROVIDER.replace("password: {secret: key}", f"{credential}: {{file: login}}"))
    rotated()
    await desk.catalog.made("secrets", {"name": name, "value": "by hand", "description": "Of somebody"})
    options = ("-f", str(desk.files), "--file-set", "ours", *adopt)
    for verb, status in (("diff", 2), ("apply", 1)):
        refused = await desk.typed(verb, *options)
        assert (refused.exit_code, refused.stdout) == (status, "")
        said = f"a.yaml:4: connection.ssh.{credential}.file: there is a secret '{name}' that was not made of"
        assert said in refused.stderr
        assert "refer to that: {secret: NAME}" in refused.stderr
    kept = (await desk.catalog.get(f"secrets/{name}")).json()
    assert (kept["version"], kept["description"]) == (1, "Of somebody")
    assert await desk.names("providers") == set()

    await desk.catalog.delete(f"secrets/{name}")
    assert (await desk.typed("apply", *options)).exit_code == 0
    rotated()  # what was made of the file follows it, until somebody sets it by hand
    assert f"~ secret {name} changed" in (await desk.typed("apply", *options)).stdout
    await desk.typed("secrets", "set", name, "--value-stdin", stdin=(desk.files / "login").read_text())
    rotated()
    assert (await desk.typed("apply", *options)).exit_code == 1


async def test_what_is_in_use_is_not_pruned_and_said_by_name(desk: Desk) -> None:
    desk.write(a=SECRET, b=PROVIDER, c=TIDY)
    await desk.typed("apply", "-f", str(desk.files))
    await desk.catalog.made("actions", an_action_body(name="of-somebody"))
    (desk.files / "b.yaml").unlink()
    (desk.files / "c.yaml").unlink()
    done = await desk.typed("apply", "-f", str(desk.files), "--prune")
    assert done.exit_code == 1
    assert "provider web-1 is in the files no longer, and cannot be pruned: " in done.stderr
    assert "used by action 'of-somebody'" in done.stderr
    assert await desk.names("actions") == {"tidy", "of-somebody"}


async def test_pruning_for_files_that_are_not_known_is_told(desk: Desk) -> None:
    desk.write(a=SECRET)
    await desk.typed("apply", "-f", str(desk.files), "--file-set", "one")
    done = await desk.typed("diff", "-f", str(desk.files), "--file-set", "another", "--prune")
    assert (done.exit_code, "the file set 'another' made" in done.stderr) == (0, True)


async def test_providers_that_lead_through_each_other_are_told(desk: Desk) -> None:
    one, two = [PROVIDER.replace("web-1", name).replace("key}", f"key}}, jump: {jump}") for name, jump in ("ab", "ba")]
    desk.write(a=SECRET, b=one, c=two)
    done = await desk.typed("apply", "-f", str(desk.files))
    assert f"c.yaml:4: connection.ssh.jump: the jumps go round in a circle: b → a → b (a in {desk.files}" in done.stderr
    given = [yaml.safe_load(text) for text in (SECRET, one, two)]
    planned = (await desk.catalog.post("definitions/plan", {"definitions": given})).json()["items"]
    said = "the provider 'b' comes after this one: they name each other, or the order is wrong"
    assert [one["errors"] for one in planned] == [[], [{"field": "connection.ssh.jump", "message": said}], []]
    assert done.stderr.count("circle") == 1


async def test_files_of_no_one_place_need_a_name_to_be_pruned(desk: Desk) -> None:
    done = await desk.typed("apply", "-f", "-", "--prune", stdin=SECRET)
    assert (done.exit_code, "--file-set NAME" in done.stderr) == (2, True)


async def test_a_change_by_somebody_else_meanwhile_stops_it_and_says_what_was_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write(a=SECRET, b=PROVIDER, c=TIDY)
    await desk.typed("apply", "-f", str(desk.files))
    changed = PROVIDER.replace("10.0.0.1", "10.0.0.2")
    desk.write(a=SECRET.replace("opens", "locks"), b=changed, c=TIDY.replace("90s", "2m"))
    planned = Application.plan
    loop = asyncio.get_running_loop()

    def meanwhile(application: Application) -> None:
        planned(application)
        body = {**a_provider(), "description": "changed by somebody"}
        asyncio.run_coroutine_threadsafe(desk.catalog.put("providers/web-1", body), loop).result()

    monkeypatch.setattr(Application, "plan", meanwhile)
    done = await desk.typed("apply", "-f", str(desk.files))
    assert done.exit_code == 1
    assert done.stdout.splitlines() == ["~ secret key changed", "! provider web-1 failed"]
    assert "provider web-1 was changed by somebody else while this was planned" in done.stderr
    assert "Not applied: action tidy\n" in done.stderr
    assert (await desk.catalog.get("providers/web-1")).json()["description"] == "changed by somebody"


async def test_it_is_asked_on_a_terminal_before_anything_is_changed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    class System:
        stdin = stdout = Terminal

    monkeypatch.setattr(apply_module, "sys", System)
    desk.write(a=SECRET)
    refused = await desk.typed("apply", "-f", str(desk.files), stdin="n\n")
    assert (refused.exit_code, "+ secret key\n" in refused.stdout) == (1, True)
    assert await desk.names("secrets") == set()
    agreed = await desk.typed("apply", "-f", str(desk.files), stdin="y\n")
    assert (agreed.exit_code, "+ secret key created" in agreed.stdout) == (0, True)
    desk.write(b=SECRET.replace("key", "more"))
    unasked = await desk.typed("apply", "-f", str(desk.files), "--yes")
    assert unasked.stdout.splitlines() == ["= secret key unchanged", "+ secret more created"]


async def test_what_is_exported_is_applied_unchanged(desk: Desk, tmp_path: Path) -> None:
    action = an_action_body(
        {"name": "a", "provider": "web-1", "command": "echo 1e3\n\ttab  \n\n# end \n", "retries": 2},
        description="1e3",
        tags=["0o17", "on", "é", "null"],
        parameters=[{"name": "x", "default": " #no: "}, {"name": "y", "type": "integer", "default": 3}],
    )
    await desk.catalog.with_provider()
    await desk.catalog.made("actions", action)
    await desk.catalog.made("actions", an_action_body(name="another"))
    whole = (await desk.typed("export")).stdout
    assert whole == (await desk.typed("export")).stdout
    assert [line for line in whole.splitlines() if line.startswith("name:")] == [
        "name: key",
        "name: web-1",
        "name: another",
        "name: restart",
    ]
    assert "value:\n  stored: true\n" in whole
    await desk.typed("export", "-d", str(desk.files))
    assert {str(path.relative_to(desk.files)) for path in desk.files.rglob("*.yaml")} == {
        "secrets/key.yaml",
        "providers/web-1.yaml",
        "actions/another.yaml",
        "actions/restart.yaml",
    }
    one = (await desk.typed("export", "action", "restart")).stdout
    assert one == (desk.files / "actions/restart.yaml").read_text()
    answer = await desk.catalog.http.get("/api/v1/actions/restart", headers={"Accept": "application/yaml"})
    assert (answer.text, answer.headers["content-type"]) == (one, "application/yaml")
    assert set((await desk.told("apply", "-f", str(desk.files))).values()) == {"unchanged"}
    before = {kinds: (await desk.catalog.get(kinds)).json() for kinds in ("providers", "actions")}
    for path in ("actions/another", "actions/restart", "providers/web-1"):
        await desk.catalog.delete(path)
    assert (await desk.typed("apply", "-f", str(desk.files))).exit_code == 0
    for kinds, stored in before.items():
        after = (await desk.catalog.get(kinds)).json()
        assert [_own(item) for item in after["items"]] == [_own(item) for item in stored["items"]]


async def test_files_of_what_was_deleted_are_told_where_all_is_exported(desk: Desk) -> None:
    await desk.catalog.with_provider()
    await desk.catalog.made("actions", an_action_body())
    await desk.typed("export", "-d", str(desk.files))
    await desk.catalog.delete("actions/restart")
    for arguments in ((), ("actions",)):
        told = await desk.typed("export", *arguments, "-d", str(desk.files))
        assert told.stderr == (
            f"Not written now: {desk.files}/actions/restart.yaml; delete it if its definition was deleted.\n"
        )
    for others in (("secrets",), ("provider", "web-1")):
        assert (await desk.typed("export", *others, "-d", str(desk.files))).stderr == ""
    assert (desk.files / "actions/restart.yaml").exists()


def _own(item: dict[str, Any]) -> dict[str, Any]:
    added = {"version", "uid", "created_at", "updated_at", "updated_by", "file_set", "status"}
    return {name: value for name, value in item.items() if name not in added}


async def test_a_value_that_is_not_stored_is_not_made_up(desk: Desk) -> None:
    desk.write(a="kind: secret\nname: key\nvalue: {stored: true}\n", b=PROVIDER)
    done = await desk.typed("apply", "-f", str(desk.files))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "a.yaml:3: value: is not stored yet: store it with opsimate secrets set key" in done.stderr


async def test_a_kind_that_is_none_is_told(desk: Desk) -> None:
    done = await desk.typed("export", "acton")
    assert (done.exit_code, "did you mean 'action'?" in done.stderr) == (2, True)
    assert (await desk.typed("export", "alert-rules")).exit_code == 0


async def test_a_set_that_is_too_large_is_refused_whole(desk: Desk) -> None:
    many = [{"kind": "secret", "name": f"s{number}", "value": "x"} for number in range(10_001)]
    answer = await desk.catalog.post("definitions/plan", {"definitions": many})
    assert (answer.status_code, "at most 10000 entries" in answer.text) == (422, True)
    answer = await desk.catalog.post("definitions/plan", {"definitions": [{"kind": "sekret", "name": "x"}]})
    assert answer.json()["errors"][0]["field"] == "definitions.0.kind"


async def test_a_plan_stores_nothing_and_logs_nothing(desk: Desk) -> None:
    body = {"definitions": [{"kind": "secret", "name": "key", "value": "x" * 10}, {**a_provider(), "kind": "provider"}]}
    with capture_logs() as logged:
        answer = await desk.catalog.post("definitions/plan", body)
    assert [item["change"] for item in answer.json()["items"]] == ["created", "created"]
    assert [entry for entry in logged if entry["event"].startswith("definition.")] == []
    assert (await desk.catalog.get("secrets/key/versions")).status_code == 404


def test_a_directory_is_known_by_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_set_of(["."]) == file_set_of([str(tmp_path)])
    assert file_set_of(["-"]) == file_set_of(["a", "b"]) == ""
    assert len(file_set_of(["x" * 500])) < 300
    (tmp_path / "a.yaml").write_text(SECRET)
    assert [one.title for one in plan(["."])] == ["secret key"]
