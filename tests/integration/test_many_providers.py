"""Steps on many providers, from their definition to the run that is planned of it: lists, groups and labels."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.collections import ATTEMPTS, PROVIDERS, RUNS, STEPS
from shared.contracts.attempt import attempt_id
from shared.contracts.provider_group import DEEPEST_GROUPS
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep
from shared.definitions import definition_document
from shared.kinds import PROVIDER, PROVIDER_GROUP
from shared.runs.repository import document_of, planned_step, run_of
from shared.store import Changes, Insert
from tests.builders import NOON, an_outcome
from tests.builders_catalog import RunningCatalog, a_catalog, a_provider, an_action_body, an_attempt

WEB = ["web-1", "web-2", "web-3"]


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog that knows three web servers, a database and one more."""
    async with a_catalog(tmp_path) as running:
        await running.with_provider()
        await running.put("providers/web-1", {**a_provider(), "labels": {"role": "web", "env": "prod"}})
        for name, labels in (
            ("web-2", {"role": "web", "env": "prod"}),
            ("web-3", {"role": "web", "env": "test"}),
            ("db-1", {"role": "db", "env": "prod"}),
            ("bare", {}),
        ):
            await running.made("providers", {**a_provider(name), "labels": labels})
        yield running


def on(providers: Any, **fields: Any) -> dict[str, Any]:
    """An action whose one step runs there."""
    return an_action_body({"name": "only", "providers": providers, "command": "true", **fields})


async def errors_of(catalog: RunningCatalog, path: str, body: dict[str, Any]) -> dict[str, str]:
    answer = await catalog.post(path, body)
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


async def planned(catalog: RunningCatalog, action: dict[str, Any], **parameters: str) -> tuple[Run, PlannedStep]:
    """The run that is made of an action, and the providers of its first step."""
    await catalog.put(f"actions/{action['name']}", action)
    answer = await catalog.post(f"actions/{action['name']}/runs", {"parameters": parameters})
    assert answer.status_code == 202, answer.text
    run = await run_of(catalog.store, answer.json()["id"])
    assert run is not None
    return run, await planned_step(catalog.store, f"{run.id}.000")


async def refused(catalog: RunningCatalog, action: dict[str, Any], **parameters: str) -> dict[str, str]:
    """Why no run is made of an action that could be saved."""
    await catalog.put(f"actions/{action['name']}", action)
    before = await catalog.store.count(RUNS, {})
    found = await errors_of(catalog, f"actions/{action['name']}/runs", {"parameters": parameters})
    assert (await catalog.store.count(RUNS, {}), await catalog.store.count(STEPS, {})) == (before, 0)
    return found


# --- groups


async def test_a_group_names_providers_and_other_groups_which_have_to_be_there(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    made = await catalog.made("provider-groups", {"name": "all", "providers": ["db-1"], "groups": ["web"]})
    assert (made["providers"], made["groups"]) == (["db-1"], ["web"])
    errors = await errors_of(catalog, "provider-groups", {"name": "x", "providers": ["web-9"], "groups": ["wbe"]})
    assert errors["providers.0"].startswith("there is no provider 'web-9'; did you mean 'web-")
    assert errors["groups.0"] == "there is no provider group 'wbe'; did you mean 'web'?"


@pytest.mark.parametrize(
    ("group", "field", "message"),
    [
        ({"providers": []}, "body", "a group needs a provider at least"),
        ({"providers": ["web-1", "db-1", "web-1"]}, "providers.2", "'web-1' stands in providers.0 already"),
    ],
)
async def test_a_group_that_cannot_be_is_refused(
    catalog: RunningCatalog, group: dict[str, Any], field: str, message: str
) -> None:
    assert (await errors_of(catalog, "provider-groups", {"name": "x", **group}))[field].startswith(message)


async def test_groups_that_would_go_round_in_a_circle_are_refused(catalog: RunningCatalog) -> None:
    for name, inner in (("a", []), ("b", ["a"]), ("c", ["b"])):
        await catalog.made("provider-groups", {"name": name, "providers": ["web-1"], "groups": inner})
    answer = await catalog.put("provider-groups/a", {"name": "a", "groups": ["a"]})
    assert answer.json()["errors"][0]["message"] == "the groups go round in a circle: a → a"
    answer = await catalog.put("provider-groups/a", {"name": "a", "groups": ["c"]})
    assert answer.json()["errors"] == [
        {"field": "groups.0", "message": "the groups go round in a circle: a → c → b → a"}
    ]
    answer = await catalog.post("provider-groups", {"name": "new", "providers": ["web-1"], "groups": ["new"]})
    assert [one["message"] for one in answer.json()["errors"]] == ["the groups go round in a circle: new → new"]


async def test_groups_lie_only_so_deep_below_each_other(catalog: RunningCatalog) -> None:
    deep: list[dict[str, Any]] = [
        {"kind": "provider_group", "name": f"g{n}", "providers": ["web-1"], "groups": [f"g{n - 1}"] if n else []}
        for n in range(DEEPEST_GROUPS + 2)
    ]
    planned = (await catalog.post("definitions/plan", {"definitions": deep})).json()["items"]
    assert [one["change"] for one in planned] == ["created"] * (DEEPEST_GROUPS + 1) + ["refused"]
    assert planned[-1]["errors"][0]["field"] == "groups"
    assert "more than 20 groups below each other" in planned[-1]["errors"][0]["message"]


async def test_what_a_group_has_is_not_deleted_and_neither_is_a_group_in_use(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    await catalog.made("provider-groups", {"name": "all", "groups": ["web"]})
    await catalog.made("actions", on({"group": "all"}))
    for path, user in (
        ("providers/web-1", "provider group 'web'"),
        ("provider-groups/web", "provider group 'all'"),
        ("provider-groups/all", "action 'restart'"),
    ):
        answer = await catalog.delete(path)
        assert (answer.status_code, user in answer.json()["detail"]) == (409, True)


# --- definitions


@pytest.mark.parametrize(
    ("step", "field", "message"),
    [
        ({"providers": {"group": "wbe"}}, "steps.0.providers.group", "there is no provider group 'wbe'"),
        ({"providers": ["web-1", "web-9"]}, "steps.0.providers.1", "there is no provider 'web-9'"),
        ({"providers": ["web-1", "web-1"]}, "steps.0.providers.1", "'web-1' stands in providers.0 already"),
        ({"providers": ["web-1", "{{ hots }}"]}, "steps.0.providers.1", "there is no parameter 'hots'"),
        ({"provider": "web-1", "providers": WEB}, "steps.0", "takes provider or providers, not both"),
        ({"provider": "web-1", "rollout": {"batches": [1]}}, "steps.0", "rollout is for a step on several machines"),
        ({}, "steps.0.provider", "is required, or providers"),
        (
            {"providers": WEB, "rollout": {"batches": [1, "0%"]}},
            "steps.0.rollout.batches.1",
            "would be a batch without",
        ),
        ({"providers": WEB, "rollout": {"batches": [0]}}, "steps.0.rollout.batches.0", "would be a batch without"),
        (
            {"providers": WEB, "rollout": {"check": "verfy"}},
            "steps.0.rollout.check",
            "there is no step 'verfy'; did you",
        ),
        ({"providers": WEB, "rollout": {"check": "only"}}, "steps.0.rollout.check", "'only' has to stand after this"),
        ({"providers": {"labels": {}}}, "steps.0.providers", "labels would be every provider there is"),
        ({"providers": "web-1"}, "steps.0.providers", "has to be a list of names, {group: NAME} or"),
    ],
)
async def test_a_step_on_many_providers_that_cannot_be_is_refused_at_its_field(
    catalog: RunningCatalog, step: dict[str, Any], field: str, message: str
) -> None:
    body = an_action_body(
        {"name": "only", "command": "true", **step}, {"name": "verify", "provider": "web-1", "command": "true"}
    )
    assert (await errors_of(catalog, "actions", body))[field].startswith(message)


async def test_the_check_of_a_rollout_is_of_one_step_and_has_no_condition_of_its_own(catalog: RunningCatalog) -> None:
    rolled = {"providers": WEB, "command": "true", "rollout": {"check": "verify"}}
    verify = {"name": "verify", "command": "true", "when": "always"}
    errors = await errors_of(
        catalog, "actions", an_action_body({"name": "a", **rolled}, {"name": "b", **rolled}, verify)
    )
    assert errors["steps.1.rollout.check"] == "'verify' is the check of steps.0 already; each needs its own"
    assert errors["steps.2.when"].endswith("runs after each batch of the step 'a'")


async def test_an_action_is_shown_as_it_was_written_and_can_be_sent_back(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    rollout = {"max_parallel": 2, "batches": [1, "50%"], "max_failures": "5%", "check": "verify"}
    body = an_action_body(
        {
            "name": "only",
            "providers": {"labels": {"env": "prod", "role": ["web", "api"]}},
            "command": "true",
            "rollout": rollout,
        },
        {"name": "verify", "command": "true"},
        {"name": "group", "providers": {"group": "web"}, "command": "true"},
    )
    shown = await catalog.made("actions", body)
    assert shown["steps"][0]["providers"]["labels"] == {"env": "prod", "role": ["web", "api"]}
    assert shown["steps"][0]["rollout"] == rollout
    assert (await catalog.put("actions/restart", shown)).json()["version"] == 1


# --- planning


async def test_a_list_of_providers_is_gone_through_in_its_order(catalog: RunningCatalog) -> None:
    parameter = {"name": "host", "type": "provider"}
    action = on(["web-3", "{{ host }}", "db-1"]) | {"parameters": [parameter]}
    assert (await planned(catalog, action, host="web-1"))[1].providers == ["web-3", "web-1", "db-1"]
    assert (await planned(catalog, action, host="db-1"))[1].providers == ["web-3", "db-1"]


async def test_a_group_is_all_of_its_providers_and_of_the_groups_in_it_each_once(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": ["web-2", "web-1"]})
    await catalog.made("provider-groups", {"name": "all", "providers": ["db-1", "web-1"], "groups": ["web"]})
    _, step = await planned(catalog, on({"group": "all"}))
    assert (step.providers, step.pools) == (["db-1", "web-1", "web-2"], ["default"] * 3)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({"role": "web"}, WEB),
        ({"role": "web", "env": "prod"}, ["web-1", "web-2"]),
        ({"env": "prod", "role": ["web", "db"]}, ["db-1", "web-1", "web-2"]),
    ],
)
async def test_labels_are_the_providers_that_have_every_one(
    catalog: RunningCatalog, labels: dict[str, Any], names: list[str]
) -> None:
    assert (await planned(catalog, on({"labels": labels})))[1].providers == names


async def test_providers_with_the_labels_stand_in_the_order_in_which_people_count(catalog: RunningCatalog) -> None:
    for number in (10, 2, 1):
        await catalog.made("providers", {**a_provider(f"app-{number}"), "labels": {"role": "app"}})
    _, step = await planned(catalog, on({"labels": {"role": "app"}}))
    assert step.providers == ["app-1", "app-2", "app-10"]


async def test_the_providers_are_fixed_when_the_run_is_made(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    run, _ = await planned(catalog, on({"group": "web"}))
    await catalog.put("provider-groups/web", {"name": "web", "providers": ["db-1"]})
    assert (await planned_step(catalog.store, f"{run.id}.000")).providers == WEB
    shown = (await catalog.get(f"runs/{run.id}")).json()["steps"][0]
    assert (shown["invocations"], shown["provider"], shown["attempts"]) == ({"pending": 3}, None, [])


async def test_labels_that_no_provider_has_are_an_error_that_says_so(catalog: RunningCatalog) -> None:
    errors = await refused(catalog, on({"labels": {"role": ["web", "api"], "env": "staging"}}))
    assert errors == {
        "steps.0.providers": "no provider has the labels role=web or api, env=staging, so there is nothing to run on: "
        "give them to one, or change the step"
    }


async def test_a_group_in_the_place_of_a_provider_is_told_how_to_be_named(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    parameters = [{"name": "host", "type": "provider", "required": True}]
    step = {"name": "only", "provider": "{{ host }}", "command": "true"}
    await catalog.put("actions/restart", an_action_body(step, parameters=parameters))
    errors = await errors_of(catalog, "actions/restart/runs", {"parameters": {"host": "web"}})
    assert errors["parameters.host"].endswith("but a group, on which a step runs that says providers: {group: web}")


async def test_groups_in_a_circle_that_came_about_all_the_same_are_gone_through_once(catalog: RunningCatalog) -> None:
    for name, inner in (("a", "b"), ("b", "a")):  # as two people might have saved them at the same moment
        group = PROVIDER_GROUP.model.model_validate({"name": name, "groups": [inner]})
        await catalog.store.insert(PROVIDER_GROUP.collection, definition_document(group, uid=name, by="x", at=NOON))
    errors = await refused(catalog, on({"group": "a"}))
    assert errors == {"steps.0.providers": "the group 'a' has no provider, so there is nothing to run on"}


async def test_what_a_group_names_and_is_gone_is_an_error(catalog: RunningCatalog) -> None:
    await catalog.made("provider-groups", {"name": "web", "providers": WEB})
    await catalog.store.delete(PROVIDERS, {"id": "web-2"})
    errors = await refused(catalog, on({"group": "web"}))
    assert errors["steps.0.providers.group"].startswith("there is no provider 'web-2'")


async def test_ten_thousand_providers_are_the_most_of_one_step(catalog: RunningCatalog) -> None:
    machine = PROVIDER.model.model_validate({**a_provider("many"), "labels": {"many": "yes"}})
    document = definition_document(machine, uid="many", by="x", at=NOON)
    names = [f"many-{index:05d}" for index in range(10_001)]
    await catalog.store.write_in_order([Insert(PROVIDERS, {**document, "id": name, "name": name}) for name in names])
    errors = await refused(catalog, on({"labels": {"many": "yes"}}))
    assert errors == {"steps.0.providers": "the step 'only' would run 10001 times; 10000 are the most for one step"}
    await catalog.store.delete(PROVIDERS, {"id": "many-00000"})
    run, step = await planned(catalog, on({"labels": {"many": "yes"}}))
    assert len(step.providers) == 10_000
    assert run.providers == []
    # A check on a provider of its own is run after each batch: that counts, too.
    each = an_action_body(
        {
            "name": "only",
            "providers": {"labels": {"many": "yes"}},
            "command": "true",
            "rollout": {"batches": [1], "check": "see"},
        },
        {"name": "see", "providers": ["web-1", "web-2"], "command": "true"},
    )
    await catalog.put("actions/restart", each)
    errors = await errors_of(catalog, "actions/restart/runs", {})
    assert errors == {"steps.1.providers": "the step 'see' would run 20000 times; 10000 are the most for one step"}
    many = [{"name": f"on-{n}", "providers": {"labels": {"many": "yes"}}, "command": "true"} for n in range(11)]
    await catalog.put("actions/restart", an_action_body(*many))
    errors = await errors_of(catalog, "actions/restart/runs", {})
    assert errors["steps.0.providers"].startswith("all steps would run 110000 times together; 100000 are the most")


# --- what is shown of a run


async def stored_run(catalog: RunningCatalog, states: str) -> Run:
    """A run under way on as many providers, in these states."""
    names = [f"h-{index}" for index in range(len(states))]
    for name in names:
        await catalog.put(f"providers/{name}", a_provider(name))
    run, _ = await planned(catalog, on(names))
    wide = run.steps[0].invocations
    assert wide is not None
    wide.states, wide.numbers = states, "".join("0" if state in "pk" else "1" for state in states)
    wide.counts = {"queued": states.count("q"), "failed": states.count("f")}
    run.steps[0].state = run.state = "running"
    await catalog.store.replace(RUNS, document_of(run), version=1)
    for index, state in enumerate(states):
        fields: dict[str, Any] = {"invocation": index, "provider": f"h-{index}", "id": attempt_id(run.id, 0, index, 1)}
        if state == "q":
            fields["state"] = "running" if index % 2 else "queued"
        elif state == "f":
            fields |= {"state": "failed", "outcome": an_outcome(reason="exit_status", exit_status=3)}
        if state in "qf":
            await catalog.store.insert(ATTEMPTS, document_of(an_attempt(run, **fields)))
    return run


async def test_the_invocations_of_a_step_are_shown_page_by_page(catalog: RunningCatalog) -> None:
    run = await stored_run(catalog, "fqqqp")
    path = f"runs/{run.id}/steps/only/invocations"
    first = (await catalog.get(path, limit=2)).json()
    second = (await catalog.get(path, limit=3, cursor=first["next"])).json()
    assert second["next"] is None
    items = first["items"] + second["items"]
    assert [(item["provider"], item["state"], item["attempts"]) for item in items] == [
        ("h-0", "failed", 1),
        ("h-1", "running", 1),
        ("h-2", "queued", 1),
        ("h-3", "running", 1),
        ("h-4", "pending", 0),
    ]
    assert (items[0]["attempt"]["exit_status"], items[0]["attempt"]["provider"]) == (3, "h-0")
    assert items[4]["attempt"] is None
    shown = (await catalog.get(f"runs/{run.id}")).json()["steps"][0]["invocations"]
    assert shown == {"queued": 1, "running": 2, "failed": 1}


@pytest.mark.parametrize(
    ("state", "providers"),
    [("failed", ["h-0"]), ("running", ["h-1", "h-3"]), ("queued", ["h-2"]), ("pending", ["h-4"]), ("succeeded", [])],
)
async def test_invocations_can_be_asked_for_by_their_state(
    catalog: RunningCatalog, state: str, providers: list[str]
) -> None:
    run = await stored_run(catalog, "fqqqp")
    path, seen, cursor = f"runs/{run.id}/steps/only/invocations", [], None
    while True:
        page = (await catalog.get(path, state=state, limit=1, **({"cursor": cursor} if cursor else {}))).json()
        seen += [item["provider"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == providers


async def test_the_invocations_of_a_step_that_has_ended_stay(catalog: RunningCatalog) -> None:
    run = await stored_run(catalog, "ssf")
    await catalog.store.change(STEPS, {"id": f"{run.id}.000"}, Changes(set={"states": "ssf", "numbers": "112"}))
    wide = run.steps[0].invocations
    assert wide is not None
    wide.states = wide.numbers = ""
    run.steps[0].state, run.version = "failed", 2
    await catalog.store.replace(RUNS, document_of(run), version=2)
    page = (await catalog.get(f"runs/{run.id}/steps/only/invocations", state="failed")).json()
    assert [(item["provider"], item["attempts"]) for item in page["items"]] == [("h-2", 2)]


async def test_a_step_on_one_provider_has_one_invocation(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_body())
    run = (await catalog.post("actions/restart/runs", {})).json()
    page = (await catalog.get(f"runs/{run['id']}/steps/only/invocations")).json()
    assert [(item["provider"], item["state"]) for item in page["items"]] == [("web-1", "pending")]


async def test_what_cannot_be_asked_of_invocations_is_refused(catalog: RunningCatalog) -> None:
    run = await stored_run(catalog, "ss")
    path = f"runs/{run.id}/steps"
    assert (await catalog.get(f"{path}/onyl/invocations")).status_code == 404
    assert (await catalog.get("runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/steps/only/invocations")).status_code == 404
    assert (await catalog.get(f"{path}/only/invocations", state="nonsense")).status_code == 422
    assert (await catalog.get(f"{path}/only/invocations", cursor="bm9uZQ")).status_code == 422


async def test_runs_are_found_by_any_provider_of_a_wide_step(catalog: RunningCatalog) -> None:
    await catalog.made("actions", an_action_body(name="single"))
    alone = [(await catalog.post("actions/single/runs", {})).json()["id"] for _ in range(2)]
    wide = [(await planned(catalog, on(WEB)))[0].id for _ in range(2)]
    last = (await catalog.post("actions/single/runs", {})).json()["id"]
    newest_first = [last, *reversed(wide), *reversed(alone)]
    found: list[str] = []
    cursor = None
    while True:
        page = (await catalog.get("runs", provider="web-1", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        found += [item["id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert found == newest_first
    assert [item["id"] for item in (await catalog.get("runs", provider="web-3")).json()["items"]] == wide[::-1]
    assert (await catalog.get("runs", provider="web-3", action="single")).json()["items"] == []


async def test_a_provider_of_a_wide_run_under_way_is_not_deleted(catalog: RunningCatalog) -> None:
    run, _ = await planned(catalog, on({"labels": {"role": "web"}}))
    answer = await catalog.delete("providers/web-2")
    assert (answer.status_code, run.id in answer.json()["detail"]) == (409, True)
