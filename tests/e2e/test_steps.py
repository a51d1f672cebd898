"""What a step may say besides its command, in both forms."""

import json
import os
import re
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.commands import single_quoted
from tests.product import Product, eventually
from tests.servers import ordinary_user, programs
from tests.servers.ordinary_user import ASKED_FOR, UNASKED
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action

NEEDS_SUDO = pytest.mark.skipif(
    os.geteuid() != 0 or not programs.is_there("sudo"), reason="needs sudo, and root to say who may use it"
)
DEFINITIONS = Path(__file__).parents[2] / "docs" / "definitions.md"
HOSTILE = "$(touch /tmp/captured-was-run) `id`; 'a' \"b\" \\ *"

GONE = {"user": "a", "password": {"secret": "gone"}}
TWO_DAYS = {"back_within": "2d"}


def refused(product: Product, **step: Any) -> dict[str, str]:
    """What is wrong with an action whose second step is this, by field."""
    steps = [{"name": "probe", "provider": "web-1", "command": "true"}, {"name": "it", "provider": "web-1", **step}]
    body = {"name": "refused", "parameters": [{"name": "x"}], "steps": steps}
    answer = product.http.put("/api/v1/actions/refused", json=body)
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def attempts(run: dict[str, Any], step: int = 0) -> list[dict[str, Any]]:
    return list(run["steps"][step]["attempts"])


def test_environment_working_directory_and_stdin_take_values_as_they_are(product: Product) -> None:
    step = {
        "command": 'printf "%s|%s|%s|" "$GREETING" "$COUNT" "$PWD"; cat',
        "environment": {"GREETING": "it's {{ x }} \\{{ y }} $HOME", "COUNT": 3, "LANG": "C"},
        "working_directory": "/tmp/{{ folder }}/..",
        "stdin": "first 'line'\n{{ x }}\n",
    }
    name = action(product, "set-up", step, parameters=[{"name": "x"}, {"name": "folder"}])
    run = product.result(name, {"x": HOSTILE, "folder": "."})
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"]).decode() == (f"it's {HOSTILE} {{{{ y }}}} $HOME|3|/|first 'line'\n{HOSTILE}\n")
    assert attempts(run)[0]["command"] == step["command"]


def test_a_secret_may_be_in_the_environment_and_the_input(product: Product) -> None:
    step = {"command": 'echo "$TOKEN"; cat', "environment": {"TOKEN": "{{ key }}"}, "stdin": "{{ key }}!"}
    name = action(product, "secret-set-up", step, parameters=[{"name": "key", "type": "secret"}])
    run = product.result(name, {"key": "a-secret-of-mine"})
    assert product.output(run["id"]).decode() == "••••••\n••••••!"


def test_a_working_directory_that_is_not_there_is_told_and_nothing_is_run(product: Product) -> None:
    step = {"command": "echo ran", "working_directory": "{{ x }}"}
    name = action(product, "no-folder", step, parameters=[{"name": "x"}])
    run = product.result(name, {"x": "/no/such/folder"})
    assert (run["state"], run["reason"]) == ("failed", "misconfigured")
    assert "working_directory" in run["reason_text"]
    answer = product.http.post(f"/api/v1/actions/{name}/runs", json={"parameters": {"x": "tmp"}})
    assert answer.status_code == 422
    assert "whole path" in answer.text


@pytest.mark.parametrize(
    ("step", "field", "words"),
    [
        ({"command": "true", "environment": {"A-B": "x"}}, "steps.1.environment.A-B", "variable's name"),
        ({"command": "true", "environment": {"OPSIMATE_X": "x"}}, "steps.1.environment.OPSIMATE_X", "cannot be set"),
        ({"command": "true", "environment": {"A": 1.5}}, "steps.1.environment.A", "quotes"),
        ({"command": "true", "environment": {"PATH": "/opt:{{ x }}"}}, "steps.1.environment.PATH", "PATH holds is run"),
        ({"command": "true", "environment": {"A": "{{ y }}"}}, "steps.1.environment.A", "unknown name 'y'"),
        ({"command": 'eval "$A"', "environment": {"A": "{{ x }}"}}, "steps.1.command", "came through a variable"),
        ({"command": "sh", "stdin": "{{ x }}"}, "steps.1.stdin", "whole of a script"),
        ({"command": "true", "working_directory": "tmp"}, "steps.1.working_directory", "begins with '/'"),
        ({"command": "true", "stdin": "a" * 65_537}, "steps.1.stdin", "65536"),
        ({"command": "true", "run_as": {"user": "a b"}}, "steps.1.run_as.user", "is a user's name: letters"),
        ({"command": "true", "run_as": GONE}, "steps.1.run_as.password.secret", "gone"),
        ({"command": "true", "success_exit_codes": [256]}, "steps.1.success_exit_codes.0", "255"),
        ({"command": "true", "success_exit_codes": []}, "steps.1.success_exit_codes", "at least 1"),
        ({"command": "true", "success_exit_codes": [1, 1]}, "steps.1.success_exit_codes.1", "already"),
        ({"command": "true", "capture": "lines"}, "steps.1.capture", "last_line"),
        ({"command": "true", "expect_disconnect": TWO_DAYS}, "steps.1.expect_disconnect.back_within", "at most"),
        ({"command": "true", "expect_disconnect": {}, "on_lost": "rerun"}, "steps.1.on_lost", "second time"),
        ({"command": "echo {{ steps.probe.captured }}"}, "steps.1.command", "captures nothing"),
        ({"command": "echo {{ steps.it.output }}"}, "steps.1.command", "does not come before"),
        ({"command": "echo {{ steps.prob.output }}"}, "steps.1.command", "there is no step 'prob'; did you mean"),
        ({"command": "eval {{ steps.probe.output }}"}, "steps.1.command", "never code"),
    ],
)  # fmt: skip
def test_what_a_step_cannot_say_is_refused_at_its_field(
    product: Product, step: dict[str, Any], field: str, words: str
) -> None:
    errors = refused(product, **step)
    assert list(errors) == [field]
    assert words in errors[field]


def test_captures_are_read_by_later_steps_as_values_and_never_as_code(product: Product) -> None:
    quoted, facts = single_quoted(HOSTILE), json.dumps({"host": {"name": "web 1"}, "up": True, "load": [1.5, 2]})
    name = action(
        product,
        "captures",
        {"name": "line", "command": f"echo first; printf '%s\\n\\n' {quoted}; echo error >&2", "capture": "last_line"},
        {"name": "all-of.it", "command": "printf 'a\\nb\\n\\n'; echo error >&2", "capture": "output"},
        {"name": "json", "command": f"echo '{facts}'", "capture": "json"},
        {"name": "plain", "command": "echo plain"},
        {
            "command": "printf '%s|' {{ steps.line.captured }} '{{ steps.all-of.it.captured }}' "
            '"{{ steps.json.captured.host.name }}" {{ steps.json.captured.up }} {{ steps.json.captured.load.1 }} '
            "{{ steps.json.captured.host }} {{ steps.plain.output }}",
        },
    )  # fmt: skip
    run = product.result(name)
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"], step="step-5").decode() == (
        f'{HOSTILE}|a\nb|web 1|true|2|{{"name":"web 1"}}|plain|'
    )
    assert not Path("/tmp/captured-was-run").exists()
    assert attempts(run)[0]["captured"] == {"last_line": HOSTILE}
    assert '"web 1" true 2' in attempts(run, 4)[0]["command"]


def test_a_number_that_was_captured_in_json_is_given_on_as_it_was_printed(product: Product) -> None:
    numbers = ["1.10", "1e3", "0.1000", "-0", "123456789012345678901234567890"]
    printed = f'{{"n": [{", ".join(numbers)}], "release": {{"version": 1.10}}}}'
    named = " ".join(f"{{{{ steps.probe.captured.n.{index} }}}}" for index in range(len(numbers)))
    tells = {
        "name": "tell",
        "command": f"printf '%s|' {named} {{{{ steps.probe.captured.release }}}}",
        "when": "steps.probe.captured.n[0] == 1.1 && steps.probe.captured.n[4] > 1e28",
    }
    run = product.result(
        action(product, "numbers", {"name": "probe", "command": f"echo '{printed}'", "capture": "json"}, tells)
    )
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"], step="tell").decode() == "|".join([*numbers, '{"version":1.10}', ""])


def test_a_step_on_many_providers_hands_to_each_what_it_captured_there(product: Product) -> None:
    product.put("providers", {"name": "here", "connection": {"local": {}}})
    both: dict[str, Any] = {"provider": None, "providers": ["web-1", "here"]}
    steps: list[dict[str, Any]] = [
        {"name": "probe", "command": "echo it is $OPSIMATE_PROVIDER", "capture": "last_line", **both},
        {"name": "tell", "command": "cat", "stdin": "{{ steps.probe.captured }}", "environment": {"A": "a"}, **both},
        {"name": "one", "command": "echo {{ steps.probe.captured }}", "provider": "web-1"},
    ]
    run = product.result(action(product, "captured-widely", *steps))
    assert run["state"] == "succeeded", run["reason_text"]
    for provider in ("web-1", "here"):
        assert product.output(run["id"], step="tell", provider=provider).decode() == f"it is {provider}"
    assert product.output(run["id"], step="one").decode() == "it is web-1\n"


def test_conditions_read_what_was_captured(product: Product) -> None:
    name = action(
        product,
        "captured-conditions",
        {"name": "probe", "command": """echo '{"up": true, "load": [0.5]}'""", "capture": "json"},
        {"command": "echo up", "when": "steps.probe.captured.up && steps.probe.captured.load[0] < 1.0"},
        {"command": "echo down", "when": "!steps.probe.captured.up"},
        {"name": "silent", "command": "true", "capture": "last_line", "when": "previous_failure"},
        {"command": "echo nothing", "when": "steps.silent.captured == null"},
    )
    run = product.result(name)
    assert run["state"] == "succeeded", run["reason_text"]
    assert [step["state"] for step in run["steps"]] == ["succeeded", "succeeded", "skipped", "skipped", "succeeded"]
    errors = refused(product, command="true", when="steps.probe.captured == 'a'")
    assert "there is no steps.probe.captured" in errors["steps.1.when"]


@pytest.mark.parametrize(
    ("capture", "command", "words"),
    [
        ("json", "echo 'not json'", "is no JSON"),
        ("json", "true", "printed nothing"),
        ("json", "echo '[NaN]'", "is no JSON"),
        ("json", "head -c 60000 /dev/zero | tr '\\0' '['", "nested too deeply"),
        ("output", "head -c 65537 /dev/zero | tr '\\0' x", "65,536 bytes"),
        ("last_line", "echo a; head -c 70000 /dev/zero | tr '\\0' x", "65,536 bytes"),
        ("output", "printf '\\377'", "no text"),
        ("last_line", "printf 'a\\000b'", "NUL"),
    ],
)
def test_what_cannot_be_captured_fails_the_step_and_says_why(
    product: Product, capture: str, command: str, words: str
) -> None:
    run = product.result(action(product, "uncaptured", {"command": command, "capture": capture}, "echo never"))
    assert (run["state"], run["reason"], attempts(run)[0]["exit_status"]) == ("failed", "capture", 0)
    assert words in run["reason_text"]
    assert [step["state"] for step in run["steps"]] == ["failed", "skipped"]


def test_a_capture_as_long_as_may_be_arrives_whole(product: Product) -> None:
    long = {"name": "long", "command": "head -c 65536 /dev/zero | tr '\\0' x", "capture": "output"}
    run = product.result(action(product, "long", long, "printf %s {{ steps.long.captured }} | wc -c"))
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"], step="step-2").strip() == b"65536"
    assert len(attempts(run)[0]["captured"]["output"]) == 1_001


def test_a_capture_that_is_missing_or_looks_like_an_option_keeps_its_reader_from_running(
    product: Product, ledger: Ledger
) -> None:
    reader = {"command": f"{ledger.entry()}; ls {{{{ steps.probe.captured }}}}", "when": "always"}
    for probe, reason, words in (
        ({"command": "echo -rf"}, "not_allowed", "may not begin with '-'"),
        ({"command": "true", "when": "previous_failure"}, "misconfigured", "did not run (skipped)"),
        ({"command": "printf '\\377'"}, "misconfigured", "captured nothing"),
    ):
        run = product.result(action(product, "reader", {"name": "probe", "capture": "last_line", **probe}, reader))
        reading = attempts(run, 1)[0]
        assert (reading["state"], reading["reason"]) == ("failed", reason)
        assert words in reading["reason_text"]
        assert ledger.lines == []


def test_a_secret_in_a_capture_is_masked(product: Product) -> None:
    name = action(
        product,
        "masked",
        {"name": "probe", "command": "echo got {{ key }}", "capture": "last_line"},
        "echo {{ steps.probe.captured }}",
        parameters=[{"name": "key", "type": "secret"}],
    )
    run = product.result(name, {"key": "a-secret-of-mine"})
    assert attempts(run)[0]["captured"] == {"last_line": "got ••••••"}
    assert product.output(run["id"], step="step-2").decode() == "got ••••••\n"


def test_exit_codes_that_are_no_failure_are_none(product: Product) -> None:
    for codes, status, state in (([0, 2], 2, "succeeded"), ([0, 2], 1, "failed"), ([2], 0, "failed")):
        run = product.result(action(product, "codes", {"command": f"exit {status}", "success_exit_codes": codes}))
        assert (run["state"], attempts(run)[0]["exit_status"]) == (state, status)
    assert "success_exit_codes" in run["reason_text"]


@NEEDS_SUDO
def test_a_step_runs_as_another_user_with_a_password_from_a_secret(product: Product) -> None:
    ordinary_user.present_for_sudo()
    password = ordinary_user.present_with_password()
    product.put("secrets", {"name": "sudo-pw", "value": password})
    step = {
        "command": 'id -un; pwd; printf "%s|" "$A"; cat; echo {{ x }}',
        "environment": {"A": "{{ x }}"},
        "stdin": "input",
        "run_as": {"user": ASKED_FOR, "password": {"secret": "sudo-pw"}},
    }
    name = action(product, "as-another", step, parameters=[{"name": "x"}])
    run = product.result(name, {"x": "a b"})
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"]).decode() == f"{ASKED_FOR}\n/home/{ASKED_FOR}\na b|inputa b\n"
    assert attempts(run)[0]["run_as"] == ASKED_FOR
    assert password not in product.logs() + str(run)
    assert product.http.delete("/api/v1/secrets/sudo-pw").status_code == 409

    unasked = {"command": f"echo {password}; cat", "run_as": {"user": UNASKED, "password": {"secret": "sudo-pw"}}}
    run = product.result(action(product, "unasked", unasked))
    assert product.output(run["id"]).decode() == "••••••\n"
    run = product.result(action(product, "not-asked", {"command": "id", "run_as": {"user": ASKED_FOR}}))
    assert (run["state"], run["reason"]) == ("failed", "authentication_failed")

    nobody = {"command": "id", "run_as": {"user": "nosuchuser"}}
    run = product.result(action(product, "as-nobody", nobody))
    assert (run["reason"], "There is no user 'nosuchuser' on" in run["reason_text"]) == ("misconfigured", True)

    slow = {"command": "echo begun; sleep 1000", "run_as": {"user": UNASKED}, "timeout": 1}
    run = product.result(action(product, "slow-other", slow))
    assert (run["reason"], attempts(run)[0]["ending"]) == ("timeout", "confirmed")


def test_the_password_of_run_as_is_masked_in_the_whole_run_and_part_of_its_plan(product: Product) -> None:
    product.put("secrets", {"name": "their-pw", "value": "first-passw0rd"})
    as_other = {"command": "id", "run_as": {"user": "nosuchuser", "password": {"secret": "their-pw"}}}
    tell = {"name": "tell", "command": "echo it is first-passw0rd"}
    always = {"command": "echo still second-passw0rd", "when": "always"}
    name = action(product, "told-elsewhere", tell, {**as_other, "on_failure": "continue"}, always)
    digest = product.http.post(f"/api/v1/actions/{name}/plan", json={}).json()["digest"]
    run = product.result(name)
    assert product.output(run["id"], step="tell").decode() == "it is ••••••\n"
    product.put("secrets", {"name": "their-pw", "value": "second-passw0rd"})
    stale = product.http.post(f"/api/v1/actions/{name}/runs", json={"plan_digest": digest})
    assert (stale.status_code, "a secret among them or of run_as" in stale.json()["detail"]) == (409, True)
    digest = product.http.post(f"/api/v1/actions/{name}/plan", json={}).json()["digest"]
    asked = product.http.post(f"/api/v1/actions/{name}/runs", json={"plan_digest": digest})
    assert asked.status_code == 202, asked.text
    run = product.ended(asked.json()["id"])
    assert product.output(run["id"]).decode() == "it is first-passw0rd\nstill ••••••\n"


def test_a_retry_delay_is_fixed_or_exponential_and_varies_by_a_tenth(product: Product) -> None:
    for backoff, pauses in (("fixed", [0.2, 0.2, 0.2]), ("exponential", [0.2, 0.4, 0.8])):
        retries = {"count": 3, "delay": 0.2, "backoff": backoff}
        run = product.result(action(product, "pausing", {"command": "exit 1", "retries": retries}))
        entries = [entry for entry in run["timeline"] if entry["event"] == "step.retrying"]
        found = [(_instant(entry["due_at"]) - _instant(entry["at"])).total_seconds() for entry in entries]
        assert found == [pytest.approx(pause, rel=0.11, abs=0.002) for pause in pauses]
        assert len(attempts(run)) == 4


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_steps_that_run_always_do_after_a_failure_and_a_cancel(product: Product, ledger: Ledger) -> None:
    always = {"command": ledger.entry("always"), "when": "always"}
    run = product.result(action(product, "failing", "exit 1", "echo never", always))
    assert [step["state"] for step in run["steps"]] == ["failed", "skipped", "succeeded"]
    assert ledger.lines == ["always"]
    run_id = product.run(action(product, "cancelled", f"{ledger.entry('begun')}; sleep 60", "echo never", always))["id"]
    eventually(lambda: "begun" in ledger.lines)
    assert product.http.post(f"/api/v1/runs/{run_id}/cancel", json={}).status_code == 202
    run = product.ended(run_id, within=30)
    assert [step["state"] for step in run["steps"]] == ["cancelled", "skipped", "succeeded"]
    assert ledger.lines == ["always", "begun", "always"]


@NEEDS_SUDO
def test_the_examples_of_the_documents_run(product: Product) -> None:
    ordinary_user.present_for_sudo()
    product.put("secrets", {"name": "sudo-pw", "value": ordinary_user.present_with_password()})
    section = DEFINITIONS.read_text().partition("### What a step sets up")[2].partition("\n## ")[0]
    outputs = {}
    for text in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL):
        definition = yaml.safe_load(text.replace("user: postgres", f"user: {ASKED_FOR}"))
        product.put("actions", definition)
        if definition["name"] != "reboot":
            run = product.result(definition["name"])
            assert run["state"] == "succeeded", run["reason_text"]
            outputs[definition["name"]] = product.output(run["id"]).decode()
    assert outputs["load-settings"] == "it's me! 3 /tmp\n2\n"
    assert outputs["size-of-database"].startswith(f"{ASKED_FOR}\n")
    assert "second 2\n" in outputs["newest-file"]


# --- a step that restarts its machine


@pytest.fixture
def machine(product: Product, own_sshd: Callable[..., SshServer]) -> SshServer:
    """A machine of its own, which the product knows as ``machine``."""
    server = own_sshd(own_machine=True)
    product.put("secrets", {"name": "machine-key", "value": server.private_key})
    ssh = {"host": server.host, "port": server.port, "user": server.user, "private_key": {"secret": "machine-key"}}
    product.put("providers", {"name": "machine", "connection": {"ssh": ssh}})
    return server


def restarting(product: Product, command: str, within: float = 60) -> str:
    """An action that restarts the machine, and then looks at it."""
    step = {"command": command, "provider": "machine", "expect_disconnect": {"back_within": within}}
    return action(product, "restarting", step, {"command": "echo back", "provider": "machine"})


@pytest.mark.parametrize("then", ["; sleep 60", ""])
def test_a_step_that_restarts_its_machine_goes_on_once_that_is_back(
    product: Product, machine: SshServer, ledger: Ledger, then: str
) -> None:
    run_id = product.run(restarting(product, ledger.entry("restart") + then))["id"]
    eventually(lambda: ledger.lines)
    threading.Timer(0.0 if then else 1.0, machine.restart_machine).start()  # without `then`, the command has ended
    run = product.ended(run_id)
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run_id) == b"back\n"
    assert ledger.lines == ["restart"]
    assert len(attempts(run)) == 1


def test_a_restart_that_failed_by_itself_is_tried_again_until_the_machine_was_restarted(
    product: Product, machine: SshServer, ledger: Ledger
) -> None:
    command = f"{ledger.entry()}; test $(wc -l < {ledger.path}) -gt 1 || exit 3; sleep 60"
    retries = {"count": 3, "delay": 0.1}
    step = {"command": command, "provider": "machine", "expect_disconnect": {}, "retries": retries}
    run_id = product.run(action(product, "retried-restart", step))["id"]
    eventually(lambda: len(ledger.lines) == 2)
    machine.restart_machine()
    run = product.ended(run_id)
    assert [attempt["state"] for attempt in attempts(run)] == ["failed", "succeeded"]
    assert ledger.lines == ["x", "x"]


def test_a_machine_that_is_not_back_in_time_is_unreachable(
    product: Product, machine: SshServer, ledger: Ledger
) -> None:
    command = f"{ledger.entry()}; sleep 60"
    run_id = product.run(restarting(product, command, within=1))["id"]
    eventually(lambda: ledger.lines)
    machine.halt_machine()
    run = product.ended(run_id)
    assert (run["state"], run["reason"]) == ("failed", "unreachable")
    assert "back_within" in run["reason_text"]
    assert ledger.lines == ["x"]


def test_a_machine_that_never_restarts_is_no_success(product: Product, machine: SshServer, ledger: Ledger) -> None:
    run = product.result(restarting(product, ledger.entry(), within=1))
    assert (run["state"], run["reason"], attempts(run)[0]["exit_status"]) == ("failed", "timeout", 0)
    assert "was not restarted" in run["reason_text"]
    run = product.result(restarting(product, "exit 3"))
    assert (run["state"], run["reason"]) == ("failed", "exit_status")
    run_id = product.run(restarting(product, f"{ledger.entry()}; sleep 60"))["id"]
    eventually(lambda: len(ledger.lines) == 2)
    machine.drop_connections()
    product.http.post(f"/api/v1/runs/{run_id}/cancel", json={})
    assert product.ended(run_id)["state"] == "cancelled"
    assert ledger.lines == ["x", "x"]
