"""Runs, from the request to the last line of output, in both forms."""

import concurrent.futures
import json
import time
from collections import Counter
from contextlib import closing
from itertools import islice
from pathlib import Path

import httpx
import pytest

from tests.product import Product, eventually
from tests.servers.sshd import SshServer
from tests.stage import Ledger, action


def test_an_action_runs_step_by_step_and_tells_all_about_it(product: Product) -> None:
    name = action(product, "greet", "echo hello", "echo world >&2")
    run = product.result(name)
    assert run["state"] == "succeeded"
    assert run["trigger"]["kind"] == "manual"
    assert run["progress"] == {"done": 2, "total": 2, "percent": 100, "current_step": None}
    assert [step["state"] for step in run["steps"]] == ["succeeded", "succeeded"]
    attempt = run["steps"][0]["attempts"][0]
    assert (attempt["exit_status"], attempt["provider"], attempt["command"]) == (0, "web-1", "echo hello")
    assert attempt["output_bytes"] == 6
    assert product.output(run["id"]) == b"hello\nworld\n"
    assert run["timeline"][0]["event"] == "run.queued"
    assert run["duration"] >= 0


@pytest.mark.parametrize("value", ["'; rm -rf / #", "$(touch /tmp/pwned)", "a\nb\n\nc", "`id`", '"', "\\", "ünï", " "])
def test_a_parameter_arrives_as_it_is_in_every_place(product: Product, value: str) -> None:
    name = action(
        product,
        "print-it",
        """printf '%s|' {{ x }} "{{ x }}" '{{ x }}'
cat <<END
{{ x }}|
END
sh -c 'printf "%s" "{{ x }}"'""",
        parameters=[{"name": "x"}],
    )
    run = product.result(name, {"x": value})
    assert run["state"] == "succeeded", run["reason_text"]
    assert product.output(run["id"]).decode() == f"{value}|{value}|{value}|{value}|\n{value}"
    assert not Path("/tmp/pwned").exists()


def test_a_failing_step_says_why_and_cleanup_runs(product: Product) -> None:
    name = action(product, "fail", "exit 3", "echo never", {"command": "echo cleaned", "when": "always"})
    run = product.result(name)
    assert (run["state"], run["reason"]) == ("failed", "exit_status")
    assert "3" in run["reason_text"]
    assert [step["state"] for step in run["steps"]] == ["failed", "skipped", "succeeded"]
    assert product.output(run["id"]) == b"cleaned\n"


def test_a_failed_step_is_tried_again_until_it_succeeds(product: Product, ledger: Ledger) -> None:
    command = f"{ledger.entry()}; test $(wc -l < {ledger.path}) -ge 3"
    name = action(product, "flaky", {"command": command, "retries": {"count": 5, "delay": 0.05}})
    run = product.result(name)
    assert run["state"] == "succeeded"
    assert [attempt["state"] for attempt in run["steps"][0]["attempts"]] == ["failed", "failed", "succeeded"]
    assert len(ledger.lines) == 3


def test_a_step_that_takes_too_long_is_really_ended_on_the_provider(product: Product, ledger: Ledger) -> None:
    command = f"sh -c '{ledger.entry('begun')}; sleep 3; {ledger.entry('survived')}' & wait"
    run = product.result(action(product, "slow", {"command": command, "timeout": 1}))
    attempt = run["steps"][0]["attempts"][0]
    assert (run["state"], run["reason"], attempt["reason"]) == ("failed", "timeout", "timeout")
    assert attempt["ending"] == "confirmed"
    time.sleep(3)  # as long as the command would have needed to leave its second line
    assert ledger.lines == ["begun"]


def test_a_cancelled_run_ends_its_command_and_says_cancelled(product: Product, ledger: Ledger) -> None:
    name = action(product, "long", f"{ledger.entry('begun')}; sleep 60; {ledger.entry('survived')}")
    run_id = product.run(name)["id"]
    eventually(lambda: ledger.lines, what="the command has begun")
    first = product.http.post(f"/api/v1/runs/{run_id}/cancel", json={"reason": "enough"})
    again = product.http.post(f"/api/v1/runs/{run_id}/cancel", json={"reason": "enough"})
    assert (first.status_code, again.status_code) == (202, 202)
    run = product.ended(run_id, within=25)
    assert (run["state"], run["reason"]) == ("cancelled", "cancelled")
    assert ledger.lines == ["begun"]
    assert product.http.post(f"/api/v1/runs/{run_id}/cancel", json={}).status_code == 409


def test_a_command_finds_its_input_empty(product: Product) -> None:
    run = product.result(action(product, "reads", "cat; echo done"))
    assert product.output(run["id"]) == b"done\n"


def test_a_secret_reaches_the_command_and_nobody_else(product: Product) -> None:
    product.put("secrets", {"name": "api-key", "value": "s3cr3t-väl'ue\nsecond line of it"})
    name = action(
        product,
        "use-secret",
        'printf %s {{ key }} | sha256sum; printf "%s" {{ key }}; ps axww | grep -c "[s]3cr3t" || true',
        parameters=[{"name": "key", "type": "secret", "required": True}],
    )
    for given in ({"secret": "api-key"}, "another-s3cr3t-value"):
        run = product.result(name, {"key": given})
        assert run["state"] == "succeeded", run["reason_text"]
        shown = product.output(run["id"]).decode()
        assert "s3cr3t" not in shown + json.dumps(run)
        assert "••••••" in shown
        assert shown.endswith("0\n"), "the value stands in a process list"
    assert "s3cr3t" not in product.logs()


def test_the_same_idempotency_key_is_the_same_run(product: Product, ledger: Ledger) -> None:
    name = action(product, "once", ledger.entry())
    path, key = f"/api/v1/actions/{name}/runs", {"Idempotency-Key": f"key-{product.form}"}
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: product.http.post(path, json={"parameters": {}}, headers=key), range(10)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    product.ended(answers[0].json()["id"])
    assert len(ledger.lines) == 1
    other = product.http.post(path, json={"parameters": {}, "note": "another request"}, headers=key)
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"


def test_a_stream_that_is_cut_goes_on_without_a_lost_or_repeated_line(product: Product) -> None:
    count = 400
    script = f"i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo line $i; [ $((i % 40)) -eq 0 ] && sleep 0.05; done"
    run_id = product.run(action(product, "talkative", script + "; true"))["id"]
    seen, last, ended = [], None, False
    while not ended:
        with closing(product.events(run_id, after=last)) as events:
            for event_id, event, data in islice(events, 3):  # then the connection is cut
                assert event_id
                last = event_id
                seen.append((event_id, event, data))
                ended = event == "end"
    text = "".join(data["text"] for _, event, data in seen if event == "output")
    assert text.splitlines() == [f"line {number}" for number in range(1, count + 1)]
    assert [id_ for id_, count in Counter(id_ for id_, _, _ in seen).items() if count > 1] == [], seen
    assert [event for _, event, _ in seen].count("end") == 1


def test_every_catalog_tells_the_same_story(product: Product) -> None:
    run = product.result(action(product, "story", "echo one", "echo two"))
    catalogs = [part for part in product.parts if part.name in {"catalog", "opsimate"}]
    whole = list(product.events(run["id"]))
    middle = whole[len(whole) // 2][0]
    for catalog in catalogs:
        other = Product(product.form, product.directory, product.parts, product.token, catalog, product.alerts)
        with other.http:
            assert list(other.events(run["id"])) == whole
            assert list(other.events(run["id"], after=middle)) == whole[len(whole) // 2 + 1 :]


def test_output_beyond_the_limit_is_counted_and_the_command_goes_on(product: Product) -> None:
    run = product.result(action(product, "flood", "head -c 12000000 /dev/zero | tr '\\0' x; exit 5"))
    assert run["steps"][0]["attempts"][0]["exit_status"] == 5
    assert run["steps"][0]["attempts"][0]["output_bytes"] == 12_000_000
    output = product.output(run["id"])
    assert output.startswith(b"x" * 10_485_760)
    assert b"left out" in output[10_485_760:]


def test_lines_of_the_output_are_found_and_all_of_it_is_downloaded(product: Product) -> None:
    run = product.result(action(product, "long", "seq 1 30000 | sed 's/$/ of many/'", "echo THE END of it"))
    path = f"/api/v1/runs/{run['id']}/output"

    def found(**query: str | int) -> list[tuple[str, int, str]]:
        lines, cursor = [], None
        while True:
            page = product.http.get(f"{path}/search", params={**query, **({"cursor": cursor} if cursor else {})}).json()
            lines += [(one["step"], one["line"], one["text"]) for one in page["items"]]
            if (cursor := page["next"]) is None:
                return lines

    first, second = [step["name"] for step in run["steps"]]
    assert found(text="the end") == [(second, 1, "THE END of it")]
    assert found(regex="^(9|29999) of", limit=1) == [(first, 9, "9 of many"), (first, 29999, "29999 of many")]
    assert found(regex="^29999 of", step=second) == []
    answer = product.http.get(path, headers={"Accept": "application/x-ndjson"})
    items = [json.loads(line) for line in answer.text.splitlines()]
    assert "".join(item["text"] for item in items).encode() == product.output(run["id"])
    assert len(items) > 2


def test_viewers_who_leave_while_output_flows_are_no_failure(product: Product) -> None:
    run_id = product.run(action(product, "watched", "seq 200000 | sed 's/$/ of many lines/'"))["id"]
    product.ended(run_id)

    def look_and_leave(_: int) -> None:
        with httpx.stream("GET", f"{product.url}/api/v1/runs/{run_id}/events", headers=product.http.headers) as answer:
            next(line for line in answer.iter_lines() if line == "event: output")

    with concurrent.futures.ThreadPoolExecutor(4) as viewers:
        list(viewers.map(look_and_leave, range(60)))
    assert "http.failed" not in product.logs()
    assert "Traceback" not in product.logs()


def test_bytes_that_are_no_text_stay_as_they_are(product: Product) -> None:
    run = product.result(action(product, "binary", r"printf '\377\000\376ok\n'"))
    assert product.output(run["id"]) == b"\xff\x00\xfeok\n"
    items = product.http.get(f"/api/v1/runs/{run['id']}/output").json()["items"]
    assert "".join(item["text"] for item in items) == "\ufffd\x00\ufffdok\n"


def test_a_provider_test_connects_and_says_what_it_found(product: Product, sshd: SshServer) -> None:
    report = product.http.post("/api/v1/providers/web-1/test").json()
    assert report["ok"], report
    assert report["host_key"] == sshd.host_key_fingerprint
    assert report["latency_ms"] > 0


def test_an_unreachable_provider_says_what_is_wrong(product: Product, sshd: SshServer) -> None:
    ssh = {"host": "127.0.0.1", "port": 1, "user": sshd.user, "private_key": {"secret": "web-1-key"}}
    product.put("providers", {"name": "nowhere", "connection": {"ssh": ssh}})
    report = product.http.post("/api/v1/providers/nowhere/test").json()
    assert (report["ok"], report["reason"]) == (False, "refused")
    run = product.result(action(product, "to-nowhere", {"command": "true", "provider": "nowhere"}))
    assert (run["state"], run["reason"]) == ("failed", "unreachable")


def test_a_changed_host_key_refuses_and_shows_both(product: Product, own_sshd: object) -> None:
    server: SshServer = own_sshd()  # type: ignore[operator]
    name = f"changing-{product.form}"
    product.put("secrets", {"name": f"{name}-key", "value": server.private_key})
    ssh = {"host": server.host, "port": server.port, "user": server.user, "private_key": {"secret": f"{name}-key"}}
    product.put("providers", {"name": name, "connection": {"ssh": ssh}})
    before = server.host_key_fingerprint
    run_it = action(product, "on-changing", {"command": "true", "provider": name})
    assert product.result(run_it)["state"] == "succeeded"
    server.rotate_host_key()
    run = product.result(run_it)
    assert (run["state"], run["reason"]) == ("failed", "host_key_changed")
    assert before in run["reason_text"]
    assert server.host_key_fingerprint in run["reason_text"]


def test_a_provider_made_anew_trusts_nothing_that_the_old_one_knew(product: Product, own_sshd: object) -> None:
    server: SshServer = own_sshd()  # type: ignore[operator]
    name = f"anew-{product.form}"
    product.put("secrets", {"name": f"{name}-key", "value": server.private_key})
    ssh = {"host": server.host, "port": server.port, "user": server.user, "private_key": {"secret": f"{name}-key"}}
    for _ in range(2):  # the second time while the connection of the first is still there
        product.put("providers", {"name": name, "connection": {"ssh": ssh}})
        run_it = action(product, "on-anew", {"command": "true", "provider": name})
        assert product.result(run_it)["state"] == "succeeded"
        status = product.http.get(f"/api/v1/providers/{name}").json()["status"]
        assert status["host_key"] == server.host_key_fingerprint
        assert product.http.delete(f"/api/v1/actions/{run_it}").status_code == 204
        assert product.http.delete(f"/api/v1/providers/{name}").status_code == 204


def test_history_is_listed_newest_first_and_filtered(product: Product) -> None:
    name = action(product, f"listed-{product.form}", "true")
    ids = [product.run(name)["id"] for _ in range(5)]
    for run_id in ids:
        product.ended(run_id)
    first = product.http.get("/api/v1/runs", params={"action": name, "limit": 3}).json()
    rest = product.http.get("/api/v1/runs", params={"action": name, "limit": 3, "cursor": first["next"]}).json()
    assert [run["id"] for run in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    assert product.http.get("/api/v1/runs", params={"state": "nonsense"}).status_code == 422
    failing = action(product, f"filtered-{product.form}", "exit 3", parameters=[{"name": "what", "default": "zyx-7"}])
    failed = product.result(failing)
    both = {"text": "zyx-7", "action": failing}
    by_each: list[dict[str, str]] = [
        {"state": "failed"},
        {"trigger": failed["trigger"]["kind"]},
        {"by": "admin"},
        {"provider": "web-1"},
        {"since": failed["created_at"], "until": failed["created_at"]},
        {"text": "ZYX-7 filtered"},
    ]
    for one in by_each:
        found = product.http.get("/api/v1/runs", params={**both, **one}).raise_for_status().json()["items"]
        assert [run["id"] for run in found] == [failed["id"]], one
    by_none: list[dict[str, str]] = [
        {"state": "succeeded"},
        {"trigger": "schedule"},
        {"by": "nobody"},
        {"provider": "web-2"},
        {"until": "2026-01-01T00:00:00Z"},
        {"text": "zyx-8"},
    ]
    for one in by_none:
        assert product.http.get("/api/v1/runs", params={**both, **one}).json()["items"] == [], one
