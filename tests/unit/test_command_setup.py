"""What a step sets up for its command: compiled with it, judged with it, and run with it in real shells."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from catalog.domain.action_analysis import analysed_at_once
from shared.commands import SETUP_ENDS, command_to_run, prelude
from shared.contracts.problem import FieldError
from tests.builders import a_step, an_action, compiled

SHELLS = {"dash": ["dash"], "bash": ["bash"], "ash": ["busybox", "sh"], "mksh": ["mksh"]}
HOSTILE = 'it\'s $(id) `id` "x" \\ {{{{ {{ x !  \n\t*'
X = {"name": "x"}


def errors_of(**step: Any) -> list[FieldError]:
    return analysed_at_once(an_action(a_step(**step), parameters=[X])).errors


def run_in(shell: list[str], values: dict[str, str], **step: Any) -> subprocess.CompletedProcess[str]:
    action = an_action(a_step(**step), parameters=[{"name": name} for name in values])
    found = compiled(action)
    ends = SETUP_ENDS if action.steps[0].stdin is not None else ""
    text = command_to_run(found.setups[0], values) + command_to_run(found.commands[0], values) + ends
    return subprocess.run(
        [*shell, "-c", prelude(values) + text], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("shell", [words for words in SHELLS.values() if shutil.which(words[0])], ids=" ".join)
def test_texts_and_values_arrive_as_they_are(shell: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    literal = HOSTILE.replace("{{ x", "\\{{ x }}").replace("{{{{", "\\{{\\{{")
    done = run_in(
        shell,
        {"x": HOSTILE, "f": str(folder)},
        environment={"A": literal, "B": "<{{ x }}>", "EMPTY": ""},
        working_directory="{{ f }}",
        stdin=f"{literal}{{{{ x }}}}",
        command='printf "%s|" "$A" "$B" "${EMPTY-unset}" "$PWD"; cat; exit 7',
    )
    plain = HOSTILE.replace("{{ x", "{{ x }}")
    assert done.stdout == f"{plain}|<{HOSTILE}>||{folder}|{plain}{HOSTILE}"
    assert (done.returncode, done.stderr) == (7, "")


@pytest.mark.parametrize("shell", [words for words in SHELLS.values() if shutil.which(words[0])], ids=" ".join)
def test_a_command_that_does_not_read_its_input_is_none_the_worse(shell: list[str]) -> None:
    done = run_in(shell, {"x": "y" * 100_000}, stdin="{{ x }}", command="echo done")
    assert (done.stdout, done.returncode) == ("done\n", 0)


def test_places_in_a_command_are_counted_from_its_own_beginning() -> None:
    [error] = errors_of(command="ls\n  eval {{ x }}", environment={"A": "a\nb"}, stdin="c\n{{ x }}\nd")
    assert (error.field, error.message[:17]) == ("steps.0.command", "line 2, column 8:")
    limits = compiled(
        an_action(a_step(command="ls\n ls {{ x }}", environment={"A": "a\nb"}, stdin="c\nd"), parameters=[X])
    ).limits
    assert [limit.where for limit in limits] == ["step 'only', line 2, column 5"]


def test_what_is_wrong_beside_the_command_is_told_at_its_field() -> None:
    fields = [
        *errors_of(environment={"LD_PRELOAD": "{{ x }}"}),
        *errors_of(environment={"A": "{{ x"}, stdin="{{ y }}"),
        *errors_of(stdin="eval {{ x }}", command="bash"),
    ]
    assert [error.field for error in fields] == [
        "steps.0.environment.LD_PRELOAD",
        "steps.0.environment.A",
        "steps.0.stdin",
        "steps.0.stdin",
    ]


@pytest.mark.parametrize(
    ("stdin", "command"),
    [
        ("{{ x }}", "sh"),
        ("{{ x }}\n", "bash -s"),
        ("{{ x }}", "sudo sh"),
        ("{{ x }}", "python3 -"),
        ("{{ x }}", "psql"),
        ("{{ x }}", "xargs -I{} sh -c {}"),
        ("{{ x }}", 'read -r v; eval "$v"'),
        ("{{ x }}", 'sh -c "$(cat)"'),
        ("run {{ x }}", "ssh h"),
    ],
)
def test_a_value_in_the_input_is_never_run_by_what_reads_it(stdin: str, command: str) -> None:
    assert errors_of(stdin=stdin, command=command)


@pytest.mark.parametrize(
    "command",
    [
        'eval "$A"',
        "find $A",
        'bash -c "echo $A"',
        'ssh h "echo $A"',
        "sh -c 'eval \"$A\"'",
        "printenv A | sh",
        "echo $((A + 1))",
        """python3 -c 'import os; os.system(os.environ["A"])'""",
    ],
)
def test_a_value_in_a_variable_is_never_run_by_what_reads_it(command: str) -> None:
    assert errors_of(environment={"A": "{{ x }}"}, command=command)
    assert not errors_of(environment={"A": "x"}, command=command)


def test_a_script_in_the_input_takes_values_as_one_in_the_command_does() -> None:
    done = run_in(["sh"], {"x": "a  b; $(id)"}, stdin="echo \"<{{ x }}>\" '{{ x }}'\n", command="sh")
    assert done.stdout == "<a  b; $(id)> a  b; $(id)\n"
