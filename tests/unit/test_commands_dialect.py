"""Bash's words in a command for `sh`: refused where dash does something else with them, and nothing else is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from catalog.domain.shell.analysis import compile_command
from catalog.domain.shell.values import Value
from shared.placeholders import TemplateError

NEEDS_BOTH = pytest.mark.skipif(not (shutil.which("dash") and shutil.which("bash")), reason="needs dash and bash")
POSIX_SHELLS = [shell for shell in (["dash"], ["busybox", "sh"]) if shutil.which(shell[0])]

# What only bash has, a script that shows what becomes of it, and what dash prints and answers where that is bad.
BASH_WORDS = [
    ("&>", "id -u nosuchuser &>/dev/null || echo create", ""),  # case C-6c: create is missing
    ("&>>", "false &>>log || echo never", ""),
    (">&", "echo a >& log; cat log", None),
    ("|&", "ls nothing |& grep -c nothing", None),
    ("[[", "if [[ a == a ]]; then echo yes; fi", ""),
    ("[[", "f() { [[ -n $1 ]]; }; f a && echo yes", ""),
    ("((", "i=1; ((i > 0)) && echo yes", ""),
    ("((", "for ((i = 0; i < 2; i++)); do echo $i; done", None),
    ("=(", "a=(1 2); echo ${#a}", None),
    ("=(", "export a=(1 2); echo done", None),
    ("+=", "a=1; a+=2; echo $a", "1\n"),
    ("[", "a[0]=x; echo ${a}y", "y\n"),
    ("function", "function f { echo yes; }; f", None),
    ("select", "select x in a; do echo $x; break; done <<E\n1\nE", None),
    ("<(", "cat <(echo yes)", None),
    ("<(", "while read -r line; do echo $line; done < <(echo yes)", None),
    (">(", "echo yes > >(cat)", None),
    ("<<<", "cat <<< yes", None),
    ("$'", "printf %s $'a\\tb'", "$a\\tb"),
    ('$"', 'printf %s $"a"', "$a"),
    ("${", "x=abc; echo ${x//b/}", ""),
    ("${", 'x=abc; echo "${x:0:2}"', ""),
    ("${", "x=y; y=z; echo ${!x}", ""),
    ("${", "cat <<E\n${x^^}\nE", ""),
    ("$(<", "echo yes > log; echo $(<log)", "\n"),
    ("{…}", "for i in {1..3}; do echo $i; done", "{1..3}\n"),
    ("{…}", "mkdir -p x/{a,b}; ls x", "{a,b}\n"),
    ("{…}>", "echo yes {fd}>log; cat log", "yes {fd}\n"),
    (";&", "case a in a) echo 1;& b) echo 2;; esac", None),
    (";;&", "case a in a) echo 1;;& *) echo 2;; esac", None),
    ("for … {", "for i in 1 2; { echo $i; }", None),
    ("==", "if [ a == a ]; then echo yes; fi", ""),
    ("==", "if test ! a == b -a c = c; then echo yes; fi", ""),
    ("-v", "x=1; [ -v x ] && echo yes", ""),
    ("source", "echo 'x=yes' > ./lib; source ./lib; echo $x", "\n"),
    ("let", "let x=1; echo $x", "\n"),
    ("declare", "declare x=1; echo $x", "\n"),
    ("mapfile", "mapfile -t x < /dev/null && echo yes", ""),
    ("pushd", "pushd / > /dev/null && pwd", ""),
    ("on-call()", "on-call() { echo yes; }; on-call", None),
    ("&>", "echo `echo yes &> /dev/null`", "yes\n"),
]

POSIX = [
    "a > file 2>&1",
    "a & > file",
    "( (a); (b) )",
    "echo '{1..5} &> [[ $(<f)'",
    'echo "[[ &> <(x) {a,b} <<<"',
    '[ "$x" = "==" ] || [ a = == ]',
    "case $x in a | b) c ;; (d) e ;; *) ;; esac",
    "echo ${x:-a} ${x:=b} ${x:?c} ${x:+d} ${x#a} ${x##a} ${x%a} ${x%%a} ${#x} ${x-} $# ${#} $! ${!} $$ $? $- $@",
    "find . -exec rm {} \\; -o -exec ls {} +",
    "x={a,b}",
    "echo a{} {a} {a..} {foo..bar} a,b",
    "f() { a; }; f",
    "cat <<'E'\n[[ &> ${x//a/b}\nE",
    "cat <<E\n$x &> [[\nE",
    "a 3>&1 4>&- 5<&0 >&2",
    "# [[ &>\na",
    "echo a#b",
    "grep 'x$' f; grep x$ f",
    "echo \"a$\"'b'",
    "x=$((1 + 2)); echo $((x > 1 ? 1 : 2))",
    "cat < f > g; cat<f; x=$(cat <f); cat<<-E\n\tx\n\tE\n",
    "! a; if ! a; then b; fi; until a; do b; done; for i; do a; done",
    "export x=1; local y=1; set -- a b; read -r z",
    "awk '{print $1, $2}'; sed 's/a{1,2}/b/'",
    "echo \\{a,b\\} '{a,b}' \"{a,b}\"",
    "docker ps --format '{{.Names}}' {{ x }}",
    "test -n x -a -z y; [ ! -f x ]; [ x ]; [ ]; [ -v ]; [ = = = ]",
    "trap 'a' EXIT; wait; command -v x >/dev/null 2>&1",
    "bash -c '[[ a == b ]]'",
    "bash <<'E'\n[[ a ]]\nE",
    "echo function source [[ ==; x=[[",
    "pushd() { :; }; pushd x",
    "a&&b||c&",
    "{ a; } > f 2>&1; (a) 2>&1",
    "echo http://x/?a=1\\&b=2",
    "set -o pipefail; set -e",
    "(exit 1) < f",
    'printf \'%s\' "${x%%=*}" "${y:-"a b"}"',
]


def check_command(command: str, names: list[str], shell: str) -> None:
    compile_command(command, dict.fromkeys(names, Value()), shell)


def run(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, input="", capture_output=True, text=True, timeout=20, check=False)


def outcome(shell: str, script: str, folder: Path) -> tuple[str, int]:
    folder.mkdir()
    done = run([shell, "-c", script], cwd=folder)
    return done.stdout, done.returncode


def refused(command: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        check_command(command, ["x", "u"], "sh")
    return caught.value


@pytest.mark.parametrize(("word", "script", "printed"), BASH_WORDS)
def test_a_word_of_bash_is_refused_in_a_command_for_sh_with_both_ways_out(
    word: str, script: str, printed: str | None
) -> None:
    message = refused(script).message
    assert message.startswith(f"'{word}' is bash's, and sh does not know it: ")
    assert "; or set shell: bash" in message
    check_command(script, [], "bash")


@NEEDS_BOTH
@pytest.mark.parametrize(("word", "script", "printed"), BASH_WORDS)
def test_what_is_refused_for_sh_means_something_else_to_dash(
    word: str, script: str, printed: str | None, tmp_path: Path
) -> None:
    in_bash, in_dash = outcome("bash", script, tmp_path / "bash"), outcome("dash", script, tmp_path / "dash")
    assert in_bash != in_dash
    if printed is None:
        assert in_dash[1] == 2, "dash cannot even read it"
    else:
        assert in_dash[0] == printed


@pytest.mark.parametrize("command", POSIX)
def test_what_a_posix_shell_understands_is_not_taken_for_bash(command: str) -> None:
    check_command(command, ["x"], "sh")
    for shell in POSIX_SHELLS:
        done = run([*shell, "-n", "-c", command])
        assert done.returncode == 0, f"{shell}: {done.stderr}"


def test_the_word_is_told_with_its_line_and_column_in_the_template() -> None:
    # case C-6c
    error = refused("set -e\nid -u {{ u }} &>/dev/null || echo create")
    assert (error.line, error.column) == (2, 15)
    assert "bash" in error.message
    assert "> … 2>&1" in error.message


def test_the_first_of_several_is_told() -> None:
    error = refused("a {b,c} &> d\n[[ e ]]")
    assert (error.line, error.column) == (1, 3)


def test_a_text_that_cannot_be_read_to_its_end_is_judged_as_far_as_it_can() -> None:
    assert refused("[[ a ]] && echo 'never closed").column == 1
    check_command("cat <<E\nnever closed", [], "sh")


def test_looking_for_braces_takes_no_longer_than_the_text_is_long() -> None:
    check_command("echo " + "{," * 30_000, [], "sh")
