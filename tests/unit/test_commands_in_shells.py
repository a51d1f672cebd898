"""What real shells make of compiled commands: every value arrives byte for byte, and none of it is ever run.

All that a value could run here is `mark`, a program that leaves a file behind.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.shell.analysis import Compiled, compile_command
from catalog.domain.shell.values import Value
from shared.commands import command_to_run, command_to_show, prelude
from shared.placeholders import TemplateError, placeholder_names

BINARIES = {"dash": "dash", "bash": "bash", "ash": "busybox", "mksh": "mksh"}
SHELLS = [shell for shell, binary in BINARIES.items() if shutil.which(binary)]
FREE = Value(may_be_option=False)
"""Any text, and the author said `leading_dash: true`."""
PROGRAMS = ("sh", "dash", "bash", "cat", "env", "printf", "xargs", "true", "mkdir", "rm")
PRINTABLE = "".join(map(chr, range(32, 127)))
NASTY = [
    PRINTABLE,
    "'; mark; #",
    '"; mark; "',
    "$(mark)",
    "`mark`",
    "\nmark\n",
    "\n\nE\nmark\n",
    "E",
    "\tE\n\tx",
    "E mark)",
    "x\nE mark)\n",
    "a[$(mark)]",
    "-va[$(mark)]",
    "'\\''; mark; '",
    "\\",
    "\\\n",
    "\\'$(mark)",
    "}; mark; {",
    ") ; mark; (",
    "$",
    "${x",
    "!!",
    " a  b ",
    "*",
    "~",
    "~root",
    "-e",
    "-n",
    "5",
    "esac",
    "",
    "é\u2028\U0001f600\r\x01\x7f",
]
FUZZING = settings(
    max_examples=20, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
"""The same examples each time, and few; whoever changes the analysis tries more, at random."""


@dataclass
class Room:
    """A place to run shells in, with few programs and a file that tells that something was run."""

    path: Path

    @property
    def marked(self) -> bool:
        return (self.path / "marked").exists()

    def run(self, shell: str, script: str) -> None:
        (self.path / "marked").unlink(missing_ok=True)
        (self.path / "script").write_bytes(script.encode())
        work = self.path / "work"
        environment = {"PATH": str(self.path / "bin"), "HOME": str(work), "LC_ALL": "C.UTF-8"}
        subprocess.run(
            [self.path / "bin" / shell, str(self.path / "script")],
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    path = tmp_path_factory.mktemp("room")
    (path / "bin").mkdir()
    (path / "work").mkdir()
    for program in {*PROGRAMS, *SHELLS}:
        (path / "bin" / program).symlink_to(shutil.which(BINARIES.get(program, program)) or program)
    mark = path / "bin" / "mark"
    mark.write_text(f"#!/bin/sh\n: > {shlex.quote(str(path / 'marked'))}\n")
    mark.chmod(0o755)
    yield Room(path)
    shutil.rmtree(path)


# --- every value arrives, wherever the placeholder stands


@dataclass(frozen=True)
class Command:
    """A command template that prints a value, and what it should print, with NUL for the value."""

    template: str
    prints: str


def in_double_quotes(script: str) -> str:
    return '"' + re.sub(r'([\\"$`])', r"\\\1", script) + '"'


def in_either_quotes(script: str) -> st.SearchStrategy[str]:
    return st.sampled_from([shlex.quote(script), in_double_quotes(script)])


WORDS = [
    Command("{{ x }}", "\0"),
    Command("a{{ x }}b", "a\0b"),
    Command('"{{ x }}"', "\0"),
    Command('"a {{ x }} b"', "a \0 b"),
    Command("'{{ x }}'", "\0"),
    Command("'a {{ x }} $(mark) b'", "a \0 $(mark) b"),
    Command('"\\"{{ x }}\\" \\$(mark)"', '"\0" $(mark)'),
    Command("\\'{{ x }}\\'", "'\0'"),
    Command("{{ x }}'{{ x }}'\"{{ x }}\"{{ x }}", "\0\0\0\0"),
    Command("$e{{ x }}", "\0"),
    Command('"$e{{ x }}"', "\0"),
    Command('"$(y={{ x }}; printf %s- "${unset:-$y}")"', "\0-"),
    Command("'a'`printf %s- [`'-]'{{ x }}", "a[--]\0"),
    Command('"$(printf %s- {{ x }})"', "\0-"),
    Command('"$(printf "%s-" "{{ x }}" \'{{ x }}\')"', "\0-\0-"),
    Command('"$(cat <<E\n{{ x }}-\nE\n)"', "\0-"),
    Command('"$(echo $((1 << 2)))"{{ x }}', "4\0"),
]
SIMPLE = [Command(f"printf %s {word.template}", word.prints) for word in WORDS] + [
    Command("cat <<E\n{{ x }}\nE\n", "\0\n"),
    Command("cat <<-E\n\t a{{ x }}'{{ x }}' \\$(mark)\n\tE\n", " a\0'\0' $(mark)\n"),
    Command('cat <<E1 - <<E\nmark\nE1\n$e{{ x }}"$(printf %s- {{ x }})"\nE\n', '\0"\0-"\n'),
    Command('v={{ x }}; printf %s "$v"', "\0"),
    Command("v='{{ x }}' sh -c 'printf %s \"$v\"'", "\0"),
    Command("export v={{ x }}; sh -c 'printf %s \"$v\"'", "\0"),
    Command('for v in - {{ x }}; do printf %s "$v"; done', "-\0"),
    Command("case {{ x }} in {{ x }}) printf %s '{{ x }}' ;; *) mark ;; esac", "\0"),
    Command("[ {{ x }} = '{{ x }}' ] && printf %s {{ x }}", "\0"),
    Command('set -- {{ x }}; printf %s "$1" # it\'s {{ x }}', "\0"),
    Command('f() { printf %s "$2"; }; f - {{ x }}', "\0"),
    Command("sh -c 'printf %s \"$1\"' sh {{ x }}", "\0"),
    Command("printf %s \\\n {{ x }}", "\0"),
    Command('v=`printf %s- {{ x }}`; printf %s "$v"', "\0-"),
    Command('v=`printf %s- "{{ x }}" \'{{ x }}\'`; printf %s "$v"', "\0-\0-"),
    Command("eval printf %s {{ x }}", "\0"),
    Command("sh <<E\nprintf %s {{ x }} '{{ x }}'\nE\n", "\0\0"),
    Command("sh -s -- {{ x }} <<'E'\nprintf %s \"$1\"\nE\n", "\0"),
]


def around(commands: st.SearchStrategy[Command]) -> st.SearchStrategy[Command]:
    """A command with another inside it."""
    scripts = commands.flatmap(
        lambda command: st.builds(
            lambda shell, script: replace(command, template=f"{shell} {script}"),
            st.sampled_from(["sh -c", "bash -ec", "env A=b sh -c", "true | sh -c", "eval", "xargs sh -c"]),
            in_either_quotes(command.template),
        )
    )
    shapes = [
        "( {}\n)",
        "{{ {}\n}}",
        "if true; then {}\nfi",
        "true && {{ {}\n}}",
        "{{ {}\n}} | cat",
        'for i in 1; do {}\ndone\nprintf ""',  # bash 5.2 drops a semicolon there, where a here-document is in it
        "case a in (a) {}\nesac",
    ]
    compounds = st.builds(
        lambda command, shape: replace(command, template=shape.format(command.template)),
        commands,
        st.sampled_from(shapes),
    )
    substitutions = st.builds(
        lambda command: Command(f'printf %s "$( {command.template}\nprintf -- -)"', command.prints + "-"), commands
    )
    return st.one_of(scripts, compounds, substitutions)


COMMANDS = st.recursive(st.sampled_from(SIMPLE), around, max_leaves=4)
VALUES = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), max_size=3).map("".join),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
)


def compiled(template: str, names: Iterable[str], shell: str) -> Compiled:
    return compile_command(template, dict.fromkeys(names, FREE), "bash" if shell == "bash" else "sh")


def check_arrivals(room: Room, cases: list[tuple[Command, str]]) -> None:
    """Run every case compiled and as people are shown it, all in one process of each shell."""
    for shell in SHELLS:
        script = "e=\n"
        for number, (command, value) in enumerate(cases):
            parts = compiled(command.template, ["x"], shell).parts
            as_run = prelude({"x": value}) + command_to_run(parts, {"x": value})
            as_shown = command_to_show(parts, {"x": value})
            script += f"(\n{as_run}\n) > run-{number}\n(\n{as_shown}\n) > shown-{number}\n"
        room.run(shell, script)
        for number, (command, value) in enumerate(cases):
            expected = command.prints.replace("\0", value).encode()
            for way in ("run", "shown"):
                printed = room.path / "work" / f"{way}-{number}"
                assert (shell, way, command, printed.read_bytes()) == (shell, way, command, expected)
                printed.unlink()
        assert not room.marked, "something of a value was run"


@pytest.mark.parametrize("command", SIMPLE, ids=lambda command: command.template)
def test_every_nasty_value_arrives_at_every_place(room: Room, command: Command) -> None:
    check_arrivals(room, [(command, value) for value in NASTY])


@FUZZING
@given(cases=st.lists(st.tuples(COMMANDS, VALUES), min_size=1, max_size=8))
def test_any_value_arrives_byte_for_byte_and_nothing_of_it_is_run(room: Room, cases: list[tuple[Command, str]]) -> None:
    check_arrivals(room, cases)


def test_an_inner_script_fails_rather_than_run_with_a_value_that_did_not_arrive(room: Room) -> None:
    parts = compiled("forgetful sh -c 'printf %s {{ x }} > arrived'", ["x"], "sh").parts
    forgetful = room.path / "bin" / "forgetful"
    forgetful.write_text('#!/bin/sh\nunset OPSIMATE_PARAM_x\n"$@"\n')
    forgetful.chmod(0o755)
    room.run("sh", prelude({"x": "a"}) + f"{command_to_run(parts, {'x': 'a'})}\nprintf %s $? > status")
    assert not (room.path / "work" / "arrived").exists() or (room.path / "work" / "arrived").read_bytes() == b""
    assert (room.path / "work" / "status").read_text() != "0"


# --- whatever the template, a value is never run

TOKENS = [
    *["{{ a }}", "{{ b }}", "{{ c }}", "'{{ a }}'", '"{{ b }}"'] * 3,
    *["'", '"', "`", "$", "\\", "\n", "\\\n", " ", "\t", "#", ";", "&", "|", "(", ")", "{", "}", "=", "!", ",", "/"],
    *["$(", "${u:-", "${u:=", "${u#", "${u:", "$((", "((", "))", "<(", ">(", "$'", '$"', "$u", "\\{{", "{{", "}}"],
    *["<<E\n", "<<-E\n", "<<'E'\n", "\nE\n", "<<<", "<", ">", ">&", "<&", "&>", "&&", "||", ";;", "|&", ";&"],
    *["n=", "n[", "]", "[ ", " ]", "[[ ", " ]]", " -eq ", " -v ", " == ", " =~ ", "n=(", "..", "1", "~"],
    *["if ", " then ", " else ", " fi", "case 1 in ", "1) ", " esac", "for i in ", " do ", " done", "{ ", "; }"],
    *["eval ", "sh -c ", "bash -c ", "sh ", "bash ", ". ", "exec ", "trap ", "command ", "env ", "xargs ", "time "],
    *["printf ", "printf %s ", "cat ", "test ", "let ", "declare ", "local ", "export ", "unset ", "true ", "-c "],
    *["sh -c '", 'bash -c "', "eval '", "| sh", "| xargs sh -c ", "f() ", "coproc ", "select i in ", "-i ", "-a "],
]
BASES = [command.template.replace("mark", "true") for command in SIMPLE] + ["", "sh -c 'sh -c \"printf %s {{ a }}\"'"]
ATTACKS = {
    "x": st.just("$(mark)"),
    "a": st.sampled_from(["$(mark)", "n[$(mark)]", "-vn[$(mark)]", "-v", "mark", "'$(mark)'", "($(mark))"]),
    "b": st.sampled_from([";mark;", "\nmark\n", "`mark`", "|mark", "'\nmark\n'", '"\nmark\n"', "mark #", "-c"]),
    "c": st.sampled_from(["mark", "mark mark", ")\nmark\n(", "}\nmark\n{", "\nE\nmark\n", "n[$(mark)]", "\\"]),
}


@st.composite
def soups(draw: st.DrawFn) -> str:
    """A template of scraps, or a sound one with scraps in it."""
    base = draw(st.sampled_from(BASES)).replace("{{ x }}", "\0")
    for scrap in draw(st.lists(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=5).map("".join), max_size=4)):
        start = draw(st.integers(0, len(base)))
        end = draw(st.integers(start, min(len(base), start + 3)))
        base = base[:start] + scrap.replace("{{ x }}", "\0") + base[end:]
    return base.replace("\0", "{{ x }}")


@FUZZING
@given(templates=st.lists(soups(), min_size=10, max_size=30), values=st.fixed_dictionaries(ATTACKS))
def test_no_accepted_template_ever_runs_a_value(room: Room, templates: list[str], values: dict[str, str]) -> None:
    check_accepted(room, templates, values)


def check_accepted(room: Room, templates: list[str], values: dict[str, str]) -> None:
    """None of the templates that are accepted runs anything of the values."""
    for shell in SHELLS:
        accepted: list[str] = []
        for template in filter(placeholder_names, templates):
            try:
                accepted.append(prelude(values) + command_to_run(compiled(template, values, shell).parts, values))
            except TemplateError:
                continue
        if accepted:
            check_harmless(room, shell, accepted)


def check_harmless(room: Room, shell: str, scripts: list[str]) -> None:
    """Run the scripts, each in a shell and a directory of its own; if something was run, find out by which."""
    lines = [
        f"mkdir {number}; cd {number}; {shell} -c {shlex.quote(script)} <&-; cd ..; rm -r {number}"
        for number, script in enumerate(scripts)
    ]
    room.run(shell, "\n".join(["ulimit -t 2", *lines]))
    if room.marked and len(scripts) > 1:
        for script in scripts:
            check_harmless(room, shell, [script])
    assert not room.marked, f"{shell} ran something of a value: {scripts[0]}"


# --- nor does a value that takes a detour: into a variable or an argument, on to others, and then to code

BINDING = [
    "{t}={s}",
    '{t}="{s}"',
    "export {t}={s}",
    "{t}=$(printf %s {s})",
    "{t}=`printf %s {s}`",
    "{t}=({s} a)",
    "{t}=${{unset:-{s}}}",
    ': "${{{t}:={s}}}"',
    "read {t} <<E\n{s}\nE",
    "IFS=, read -r other {t} <<< a,{s}",
    "mapfile -t {t} <<< {s}",
    "printf -v {t} %s {s}",
    "eval '{t}={s}'",
    "for {t} in {s} {s}; do :; done",
    "f() {{ printf %s {s}; }}; {t}=$(f)",
    "f() {{ {t}=$1; }}; f {s}",
    "set -- a {s}; {t}=$2",
    "{t}=clean",
    "{t}=$(printf %s {s} | wc -c)",
]
FOLLOWING = ["{}\n{}", "{} && {{ {}\n}}", "f() {{ {}\n{}\n}}; f a", "for i in 1; do {}\n{}\ndone", "{}\n( {} )"]
USING = [
    "echo $(({n}))",
    "echo $(({s} + 1))",
    "(({n} > 1)) || (({s}))",
    "echo $[{n}]",
    "let y={n}",
    "[[ {n} -gt 1 ]]",
    "[[ -v {s} ]]",
    "[ {s} ]",
    "[ {s} -gt 1 ]",
    '[ "{s}" -gt 1 ] && printf %s "{s}"',
    'echo {s} "{s}" > out',
    "a[{n}]=1; echo ${{a[{s}]}}",
    "a=([{n}]=1)",
    "echo ${{PATH:{n}}}",
    "echo ${{!{n}}} ${{{n}@P}}",
    "declare -i y={n}",
    "printf {s}",
    'read "{s}"',
    'unset "{s}"',
    "{s}",
    '"{s}" a',
    'eval "{s}"',
    "eval 'echo {s}'",
    "eval '{s}'",
    "`eval {s}`",
    'trap "{s}" EXIT',
    'sh -c "{s}"',
    'bash -c "echo {s}"',
    "sh -c 'eval \"$1\"' _ {s}",
    "sh -c 'printf %s \"$1\"' _ {s}",
    "sh -c 'eval \"{s}\"'",
    'f() {{ eval "$1"; }}; f {s}',
    "f() {{ echo $(($1)); }}; f {s}",
    'set -- {s}; eval "$1"',
    "echo {s} | sh",
    'echo {s} | {{ read y; eval "$y"; }}',
    "f() {{ sh; }}; echo {s} | f",
    "sh <<E\necho {s}\nE",
    "bash <<'E'\neval {s}\nE",
    "bash <(echo {s})",
    "echo {s} > f; sh f",
    "echo {s} | cat > f; . ./f",
    "c=eval; $c {s}",
    "c=sh; $c -c {s}",
    'true {s}; eval "$_"',
    "xargs -n 1 env {s} < /dev/null",
]


@st.composite
def detours(draw: st.DrawFn) -> str:
    """A value that is bound to a name, then perhaps to others, and in the end used."""
    name, source, lines = "v", draw(st.sampled_from(["{{ x }}", "{{ a }}", "{{ b }}", '"$OPSIMATE_PARAM_a"'])), []
    for target in draw(st.sampled_from(["v", "vw", "vwz"])):
        lines.append(draw(st.sampled_from(BINDING)).format(t=target, s=source))
        name = target
        source = draw(st.sampled_from([f"${name}", f"${{{name}}}", f'"${name}"', f"${{{name}%z}}", name]))
    lines.append(draw(st.sampled_from(USING)).format(n=name, s=f"${name}" if source == name else source))
    template = lines[0]
    for line in lines[1:]:
        template = draw(st.sampled_from(FOLLOWING)).format(template, line)
    return template


@FUZZING
@given(templates=st.lists(detours(), min_size=15, max_size=30), values=st.fixed_dictionaries(ATTACKS))
def test_no_accepted_detour_ever_runs_a_value(room: Room, templates: list[str], values: dict[str, str]) -> None:
    check_accepted(room, templates, values)


def test_detours_that_end_in_data_are_accepted() -> None:
    harmless = [use for use in USING if use.startswith("sh -c 'printf")]
    for bind in (bind for bind in BINDING if "`" not in bind and "${{" not in bind):
        for use in harmless:
            template = "{}\n{}".format(bind.format(t="v", s="{{ x }}"), use.format(n="v", s="$v"))
            compiled(template.replace("_ $v", '_ "$v"'), ["x"], "bash")
