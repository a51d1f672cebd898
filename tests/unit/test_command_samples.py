"""Command texts from public runbooks, with the parameters an author would declare: `tests/samples/commands.yaml`."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalog.domain.shell.analysis import CommandError, Compiled, compile_command
from catalog.domain.shell.values import PATH_PATTERN, PLAIN_PATTERN, value_of
from shared.commands import broken_limits, command_to_run, command_to_show, prelude
from shared.contracts.parameter import Parameter
from shared.placeholders import TemplateError
from shared.runs.binding import typed_value, value_text
from tests.command_samples import COMMANDS

ACCEPTED = [case for case in COMMANDS if case["expect"] == "accept"]
REAL = {
    "sh",
    "bash",
    "cat",
    "tr",
    "sed",
    "awk",
    "grep",
    "cut",
    "sort",
    "head",
    "tail",
    "wc",
    "uniq",
    "env",
    "expr",
    "seq",
    "xargs",
    "true",
    "false",
    "timeout",
    "printf",
}
RECORDS_INPUT = {"docker", "psql", "mysql", "socat", "curl", "crontab", "kubectl", "tee", "ssh", "sudo"}
RUNNERS = {
    "ssh": 'for last; do :; done; case $last in *" "*) env -i PATH="$PATH" sh -c "$last"; set -- ran;; esac; ',
    "docker": 'for last; do :; done; case "$*" in *"sh -c"*) env -i PATH="$PATH" sh -c "$last"; set -- ran;; esac; ',
    "flock": 'for last; do :; done; sh -c "$last"; set -- ran; ',
    "find": 'case "$*" in *"bash -c"*) bash -c "$7" _ a-draft; set -- ran;; esac; ',
}
HOSTILE = ["$(mark)", "`mark`", "'; mark; '", '"; mark; "', "a\nmark\n", "a b  c", "it's \\ $HOME *"]
PRINTS = {
    "c061": "Ticket: OPS-12 (costs $0, see `man`)",
    "c137": "/a.tgz",
    "c159": "level 2",
    "c162": "<--host><db 1><--verbose>",
    "c164": "host=a\nhost=b\nhost=c",
    "c170": "/root",
}
"""What some of the commands print, as their notes say."""
HANDS_ON = {
    "c057": 'gitlab_job_success_timestamp_seconds{resource="walg"} 1700000000',
    "c059": "proxy_set_header Host $host; proxy_pass http://127.0.0.1:9000;",
    "c060": "server_name shop.example.test; location / { proxy_set_header Host $host; }",
    "c076": "do $$ begin perform 1; end $$",
    "c085": "{{.Names}}\\t{{.Status}}",
    "c109": "reslug:person[jo-bloggs,joe-bloggs]",
}
"""What they give to other programs."""


def parameters(case: Mapping[str, Any]) -> dict[str, Parameter]:
    fields = ("type", "pattern", "options")
    return {
        name: Parameter(name=name, required=True, **{key: given[key] for key in fields if key in given})
        for name, given in case["params"].items()
    }


def compiled(case: Mapping[str, Any], declared: Mapping[str, Parameter]) -> Compiled:
    values = {name: value_of(parameter) for name, parameter in declared.items()}
    return compile_command(case["command"], values, case["shell"])


def test_nearly_all_commands_of_public_runbooks_are_accepted_with_sensible_types() -> None:
    refused = [(case["id"], str(error)) for case in ACCEPTED if (error := refusal(case, parameters(case)))]
    assert len(refused) <= len(ACCEPTED) // 20, refused


@pytest.mark.parametrize("case", [case for case in COMMANDS if case["expect"] == "refuse"], ids=lambda case: case["id"])
def test_what_would_run_a_value_is_refused_with_a_cure(case: dict[str, Any]) -> None:
    with pytest.raises(CommandError) as caught:
        compiled(case, parameters(case))
    assert "or give `" in str(caught.value)


# --- what is advised is accepted

CURED: dict[str, dict[str, Any]] = {
    "digits": {"type": "integer"},
    "plain": {"pattern": PLAIN_PATTERN},
    "path": {"pattern": PATH_PATTERN},
    "folder": {"pattern": "/opt/[A-Za-z0-9._/-]+"},
    "choice": {"type": "choice", "options": ["a", "b"]},
    "code": {"code": True},
}


def refusal(case: Mapping[str, Any], declared: Mapping[str, Parameter]) -> TemplateError | None:
    try:
        compiled(case, declared)
    except TemplateError as error:
        return error
    return None


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["id"])
def test_every_cure_that_a_refusal_names_is_accepted_when_it_is_followed(case: dict[str, Any]) -> None:
    names = case["params"]
    declared = {name: Parameter(name=name, required=True) for name in names}
    for _ in range(20):
        error = refusal(case, declared)
        if error is None or not isinstance(error, CommandError) or not error.needs:
            # What is to be written otherwise is tried with the other refusals; \{{end}} belongs to other programs.
            assert error is None or isinstance(error, CommandError) or "unknown name" in str(error)
            return
        cured = declared
        for need in [need for need in CURED if need in error.needs][:2]:
            cured = declared | {error.parameter: Parameter(name=error.parameter, required=True, **CURED[need])}
            following = refusal(case, cured)
            assert following is None or str(following) != str(error), need
        declared = cured
    pytest.fail("no end of refusals")


# --- they mean what they say


class Bench:
    """A folder to run commands in; programs that could do harm only note how they were called."""

    def __init__(self, path: Path) -> None:
        self.path, self.work, self.bin, self.log = path, path / "tmp", path / "bin", path / "log"
        self.work.mkdir()
        self.bin.mkdir()
        for program in REAL:
            if found := shutil.which(program):
                (self.bin / program).symlink_to(found)
        self.program("mark", f": > {shlex.quote(str(path / 'marked'))}")
        self.program("date", "echo 1700000000")

    def program(self, name: str, script: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def note_calls_of(self, name: str) -> None:
        """A stand-in that notes its arguments, and runs the script that it is given where the real one would."""
        reads = 'printf "<"; cat;' if name in RECORDS_INPUT else ""
        notes = f'{{ printf "[%s]" {name} "$@"; {reads} }} > {shlex.quote(str(self.log))}/$$'
        self.program(name, RUNNERS[name] + notes if name in RUNNERS else notes)

    def run(self, shell: str, script: str) -> tuple[str, str]:
        """What the script prints, and what it gave to programs."""
        shutil.rmtree(self.log, ignore_errors=True)
        self.log.mkdir()
        done = subprocess.run(
            [shutil.which(shell) or shell, "-c", script],
            cwd=self.work,
            input="",
            capture_output=True,
            text=True,
            env={"PATH": str(self.bin), "HOME": str(self.work), "LC_ALL": "C.UTF-8"},
            timeout=30,
            check=False,
        )
        assert not (self.path / "marked").exists(), "something of a value was run"
        return done.stdout, "\n".join(sorted(call.read_text() for call in self.log.iterdir()))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = Bench(tmp_path_factory.mktemp("bench"))
    for name in called():
        bench.note_calls_of(name)
    return bench


@cache
def called() -> frozenset[str]:
    words = {word.strip("\"'()`;") for case in COMMANDS for word in case["command"].replace("\n", " ").split()}
    builtins = re.findall(
        r"\S+", "cd set echo export read trap if then fi do done for while until case esac let local exit"
    )
    return frozenset(
        word for word in words if word.isascii() and word.replace("-", "").isalnum() and word[0].isalpha()
    ) - {
        *REAL,
        *builtins,
        "date",
        "mark",
        "in",
        "wait",
        "kill",
        "false",
        "else",
        "function",
        "declare",
        "n",
        "return",
        "printf",
        "test",
    }


def shells_for(case: Mapping[str, Any]) -> list[str]:
    wanted = ["bash"] if case["shell"] == "bash" else ["dash", "bash", "mksh"]
    return [shell for shell in wanted if shutil.which(shell)]


def given(case: Mapping[str, Any], bench: Bench) -> dict[str, str]:
    """The values of a case, as texts, with what lies in /tmp in a folder of the test's own."""
    values = {name: value_text(found.get("value", "x")) for name, found in case["params"].items()}
    return {name: value.replace("/tmp", str(bench.work)) for name, value in values.items()}


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["id"])
def test_an_accepted_command_does_what_its_text_says(case: dict[str, Any], bench: Bench) -> None:
    parts = compiled(case, parameters(case)).parts
    values = given(case, bench)
    tame = all(
        value and value.replace("/", "").replace("-", "").replace(".", "").isalnum() for value in values.values()
    )
    for shell in shells_for(case):
        found = bench.run(shell, prelude(values) + command_to_run(parts, values))
        assert found == bench.run(shell, command_to_show(parts, values))
        if tame:
            literal = case["command"].replace("\\{{", "{{")
            for name, value in values.items():
                literal = literal.replace(f"{{{{ {name} }}}}", value)
            assert found == bench.run(shell, literal)
        if case["id"] in PRINTS:
            assert PRINTS[case["id"]] in found[0]
        if case["id"] in HANDS_ON:
            assert HANDS_ON[case["id"]] in found[1]


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case["id"])
def test_no_hostile_value_is_run_nor_becomes_another_word(case: dict[str, Any], bench: Bench) -> None:
    declared = parameters(case)
    found = compiled(case, declared)
    for name, parameter in declared.items():
        for hostile in HOSTILE:
            values = given(case, bench)
            try:
                values[name] = value_text(typed_value(parameter, hostile))
            except ValueError:
                continue  # no such value is ever bound
            if any(broken_limits(found.limits, values)):
                continue
            for shell in shells_for(case):
                bench.run(shell, prelude(values) + command_to_run(found.parts, values))
