"""Steps on many providers, in both forms: each promise of the definitions by its name."""

import concurrent.futures
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from opsimate.cli import opsimate
from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger
from tests.unit.test_documents import yaml_of

WIDTH = 10
NAMES = [f"node-{number:02d}" for number in range(1, WIDTH + 1)]
BY_NAME = "$OPSIMATE_PROVIDER"


@pytest.fixture(scope="module")
def nodes(product: Product, sshd: SshServer) -> Product:
    """The product that knows ten providers more, of which the first four are the front."""
    ssh = {"host": sshd.host, "port": sshd.port, "user": sshd.user, "private_key": {"secret": "web-1-key"}}
    for number, name in enumerate(NAMES):
        labels = {"role": "front" if number < 4 else "back", "zone": "ab"[number % 2]}
        product.put("providers", {"name": name, "connection": {"ssh": ssh}, "labels": labels})
    product.put("provider-groups", {"name": "nodes-front", "providers": NAMES[:4]})
    product.put("provider-groups", {"name": "nodes-all", "providers": NAMES[4:], "groups": ["nodes-front"]})
    return product


def step(command: str, providers: Any = NAMES, *, name: str = "roll", **fields: Any) -> dict[str, Any]:
    return {"name": name, "providers": providers, "command": command, **fields}


def save(product: Product, name: str, *steps: dict[str, Any]) -> str:
    product.put("actions", {"name": name, "steps": list(steps)})
    return name


def invocations(product: Product, run_id: str, name: str = "roll", **query: Any) -> list[dict[str, Any]]:
    answer = product.http.get(f"/api/v1/runs/{run_id}/steps/{name}/invocations", params={"limit": 200, **query})
    assert answer.is_success, answer.text
    return list(answer.json()["items"])


def counts(run: dict[str, Any], index: int = 0) -> dict[str, int]:
    return dict(run["steps"][index]["invocations"])


def times(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """When each command began and ended."""
    return [(item["attempt"]["command_started_at"], item["attempt"]["ended_at"]) for item in items]


def test_many_providers_each_run_the_command_once(nodes: Product, ledger: Ledger) -> None:
    run = nodes.result(save(nodes, "each", step(ledger.entry(BY_NAME))))
    assert (run["state"], counts(run)) == ("succeeded", {"succeeded": WIDTH})
    assert Counter(ledger.lines) == dict.fromkeys(NAMES, 1)
    assert (run["steps"][0]["provider"], run["steps"][0]["attempts"]) == (None, [])


def test_labels_choose_the_providers_that_have_all_of_them(nodes: Product, ledger: Ledger) -> None:
    labels = {"role": ["front", "middle"], "zone": "a"}
    run = nodes.result(save(nodes, "labelled", step(ledger.entry(BY_NAME), {"labels": labels})))
    assert run["state"] == "succeeded"
    assert sorted(ledger.lines) == ["node-01", "node-03"]
    nothing = save(nodes, "labelled", step("true", {"labels": {"role": "middle"}}))
    answer = nodes.http.post(f"/api/v1/actions/{nothing}/runs", json={})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"].startswith("no provider has the labels role=middle")


def test_group_is_all_of_its_providers_and_those_of_its_groups(nodes: Product, ledger: Ledger) -> None:
    run = nodes.result(save(nodes, "grouped", step(ledger.entry(BY_NAME), {"group": "nodes-all"})))
    assert run["state"] == "succeeded"
    assert Counter(ledger.lines) == dict.fromkeys(NAMES, 1)


def test_max_parallel_is_how_many_run_at_the_same_time(nodes: Product) -> None:
    run = nodes.result(save(nodes, "parallel", step("sleep 0.2", rollout={"max_parallel": 3})))
    assert run["state"] == "succeeded"
    spans = times(invocations(nodes, run["id"]))
    most = max(sum(begun <= at < ended for begun, ended in spans) for at, _ in spans)
    assert 2 <= most <= 3


def test_batches_begin_one_after_the_other(nodes: Product) -> None:
    run = nodes.result(save(nodes, "batches", step("sleep 0.1", rollout={"batches": [1, "20%", "50%"]})))
    assert run["state"] == "succeeded"
    spans = times(invocations(nodes, run["id"]))
    assert run["steps"][0]["batch"] == {"number": 4, "of": 4}
    for first, last in ((1, 3), (3, 8), (8, 10)):
        assert max(ended for _, ended in spans[:first]) <= min(begun for begun, _ in spans[first:last])


def test_failure_threshold_within_it_the_step_succeeds_and_beyond_it_nothing_more_begins(
    nodes: Product, ledger: Ledger
) -> None:
    bad = f"{ledger.entry(BY_NAME)}; case {BY_NAME} in node-02|node-03) exit 3;; esac"
    rollout: dict[str, Any] = {"batches": [2], "max_failures": "20%"}
    run = nodes.result(save(nodes, "within", step(bad, rollout=rollout)))
    assert (run["state"], counts(run)) == ("succeeded", {"succeeded": 8, "failed": 2})
    assert run["steps"][0]["failed_providers"] == ["node-02", "node-03"]
    assert run["steps"][0]["reason_text"] == "it failed on 2 of 10 providers"
    rollout["max_failures"] = 1
    run = nodes.result(save(nodes, "beyond", step(bad, rollout=rollout)))
    assert (run["state"], counts(run)) == ("failed", {"succeeded": 2, "failed": 2, "skipped": 6})
    assert run["reason_text"] == "step 'roll': it failed on 2 of 10 providers, and 6 were not begun"
    assert len(ledger.lines) == WIDTH + 4


def test_health_check_is_run_after_each_batch_and_stops_the_rollout(nodes: Product, ledger: Ledger) -> None:
    rollout = {"batches": [1, 3], "check": "verify"}
    verify = {"name": "verify", "command": ledger.entry(f"check-{BY_NAME}") + f"; test {BY_NAME} != node-03"}
    run = nodes.result(save(nodes, "checked", step(ledger.entry(BY_NAME), rollout=rollout), verify))
    assert (run["state"], [one["state"] for one in run["steps"]]) == ("failed", ["failed", "failed"])
    assert counts(run) == {"succeeded": 4, "skipped": 6}
    assert run["steps"][1]["failed_providers"] == ["node-03"]
    assert run["reason_text"] == "step 'roll': its check 'verify' failed after batch 2 of 4, and 6 were not begun"
    assert run["steps"][0]["batch"] == {"number": 2, "of": 4}
    assert ledger.lines[:2] == ["node-01", "check-node-01"]
    assert sorted(ledger.lines[2:]) == sorted([*NAMES[1:4], *(f"check-{name}" for name in NAMES[1:4])])


def test_health_check_on_another_provider_is_run_there_once_after_each_batch(nodes: Product, ledger: Ledger) -> None:
    rollout = {"batches": [5], "check": "verify"}
    verify = {"name": "verify", "provider": "web-1", "command": ledger.entry(BY_NAME)}
    run = nodes.result(save(nodes, "balancer", step("true", rollout=rollout), verify))
    assert (run["state"], counts(run, 1)) == ("succeeded", {"succeeded": 2})
    assert ledger.lines == ["web-1", "web-1"]


def test_result_per_provider_with_its_output(nodes: Product) -> None:
    command = f"echo from {BY_NAME}; test {BY_NAME} != node-07"
    run = nodes.result(save(nodes, "results", step(command, rollout={"max_failures": "100%"})))
    items = invocations(nodes, run["id"])
    assert [(item["provider"], item["state"]) for item in items] == [
        (name, "failed" if name == "node-07" else "succeeded") for name in NAMES
    ]
    [failed] = invocations(nodes, run["id"], state="failed")
    assert (failed["provider"], failed["attempt"]["exit_status"]) == ("node-07", 1)
    explained = nodes.http.get(f"/api/v1/runs/{run['id']}/explain").json()["sentences"]
    assert f"Step 'roll' failed on node-07: {failed['attempt']['reason_text']}" in explained
    assert nodes.output(run["id"], step="roll", provider="node-05") == b"from node-05\n"
    assert Counter(nodes.output(run["id"]).decode().splitlines()) == {f"from {name}": 1 for name in NAMES}
    listed = nodes.http.get("/api/v1/runs", params={"provider": "node-07", "action": "results"}).json()["items"]
    assert [one["id"] for one in listed] == [run["id"]]


def test_events_of_a_step_on_many_providers_carry_counts(nodes: Product) -> None:
    run = nodes.run(save(nodes, "counted", step("sleep 0.1", rollout={"batches": [2]})))
    seen = [data for _, event, data in nodes.events(run["id"]) if event == "step"]
    told = [data["invocations"] for data in seen if data["invocations"]]
    assert all(sum(counts.values()) == WIDTH for counts in told)
    assert len(told) > 2
    assert (seen[-1]["state"], told[-1]) == ("succeeded", {"succeeded": WIDTH})


def test_one_slow_provider_does_not_hold_the_others(nodes: Product, ledger: Ledger) -> None:
    command = f"[ {BY_NAME} = node-01 ] && sleep 300; {ledger.entry(BY_NAME)}"
    run = nodes.run(save(nodes, "slow", step(command)))
    eventually(lambda: len(ledger.lines) == WIDTH - 1)
    eventually(lambda: counts(nodes.show(run["id"])) == {"succeeded": WIDTH - 1, "running": 1})
    nodes.http.post(f"/api/v1/runs/{run['id']}/cancel", json={})
    ended = nodes.ended(run["id"])
    assert (ended["state"], counts(ended)) == ("cancelled", {"succeeded": WIDTH - 1, "cancelled": 1})


def test_each_provider_is_tried_again_by_itself(nodes: Product, ledger: Ledger) -> None:
    first_time = f"grep -qx {BY_NAME} {ledger.path}"
    command = f"{first_time} && exit 0; {ledger.entry(BY_NAME)}; case {BY_NAME} in *5|*6) exit 1;; esac"
    run = nodes.result(save(nodes, "again", step(command, retries={"count": 1, "delay": 0.1})))
    assert run["state"] == "succeeded"
    assert [item["attempts"] for item in invocations(nodes, run["id"])] == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1]


def test_a_pause_holds_the_next_batch(nodes: Product, ledger: Ledger) -> None:
    run = nodes.run(save(nodes, "held", step(f"{ledger.entry(BY_NAME)}; sleep 0.5", rollout={"batches": [2]})))
    eventually(lambda: ledger.lines)
    nodes.http.post(f"/api/v1/runs/{run['id']}/pause", json={"comment": "a look"})
    eventually(lambda: nodes.show(run["id"])["waiting_for"])
    assert counts(nodes.show(run["id"]))["pending"] >= WIDTH - 4
    nodes.http.post(f"/api/v1/runs/{run['id']}/resume", json={})
    assert counts(nodes.ended(run["id"])) == {"succeeded": WIDTH}
    assert Counter(ledger.lines) == dict.fromkeys(NAMES, 1)


def test_runs_on_many_providers_do_not_get_into_each_others_way(nodes: Product, ledger: Ledger) -> None:
    name = save(nodes, "beside", step(ledger.entry(BY_NAME), rollout={"batches": [3]}))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: nodes.result(name), range(4)))
    assert {run["state"] for run in runs} == {"succeeded"}
    assert Counter(ledger.lines) == dict.fromkeys(NAMES, 4)


def test_a_parameter_still_names_a_single_provider(nodes: Product, ledger: Ledger) -> None:
    parameter = {"name": "host", "type": "provider", "required": True}
    beside = {"name": "one", "provider": "{{ host }}", "command": ledger.entry(BY_NAME)}
    steps = [step("true", {"group": "nodes-front"}), beside]
    nodes.put("actions", {"name": "mixed", "parameters": [parameter], "steps": steps})
    run = nodes.result("mixed", {"host": "node-09"})
    assert (run["state"], ledger.lines) == ("succeeded", ["node-09"])


def test_a_plan_names_the_providers_and_holds_the_run_to_them(nodes: Product, ledger: Ledger) -> None:
    steps = [step(ledger.entry(BY_NAME), {"group": "nodes-front"}, rollout={"batches": [2], "check": "verify"})]
    save(nodes, "planned-roll", *steps, {"name": "verify", "command": "true"})
    plan = nodes.http.post("/api/v1/actions/planned-roll/plan", json={}).json()
    assert [item["provider"] for item in plan["steps"][0]["invocations"]] == NAMES[:4]
    assert (plan["steps"][0]["providers"], plan["steps"][1]["when"]) == (4, None)
    assert plan["steps"][1]["reason"] == "is run after each batch of the step 'roll'"
    sizes = {"batches": 2, "batch_sizes": [2, 2]}
    rollout = {**sizes, "max_parallel": None, "max_failures": 0, "check": "verify"}
    assert [one["rollout"] for one in plan["steps"]] == [rollout, None]
    body = {"plan_digest": plan["digest"]}
    run = nodes.ended(nodes.http.post("/api/v1/actions/planned-roll/runs", json=body).json()["id"])
    assert (run["state"], sorted(ledger.lines)) == ("succeeded", NAMES[:4])
    nodes.put("provider-groups", {"name": "nodes-front", "providers": NAMES[:3]})
    stale = nodes.http.post("/api/v1/actions/planned-roll/runs", json=body)
    nodes.put("provider-groups", {"name": "nodes-front", "providers": NAMES[:4]})
    assert (stale.status_code, "other providers are meant now" in stale.json()["detail"]) == (409, True)


def test_a_step_on_many_providers_is_not_done_again_where_a_run_goes_on_from_a_later_one(
    nodes: Product, ledger: Ledger
) -> None:
    fixed = {"name": "fixed", "provider": "web-1", "command": f"test -e {ledger.path}.fixed"}
    failed = nodes.result(save(nodes, "resumed", step(ledger.entry(BY_NAME), {"group": "nodes-front"}), fixed))
    assert failed["state"] == "failed"
    before = len(ledger.lines)
    ledger.path.with_name("ledger.fixed").touch()
    answer = nodes.http.post(f"/api/v1/runs/{failed['id']}/rerun", json={"mode": "from_failed"})
    again = nodes.ended(answer.json()["id"])
    assert (again["state"], len(ledger.lines)) == ("succeeded", before)
    assert again["steps"][0]["carried_from"] == failed["id"]
    assert [item["provider"] for item in invocations(nodes, again["id"])] == NAMES[:4]
    assert nodes.output(again["id"]) == b""


def test_what_the_providers_of_a_step_print_is_among_the_events_of_its_run(nodes: Product, ledger: Ledger) -> None:
    go = ledger.path.with_name("ledger.go")
    command = f"echo begun {BY_NAME}; until test -e {go}; do sleep 0.05; done; echo done {BY_NAME}"
    run_id = nodes.run(save(nodes, "tells", step(command, retries=1)))["id"]
    told: dict[str, str] = {}
    ids: list[str] = []
    for event_id, name, data in nodes.events(run_id):
        if name == "output":
            told[data["provider"]] = told.get(data["provider"], "") + data["text"]
            ids.append(event_id)
        if told == {node: f"begun {node}\n" for node in NAMES}:
            go.touch()
        if name == "step":
            assert data["output_in_events"] is True
    assert told == {node: f"begun {node}\ndone {node}\n" for node in NAMES}
    after = [data["text"] for _, name, data in nodes.events(run_id, ids[WIDTH - 1]) if name == "output"]
    assert sorted(after) == [f"done {node}\n" for node in NAMES]


def test_re_run_only_on_those_providers_that_failed(nodes: Product, ledger: Ledger) -> None:
    mended = ledger.path.with_name("ledger.mended")
    first = f"{ledger.entry(BY_NAME)}; case {BY_NAME} in node-02|node-05) test -e {mended};; esac"
    then = step(ledger.entry(f"then-{BY_NAME}"), name="then")
    cleanup = step(ledger.entry(f"clean-{BY_NAME}"), name="cleanup", when="always")
    failed = nodes.result(save(nodes, "partly", step(first, rollout={"batches": [5]}), then, cleanup))
    assert counts(failed) == {"succeeded": 3, "failed": 2, "skipped": 5}
    begun = len(ledger.lines)
    mended.touch()
    answer = nodes.http.post(f"/api/v1/runs/{failed['id']}/rerun", json={"mode": "failed_providers"})
    again = nodes.ended(answer.json()["id"])
    left = ["node-02", *NAMES[4:]]
    assert (again["state"], counts(again)) == ("succeeded", {"succeeded": len(left)})
    expected = [*left, *(f"then-{name}" for name in NAMES), *(f"clean-{name}" for name in left)]
    assert sorted(ledger.lines[begun:]) == sorted(expected)
    nothing = nodes.http.post(f"/api/v1/runs/{again['id']}/rerun", json={"mode": "failed_providers"})
    assert (nothing.status_code, "nothing of the run" in nothing.json()["detail"]) == (409, True)


def test_a_run_on_failed_providers_alone_goes_on_from_its_failed_step_on_those(nodes: Product, ledger: Ledger) -> None:
    mended = ledger.path.with_name("ledger.mended")
    first = f"{ledger.entry(BY_NAME)}; case {BY_NAME} in node-02|node-03) test -e {mended};; esac"
    then = step(ledger.entry(f"then-{BY_NAME}"), {"group": "nodes-front"}, name="then")
    cleanup = step(ledger.entry(f"clean-{BY_NAME}"), {"group": "nodes-front"}, name="cleanup", when="always")
    failed = nodes.result(save(nodes, "narrowed", step(first, {"group": "nodes-front"}), then, cleanup))
    narrow = _again(nodes, failed, "failed_providers")
    assert (failed["state"], narrow["state"]) == ("failed", "failed")
    nodes.put("provider-groups", {"name": "nodes-front", "providers": NAMES})
    still, begun = _again(nodes, narrow, "from_failed"), len(ledger.lines)
    mended.touch()
    done = _again(nodes, still, "from_failed")
    nodes.put("provider-groups", {"name": "nodes-front", "providers": NAMES[:4]})
    assert (still["state"], done["state"]) == ("failed", "succeeded")
    left = ["node-02", "node-03"]
    expected = [*left, *(f"then-{name}" for name in NAMES[:4]), *(f"clean-{name}" for name in left)]
    assert sorted(ledger.lines[begun:]) == sorted(expected)
    told = nodes.http.get(f"/api/v1/runs/{done['id']}/explain").json()["sentences"][0]
    assert told.endswith(f", to do run {still['id']} again on the providers that were left."), told


def _again(nodes: Product, run: dict[str, Any], mode: str) -> dict[str, Any]:
    answer = nodes.http.post(f"/api/v1/runs/{run['id']}/rerun", json={"mode": mode})
    assert answer.status_code == 202, answer.text
    return nodes.ended(answer.json()["id"])


def test_re_run_on_failed_providers_keeps_what_succeeded_and_counts_a_failed_check(
    nodes: Product, ledger: Ledger
) -> None:
    mended = ledger.path.with_name("ledger.mended")
    rollout = {"batches": [4], "max_failures": 1, "check": "verify"}
    verify = {"name": "verify", "command": f"test {BY_NAME} != node-03 || test -e {mended}"}
    prepare = {"name": "prepare", "provider": "web-1", "command": ledger.entry("prepare")}
    roll = step(ledger.entry(BY_NAME), {"group": "nodes-front"}, rollout=rollout)
    failed = nodes.result(save(nodes, "checked-again", prepare, roll, verify))
    assert (failed["state"], ledger.lines[0]) == ("failed", "prepare")
    begun = len(ledger.lines)
    mended.touch()
    answer = nodes.http.post(f"/api/v1/runs/{failed['id']}/rerun", json={"mode": "failed_providers"})
    again = nodes.ended(answer.json()["id"])
    assert (again["state"], ledger.lines[begun:]) == ("succeeded", ["node-03"])
    assert [one["carried_from"] for one in again["steps"]] == [failed["id"], None, None]


def test_a_rerun_hands_to_each_provider_what_that_one_captured(nodes: Product, ledger: Ledger) -> None:
    mended = ledger.path.with_name("ledger.mended")
    front = {"group": "nodes-front"}
    fails = f"test {BY_NAME} != node-01 || test -e {mended}; echo from-{BY_NAME}"
    first = step(f"set -e; {fails}", front, name="first", capture="last_line", on_failure="continue")
    reads = step(
        f"test {BY_NAME} != node-02 || test -e {mended} || exit 3; echo {BY_NAME} {{{{ steps.first.captured }}}} >> "
        f"{ledger.path}",
        {"labels": {"role": "front", "zone": "b"}},
        name="second",
    )
    failed = nodes.result(save(nodes, "hands-on", first, reads))
    assert failed["state"] == "failed"
    mended.touch()
    answer = nodes.http.post(f"/api/v1/runs/{failed['id']}/rerun", json={"mode": "failed_providers"})
    again = nodes.ended(answer.json()["id"])
    assert (again["state"], "node-02 from-node-02" in ledger.lines) == ("succeeded", True), again["reason_text"]
    assert all(line.split()[1] == f"from-{line.split()[0]}" for line in ledger.lines)


def test_a_provider_cannot_change_where_only_the_failed_ones_are_done_again(nodes: Product) -> None:
    host = [{"name": "host", "type": "provider", "required": True}]
    only = {"name": "only", "provider": "{{ host }}", "command": "exit 1"}
    nodes.put("actions", {"name": "of-one", "steps": [only], "parameters": host})
    failed = nodes.result("of-one", {"host": "node-01"})
    body = {"mode": "failed_providers", "parameters": {"host": "node-02"}}
    answer = nodes.http.post(f"/api/v1/runs/{failed['id']}/rerun", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "parameters.host")


def test_a_step_that_is_passed_over_is_so_on_all_of_its_providers(nodes: Product) -> None:
    run = nodes.result(save(nodes, "passed-over", step("exit 1", ["node-01"]), step("true", name="then")))
    assert (run["steps"][1]["state"], counts(run, 1)) == ("skipped", {"skipped": WIDTH})
    assert {item["state"] for item in invocations(nodes, run["id"], "then")} == {"skipped"}


@pytest.mark.usefixtures("left_as_it_was")
def test_the_guide_to_many_providers_works_as_it_is_written(
    nodes: Product, sshd: SshServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = {"host": sshd.host, "port": sshd.port, "user": sshd.user, "private_key": {"secret": "web-1-key"}}
    for number, name in enumerate(("web-1", "web-2", "web-3", "api-1", "cache-1")):
        labels = {"env": "prod", "role": name[:-2]} if number < 4 else {}
        nodes.put("providers", {"name": name, "connection": {"ssh": ssh}, "labels": labels})
    guide = "\n---\n".join(yaml_of("Provider groups") + yaml_of("Many providers"))
    (tmp_path / "guide.yaml").write_text(guide.replace("systemctl ", "echo systemctl ").replace("logger ", "echo "))
    monkeypatch.setenv("OPSIMATE_URL", nodes.url)
    monkeypatch.setenv("OPSIMATE_TOKEN", nodes.token)

    def typed(*arguments: str) -> str:
        answer = CliRunner().invoke(opsimate, list(arguments))
        assert answer.exit_code == 0, answer.output
        return answer.output

    typed("apply", "-f", str(tmp_path))
    followed = typed("run", "rolling-restart", "--follow")
    assert "restart: succeeded, 4 succeeded" in followed
    assert {f"{name} | systemctl restart nginx" for name in ("web-1", "web-2", "web-3", "api-1")} <= set(
        followed.splitlines()
    )
    assert "verify: succeeded, 4 succeeded" in followed
    shown = typed("runs", "show", "last")
    assert "4 providers" in shown
    assert "4 succeeded" in shown
    assert typed("runs", "output", "last", "--step", "tell", "--provider", "cache-1") == (
        "restarted nginx, says cache-1\n"
    )
    names = ("cache-1", "web-1", "web-2", "web-3")
    told = [f"restarted nginx, says {name}\n" for name in names]
    assert typed("runs", "output", "last", "--step", "tell", "--no-names") == "".join(told)
    assert typed("runs", "output", "last", "--step", "tell") == "".join(
        f"{name} | {line}" for name, line in zip(names, told, strict=True)
    )
    rows = typed("runs", "invocations", "last", "tell").splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["cache-1", "web-1", "web-2", "web-3"]
