"""Which values may stand where: every kind of place with values of every class, in the text and in real shells."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from catalog.domain.shell.analysis import CommandError, compile_command
from catalog.domain.shell.values import PATH_PATTERN, PLAIN_PATTERN, value_of
from shared.commands import broken_limits, command_to_run, command_to_show, prelude
from shared.contracts.parameter import Parameter
from shared.runs.binding import typed_value, value_text

PARAMETERS = {
    "free": Parameter(name="x"),
    "digits": Parameter(name="x", type="integer"),
    "plain": Parameter(name="x", pattern=PLAIN_PATTERN, required=True),
    "path": Parameter(name="x", pattern=PATH_PATTERN, required=True),
    "choice": Parameter(name="x", type="choice", options=["a", 'it\'s $(mark); `mark` \\ "x"', "-v", "b c"]),
    "folder": Parameter(name="x", pattern="/opt/[A-Za-z0-9._/-]+", required=True),
    "code": Parameter(name="x", code=True),
}
VALUES = {
    "free": ["$(mark)", "'; mark; '", '"; mark; "', "`mark`", "a\nmark\n", "a b", "-e", "", "a[$(mark)]"],
    "digits": ["0", "5", "-3", "9223372036854775807"],
    "plain": ["a", "then", "esac", "a.b-c", "E", "true", "9"],
    "path": ["a=b", "%x", "=ls", "@x", "+x", ",", "/a/../b", "x:y", "a@b"],
    "choice": PARAMETERS["choice"].options or [],
    "folder": ["/opt/a", "/opt/../a"],
    "code": ["true"],
}
ANY = "free digits plain path choice folder code"
TEXT = "digits plain path choice folder"
STRING = "digits plain choice"
BARE = "digits choice"
ROWS = [
    # a shell word that the environment reaches
    ("echo {{ x }}", ANY),
    ("cat < {{ x }} > {{ x }}; v={{ x }}; # {{ x }}", ANY),
    ("cat <<E\n{{ x }}\nE", ANY),
    ("sh -c 'echo {{ x }}'", ANY),
    ("echo {0..{{ x }}}", "digits"),
    ("echo ~{{ x }}", "digits plain"),
    # a word of a shell that it does not reach
    ("ssh h 'echo {{ x }}'", TEXT),
    ("ssh h \"echo '{{ x }}' {{ x }}\"", TEXT),
    ("ssh h echo {{ x }}", TEXT),
    ("sudo sh -c 'echo {{ x }}'", TEXT),
    ("docker exec c sh -c 'echo {{ x }}'", TEXT),
    ("cat <<'E'\n{{ x }}\nE", TEXT),
    ("vagrant ssh -c 'ls {{ x }}'", TEXT),
    ("gcloud compute ssh h --command='ls {{ x }}'", TEXT),
    ("ansible all -m shell -a 'ls {{ x }}'", TEXT),
    ("tmux new-session -d 'ls {{ x }}'", TEXT),
    ("ssh h <<'E'\necho {{ x }}\nE", TEXT),
    # right behind the dash of an option
    ("kill -{{ x }}", BARE),
    # the name of a program, a file that is run
    ("{{ x }} a", "choice folder"),
    ("{{ x }}/bin/stop.sh", "choice folder"),
    ('"{{ x }}"/bin/stop.sh', "choice folder"),
    ("/opt/{{ x }}/bin/stop.sh", STRING),
    (". {{ x }}", "choice folder"),
    ("ssh h '{{ x }} a'", "choice folder"),
    # variables that are run, or choose what is
    ("PATH={{ x }} a", "choice"),
    ("export GIT_SSH_COMMAND={{ x }}", "choice"),
    # words that could be assignments
    ("make {{ x }}", TEXT + " code"),
    ("make VERSION={{ x }}", TEXT + " code"),
    # a variable's name, a subscript
    ("export {{ x }}=1", "choice"),
    ("read {{ x }}", "choice"),
    ("test -v {{ x }}", "choice"),
    ('declare -A m; echo "${m[{{ x }}]}"', STRING),
    # arithmetic
    ("echo $(( {{ x }} + 1 ))", "digits"),
    ("a[{{ x }}]=1", "digits"),
    ("let y={{ x }}", "digits"),
    ('echo "${PATH:{{ x }}}"', "digits"),
    ("[ 1 -gt {{ x }} ]", "digits"),
    ("[[ 1 -gt {{ x }} ]]", "digits"),
    # an unquoted variable of the author's
    ("v={{ x }}; find $v", TEXT),
    ('v={{ x }}; find "$v"', ANY),
    # inside a string of another language, and bare
    ("sed 's/a/{{ x }}/' f", STRING + " code"),
    ("""awk '$1 == "{{ x }}"' f""", STRING + " code"),
    ("""psql -c "select '{{ x }}'" """, STRING + " code"),
    ("""psql -c 'drop table "{{ x }}"' """, STRING + " code"),
    ("""psql -c 'delete from t where a = "{{ x }}"' """, BARE + " code"),
    ("""jq '.["{{ x }}"]' f""", STRING + " code"),
    ("awk '$1 > {{ x }}' f", BARE + " code"),
    ("""awk '{ system("a {{ x }}") }' f""", BARE + " code"),
    ("""jq '"\\(.a) {{ x }}"' f""", BARE + " code"),
    ("sed 's/a/b/{{ x }}' f", BARE + " code"),
    ('echo "a {{ x }}" | dc', BARE + " code"),
    ("socat - SYSTEM:'ls {{ x }}'", STRING + " code"),
    # the whole of a code
    ("eval {{ x }}", "code"),
    ("trap {{ x }} EXIT", "code"),
    ("sh -c {{ x }}", "code"),
    ("awk {{ x }} f", "code"),
]


@pytest.mark.parametrize(("template", "classes"), ROWS)
@pytest.mark.parametrize("name", PARAMETERS)
def test_a_value_stands_only_where_its_class_may(template: str, classes: str, name: str) -> None:
    values = {"x": value_of(PARAMETERS[name])}
    if name in classes.split():
        compile_command(template, values, "bash")
    else:
        with pytest.raises(CommandError) as caught:
            compile_command(template, values, "bash")
        assert "or give `x` " in str(caught.value)


RUN_A_VALUE = (Path(__file__).parent.parent / "samples" / "commands_that_run_a_value.txt").read_text().splitlines()
"""One a line; ¶ stands for a line's end within it."""


@pytest.mark.parametrize("template", RUN_A_VALUE)
def test_no_text_comes_to_be_run_by_a_program_that_runs_what_it_is_given(template: str) -> None:
    # cases A29-git, A29-make, A29-tar
    with pytest.raises(CommandError) as caught:
        compile_command(template.replace("¶", "\n"), {"x": value_of(PARAMETERS["free"])}, "bash")
    assert "{{ x }}" in str(caught.value)


# --- in real shells, with stand-ins for what leads elsewhere

REMOTE_SHELLS = [shell for shell in ("dash", "bash", "mksh", "zsh", "fish", "tcsh") if shutil.which(shell)]
ELSEWHERE = """#!/bin/sh
while [ "$1" != h ] && [ "$1" != sh ] && [ "$1" != c ] && [ $# -gt 1 ]; do shift; done
[ "$1" = h ] || [ "$1" = c ] && shift
[ "$1" = sh ] && [ "$2" = -c ] && shift 2
exec env -i PATH="$PATH" HOME=/ {shell} -c "$*"
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "work").mkdir()
    for program in ("sh", "bash", "dash", "cat", "env", "sed", "awk", "expr", "seq", "printf", *REMOTE_SHELLS):
        if (found := shutil.which(program)) and not (tmp_path / "bin" / program).exists():
            (tmp_path / "bin" / program).symlink_to(found)
    (tmp_path / "bin" / "mark").write_text(f"#!/bin/sh\n: > {shlex.quote(str(tmp_path / 'marked'))}\n")
    (tmp_path / "bin" / "mark").chmod(0o755)
    return tmp_path


def run(room: Path, script: str) -> str:
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=room / "work",
        env={"PATH": str(room / "bin"), "HOME": str(room / "work")},
        input="",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("remote", REMOTE_SHELLS)
@pytest.mark.parametrize("name", VALUES)
def test_no_value_of_any_class_is_run_at_any_place_where_it_may_stand(room: Path, name: str, remote: str) -> None:
    for program in ("ssh", "sudo", "docker"):
        (room / "bin" / program).write_text(ELSEWHERE.format(shell=remote))
        (room / "bin" / program).chmod(0o755)
    script = []
    for template, classes in ROWS:
        if name not in classes.split() or (name == "code") or (remote != "dash" and "h " not in template):
            continue
        found = compile_command(template, {"x": value_of(PARAMETERS[name])}, "bash")
        for value in VALUES[name]:
            values = {"x": value_text(typed_value(PARAMETERS[name], value))}
            if not any(broken_limits(found.limits, values)):
                script.append(f"(\n{prelude(values)}{command_to_run(found.parts, values)}\n)")
                script.append(f"(\n{command_to_show(found.parts, values)}\n)")
    assert script or remote != "dash" or name == "code"
    run(room, "\n".join(script))
    assert not (room / "marked").exists()


@pytest.mark.parametrize("remote", REMOTE_SHELLS)
@pytest.mark.parametrize("template", ["ssh h 'echo {{ x }}'", 'ssh h "echo {{ x }}"', "ssh h echo {{ x }}"])
def test_text_arrives_in_a_shell_that_no_variable_reaches(room: Path, template: str, remote: str) -> None:
    (room / "bin" / "ssh").write_text(ELSEWHERE.format(shell=remote))
    (room / "bin" / "ssh").chmod(0o755)
    for name in ("plain", "path", "digits"):
        found = compile_command(template, {"x": value_of(PARAMETERS[name])}, "bash")
        for value in VALUES[name]:
            if not any(broken_limits(found.limits, {"x": value})):
                for join in (command_to_run, command_to_show):
                    assert run(room, join(found.parts, {"x": value})).strip() == value
