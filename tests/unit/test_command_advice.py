"""What authors are told to write instead of what is refused: it is accepted, it works, and values arrive whole."""

import shutil
import subprocess

import pytest

from catalog.domain.shell.analysis import compile_command
from catalog.domain.shell.values import Value
from shared.commands import command_to_run, prelude
from shared.placeholders import TemplateError

VALUE = r"a\.b $(echo run) %s &amp"
"""With what awk, printf, echo and sed would read, were it given to them as code or as a format."""

ADVICE = [
    ("printf", r"printf '%s' {{ x }}"),
    ("awk", """awk 'BEGIN { printf "%s", ENVIRON["OPSIMATE_PARAM_x"] }'"""),
    ("awk", """echo start | env LC_ALL=C awk '{ printf "%s", ENVIRON["OPSIMATE_PARAM_x"] }' -"""),
    ("python3", """python3 -c 'import os; print(os.environ["OPSIMATE_PARAM_x"], end="")'"""),
    ("python3", """python3 -c "import os; print(os.environ['OPSIMATE_PARAM_x'], end='')" """),
    ("perl", "perl -e 'print $ENV{OPSIMATE_PARAM_x}'"),
    ("ruby", """ruby -e 'print ENV["OPSIMATE_PARAM_x"]'"""),
    ("node", "node -e 'process.stdout.write(process.env.OPSIMATE_PARAM_x)'"),
    ("php", """php -r 'echo getenv("OPSIMATE_PARAM_x");'"""),
    ("lua", """lua -e 'io.write(os.getenv("OPSIMATE_PARAM_x"))'"""),
    ("jq", "jq -rjn --arg v {{ x }} '$v'"),
    ("sh", """sh -c 'printf %s "$1"' sh {{ x }}"""),
    ("sh", """printf %s {{ x }} | sh -c 'v=$(cat); printf %s "$v"'"""),
    ("sh", 'v={{ x }}\nprintf %s "${v#nothing}"'),
    ("sh", "printf %s $(printf %s {{ x }} | wc -c) >&2; printf %s \"$(printf '%s' {{ x }})\""),
    ("cat", 'printf %s "$(cat <<EOF\n{{ x }}\nEOF\n)"'),
]


def run(command: str, value: str) -> str:
    parts = compile_command(command, {"x": Value()}).parts
    script = prelude({"x": value}) + command_to_run(parts, {"x": value})
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20, check=True)
    return done.stdout


@pytest.mark.parametrize(("program", "command"), ADVICE)
def test_a_value_arrives_whole_in_the_way_that_is_advised(program: str, command: str) -> None:
    # cases C-1awk, C-1python
    if not shutil.which(program):
        pytest.skip(f"there is no {program}")
    assert run(command, VALUE) == VALUE


def test_awk_matches_what_the_value_says_where_it_takes_it_from_the_environment() -> None:
    # case C-awkv: awk -v would make web.1 of it, which matches webX1 as well
    command = """printf 'webX1\\nweb.1\\n' | awk '$0 ~ ENVIRON["OPSIMATE_PARAM_x"]'"""
    assert run(command, r"web\.1") == "web.1\n"


def test_awk_replaces_by_a_value_from_the_environment() -> None:
    # case C-1awk
    command = """printf 'an old one\\n' | awk '{ gsub(/old/, ENVIRON["OPSIMATE_PARAM_x"]); print }'"""
    assert run(command, "$(new)") == "an $(new) one\n"


@pytest.mark.parametrize(
    "command",
    [
        """unset 'a["OPSIMATE_PARAM_x"]' {{ x }}""",
        """builtin unset awk 'a["OPSIMATE_PARAM_x"]'""",
        """awk "$(unset 'a["OPSIMATE_PARAM_x"]')" """,
        """awk() { unset "$1"; }; awk 'ENVIRON["OPSIMATE_PARAM_x"]'""",
        """bash -c 'echo "${ENVIRON["OPSIMATE_PARAM_x"]}"'""",
        """awk BEGIN; a["OPSIMATE_PARAM_x"]=1""",
    ],
)
def test_what_bash_itself_would_compute_is_refused_as_before(command: str) -> None:
    with pytest.raises(TemplateError):
        compile_command(command, {"x": Value()}, "bash")
