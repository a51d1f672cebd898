"""Plans and runs done again, in both forms."""

from typing import Any

from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action, set_stage


def _plan(product: Product, name: str, **body: Any) -> dict[str, Any]:
    answer = product.http.post(f"/api/v1/actions/{name}/plan", json=body)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def _run(product: Product, name: str, **body: Any) -> Any:
    return product.http.post(f"/api/v1/actions/{name}/runs", json=body)


def _rerun(product: Product, run: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = product.http.post(f"/api/v1/runs/{run['id']}/rerun", json=body)
    assert answer.status_code == 202, answer.text
    return product.ended(answer.json()["id"])


def test_a_plan_shows_the_exact_commands_and_is_carried_out_as_it_is(product: Product, ledger: Ledger) -> None:
    product.put("secrets", {"name": "word", "value": "s3cr3t-w0rd"})
    name = action(
        product,
        "planned",
        f"printf '%s\\n' {{{{ what }}}} >> {ledger.path}; : {{{{ key }}}}",
        {"command": "true", "when": "previous_failure"},
        {"command": "true", "when": "always"},
        parameters=[{"name": "what"}, {"name": "key", "type": "secret", "required": True}],
    )
    given = {"what": "two words", "key": {"secret": "word"}}
    plan = _plan(product, name, parameters=given, check_reachable=True)
    assert ledger.lines == []
    first, second, third = plan["steps"]
    assert first["invocations"] == [
        {
            "provider": "web-1",
            "command": f"printf '%s\\n' 'two words' >> {ledger.path}; : '••••••'",
            "reachable": True,
            "reachable_text": None,
        }
    ]
    assert (first["when"], second["when"], third["when"]) == (True, None, True)
    assert (first["providers"], plan["parameters"]["key"]) == (1, {"secret": "word"})
    run = product.ended(_run(product, name, parameters=given, plan_digest=plan["digest"]).json()["id"])
    assert (run["state"], run["plan_digest"]) == ("succeeded", plan["digest"])
    assert run["steps"][0]["attempts"][0]["command"] == first["invocations"][0]["command"]
    assert ledger.lines == ["two words"]


def test_a_plan_that_has_changed_is_refused_as_stale_and_says_what_is_different(
    product: Product, sshd: SshServer
) -> None:
    product.put("secrets", {"name": "stale-word", "value": "first-value"})
    key = {"key": {"secret": "stale-word"}}
    parameters = [{"name": "key", "type": "secret", "required": True}, {"name": "x", "default": "1"}]
    set_stage(product, sshd, "stale-1")
    step = {"command": ": {{ key }} {{ x }}", "provider": "stale-1"}
    name = action(product, "stale", step, parameters=parameters)
    digest = _plan(product, name, parameters=key)["digest"]

    def refusal(**given: Any) -> str:
        answer = _run(product, name, parameters={**key, **given}, plan_digest=digest)
        assert answer.status_code == 409, answer.text
        return str(answer.json()["detail"])

    assert _run(product, name, parameters=key, plan_digest=digest).status_code == 202
    assert "parameters" in refusal(x="2")
    product.put("secrets", {"name": "stale-word", "value": "second-value"})
    assert "a secret among them" in refusal()
    digest = _plan(product, name, parameters=key)["digest"]
    provider = product.http.get("/api/v1/providers/stale-1").json()
    product.put("providers", {"name": "stale-1", "connection": provider["connection"], "labels": {"new": "label"}})
    assert "a provider was changed" in refusal()
    digest = _plan(product, name, parameters=key)["digest"]
    action(product, "stale", {**step, "timeout": 30}, parameters=parameters)
    assert "the action was changed" in refusal()
    digest = "00"
    assert "no digest of a plan" in refusal()


def test_a_provider_that_changes_after_a_planned_run_was_taken_is_not_met(
    product: Product, sshd: SshServer, ledger: Ledger
) -> None:
    set_stage(product, sshd, "moved-1")
    name = action(
        product,
        "moves",
        {"command": f"{ledger.entry('first')}; sleep 2", "provider": "moved-1"},
        {"command": ledger.entry("second"), "provider": "moved-1", "retries": 3},
    )
    digest = _plan(product, name)["digest"]
    run_id = _run(product, name, plan_digest=digest).json()["id"]
    provider = product.http.get("/api/v1/providers/moved-1").json()
    eventually(lambda: ledger.lines, what="the first step has begun")
    product.put("providers", {"name": "moved-1", "connection": provider["connection"], "labels": {"moved": "yes"}})
    run = product.ended(run_id)
    assert (run["state"], run["reason"]) == ("failed", "stale")
    assert "moved-1@1 then, moved-1@2 now" in run["reason_text"]
    assert len(run["steps"][1]["attempts"]) == 1, "another try would meet the same"
    assert ledger.lines == ["first"]


def test_a_run_is_done_again_with_the_same_parameters_and_with_changed_ones(product: Product) -> None:
    name = action(
        product,
        "again",
        "printf '%s/%s' {{ a }} {{ b }}; : {{ key }}",
        parameters=[{"name": "a"}, {"name": "b", "default": "B"}, {"name": "key", "type": "secret"}],
    )
    first = product.result(name, {"a": "1", "key": "given-by-value"})
    same = _rerun(product, first)
    assert (same["state"], same["rerun_of"], product.output(same["id"])) == ("succeeded", first["id"], b"1/B")
    changed = _rerun(product, same, parameters={"b": "2"}, note="once more")
    assert (changed["trigger"]["note"], product.output(changed["id"])) == ("once more", b"1/2")
    assert "given-by-value" not in str(changed)
    anew = {"parameters": {"b": "3"}, "rerun_of": first["id"]}
    given = product.http.post(f"/api/v1/actions/{name}/runs", json=anew).json()
    assert (given["rerun_of"], given["parameters"]["b"], given["parameters"]["a"]) == (first["id"], "3", "")
    other = product.http.post(f"/api/v1/actions/{name}/runs", json={"rerun_of": "01JX3Q7W8Z5V9K2M4N6P8R0S2T"})
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "rerun_of")
    refused = product.http.post(f"/api/v1/runs/{first['id']}/rerun", json={"mode": "from_failed"})
    nothing = f"nothing of the run '{first['id']}' is left to be done: do the whole run again instead"
    assert (refused.status_code, refused.json()["detail"]) == (409, nothing)
    assert product.http.post("/api/v1/runs/01JX3Q7W8Z5V9K2M4N6P8R0S2T/rerun", json={}).status_code == 404


def test_a_run_goes_on_from_the_step_that_failed(product: Product, ledger: Ledger) -> None:
    name = action(
        product,
        "goes-on",
        ledger.entry("first"),
        {"command": ledger.entry("never"), "when": "previous_failure"},
        {"command": f"{ledger.entry('passed-over')}; false", "on_failure": "continue"},
        f"{ledger.entry('third')}; test {{{{ good }}}} = yes",
        ledger.entry("last"),
        {"command": ledger.entry("cleaned"), "when": "always"},
        parameters=[{"name": "good", "default": "no"}],
    )
    failed = product.result(name)
    assert (failed["state"], ledger.lines) == ("failed", ["first", "passed-over", "third", "cleaned"])
    action(product, "goes-on", "echo another version", parameters=[{"name": "good", "default": "no"}])
    run = _rerun(product, failed, mode="from_failed", parameters={"good": "yes"})
    assert (run["state"], run["action"]["version"]) == ("succeeded", 1)
    assert ledger.lines[4:] == ["third", "last", "cleaned"]
    assert [step["carried_from"] for step in run["steps"]] == [failed["id"]] * 3 + [None] * 3
    assert [step["state"] for step in run["steps"]] == ["succeeded", "skipped", "failed", *["succeeded"] * 3]


def test_a_run_that_has_not_ended_is_not_done_again(product: Product) -> None:
    run = product.run(action(product, "takes-long", "sleep 30"))
    for path, body in ((f"runs/{run['id']}/rerun", {}), ("actions/takes-long/runs", {"rerun_of": run["id"]})):
        answer = product.http.post(f"/api/v1/{path}", json=body)
        assert (answer.status_code, "has not ended" in answer.json()["detail"]) == (409, True)
    product.http.post(f"/api/v1/runs/{run['id']}/cancel", json={})
    product.ended(run["id"])
