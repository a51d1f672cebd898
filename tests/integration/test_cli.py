"""`opsimate up` and the command line as people use them: real processes, a provider of kind local.

Where neither loading the program nor a terminal matters, they are forked from one that has loaded it.
"""

import hmac
import json
import os
import pty
import re
import select
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh
import click
import httpx
import pytest

from opsimate.cli import opsimate
from tests import forked
from tests.builders import AS_SSH_KEYGEN
from tests.product import BIN, eventually
from tests.servers.sshd import SshServer

OPSIMATE = str(BIN / "opsimate")

ACTIONS = """\
kind: provider
name: here
connection: {local: {}}
---
kind: action
name: greet
title: Greet somebody
parameters:
  - {name: who, type: string, default: world}
  - {name: times, type: integer, minimum: 1, default: 1}
steps:
  - name: hello
    provider: here
    command: for i in $(seq {{ times }}); do echo "hello {{ who }}"; done
  - name: colours
    provider: here
    command: printf '\\033[32mgreen\\033[0m \\033]0;title\\007\\033[2Jplain\\n'; echo "to stderr" >&2
---
kind: action
name: fails
steps:
  - {name: only, provider: here, command: "echo before; exit 7"}
---
kind: action
name: waits
parameters:
  - {name: file, required: true}
steps:
  - name: only
    provider: here
    command: echo begun; for turn in $(seq 1200); do [ -e {{ file }} ] && break; sleep 0.05; done; echo done
---
kind: action
name: logs-in
parameters:
  - {name: token, type: secret, required: true}
steps:
  - {name: only, provider: here, command: "printf %s {{ token }} | wc -c"}
---
kind: alert_rule
name: greets
match: {labels: {alertname: Hello}}
responses:
  - {action: greet, parameters: {who: "{{ alert.labels.instance }}"}}
"""


class Installation:
    """A directory that `opsimate up` is started in, and a command line that finds it as a user's does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "log"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "HOME": str(directory),
            "OPSIMATE_LEASE": "2s",
            "PYTHONUNBUFFERED": "1",
        }
        self.process: subprocess.Popen[bytes] | forked.Program | None = None
        self.is_forked = forked.IS_POSSIBLE

    def as_typed(self) -> "Installation":
        """The same, whose programs are started as a shell does: they load what they need."""
        self.is_forked = False
        return self

    def start(self, *arguments: str) -> str:
        """Start it and wait until it is ready; what it printed."""
        self.log.unlink(missing_ok=True)
        command = [OPSIMATE, "up", "--data", str(self.data), *(arguments or ("--port", "0"))]
        with self.log.open("wb") as log, Path(os.devnull).open("rb") as nothing:
            if self.is_forked:
                self.process = forked.start(
                    command,
                    environment=self.environment,
                    stdin=nothing,
                    stdout=log,
                    stderr=log,
                    directory=self.directory,
                )
            else:
                self.process = subprocess.Popen(
                    command, stdin=nothing, stdout=log, stderr=log, env=self.environment, cwd=self.directory
                )
        return str(eventually(self._banner, what="opsimate up is ready"))

    def _banner(self) -> str | None:
        assert self.process is not None
        text = self.log.read_text()
        assert self.process.poll() is None, text
        return text if "run ACTION --follow" in text else None

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it with a signal; its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGKILL)

    def typed(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """What a command does."""
        command, environment = [OPSIMATE, *arguments], {**self.environment, **variables}
        if self.is_forked:
            return forked.run(command, environment=environment, directory=self.directory, stdin=stdin, timeout=120)
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=environment,
            cwd=self.directory,
        )

    def told(self, *arguments: str, **more: str) -> Any:
        """The JSON that a command prints."""
        done = self.typed(*arguments, "-o", "json", **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def following(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A command that goes on in the background, its output in pipes."""
        command = [OPSIMATE, *arguments]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=self.environment, cwd=self.directory) as process:
            try:
                yield process
            finally:
                process.kill()


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    """The first line of what a command prints."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """An installation of the test's own, not started."""
    with closing(Installation(tmp_path)) as installation:
        yield installation


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that tests share, with the actions above in it."""
    with closing(Installation(tmp_path_factory.mktemp("opsimate"))) as installation:
        installation.as_typed().start()
        installation.is_forked = forked.IS_POSSIBLE
        (installation.directory / "actions.yaml").write_text(ACTIONS)
        done = installation.typed("apply", "-f", "actions.yaml")
        assert done.returncode == 0, done.stderr
        yield installation


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_private_keys_and_names_the_file_of_the_token(fresh: Installation) -> None:
    banner = fresh.as_typed().start()
    token = (fresh.data / "admin-token").read_text().strip()
    assert token not in banner, "this is no terminal, but may be a journal that others read"
    assert re.search(rf"Token +in {re.escape(str(fresh.data))}/admin-token", banner)
    assert re.search(r"API +http://127\.0\.0\.1:\d+/api/v1", banner)
    assert re.search(r"Documentation +http://127\.0\.0\.1:\d+/docs", banner)
    assert mode(fresh.data) == 0o700
    for file in (fresh.data / "admin-token", fresh.data / "master.key", fresh.data / "opsimate.db"):
        assert mode(file) == 0o600, file
    assert mode(fresh.directory / ".config/opsimate/credentials.json") == 0o600
    assert fresh.stop() == 0
    assert "Stopped. Everything is kept in" in fresh.log.read_text()
    assert token not in fresh.start()
    assert fresh.told("providers", "list")["items"] == []


def test_an_empty_list_says_on_stderr_what_to_do_next(fresh: Installation) -> None:
    fresh.start()
    for typed, next_step in (
        ("runs list", "opsimate run ACTION"),
        ("runs list --state failed", "opsimate runs list"),
        ("providers list", "opsimate providers add"),
        ("actions list", "opsimate apply -f"),
    ):
        done = fresh.typed(*typed.split())
        assert (done.returncode, done.stdout) == (0, "")
        assert next_step in done.stderr
        assert done.stderr.count("\n") == 1


@contextmanager
def started_on_a_terminal(installation: Installation) -> Iterator[str]:
    """What the terminal shows of the start, while the product runs; its log goes elsewhere."""
    controller, terminal = pty.openpty()
    command = [OPSIMATE, "up", "--data", str(installation.data), "--port", "0"]
    with installation.log.open("wb") as log:
        installation.process = subprocess.Popen(command, stdout=terminal, stderr=log, env=installation.environment)
    os.close(terminal)
    shown = b""
    while b"run ACTION --follow" not in shown:
        shown += os.read(controller, 10_000)
    yield shown.decode()
    assert installation.stop() == 0
    os.close(controller)


def test_the_first_token_is_shown_once_on_a_terminal(fresh: Installation) -> None:
    for times in (1, 0):
        with started_on_a_terminal(fresh) as shown:
            token = (fresh.data / "admin-token").read_text().strip()
            assert shown.count(token) == times
        assert token not in fresh.log.read_text()


@pytest.fixture
def with_console(fresh: Installation) -> Installation:
    """The same with a package that has pages: two functions stand in for it."""
    package = fresh.directory / "packages" / "console"
    package.mkdir(parents=True)
    functions = "def pages_directory(): return None\ndef build_note(): return 'The pages are being built.'\n"
    (package / "__init__.py").write_text(functions)
    fresh.environment["PYTHONPATH"] = str(package.parent)
    return fresh.as_typed()


def signed_in(url: str, link: str) -> httpx.Response:
    """What signing in with a link answers."""
    return httpx.post(f"{url}/api/v1/session", json={"link": link.partition("#link=")[2]})


def test_on_a_terminal_the_start_shows_a_link_that_signs_in_once(with_console: Installation) -> None:
    with started_on_a_terminal(with_console) as shown:
        found = re.search(r"(http://127\.0\.0\.1:\d+)(/sign-in#link=[\w-]{43})\s", shown)
        assert found is not None, shown
        answer = signed_in(*found.groups())
        assert (answer.status_code, answer.json()["name"]) == (200, "admin")
        assert signed_in(*found.groups()).status_code == 401
    assert found[2].partition("=")[2] not in with_console.log.read_text()


def test_what_is_no_terminal_is_told_how_to_get_a_link(with_console: Installation) -> None:
    banner = with_console.start()
    url = re.search(r"Console +(http://127\.0\.0\.1:\d+), and signed in with: \S*opsimate console", banner)
    assert url is not None, banner
    assert "link=" not in banner
    page = httpx.get(f"{url[1]}/actions")
    assert (page.status_code, "The pages are being built." in page.text) == (503, True)
    done = with_console.typed("console")
    assert (done.returncode, done.stderr) == (0, "It signs in once, within ten minutes:\n")
    link = done.stdout.strip()
    assert link.startswith(f"{url[1]}/sign-in#link=")
    assert signed_in(url[1], link).status_code == 200
    told = with_console.told("console")
    assert told.keys() == {"url", "link", "path", "expires_at"}
    assert told["url"] == url[1] + told["path"]
    assert signed_in(url[1], told["url"]).status_code == 200


def test_where_no_administrator_is_known_the_start_shows_no_link(with_console: Installation) -> None:
    banner = with_console.start()
    made = with_console.typed("tokens", "create", "ada", "--role", "administrator").stdout.strip()
    url = re.search(r"http://127\.0\.0\.1:\d+", banner)[0]  # type: ignore[index]
    with_console.environment |= {"OPSIMATE_TOKEN": made, "OPSIMATE_URL": url}
    assert with_console.typed("tokens", "delete", "admin").returncode == 0
    assert with_console.typed("console").stdout.startswith(f"{url}/sign-in#link=")
    assert with_console.stop() == 0
    with started_on_a_terminal(with_console) as shown:
        assert "link=" not in shown
        assert re.search(r"Console +http://127\.0\.0\.1:\d+, and signed in with: ", shown)


def test_a_file_for_the_first_token_that_is_missing_is_written(fresh: Installation) -> None:
    file = fresh.directory / "token"
    fresh.environment["OPSIMATE_ADMIN_TOKEN_FILE"] = str(file)
    fresh.start()
    assert mode(file) == 0o600
    assert fresh.told("tokens", "list")["items"][0]["role"] == "administrator"
    fresh.stop()
    done = fresh.typed("up", "--data", str(fresh.data / "other"), "--port", "0", OPSIMATE_ADMIN_TOKEN_FILE="/proc/no")
    assert done.returncode == 2
    assert "OPSIMATE_ADMIN_TOKEN_FILE" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_termination_ends_it_as_cleanly_as_ctrl_c(fresh: Installation) -> None:
    fresh.as_typed().start()
    assert fresh.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("apart", [0.0, 0.05, 0.15])
def test_two_at_once_end_it_as_cleanly_as_one(fresh: Installation, apart: float) -> None:
    fresh.start()
    assert fresh.process is not None
    fresh.process.send_signal(signal.SIGINT)
    time.sleep(apart)
    assert fresh.stop() == 0
    said = fresh.log.read_text()
    assert ("Stopped." in said, "Traceback" in said, "CancelledError" in said) == (True, False, False), said


def test_the_administrators_token_may_be_put_away(fresh: Installation) -> None:
    fresh.start()
    fresh.stop()
    (fresh.data / "admin-token").unlink()
    fresh.start()
    assert fresh.told("providers", "list")["items"] == [], "the command line still has it"


def test_a_taken_port_is_told_before_anything_is_made(fresh: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = fresh.typed("up", "--data", str(fresh.data), "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"opsimate up --port {port + 1}" in done.stderr
    assert not fresh.data.exists()


def test_a_product_at_the_address_of_another_tells_how_to_go_back_to_that(fresh: Installation) -> None:
    port = str(re.search(r"http://127.0.0.1:(\d+)", fresh.start())[1])  # type: ignore[index]
    fresh.stop()
    first, fresh.data = fresh.data, fresh.directory / "other data"
    banner = fresh.start("--port", port)
    assert f"To go back, stop this one and start that: opsimate up --data {first}" in banner
    assert "export OPSIMATE_URL" not in banner


def test_the_way_to_a_second_product_is_told_as_the_first_was_started_and_leads_there(fresh: Installation) -> None:
    url = str(re.search(r"http://127.0.0.1:\d+", fresh.start())[0])  # type: ignore[index]
    port = url.rpartition(":")[2]
    by_make = fresh.typed("up", "--data", str(fresh.data), "--port", port, MAKELEVEL="1")
    told = re.search(r'make up ARGS="--port (\d+) --data (\S+)"', by_make.stderr)
    assert told, by_make.stderr
    held = fresh.typed("up", "--data", str(fresh.data), "--port", "0", MAKELEVEL="1")
    assert f'make up ARGS="--data {told[2]} --port 0"' in held.stderr
    second = Installation(fresh.directory)
    second.data = fresh.directory / told[2]
    second.log = fresh.directory / "second-log"
    try:
        banner = second.start()
        assert f"Until now the command line used {url}, with its data in {fresh.data}." in banner
        assert f"export OPSIMATE_URL={url} OPSIMATE_TOKEN_FILE={fresh.data / 'admin-token'}" in banner
        assert "providers add here --local" in banner
    finally:
        second.close()
    token_file = str(fresh.data / "admin-token")
    assert fresh.typed("runs", "list", OPSIMATE_URL=url, OPSIMATE_TOKEN_FILE=token_file).returncode == 0


def test_a_local_provider_is_suggested_at_the_first_start_only(fresh: Installation) -> None:
    assert "providers add here --local" in fresh.start()
    fresh.stop()
    assert "providers add here --local" not in fresh.start()


def test_a_stop_says_at_once_how_many_commands_it_waits_for(fresh: Installation) -> None:
    fresh.start()
    assert fresh.typed("providers", "add", "here", "--local").returncode == 0
    action = "kind: action\nname: naps\nsteps: [{name: only, provider: here, command: echo begun; sleep 60}]\n"
    assert fresh.typed("apply", "-f", "-", stdin=action).returncode == 0
    assert fresh.typed("run", "naps").returncode == 0
    eventually(lambda: "begun" in fresh.typed("runs", "output", "last").stdout, what="the command is under way")
    assert fresh.process is not None
    fresh.process.send_signal(signal.SIGINT)
    eventually(lambda: "1 command is under way" in fresh.log.read_text(), what="it is said what is waited for")
    fresh.stop()  # once more: it does not wait


def test_a_data_directory_has_one_process(fresh: Installation) -> None:
    fresh.start()
    done = fresh.typed("up", "--data", str(fresh.data), "--port", "0")
    assert done.returncode == 1
    assert f"{fresh.data} is used by another process" in done.stderr


def test_a_lost_master_key_is_not_replaced_by_a_new_one(fresh: Installation) -> None:
    fresh.start()
    fresh.stop()
    (fresh.data / "master.key").unlink()
    done = fresh.typed("up", "--data", str(fresh.data), "--port", "0")
    assert done.returncode == 1
    assert "master.key is missing" in done.stderr
    assert not (fresh.data / "master.key").exists()


def test_a_master_key_that_is_none_is_told_before_anything_is_made(fresh: Installation) -> None:
    (fresh.directory / "key").write_text("short")
    for variable, value, origin in (
        ("OPSIMATE_MASTER_KEY", "short", "OPSIMATE_MASTER_KEY: "),
        ("OPSIMATE_MASTER_KEY", "shört", "OPSIMATE_MASTER_KEY: "),
        ("OPSIMATE_MASTER_KEY_FILE", str(fresh.directory / "key"), f"{fresh.directory / 'key'}: "),
        ("OPSIMATE_MASTER_KEY_FILE", str(fresh.directory / "none"), "OPSIMATE_MASTER_KEY_FILE: "),
    ):
        done = fresh.typed("up", "--data", str(fresh.data), "--port", "0", **{variable: value})
        assert done.returncode == 2
        assert f"Error: {origin}" in done.stderr
        assert "short" not in done.stderr
        assert not fresh.data.exists()
    fresh.start()


def test_a_setting_that_cannot_be_stops_the_start(fresh: Installation) -> None:
    done = fresh.typed("up", "--data", str(fresh.data), "--port", "0", OPSIMATE_CONCURRENCY="many")
    assert done.returncode == 2
    assert "OPSIMATE_CONCURRENCY has a value that cannot be; allowed:" in done.stderr


def test_an_address_that_others_reach_is_warned_of(fresh: Installation) -> None:
    fresh.start("--host", "0.0.0.0", "--port", "0")
    assert "can be reached from other machines" in eventually(
        lambda: "Warning" in fresh.log.read_text() and fresh.log.read_text()
    )
    assert fresh.typed("doctor").returncode == 0, "the command line reaches it over the loopback"


def test_settings_of_the_environment_hold_and_options_go_before_them(fresh: Installation) -> None:
    fresh.environment["OPSIMATE_LISTEN"] = "127.0.0.2:0"
    fresh.environment["OPSIMATE_ALLOW_LOCAL"] = "false"
    assert "http://127.0.0.2:" in fresh.start("--port", "0")
    done = fresh.typed("providers", "add", "here", "--local")
    assert done.returncode == 1
    assert "OPSIMATE_ALLOW_LOCAL" in done.stderr
    fresh.stop()
    assert "http://127.0.0.1:" in fresh.start("--host", "127.0.0.1")


def test_runs_outlive_a_kill_and_a_follower_sees_each_line_once(fresh: Installation) -> None:
    fresh.start()
    port = json.loads((fresh.directory / ".config/opsimate/credentials.json").read_text())["url"].rpartition(":")[2]
    assert fresh.typed("apply", "-f", "-", stdin=ACTIONS).returncode == 0
    before = fresh.told("run", "greet")["id"]
    with fresh.following("run", "waits", "-p", "file=/nowhere/at/all", "--follow") as follower:
        assert first_line(follower) == b"begun\n"
        fresh.stop(signal.SIGKILL)
        fresh.start("--port", port)
        rest, told = follower.communicate(timeout=60)
    assert (follower.returncode, rest) == (4, b""), told
    assert b"Trying again" in told
    assert b"Connected again" in told
    assert fresh.told("runs", "show", before)["id"] == before


def test_a_run_is_followed_to_its_end(running: Installation) -> None:
    done = running.typed("run", "greet", "-p", "who=web-1", "-p", "times=3", "--note", "a test", "--follow")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("hello web-1\n" * 3)
    assert done.stdout.endswith("to stderr\n")
    assert "hello: succeeded on here" in done.stderr
    assert " succeeded after " in done.stderr


def test_a_run_is_shown_and_its_output_kept_as_it_was(running: Installation) -> None:
    run = running.told("run", "greet", "--follow", "--note", "see me")
    assert run["state"] == "succeeded"
    listed = running.told("runs", "list", "--action", "greet", "--state", "succeeded", "--since", "1h")
    assert run["id"] in {item["id"] for item in listed["items"]}
    shown = running.typed("runs", "show", run["id"])
    for text in (run["id"], "greet, version 1", "succeeded", "see me", "who = world", "hello", "exit status 0"):
        assert text in shown.stdout
    output = running.typed("runs", "output", run["id"], "--step", "colours")
    assert "\x1b[32mgreen\x1b[0m \x1b]0;title\x07\x1b[2Jplain\n" in output.stdout
    assert "hello" not in output.stdout
    nothing = running.typed("runs", "output", "last", "--step", "colours", "--attempt", "9")
    told = "Nothing was printed so far. How it went: opsimate runs explain last\n"
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", told)
    items = running.told("runs", "output", run["id"])["items"]
    assert {item["stream"] for item in items} == {"stdout", "stderr"}
    lines = running.typed("runs", "output", run["id"], "--json-lines").stdout.splitlines()
    assert [json.loads(line) for line in lines] == items


def test_lines_of_an_output_are_found(running: Installation) -> None:
    run = running.told("run", "greet", "-p", "times=2", "--follow")
    found = running.typed("runs", "output", "last", "--search", "HELLO")
    assert (found.returncode, found.stdout) == (0, "hello here 1: hello world\nhello here 2: hello world\n"), (
        found.stderr
    )
    items = running.told("runs", "output", run["id"], "--regex", "^hello w", "--step", "hello")["items"]
    assert [(item["line"], item["text"]) for item in items] == [(1, "hello world"), (2, "hello world")]
    nothing = running.typed("runs", "output", "last", "--search", "nowhere")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "No line of the output is such a one.\n")
    both = running.typed("runs", "output", "last", "--search", "a", "--regex", "(")
    assert (both.returncode, "give a text or a regex, and not both" in both.stderr) == (1, True)


def test_statistics_say_what_became_of_runs(running: Installation) -> None:
    running.told("run", "greet", "--follow")
    running.typed("run", "fails", "--follow")
    eventually(lambda: running.told("stats", "--action", "fails")["outcomes"].get("failed", 0) > 0)

    def told() -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Both tables, once no run was counted between them."""
        found = running.told("stats", "--action", "greet")
        by_day = running.told("stats", "--action", "greet", "--since", "2d", "--by-day")["days"]
        return (found, by_day) if found["runs"] and found["runs"] == by_day[-1]["runs"] else None

    found, by_day = eventually(told, what="runs are counted")
    assert set(found["outcomes"]) == {"succeeded"}
    assert found["success_rate"] == 1.0
    assert found["duration"]["p50"] <= found["duration"]["p95"]
    assert [day["runs"] for day in by_day] == [0, 0, found["runs"]]

    def shown() -> str | None:
        """The table of days, once no run was counted between two of it."""
        ways = (("--action", "greet", "--by-day"), ("greet", "--by", "day"))
        first, second = (running.typed("stats", *way).stdout for way in ways)
        return first if first == second else None

    table = eventually(shown, what="both ways to ask lead to the same")
    assert re.search(r" \d+ succeeded +100\.0%", table), table
    assert "100.0%" in running.typed("stats", "greet").stdout
    nothing = running.typed("stats", "--until", "2020-01-31", "--by-day")
    assert (nothing.stdout, nothing.stderr) == ("", "No run ended in this time.\n")
    wrong = running.typed("stats", "--since", "yesterday")
    assert wrong.returncode == 2


def test_the_example_of_conditions_runs_as_the_documents_say_and_explains_itself(running: Installation) -> None:
    text = (Path(__file__).parents[2] / "docs" / "conditions.md").read_text()
    (running.directory / "renew.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    assert running.typed("apply", "-f", "renew.yaml").returncode == 0
    followed = running.typed("run", "renew-certificate", "--follow")
    assert followed.returncode == 0, followed.stderr
    assert "nothing was renewed" in followed.stdout
    explained = running.typed("runs", "explain", "last").stdout.splitlines()
    assert "asked for it on" in explained[0]
    assert explained[1].startswith("Its condition held, and it started on")
    assert "Step 'renew' was not run: its condition does not hold: steps.probe.exit_status == 0." in explained
    assert explained[-1].startswith("It ended as succeeded on")
    assert running.told("runs", "explain", "last")["waiting_for"] is None
    shown = " ".join(running.typed("runs", "show", "last").stdout.split())
    assert "not run: its condition does not hold: steps.probe.exit_status == 0" in shown


def test_the_exit_status_of_a_follower_says_how_the_run_ended(running: Installation) -> None:
    failed = running.typed("run", "fails", "--follow")
    assert (failed.returncode, failed.stdout) == (1, "before\n")
    assert "7" in failed.stderr
    with running.following("run", "waits", "-p", "file=/nowhere/at/all", "--follow") as follower:
        assert first_line(follower) == b"begun\n"
        (waiting,) = running.told("runs", "list", "--action", "waits", "--state", "running")["items"]
        assert running.typed("runs", "cancel", waiting["id"], "--reason", "enough").returncode == 0
        follower.communicate(timeout=60)
        assert follower.returncode == 3
    assert running.typed("runs", "follow", waiting["id"]).returncode == 3
    ended = running.told("run", "greet", "--follow")
    assert running.typed("runs", "cancel", ended["id"]).returncode == 1


def test_a_run_is_paused_and_goes_on_and_one_for_later_waits(running: Installation, tmp_path: Path) -> None:
    waiting = running.told("run", "waits", "-p", f"file={tmp_path / 'go'}")
    paused = running.typed("runs", "pause", waiting["id"], "--comment", "a moment")
    assert (paused.returncode, "runs resume" in paused.stdout) == (0, True)
    assert running.told("runs", "pause", waiting["id"])["paused"]["comment"] == "a moment"
    assert "goes on" in running.typed("runs", "resume", waiting["id"]).stdout
    (tmp_path / "go").touch()
    assert running.typed("runs", "follow", waiting["id"]).returncode == 0
    assert running.typed("runs", "pause", waiting["id"]).returncode == 1
    followed = running.typed("runs", "follow", waiting["id"]).stderr
    said = [line for line in followed.splitlines() if " by " in line]
    assert re.fullmatch(r"--- paused by (\S+): a moment\n--- resumed by \1", "\n".join(said))
    delayed = running.typed("run", "fails", "--not-before", "3h")
    assert re.search(r" of fails is delayed until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\.\n", delayed.stdout)
    assert running.typed("runs", "cancel", "last").returncode == 0
    later = running.told("run", "fails", "--not-before", "2h")
    assert (later["state"], later["not_before"] > later["created_at"]) == ("delayed", True)
    assert running.told("runs", "list", "--state", "delayed")["items"][0]["id"] == later["id"]
    assert running.typed("runs", "cancel", later["id"]).returncode == 0
    assert running.typed("runs", "follow", later["id"]).returncode == 3
    assert running.typed("run", "greet", "--not-before", "soon").returncode == 2


def test_ctrl_c_stops_following_and_leaves_the_run_alone(running: Installation, tmp_path: Path) -> None:
    with running.following("run", "waits", "-p", f"file={tmp_path / 'go'}", "--follow") as follower:
        assert first_line(follower) == b"begun\n"
        follower.send_signal(signal.SIGINT)
        _, told = follower.communicate(timeout=60)
        assert follower.returncode == 130
    again = re.search(rb"opsimate (runs follow \S+)", told)
    assert again is not None, told
    assert again.group(1).replace(b"follow", b"cancel") in told
    (tmp_path / "go").touch()
    done = running.typed(*again.group(1).decode().split())
    assert (done.returncode, done.stdout) == (0, "begun\ndone\n")


def test_on_a_terminal_there_are_a_bar_and_colours_and_nothing_steers_it(running: Installation) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [OPSIMATE, "run", "greet", "--follow"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**running.environment, "TERM": "xterm-256color", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            seen += os.read(ours, 65_536)
        except OSError:  # how a terminal says that nobody writes any more
            break
    os.close(ours)
    assert process.wait(30) == 0
    text = seen.decode()
    assert "\x1b[32mgreen\x1b[0m plain" in text
    assert "\x1b]" not in text
    assert "2/2 done" in text
    assert "hello world" in text


def test_a_plan_is_shown_and_carried_out_by_its_digest(running: Installation) -> None:
    done = running.typed("plan", "greet", "-p", "who=Ada", "--check-reachable")
    assert (done.returncode, "greet, version" in done.stdout) == (0, True)
    assert '1. hello on here: is the first step\n   $ for i in $(seq 1); do echo "hello Ada"; done' in done.stdout
    assert "   reachable\n" in done.stdout
    digest = running.told("plan", "greet", "-p", "who=Ada")["digest"]
    assert digest in done.stderr
    assert running.told("run", "greet", "-p", "who=Ada", "--plan-digest", digest)["plan_digest"] == digest
    stale = running.typed("run", "greet", "-p", "who=Bob", "--plan-digest", digest)
    assert (stale.returncode, "the plan does not hold any more" in stale.stderr) == (1, True)
    missing = running.typed("plan", "waits")
    assert (missing.returncode, "give it with -p file=" in missing.stderr) == (1, True)


def test_an_action_that_asks_for_a_confirmation_is_run_only_with_one(running: Installation) -> None:
    text = "kind: action\nname: wipes\nconfirm: type_name\nsteps: [{name: only, provider: here, command: echo wiped}]\n"
    (running.directory / "wipes.yaml").write_text(text)
    assert running.typed("apply", "-f", "wipes.yaml").returncode == 0
    alone = running.typed("run", "wipes")
    assert (alone.returncode, "add --yes" in alone.stderr) == (2, True)
    assert running.typed("run", "wipes", "--yes").returncode == 0
    assert _answered(running, "wipe", "\x03", "run", "wipes") != 0
    assert _answered(running, "wipes", "", "run", "wipes", "--follow") == 0
    newest = running.told("runs", "list", "--action", "wipes")["items"]
    assert [bool(run["plan_digest"]) for run in newest] == [True, False]


def _answered(installation: Installation, answer: str, then: str, *arguments: str) -> int:
    """The exit status of a command that asks on a terminal, and is answered there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [OPSIMATE, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=installation.environment
    )
    os.close(theirs)
    seen = b""
    while b"Ctrl-C to leave it" not in seen and select.select([ours], [], [], 30)[0]:
        seen += os.read(ours, 65_536)
    assert b"to run this, or press Ctrl-C to leave it" in seen
    os.write(ours, f"{answer}\n".encode())
    if then:
        while b"Error" not in seen and select.select([ours], [], [], 30)[0]:
            seen += os.read(ours, 65_536)
        _interrupted(process)
    status = process.wait(30)
    os.close(ours)
    return status


def _interrupted(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C until it has ended, ten times at most: one that comes after the last instruction of Python before a
    line is read, and before the system waits for a key, is seen with the next one.
    """
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
            return


def test_a_run_is_done_again(running: Installation) -> None:
    first = running.told("run", "greet", "-p", "who=Eve")
    running.typed("runs", "follow", first["id"])
    done = running.typed("runs", "rerun", first["id"], "-p", "times=2", "--follow")
    assert (done.returncode, done.stdout.count("hello Eve")) == (0, 2)
    assert f"does {first['id']} again" in running.typed("runs", "show", "last").stdout
    none = running.typed("runs", "rerun", first["id"], "--from-failed")
    assert (none.returncode, "nothing of the run" in none.stderr) == (1, True)


def test_the_same_idempotency_key_finds_the_same_run(running: Installation) -> None:
    first, second = (running.told("run", "greet", "--idempotency-key", "once")["id"] for _ in range(2))
    assert first == second


def test_wrong_parameters_are_told_by_field(running: Installation) -> None:
    done = running.typed("run", "greet", "-p", "times=many", "-p", "whom=x")
    assert done.returncode == 1
    assert "parameters.times" in done.stderr
    assert "parameters.whom" in done.stderr


def test_applying_again_changes_nothing(running: Installation) -> None:
    changes = running.told("apply", "-f", "actions.yaml")["items"]
    assert {one["change"] for one in changes} == {"unchanged"}
    assert len(changes) == ACTIONS.count("kind:")


def test_what_the_api_refuses_is_told_with_file_and_line(running: Installation) -> None:
    wrong = ACTIONS.rpartition("---\n")[2].replace("name: greets", "name: greets-wrong").replace("{who:", "{whom:")
    path = running.directory / "wrong.yaml"
    path.write_text("kind: secret\nname: never-made\nvalue: x\n---\n" + wrong)
    done = running.typed("apply", "-f", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path}:9: responses.0.parameters.whom: " in done.stderr
    assert "did you mean 'who'?" in done.stderr
    assert "Nothing was applied." in done.stderr
    assert "never-made" not in {item["name"] for item in running.told("secrets", "list")["items"]}


def test_files_that_are_wrong_leave_everything_as_it_was(running: Installation) -> None:
    path = running.directory / "half.yaml"
    path.write_text("kind: secret\nname: never-made\nvalue: x\n---\nkind: action\nname: [broken\n")
    done = running.typed("apply", "-f", str(path))
    assert done.returncode == 1
    assert f"{path}:" in done.stderr
    assert "never-made" not in {item["name"] for item in running.told("secrets", "list")["items"]}


def test_what_names_something_that_is_not_there_keeps_back_everything(running: Installation) -> None:
    path = running.directory / "names.yaml"
    path.write_text(
        "kind: secret\nname: never-made\nvalue: x\n---\n"
        "kind: provider\nname: behind-it\nconnection:\n"
        "  ssh: {host: a, user: b, password: {secret: plugh}, jump: xyzzy}\n---\n"
        "kind: action\nname: lost\nparameters:\n"
        "  - {name: host, type: provider, default: heer}\n"
        "steps:\n"
        "  - {name: one, provider: behind-it, command: x}\n"
        "  - {name: two, provider: here, command: x}\n"
        '  - {name: three, provider: "{{ host }}", command: x}\n'
        "  - {name: four, provider: .., command: x}\n---\n"
        "kind: alert_rule\nname: lost\nmatch: {labels: {}}\nresponses:\n"
        "  - {action: lost}\n  - {action: grete}\n"
    )
    done = running.typed("apply", "-f", str(path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        (
            f"Error: {path}:8: connection.ssh.password.secret: there is no secret 'plugh'; "
            "make it with: opsimate secrets set plugh"
        ),
        f"{path}:8: connection.ssh.jump: there is no provider 'xyzzy'; make it with: opsimate providers add xyzzy",
        f"{path}:13: parameters.0.default: there is no provider 'heer'; did you mean 'here'?",
        f"{path}:18: steps.3.provider: there is no provider '..'",
        f"{path}:25: responses.1.action: there is no action 'grete'; did you mean 'greet'?",
        "Nothing was applied.",
    ]
    assert "never-made" not in {item["name"] for item in running.told("secrets", "list")["items"]}


def test_definitions_are_listed_shown_and_deleted(running: Installation) -> None:
    for noun, name in (("providers", "here"), ("actions", "greet"), ("alert-rules", "greets")):
        assert name in running.typed(noun, "list").stdout
        assert name in {item["name"] for item in running.told(noun, "list")["items"]}
        assert running.told(noun, "show", name)["version"] == 1
    shown = running.typed("actions", "show", "fails").stdout
    again = running.typed("apply", "-f", "-", stdin=shown)
    assert again.stdout == "= action fails unchanged\n", (shown, again.stderr)
    as_json = json.dumps(running.told("providers", "show", "here"))
    assert running.typed("apply", "-f", "-", stdin=as_json).stdout == "= provider here unchanged\n"
    refused = running.typed("providers", "delete", "here")
    assert refused.returncode == 1
    assert "greet" in refused.stderr
    running.typed("apply", "-f", "-", stdin="kind: provider\nname: spare\nconnection: {local: {}}\n")
    assert running.typed("providers", "remove", "spare").returncode == 0
    assert running.typed("providers", "show", "spare").returncode == 1


def test_actions_are_listed_by_what_matters_and_marked(running: Installation) -> None:
    running.typed("run", "fails", "--follow")
    failed = eventually(
        lambda: running.told("actions", "list", "--last-outcome", "failed")["items"], what="it is known"
    )
    assert [item["name"] for item in failed] == ["fails"]
    shown = running.typed("actions", "list", "--text", "FAILS", "--sort", "-last_run").stdout
    assert "failed 20" in shown
    assert "greet" not in shown
    nothing = running.typed("actions", "list", "--category", "Security")
    assert nothing.stderr == "No action matches. See all of them with: opsimate actions list\n"
    counted = {item["name"]: item["count"] for item in running.told("actions", "categories")["items"]}
    assert (counted["Security"], counted["Custom"] > 1) == (0, True)
    assert "You have no favourite yet" in running.typed("favourites", "list").stderr
    added = running.typed("favourites", "add", "fails")
    assert added.stdout == "The action 'fails' is among your favourites.\n"
    assert [item["action"] for item in running.told("favourites", "list")["items"]] == ["fails"]
    assert "failed" in running.typed("favourites", "list").stdout
    assert [item["name"] for item in running.told("actions", "list", "--favourite")["items"]] == ["fails"]
    removed = running.typed("favourites", "remove", "fails")
    assert removed.stdout == "The action 'fails' is removed from your favourites.\n"
    again = running.typed("favourites", "remove", "fails")
    assert (again.returncode, again.stderr.splitlines()[0]) == (
        1,
        "Error: There was no action 'fails' among your favourites.",
    )
    nowhere = running.typed("runs", "list", "--provider", "nowhere")
    assert nowhere.stderr.startswith("No run matches: there is no provider 'nowhere'")
    assert running.told("pools", "list") == running.told("pools")
    assert running.typed("pools", "list").stdout == running.typed("pools").stdout
    assert running.told("favourites", "list")["items"] == []
    unknown = running.typed("favourites", "add", "fail")
    assert (unknown.returncode, "did you mean 'fails'" in unknown.stderr) == (1, True)


def _lists(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """All commands that are called ``list``."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from _lists(command, *path, name)
        elif name == "list":
            yield (*path, name)


def test_every_list_has_one_form_for_programs(running: Installation) -> None:
    running.typed("run", "greet", "--follow")
    others = [
        ("pools",), ("actions", "categories"), ("actions", "versions", "greet"), ("alerts", "deliveries"),
        ("runs", "output", "last"), ("runs", "invocations", "last", "hello"), ("doctor",), ("export", "providers"),
        ("diff", "-f", "-"),
    ]  # fmt: skip
    lists = list(_lists(opsimate))
    assert len(lists) > 10
    for command in (*lists, *others):
        stdin = json.dumps(running.told("providers", "show", "here")) if command[0] == "diff" else ""
        done = running.typed(*command, "-o", "json", stdin=stdin)
        assert set(json.loads(done.stdout)) == {"items", "next"}, command
        assert json.loads(done.stdout)["next"] is None


def test_an_action_is_copied_and_edited_and_no_text_is_lost(running: Installation) -> None:
    copied = running.typed("actions", "copy", "greet", "greet-twice")
    assert copied.stdout == "The action 'greet-twice' is as 'greet' is.\n", copied.stderr
    one, two = running.told("actions", "show", "greet"), running.told("actions", "show", "greet-twice")
    assert one["steps"] == two["steps"]
    assert running.told("actions", "versions", "greet-twice")["items"][0]["note"] == "a copy of greet, version 1"
    assert running.typed("actions", "copy", "greet", "greet-twice").returncode == 1

    edited = running.typed("actions", "edit", "greet-twice", EDITOR="sed -i s/hello/goodbye/")
    assert edited.stdout == "The action 'greet-twice' is at version 2.\n", edited.stderr
    assert "goodbye" in running.told("actions", "show", "greet-twice")["steps"][0]["command"]
    left = running.typed("actions", "edit", "greet-twice", EDITOR="true")
    assert left.stdout == "Nothing was changed: the action 'greet-twice' is at version 2.\n"

    for change, complaint in (
        ("s/command:/comand:/", "did you mean 'command'"),
        ("s/^name:.*/name: another/", "a name cannot be changed"),
        ("s/provider: here/provider: nowhere/", "there is no provider 'nowhere'"),
    ):
        refused = running.typed("actions", "edit", "greet-twice", EDITOR=f"sed -i '{change}'")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert complaint in refused.stderr
        kept = Path(refused.stderr.split()[-1])
        assert "goodbye" in kept.read_text()
        kept.unlink()
    assert running.told("actions", "show", "greet-twice")["version"] == 2
    assert running.typed("actions", "delete", "greet-twice").returncode == 0
    assert running.typed("secrets", "edit", "any").returncode == 2


def test_a_local_provider_is_added_and_tested(running: Installation) -> None:
    added = running.typed(
        "providers", "add", "here-too", "--local", "--label", "role=test", "--description", "this one"
    )
    assert added.returncode == 0, added.stderr
    assert "opsimate providers test here-too" in added.stdout
    tested = running.typed("providers", "test", "here-too")
    assert tested.returncode == 0, tested.stderr
    assert "ms" in tested.stdout


def test_a_provider_over_ssh_is_added_with_its_key_tested_and_run_on(
    running: Installation, sshd: SshServer, tmp_path: Path
) -> None:
    key = asyncssh.import_private_key(sshd.private_key)
    key.write_private_key(tmp_path / "locked", passphrase="correct horse", **AS_SSH_KEYGEN)
    address = f"{sshd.user}@{sshd.host}:{sshd.port}"
    refused = running.typed("providers", "add", "web", "--ssh", address, "--key", str(tmp_path / "locked"))
    assert (refused.returncode, "--passphrase-stdin" in refused.stderr) == (1, True)
    locked = ("--key", str(tmp_path / "locked"), "--passphrase-stdin")
    added = running.typed("providers", "add", "web", "--ssh", address, *locked, stdin="correct horse\n")
    assert added.returncode == 0, added.stderr
    assert {"web-key", "web-passphrase"} <= {item["name"] for item in running.told("secrets", "list")["items"]}
    tested = running.typed("providers", "test", "web")
    assert tested.returncode == 0, tested.stderr
    assert sshd.host_key_fingerprint in tested.stdout
    assert sshd.host_key_fingerprint in running.typed("providers", "show", "web").stdout
    action = "kind: action\nname: who\nsteps: [{name: only, provider: web, command: id -un}]\n"
    assert running.typed("apply", "-f", "-", stdin=action).returncode == 0
    done = running.typed("run", "who", "--follow")
    assert (done.returncode, done.stdout) == (0, f"{sshd.user}\n"), done.stderr


def test_a_provider_that_does_not_answer_is_told_in_words(running: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    address = f"deploy@127.0.0.1:{port}"
    added = running.typed("providers", "add", "gone", "--ssh", address, "--password-stdin", stdin="s3cret\n")
    assert added.returncode == 0, added.stderr
    assert "gone-password" in {item["name"] for item in running.told("secrets", "list")["items"]}
    tested = running.typed("providers", "test", "gone")
    assert tested.returncode == 1
    assert "refused" in tested.stderr
    assert "s3cret" not in added.stdout + added.stderr + tested.stderr


def test_a_provider_that_is_refused_leaves_no_secret_behind(running: Installation) -> None:
    arguments = ("providers", "add", "behind", "--ssh", "a@b", "--password-stdin", "--jump", "nobody-there")
    done = running.typed(*arguments, stdin="x")
    assert done.returncode == 1
    assert "connection.ssh.jump" in done.stderr
    assert "behind-password" not in {item["name"] for item in running.told("secrets", "list")["items"]}


def secrets_of(installation: Installation, provider: str) -> set[str]:
    """The names of the stored secrets that begin as the provider does."""
    names = {item["name"] for item in installation.told("secrets", "list")["items"]}
    return {name for name in names if name.startswith(f"{provider}-")}


def test_a_provider_that_is_there_is_told_before_anything_is_asked(running: Installation) -> None:
    login = ("--ssh", "a@b", "--password-stdin")
    assert running.typed("providers", "add", "twice", *login, stdin="first").returncode == 0
    refused = running.typed("providers", "add", "twice", *login, stdin="")
    assert refused.returncode == 1
    assert "there is a provider 'twice' already" in refused.stderr
    assert "opsimate providers show twice > twice.yaml" in refused.stderr
    assert "--replace" in refused.stderr
    assert "PUT" not in refused.stderr


def test_a_provider_is_replaced_with_its_secrets(running: Installation, tmp_path: Path) -> None:
    password = ("--ssh", "a@b", "--password-stdin")
    assert running.typed("providers", "add", "anew", *password, stdin="mistyped").returncode == 0
    again = running.typed("providers", "add", "anew", *password, "--replace", stdin="right")
    assert (again.returncode, "'anew-password' is stored" in again.stdout) == (0, True), again.stderr
    assert running.told("secrets", "show", "anew-password")["version"] == 2
    refused = running.typed("providers", "add", "anew", *password, "--jump", "nobody", "--replace", stdin="wrong")
    assert refused.returncode == 1
    assert running.told("secrets", "show", "anew-password")["version"] == 2, "a refusal changes nothing"
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "key")
    by_key = running.typed("providers", "add", "anew", "--ssh", "a@c", "--key", str(tmp_path / "key"), "--replace")
    assert by_key.returncode == 0, by_key.stderr
    assert running.told("providers", "show", "anew")["connection"]["ssh"]["private_key"] == {"secret": "anew-key"}
    assert secrets_of(running, "anew") == {"anew-key"}


def test_a_key_is_opened_before_anything_is_stored(running: Installation, tmp_path: Path) -> None:
    # case A17
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(tmp_path / "locked", passphrase="right", **AS_SSH_KEYGEN)
    arguments = ("providers", "add", "opened", "--ssh", "a@b", "--key", str(tmp_path / "locked"), "--passphrase-stdin")
    refused = running.typed(*arguments, stdin="wrong")
    assert (refused.returncode, "does not open the private key" in refused.stderr) == (1, True)
    assert secrets_of(running, "opened") == set()
    assert running.typed(*arguments, stdin="right").returncode == 0
    key.write_private_key(tmp_path / "locked", passphrase="new", **AS_SSH_KEYGEN)
    again = running.typed(*arguments, "--replace", stdin="new")
    assert again.returncode == 0, again.stderr
    key.write_private_key(tmp_path / "plain")
    plain = ("providers", "add", "opened", "--ssh", "a@b", "--key", str(tmp_path / "plain"), "--replace")
    assert running.typed(*plain).returncode == 0
    assert secrets_of(running, "opened") == {"opened-key"}


def test_a_provider_is_added_with_a_certificate_and_an_authority(running: Installation, tmp_path: Path) -> None:
    # case S-08
    key, authority = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key.write_private_key(tmp_path / "id")
    authority.write_public_key(tmp_path / "ca.pub")
    authority.generate_user_certificate(key, "id", principals=["a"]).write_certificate(tmp_path / "id-cert.pub")
    arguments = ("--ssh", "a@b", "--key", str(tmp_path / "id"), "--certificate", str(tmp_path / "id-cert.pub"))
    added = running.typed("providers", "add", "signed", *arguments, "--host-ca", str(tmp_path / "ca.pub"))
    assert added.returncode == 0, added.stderr
    ssh = running.told("providers", "show", "signed")["connection"]["ssh"]
    assert ssh["certificate"] == {"secret": "signed-certificate"}
    assert ssh["host_ca"] == (tmp_path / "ca.pub").read_text().strip()
    assert running.typed("providers", "remove", "signed").returncode == 0
    assert secrets_of(running, "signed") == set()


def test_a_secret_that_somebody_stored_is_replaced_by_no_provider(running: Installation) -> None:
    assert running.typed("secrets", "set", "careful-password", "--value-stdin", stdin="by hand").returncode == 0
    arguments = ("providers", "add", "careful", "--ssh", "a@b", "--password-stdin", "--replace")
    refused = running.typed(*arguments, stdin="another")
    assert (refused.returncode, "--password-secret careful-password" in refused.stderr) == (1, True)
    assert running.told("secrets", "show", "careful-password")["version"] == 1


def test_a_removed_provider_takes_its_own_secrets_with_it_and_no_others(running: Installation) -> None:
    add = ("providers", "add")
    assert running.typed(*add, "leaves", "--ssh", "a@b", "--password-stdin", stdin="x").returncode == 0
    assert running.typed("secrets", "set", "leaves-key", "--value-stdin", stdin="by hand").returncode == 0
    removed = running.typed("providers", "remove", "leaves")
    assert (removed.returncode, "'leaves-password' is deleted" in removed.stdout) == (0, True), removed.stderr
    assert secrets_of(running, "leaves") == {"leaves-key"}

    assert running.typed(*add, "lends", "--ssh", "a@b", "--password-stdin", stdin="x").returncode == 0
    assert running.typed(*add, "borrows", "--ssh", "a@b", "--password-secret", "lends-password").returncode == 0
    kept = running.typed("providers", "remove", "lends")
    assert (kept.returncode, "is used by provider 'borrows'" in kept.stdout) == (0, True), kept.stderr
    assert running.typed("providers", "remove", "borrows").returncode == 0
    assert secrets_of(running, "lends") == {"lends-password"}

    assert running.typed(*add, "stays", "--ssh", "a@b", "--password-stdin", stdin="x").returncode == 0
    assert running.typed("providers", "remove", "stays", "--keep-secrets").returncode == 0
    assert secrets_of(running, "stays") == {"stays-password"}


def test_what_was_meant_is_said_where_a_name_or_a_parameter_is_wrong(running: Installation) -> None:
    assert "did you mean 'greet'?" in running.typed("run", "gret").stderr
    assert "did you mean 'greet'?" in running.typed("run", "gret", "-p", "who=x").stderr
    missing = running.typed("run", "waits")
    assert (missing.returncode, "parameters.file: is required (give it with -p file=…)" in missing.stderr) == (1, True)
    chosen = "kind: action\nname: paints\nparameters: [{name: c, type: choice, options: [red, green]}]\n"
    steps = "steps: [{name: only, provider: here, command: 'echo {{ c }}'}]\n"
    assert running.typed("apply", "-f", "-", stdin=chosen + steps).returncode == 0
    without = " ".join(running.typed("run", "paints").stderr.split())
    assert "cannot be left out; one of: red, green (give it with -p c=…)" in without


def test_a_start_that_lies_back_or_has_no_offset_is_told(running: Installation) -> None:
    without = running.typed("run", "greet", "--not-before", "2026-11-29T03:00")
    assert without.returncode == 2
    for words in ("'--not-before'", "the offset is missing", "2026-11-29T03:00Z", "2026-11-29T03:00+01:00"):
        assert words in without.stderr
    back = running.typed("run", "greet", "--not-before", "2025-01-01T03:00+01:00")
    assert (back.returncode, "--not-before: 2025-01-01T02:00:00Z is past" in back.stderr) == (0, True)
    assert "is past" not in running.typed("run", "greet", "--not-before", "0s").stderr


def test_files_behind_one_option_and_a_key_that_is_not_there_are_told_with_the_fix(running: Installation) -> None:
    refused = running.typed("apply", "-f", "a.yaml", "b.yaml", "c d.yaml")
    assert (refused.returncode, "-f b.yaml -f 'c d.yaml'" in refused.stderr) == (2, True)
    missing = running.typed("providers", "add", "keyless", "--ssh", "a@b", "--key", "gone")
    assert missing.returncode == 1
    assert "--key: gone: No such file or directory" in missing.stderr
    assert "Name the file of a private key" in missing.stderr


def test_the_doctor_tells_of_a_wrong_token_once_what_to_do(running: Installation) -> None:
    told = " ".join(running.typed("doctor", OPSIMATE_TOKEN="opsimate_wrong").stdout.split())
    assert told.count("cannot be asked for: ") > 1
    assert told.count("Unset OPSIMATE_TOKEN") == 1


def test_a_run_is_found_by_the_beginning_of_its_id_and_the_newest_as_last(running: Installation) -> None:
    first, second = (running.told("run", "greet", "--follow")["id"] for _ in range(2))
    assert running.told("runs", "show", "last")["id"] == second
    assert running.typed("runs", "follow", "last").returncode == 0
    assert "hello world" in running.typed("runs", "output", second[:-1].lower()).stdout
    unclear = running.typed("runs", "show", first[:6])
    assert unclear.returncode == 1
    assert "begins the ids of" in unclear.stderr
    assert "Give more of its characters." in unclear.stderr
    assert "there is no run" in running.typed("runs", "show", "7ZZZZZZZ").stderr
    assert running.told("runs", "show", first.lower())["id"] == first
    short = running.typed("runs", "show", first[:5])
    assert short.returncode == 2
    assert f"'{first[:5]}' is too short: give six characters or more of the run's id, or 'last'" in short.stderr


def test_a_run_that_failed_says_how_many_steps_failed(running: Installation) -> None:
    failed = running.typed("run", "fails", "--follow")
    assert "--- failed, 0 of 1 steps done, 1 failed" in failed.stderr
    assert "0 of 1 steps done, 1 failed" in running.typed("runs", "show", "last").stdout
    assert re.search(r"fails +failed +0/1 done, 1 failed ", running.typed("runs", "list", "--limit", "1").stdout)


def test_nothing_is_stored_for_a_provider_that_is_refused(running: Installation) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    (running.directory / "pass-2.key").write_text(key)
    ssh = "{host: 10.0.0.11, user: deploy, private_key: {file: pass-2.key}, jump: here}"
    file = running.directory / "pass-2.yaml"
    file.write_text(f"kind: provider\nname: pass-2\nconnection:\n  ssh: {ssh}\n")
    done = running.typed("apply", "-f", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "'here' is not reached over SSH" in done.stderr
    assert running.typed("secrets", "show", "pass-2-key").returncode == 1


def test_a_secret_is_set_and_used_and_never_shown(running: Installation) -> None:
    assert running.typed("secrets", "set", "api-token", "--value-stdin", stdin="fourteen chars\n").returncode == 0
    done = running.typed("run", "logs-in", "-p", "token=api-token", "--follow")
    assert (done.returncode, done.stdout.strip()) == (0, "14"), done.stderr
    for arguments in (("secrets", "show", "api-token"), ("secrets", "list")):
        assert "fourteen" not in running.typed(*arguments, "-o", "json").stdout


def test_tokens_are_made_listed_and_deleted(running: Installation) -> None:
    made = running.told("tokens", "create", "monitoring", "--role", "alerts")
    assert made["token"].startswith("opsimate_")
    refused = running.typed("providers", "list", OPSIMATE_TOKEN=made["token"])
    assert refused.returncode == 1
    assert "administrator" in refused.stderr
    assert "monitoring" in running.typed("tokens", "list").stdout
    assert running.typed("tokens", "delete", "monitoring").returncode == 0
    said = running.typed("tokens", "create", "for-alerts").stderr
    assert said == "The token 'for-alerts' is made, with the role alerts. It is not shown again:\n"
    assert running.typed("tokens", "delete", "for-alerts").returncode == 0


def test_an_alert_is_listed_with_what_was_decided(running: Installation) -> None:
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    alert = {"title": "Hello", "status": "firing", "labels": {"alertname": "Hello", "instance": "web-7"}}
    answer = httpx.post(
        f"{stored['url']}/webhooks/generic", json=alert, headers={"Authorization": f"Bearer {stored['token']}"}
    )
    assert answer.status_code == 202, answer.text
    (alert_id,) = answer.json()["alerts"]
    assert alert_id in running.typed("alerts", "list").stdout
    decided = eventually(lambda: running.told("alerts", "show", alert_id)["runs"])
    for meant in ("last", alert_id[:-1], alert_id.lower()):
        assert running.told("alerts", "show", meant)["id"] == alert_id
    assert "is too short" in running.typed("alerts", "show", alert_id[:5]).stderr
    told = running.typed("alerts", "show", alert_id).stdout
    assert "greets" in told
    assert "1 delivery" in told
    assert running.told("runs", "show", decided[0])["parameters"]["who"] == "web-7"


def test_posts_that_were_not_taken_are_told_by_the_doctor_and_listed(running: Installation) -> None:
    """Case B13: who posts seldom looks at the answer."""
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    authorized = {"Authorization": f"Bearer {stored['token']}"}
    for body in (b"payload=%7B%7D", b'{"msg": "db-1 is down", "token": "hunter2"}'):
        httpx.post(f"{stored['url']}/webhooks/generic", content=body, headers=authorized)
    done = running.typed("doctor")
    assert done.returncode == 0, done.stdout
    told = " ".join(done.stdout.split())
    (count,) = re.findall(r"([0-9]+) posts were refused or not understood in the last day; the last at ", told)
    assert "from 127.0.0.1 for 'generic' was unreadable: body: has no field that is known to /webhooks/generic" in told
    assert "opsimate alerts deliveries" in told
    unreadable, refused, *_others = running.told("alerts", "deliveries")["items"]
    assert (unreadable["outcome"], refused["outcome"], refused["status"]) == ("unreadable", "refused", 400)
    listed = running.typed("alerts", "deliveries").stdout
    assert "the body is not JSON" in " ".join(listed.split())
    assert "hunter2" not in listed + done.stdout + running.typed("alerts", "list", "--status", "unreadable").stdout
    assert [item["alert"]["status"] for item in running.told("alerts", "list", "--status", "unreadable")["items"]] == [
        "unreadable"
    ]
    assert running.told("alerts", "list", "--stale")["items"] == []
    assert (
        "No alert matches. See all of them with: opsimate alerts list"
        in running.typed("alerts", "list", "--stale").stderr
    )
    httpx.post(f"{stored['url']}/webhooks/generic", json={}, headers={"Authorization": "Bearer opsimate_no"})
    told = " ".join(running.typed("doctor").stdout.split())
    assert f"{int(count) + 1} posts were refused" in told
    assert "for 'generic' was unauthorized: this token is not known here" in told


def test_a_sender_that_signs_is_taken_by_its_integration(running: Installation) -> None:
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    definitions = """
kind: integration
name: signed
source: generic
verify: {hmac: {secrets: [shared-with-the-sender]}}
---
kind: secret
name: shared-with-the-sender
value: a long secret
"""
    assert running.typed("apply", "-f", "-", stdin=definitions).returncode == 0
    body = json.dumps({"title": "Signed", "status": "firing", "fingerprint": "signed"}).encode()

    signature = hmac.new(b"a long secret", body, "sha256").hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}"}
    answer = httpx.post(f"{stored['url']}/webhooks/generic/signed", content=body, headers=headers)
    assert answer.status_code == 202, answer.text


def test_prometheus_posts_as_to_an_alertmanager_with_a_secret_of_its_own(running: Installation) -> None:
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    definitions = """
kind: secret
name: of-prometheus
value: a long secret of Prometheus
---
kind: integration
name: prometheus
source: prometheus
verify: {token: {secrets: [of-prometheus]}}
"""
    assert running.typed("apply", "-f", "-", stdin=definitions).returncode == 0
    alert = [{"labels": {"alertname": "Posted"}, "startsAt": "2026-01-31T12:00:00Z", "endsAt": "2026-01-31T12:01:00Z"}]

    def status_of(path: str, token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(f"{stored['url']}{path}", json=alert, headers=headers).status_code

    secret = "a long secret of Prometheus"
    assert eventually(lambda: status_of("/api/v2/alerts", secret) == 200)  # integrations are known for two seconds
    assert status_of("/webhooks/prometheus/prometheus/api/v2/alerts", secret) == 200
    assert status_of("/api/v2/alerts", stored["token"]) == 200
    assert status_of("/api/v2/alerts", "another secret") == 401
    listed = running.told("alerts", "list")["items"]
    integrations = {one["alert"]["integration"] for one in listed if one["alert"]["source"] == "prometheus"}
    assert integrations == {"", "prometheus"}


def test_a_delivery_is_decided_again(running: Installation) -> None:
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    authorized = {"Authorization": f"Bearer {stored['token']}"}
    alert = {"title": "Again", "status": "firing", "fingerprint": "again", "labels": {"alertname": "Again"}}
    (alert_id,) = httpx.post(f"{stored['url']}/webhooks/generic", json=alert, headers=authorized).json()["alerts"]

    def newest() -> dict[str, Any]:
        found: dict[str, Any] = running.told("alerts", "deliveries", "--all", "--limit", "1")["items"][0]
        return found

    assert (newest()["outcome"], newest()["alerts"], newest()["replay"]) == ("accepted", [alert_id], None)
    assert alert_id in running.typed("alerts", "replay", newest()["id"]).stdout
    assert eventually(lambda: newest()["replay"]["ended_at"])
    assert (newest()["replay"]["state"], newest()["replay"]["alerts"]) == ("done", [alert_id])


def test_a_rule_whose_run_was_refused_is_told_by_the_doctor(running: Installation) -> None:
    stored = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    authorized = {"Authorization": f"Bearer {stored['token']}"}
    alert = {"title": "Hello", "status": "firing", "labels": {"alertname": "Hello", "lacks": "instance"}}
    answer = httpx.post(f"{stored['url']}/webhooks/generic", json=alert, headers=authorized)
    (alert_id,) = answer.json()["alerts"]
    told = " ".join(running.typed("doctor").stdout.split())
    assert "1 run that one asked for was refused in the last day; the last: The rule 'greets' matched, but" in told
    assert f"opsimate alerts show {alert_id}" in told
    assert "LAST HEARD" in running.typed("alerts", "list").stdout


def test_an_unknown_token_is_told_with_where_it_came_from_and_where_one_is(running: Installation) -> None:
    done = running.typed("runs", "list", OPSIMATE_TOKEN="opsimate_wrong")
    assert done.returncode == 1
    assert "Unset OPSIMATE_TOKEN to use the one that 'opsimate up' stored" in done.stderr
    assert "OPSIMATE_TOKEN_FILE=data/admin-token" in done.stderr
    assert running.typed("runs", "list", OPSIMATE_TOKEN_FILE="data/admin-token").returncode == 0


def test_the_doctor_finds_nothing_where_all_is_well(running: Installation) -> None:
    done = running.typed("doctor")
    assert done.returncode == 0, done.stdout
    findings = {one["check"]: one["state"] for one in running.told("doctor")["items"]}
    assert {"product", "token", "store", "bus", "executors", "master key", "disk"} <= set(findings)
    assert re.search(r"start +the services have come up\n", done.stdout)
    assert re.search(r"store +the database can be reached\n", done.stdout)


def test_the_doctor_says_what_to_do(fresh: Installation) -> None:
    nothing = fresh.typed("doctor")
    assert nothing.returncode == 1
    assert "opsimate up" in nothing.stdout
    fresh.start()
    (fresh.data / "master.key").chmod(0o644)
    readable = fresh.typed("doctor")
    assert readable.returncode == 1
    assert f"chmod 600 {fresh.data / 'master.key'}" in readable.stdout
    fresh.stop()
    stopped = fresh.typed("doctor")
    assert stopped.returncode == 1
    assert "Nothing answers" in stopped.stdout


def test_the_doctor_looks_at_the_data_of_the_product_that_is_asked_or_says_that_it_cannot(
    running: Installation, fresh: Installation
) -> None:
    # case A-doctor: the data that 'opsimate up' used last here is another product's
    asked = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    fresh.start()
    fresh.stop()
    done = fresh.typed("doctor", OPSIMATE_URL=asked["url"], OPSIMATE_TOKEN=asked["token"])
    assert f"answers at {asked['url']}" in done.stdout
    for said in (done.stdout, fresh.typed("doctor", OPSIMATE_URL=asked["url"]).stdout):  # with a token, and without
        assert f"it is not known here where {asked['url']} keeps its data" in said
        assert "cannot be looked at" in said
        assert str(fresh.data) not in said
    same = running.typed("doctor", OPSIMATE_URL=asked["url"], OPSIMATE_TOKEN=asked["token"])
    assert f"{running.data}/master.key" in same.stdout


def test_the_doctor_does_not_take_another_product_at_the_same_address_for_the_one_that_was_started_here(
    running: Installation, fresh: Installation
) -> None:
    fresh.start()
    fresh.stop()
    known = fresh.directory / ".config/opsimate/credentials.json"
    asked = json.loads((running.directory / ".config/opsimate/credentials.json").read_text())
    known.write_text(json.dumps({**json.loads(known.read_text()), "url": asked["url"]}))
    done = fresh.typed("doctor", OPSIMATE_TOKEN=asked["token"])
    assert f"it is not known here where {asked['url']} keeps its data" in done.stdout
    assert str(fresh.data) not in done.stdout


def test_what_was_saved_and_may_not_do_what_is_meant_is_said(running: Installation) -> None:
    """Cases C-echo and A27."""
    path = running.directory / "warned.yaml"
    step = "{name: s, provider: here, command: 'echo {{ p }}'}"
    path.write_text(f"kind: action\nname: warned\nparameters: [{{name: p}}]\nsteps:\n  - {step}\n")
    done = running.typed("apply", "-f", str(path))
    assert (done.returncode, done.stdout) == (0, "+ action warned created\n")
    assert done.stderr.startswith(f"Warning: {path}:5: steps.0.command: line 1, column 6: echo of sh reads backslashes")
    (again,) = running.told("apply", "-f", str(path))["items"]
    assert (again["change"], len(again["warnings"])) == ("unchanged", 1)
    short = running.typed("secrets", "set", "pin", "--value-stdin", stdin="1")
    assert short.returncode == 0
    assert "Warning: it has fewer than 6 characters" in short.stderr


def test_a_command_with_the_line_ends_of_another_system_runs_as_with_line_feeds(running: Installation) -> None:
    """Case A03, as YAML has it in double quotes."""
    path = running.directory / "crlf.yaml"
    command = "set -e\\r\\nif cd /tmp; then\\r\\n  pwd # there\\r\\nfi\\r\\n"
    path.write_text(f'kind: action\nname: crlf\nsteps:\n  - {{name: s, provider: here, command: "{command}"}}\n')
    assert running.typed("apply", "-f", str(path)).returncode == 0
    (step,) = running.told("actions", "show", "crlf")["steps"]
    assert step["command"] == "set -e\nif cd /tmp; then\n  pwd # there\nfi\n"
    done = running.typed("run", "crlf", "--follow")
    assert (done.returncode, done.stdout) == (0, "/tmp\n")


def test_a_secret_that_the_master_key_does_not_open_is_told_by_the_doctor_and_set_anew(fresh: Installation) -> None:
    fresh.start()
    value = fresh.directory / "value"
    value.write_text("s3cret")
    assert fresh.typed("secrets", "set", "key", "--from-file", str(value)).returncode == 0
    with closing(sqlite3.connect(fresh.data / "opsimate.db")) as database:
        database.execute("UPDATE secrets SET \" body\" = replace(\" body\", 'v2:', 'v2:A')")
        database.commit()
    sick = fresh.typed("doctor")
    assert sick.returncode == 1
    assert "the master key does not open key" in sick.stdout
    assert fresh.typed("secrets", "set", "key", "--from-file", str(value)).returncode == 0
    assert fresh.typed("doctor").returncode == 0


def test_templates_are_listed_shown_and_used(running: Installation) -> None:
    listed = running.typed("templates", "list")
    assert listed.returncode == 0
    assert "service-restart" in listed.stdout
    assert "Service Management" in listed.stdout
    assert len(listed.stdout.splitlines()) == 13, "a line for each, and what they do is told by `templates show`"
    assert max(map(len, listed.stdout.splitlines())) <= 120
    assert len(running.told("templates", "list")["items"]) == 12
    shown = running.typed("templates", "show", "health-check").stdout
    assert shown.startswith("# Health Check, of the group Diagnostics\n")
    path = running.directory / "template.yaml"
    path.write_text(shown.replace("name: health-check", "name: look-well"))
    assert running.typed("apply", "-f", str(path)).stdout == "+ action look-well created\n"
    used = running.typed(
        "templates", "use", "health-check", "--name", "check-here", "-p", "host=here", "-p", "memory=0"
    )
    assert used.stdout == (
        "The action 'check-here' is made of the template 'health-check'.\n"
        "Show it with: opsimate actions show check-here\n"
    )
    action = running.told("actions", "show", "check-here")
    assert {one["name"]: one["default"] for one in action["parameters"]}["host"] == "here"
    again = running.typed("templates", "use", "health-check", "--name", "check-here")
    assert (again.returncode, "choose another one, or change that one" in again.stderr) == (1, True)
    wrong = running.typed("templates", "use", "health-check", "-p", "disk=full")
    assert (wrong.returncode, "parameters.disk" in wrong.stderr) == (1, True)
    assert running.typed("templates", "show", "helth-check").stderr == (
        "Error: there is no template 'helth-check'; did you mean 'health-check'?\n"
    )
    assert running.typed("templates", "use", "health-check", "-p", "disk").returncode == 2
    assert running.typed("run", "check-here", "-p", "load=10000", "-p", "disk=100", "--follow").returncode in {0, 1}


def test_the_command_line_loads_no_server() -> None:
    program = (
        "import sys; from opsimate.cli import opsimate; import opsimate.cli.runs, opsimate.cli.providers;"
        "print(sorted({'fastapi', 'asyncssh', 'uvicorn', 'pydantic', 'motor'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
