"""Commands that may alter a value: told, and told of nothing else."""

import subprocess

import pytest

from catalog.domain.shell.analysis import compile_command
from catalog.domain.shell.values import Value
from shared.commands import command_to_run, prelude


@pytest.mark.parametrize(
    ("command", "column"),
    [
        ("echo {{ x }}", 6),
        ('echo "a {{ x }}" | od -c', 9),
        ("v=$(echo {{ x }} | wc -l)", 10),
        ("awk -v v={{ x }} '$0 ~ v' file", 10),
        ("awk -vv='{{ x }}' '$0 ~ v' file", 10),
        ("awk '$0 ~ v' v={{ x }} file", 16),
        ("LC_ALL=C awk --assign=v={{ x }} '$0 ~ v' file", 25),
    ],
)
def test_where_a_program_reads_backslashes_in_a_value_is_told(command: str, column: int) -> None:
    # cases C-echo, C-awkv
    ((name, message),) = compile_command(command, {"x": Value()}).altered
    assert name == "x"
    assert message.startswith(f"line 1, column {column}: ")


@pytest.mark.parametrize(
    "command",
    [
        r"printf '%s\n' {{ x }}",
        "echo done # {{ x }}",
        "logger {{ x }} && echo done",
        """awk '$0 ~ ENVIRON["OPSIMATE_PARAM_x"]' {{ x }}""",
        'echo "$(stat {{ x }})"',
        "grep -- {{ x }} echo",
    ],
)
def test_what_hands_a_value_on_as_it_is_is_not_told(command: str) -> None:
    assert compile_command(command, {"x": Value()}).altered == []


def test_the_echo_of_bash_reads_no_backslashes() -> None:
    assert compile_command("echo {{ x }}", {"x": Value()}, "bash").altered == []
    assert compile_command("awk -v v={{ x }} '$0 ~ v' file", {"x": Value()}, "bash").altered


@pytest.mark.parametrize("value", ["a\\tb\\\\c", "-n", "-e x", "%s"])
def test_what_is_advised_prints_the_value_as_it_is(value: str) -> None:
    script = prelude({"x": value}) + command_to_run(
        compile_command(r"printf '%s\n' {{ x }}", {"x": Value()}).parts, {"x": value}
    )
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=20)
    assert done.stdout == f"{value}\n"
