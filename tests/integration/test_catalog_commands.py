"""Commands of actions over HTTP: compiled when saved, their values checked when a run is asked for."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import JsonValue

from catalog.domain.shell import ANALYSIS
from catalog.handlers import checks
from shared.contracts.action import LONGEST_COMMAND, MOST_STEPS, ActionDefinition
from shared.contracts.trigger import Trigger
from shared.definitions import action_version, stored
from shared.kinds import ACTION
from shared.runs.composing import RunRefusedError, RunRequest
from shared.runs.request import request_run
from shared.store.port import Changes, Range
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body

FREE = {"name": "x", "type": "string"}


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    async with a_catalog(tmp_path) as running:
        yield await running.with_provider()


def an_action_of(command: str, *parameters: dict[str, Any], run_by: str = "sh") -> dict[str, Any]:
    step = {"name": "only", "provider": "web-1", "command": command, "shell": run_by}
    return an_action_body(step, parameters=list(parameters))


async def asked(catalog: RunningCatalog, **parameters: Any) -> httpx.Response:
    return await catalog.post("actions/restart/runs", {"parameters": parameters})


async def test_a_version_holds_the_parts_of_its_commands_and_the_number_of_their_analysis(
    catalog: RunningCatalog,
) -> None:
    await catalog.made("actions", an_action_of("echo 'a {{ x }}'", FREE))
    action = await stored(catalog.store, ACTION, "restart")
    assert action is not None
    found = (await action_version(catalog.store, action.version_id)).compiled
    assert found is not None
    assert found.analysis == ANALYSIS
    before, slot, after = found.commands[0]
    assert (before, after) == ("echo 'a ", "'")
    assert not isinstance(slot, str)
    assert (slot.name, slot.quoting) == ("x", ("single",))


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("find {{ x }} -name '*.tmp' -mtime +7 -exec rm -f {} +", "-delete"),  # case C-4
        ("git ls-remote {{ x }} main", "--upload-pack=touch MARK;"),  # case A29-git
        ("git grep {{ x }} x", "-Otouch MARK;"),
        ("tar xf x.tar {{ x }}", "--to-command=touch MARK"),  # case A29-tar
        ("tar cf q.tar {{ x }} /etc/hostname", "-I touch MARK;"),
        ("sed s/a/b/ {{ x }} /etc/hostname", "-e1e touch MARK"),
        ("vi -es {{ x }} < /dev/null", "-c:silent !touch MARK"),
        ('v={{ x }}; find "$v"', "-delete"),
        ("test {{ x }} = a && find {{ x }} b", "!"),
        ("y=; find $y{{ x }}", "-delete"),
    ],
)
async def test_a_value_that_would_be_an_option_is_refused_when_a_run_is_asked_for(
    catalog: RunningCatalog, command: str, value: str
) -> None:
    await catalog.made("actions", an_action_of(command, FREE))
    refused = await asked(catalog, x=value)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"][:1]
    assert error["field"] == "parameters.x"
    assert "leading_dash: true" in error["message"]
    assert (await asked(catalog, x="/srv/a-b")).status_code == 202
    await catalog.put("actions/restart", an_action_of(command, {**FREE, "leading_dash": True}))
    assert (await asked(catalog, x=value)).status_code == 202


async def test_a_negative_number_does_not_come_into_code(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_of("echo $(( 7 -{{ x }} ))", {"name": "x", "type": "integer"}))
    refused = await asked(catalog, x=-1)
    assert "minimum: 0" in refused.json()["errors"][0]["message"]
    assert (await asked(catalog, x=1)).status_code == 202


async def test_a_value_does_not_end_the_here_document_that_it_is_written_to(catalog: RunningCatalog) -> None:
    word = {"name": "x", "type": "string", "pattern": "[A-Z]+", "required": True}
    await catalog.made("actions", an_action_of("cat <<'END'\nE{{ x }}\nEND\n", word))
    assert "here-document" in (await asked(catalog, x="ND")).json()["errors"][0]["message"]
    assert (await asked(catalog, x="END")).status_code == 202


@pytest.mark.parametrize(
    ("command", "advised"),
    [
        ("make VERSION={{ x }}", "VERSION={{ x }} make"),  # case A29-make
        ("make {{ x }}", "pattern"),
        ("git -c {{ x }} status", "choice"),  # case A29-git
        ("docker inspect -f '{{range .N}}{{.IP}}{{end}}' {{ x }}", "\\{{"),  # case C-7
        ("for i in {0..{{ x }}}; do echo $i; done", "seq"),  # case C-6a
        ("bash -c 'echo \"[$v]\" {{ x }}' | sed 's/a/{{ x }}/'", "awk"),
        ('v={{ x }}\nbash -c "echo $v"', "export"),  # case C-9
        ("docker rm $(docker ps -aq -f name={{ x }})", "while read -r"),  # case C-10
        ("retry() { until {{ x }} a; do sleep 1; done; }", "case … esac"),  # case C-8
    ],
)
async def test_a_refusal_names_a_way_out(catalog: RunningCatalog, command: str, advised: str) -> None:
    refused = await catalog.post("actions", an_action_of(command, FREE, run_by="bash"))
    assert refused.status_code == 422
    assert advised in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("command", "shell"),
    [
        ("awk '{ gsub(/old/, ENVIRON[\"OPSIMATE_PARAM_new\"]); print }' {{ x }}", "sh"),  # case C-1awk
        ("echo \"select :'v'\" | psql -v v={{ x }}", "sh"),  # case C-1psql
        ("psql -v v={{ x }} <<'SQL'\nselect :'v'\nSQL", "sh"),
        ("python3 -c 'import os; print(os.environ[\"OPSIMATE_PARAM_x\"])' # {{ x }}", "sh"),  # case C-1python
        ("a=({{ x }} two)\nprintf '<%s>' \"${a[@]}\"", "bash"),  # case C-3
        ('read -r a b <<< "1 2"\necho "$(( a * b ))"; echo {{ x }}', "bash"),  # case C-5
        ("bash -c 'echo \"[$1]\"' _ {{ x }}", "sh"),  # case C-9
        ("export v={{ x }}\nbash -c 'echo \"[$v]\"'", "bash"),
        ('retry() { until "$@"; do sleep 1; done; }\nretry nc -z {{ x }} 1', "sh"),  # case C-8
        ('docker ps -aq -f name={{ x }} | while read -r i; do docker rm -- "$i"; done', "sh"),  # case C-10
        ("VERSION={{ x }} make", "sh"),  # case A29-make
        ("for i in $(seq 0 {{ x }}); do echo $i; done", "sh"),  # case C-6a
        ('echo webX1 | awk \'$0 ~ ENVIRON["OPSIMATE_PARAM_x"] {print "match"}\' # {{ x }}', "sh"),  # case C-awkv
        ("printf '%s\\n' {{ x }}", "sh"),  # case C-echo
        ("id -u {{ x }} > /dev/null 2>&1 || echo create", "sh"),  # case C-6c
        ("id -u {{ x }} &> /dev/null || echo create", "bash"),
        ("v=$(printf %s {{ x }} | base64 -w0); mysql -e \"select FROM_BASE64('$v')\"", "sh"),
        ("docker inspect -f '{{range .N}}{{.IP}}\\{{end}}' {{ x }}", "sh"),  # case C-7
        ("jq --arg v {{ x }} '.[$v]' f", "sh"),
    ],
)
async def test_what_is_advised_is_taken(catalog: RunningCatalog, command: str, shell: str) -> None:
    made = await catalog.post("actions", an_action_of(command, FREE, {"name": "new"}, run_by=shell))
    assert made.status_code == 201, made.text


async def test_a_parameter_that_takes_code_takes_none_from_an_alert(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_of("psql -c {{ x }}", {**FREE, "code": True}))
    rule = {
        "name": "r",
        "match": {"labels": {}},
        "responses": [{"action": "restart", "parameters": {"x": "{{ alert.title }}"}}],
    }
    refused = await catalog.post("alert-rules", rule)
    assert refused.status_code == 422
    assert "code: true" in refused.json()["errors"][0]["message"]
    assert (await asked(catalog, x="select 1")).status_code == 202


async def test_code_is_taken_from_those_alone_who_may_edit_actions_whatever_asks_for_the_run(
    catalog: RunningCatalog,
) -> None:
    code = {**FREE, "code": True, "default": "select 1"}
    made = await catalog.post("actions", an_action_of("psql -c {{ x }}", code, {"name": "y"}))
    assert "may be run as code" in made.json()["warnings"][0]["message"]

    async def requested(**given: JsonValue) -> None:
        trigger = Trigger(kind="api", by="schedule")
        request = RunRequest(action="restart", parameters=given, trigger=trigger)
        await request_run(catalog.store, catalog.runtime.bus, catalog.runtime.settings.sealer(), request)

    await requested(y="a")
    with pytest.raises(RunRefusedError, match="who may edit actions"):
        await requested(x="select 2")


async def test_a_value_of_code_does_not_become_a_default_of_an_alert_rule(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_of("psql -c {{ x }}", {**FREE, "code": True, "default": "select 1"}))
    response = {"action": "restart", "parameters": {}, "defaults": {"x": "select 2"}}
    refused = await catalog.post("alert-rules", {"name": "r", "match": {"labels": {}}, "responses": [response]})
    assert refused.status_code == 422
    assert "code: true" in refused.text


# --- analysis never stops the house

WORST = ("echo {{ x }} '{{ x }}' \"{{ x }}\" $(cat {{ x }});" * LONGEST_COMMAND)[: LONGEST_COMMAND - 60].rpartition(
    ";"
)[0]


async def test_the_longest_commands_hold_up_nobody_and_are_refused_in_time(
    catalog: RunningCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "LONGEST_ANALYSIS", 3.0)
    await catalog.made("actions", an_action_body(name="other"))
    steps = [{"name": f"s{n}", "provider": "web-1", "command": WORST} for n in range(MOST_STEPS)]
    action = ActionDefinition.model_validate(an_action_body(*steps, parameters=[FREE]))
    began = time.monotonic()
    saving = asyncio.create_task(checks.analysed(action))
    await asyncio.sleep(0)
    waited = []
    while not saving.done():
        asked_at = time.monotonic()
        assert (await catalog.post("actions/other/runs", {})).status_code == 202
        waited.append(time.monotonic() - asked_at)
    found = await saving
    took = time.monotonic() - began
    assert "too long" in found.errors[-1].message
    assert len(waited) > 3, "other runs were asked for meanwhile"
    assert max(waited) < took / 2


# --- what an earlier release has stored


async def test_what_was_stored_without_an_analysis_is_analysed_and_what_is_refused_now_is_marked(
    catalog: RunningCatalog,
) -> None:
    await catalog.made("actions", an_action_of("echo {{ x }}", FREE))
    action = await stored(catalog.store, ACTION, "restart")
    assert action is not None
    while await catalog.store.count(
        ACTION.versions, {"unaudited": Range()}
    ):  # whose entering changes the document, too
        await asyncio.sleep(0.01)
    old = action.definition.model_dump_json()
    for collection, key in ((ACTION.versions, action.version_id), (ACTION.collection, "restart")):
        await catalog.store.change(collection, {"id": key}, Changes(unset=("analysis", "compiled")))
    assert (await action_version(catalog.store, action.version_id)).compiled is None
    await checks.analyse_stored(catalog.store)
    assert (await action_version(catalog.store, action.version_id)).compiled == action.compiled
    again = await stored(catalog.store, ACTION, "restart")
    assert again is not None
    assert again.compiled == action.compiled
    refused = old.replace("echo {{ x }}", "eval {{ x }}")
    changes = Changes(set={"definition": refused}, unset=("analysis", "compiled"))
    await catalog.store.change(ACTION.versions, {"id": action.version_id}, changes)
    await checks.analyse_stored(catalog.store)
    found = (await action_version(catalog.store, action.version_id)).compiled
    assert found is not None
    assert "line 1, column 6" in found.refusal
    unreadable = Changes(set={"definition": '{"name": "restart"}'}, unset=("analysis", "compiled"))
    await catalog.store.change(ACTION.versions, {"id": action.version_id}, unreadable)
    await checks.analyse_stored(catalog.store)
    document = await catalog.store.get(ACTION.versions, action.version_id)
    assert document is not None
    assert "cannot read it" in document["compiled"]
