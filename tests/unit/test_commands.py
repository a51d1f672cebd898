"""Placeholders in plain texts and in shell commands, one place after the other."""

import re

import pytest

from catalog.domain.shell.analysis import Compiled, compile_command
from catalog.domain.shell.values import Value
from shared.commands import command_to_run, command_to_show, prelude, variable_name
from shared.placeholders import TemplateError, placeholder_names, render_text

FREE = Value()


def parts_of(template: str, *names: str, shell: str = "bash") -> Compiled:
    return compile_command(template, dict.fromkeys(names or ["x"], FREE), shell)


def compiled(template: str) -> str:
    """The command with its reference to `x` shortened, so that examples can be read."""
    return command_to_run(parts_of(template).parts, {"x": "5"}).replace("OPSIMATE_PARAM_x", "X")


def shown(template: str, value: str) -> str:
    return command_to_show(parts_of(template).parts, {"x": value})


def refusal(template: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        parts_of(template, "x", "alert.labels.instance")
    return caught.value


# --- what a placeholder is


def test_only_a_dotted_name_between_double_braces_is_a_placeholder() -> None:
    text = "{{ a }} {{b.c-d}} {{.Names}} {{ .Names }} {{range .X}} {{}} {{ a | b }} {{ 9 }} {{ a.9 }} {{a-b}} {{ a\n}}"
    assert placeholder_names(text) == ["a", "b.c-d"]


def test_names_are_listed_once_in_their_order() -> None:
    assert placeholder_names("{{ b }}{{ a }}{{b}}") == ["b", "a"]


def test_a_backslash_makes_the_braces_plain() -> None:
    assert placeholder_names(r"\{{ a }} \{{.Names}} \\{{ b }}") == ["b"]
    assert render_text(r"\{{ a }} \{{.Names}} \\{{ b }}", {"b": "1"}) == r"{{ a }} {{.Names}} \\1"
    assert compiled(r"docker ps --format '\{{ x }} {{.Names}}' --filter name={{ x }}") == (
        "docker ps --format '{{ x }} {{.Names}}' --filter name=\"${X}\""
    )


def test_a_plain_text_gets_its_values_as_they_are() -> None:
    values = {"alert.labels.instance": "a'b$(c)", "host": "web-1"}
    assert render_text("{{host}}:{{ alert.labels.instance }}!", values) == "web-1:a'b$(c)!"


def test_an_unknown_name_is_named_with_its_place_and_the_nearest_known_one() -> None:
    with pytest.raises(TemplateError) as caught:
        render_text("a\n  {{ servise }}", {"service": "", "host": ""})
    assert (caught.value.line, caught.value.column) == (2, 3)
    assert "'servise'" in caught.value.message
    assert "did you mean {{ service }}?" in caught.value.message
    assert str(caught.value).startswith("line 2, column 3: ")


def test_an_unknown_name_in_a_command_is_an_error_with_its_column() -> None:
    with pytest.raises(TemplateError) as caught:
        parts_of(r"echo \{{ x }} {{ servise }}", "service")
    assert (caught.value.line, caught.value.column) == (1, 15)
    assert "{{ service }}" in caught.value.message


def test_a_command_without_placeholders_is_left_alone_where_a_shell_might_take_it() -> None:
    for command in ("echo (a", "f() echo a", "docker ps --format '{{.Names}}'", ""):
        assert command_to_run(parts_of(command).parts, {}) == command


# --- variables


def test_variable_names_are_legal_and_never_collide() -> None:
    names = ["a", "a_b", "a.b", "a.b_c", "a.b.c", "a_b.c", "a.b-c", "a__b", "a.b1c", "a._b", "a_.b", "A", "a.b2c"]
    variables = [variable_name(name) for name in names]
    assert len(set(variables)) == len(names)
    assert all(variable.isidentifier() and variable.startswith("OPSIMATE_") for variable in variables)
    assert variable_name("service") == "OPSIMATE_PARAM_service"


@pytest.mark.parametrize("name", ["", "a b", "a;b", "9", "a.", "a\n", "a-b"])
def test_what_is_no_name_gets_no_variable(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        variable_name(name)


def test_the_prelude_exports_every_value_in_single_quotes() -> None:
    assert prelude({"a": "it's $(x)", "b.c": ""}) == (
        "export OPSIMATE_PARAM_a='it'\\''s $(x)';export OPSIMATE_VALUE_b__c='';"
    )
    assert prelude({}) == ""


def test_a_nul_character_is_refused_with_the_parameters_name() -> None:
    with pytest.raises(ValueError, match="'a'"):
        prelude({"a": "x\0y"})
    assert "NUL" in refusal("echo \0 {{ x }}").message


@pytest.mark.parametrize(
    ("template", "column"),
    [
        ("echo {{ x", 6),
        ("echo {{x }", 6),
        ("echo {{ x }} {{ x && docker ps --format '{{.Names}}'", 14),
        ("echo {{ alert.labels.x\n}}", 6),
        ('echo "{{ x" ${a:-${b}}', 7),
        (r"echo \\{{ x", 8),
    ],
)
def test_a_placeholder_that_is_never_closed_is_refused_with_its_column_and_what_to_do(
    template: str, column: int
) -> None:
    with pytest.raises(TemplateError) as caught:
        parts_of(template)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert re.search(r"is never closed: write \{\{ [\w.]+ \}\}, or \\\{\{ for plain braces", caught.value.message)


@pytest.mark.parametrize(
    "template",
    [
        r"echo \{{ x",
        "echo {{range .X}}{{ a | b }}{{end | x}}",
        """echo '{{ printf "%s" .X }}'""",
        "echo {{a,b},{c,d},e}",
        "docker ps --format '{{json .}} {{ .Names }}'",
        "echo {{",
        "f() { { a; } }",
    ],
)
def test_braces_that_are_other_programs_or_the_shells_own_are_left_alone(template: str) -> None:
    parts_of(template)


def test_a_carriage_return_within_a_line_is_refused_with_its_column() -> None:
    # case A03
    with pytest.raises(TemplateError) as caught:
        parts_of("true\nprintf 'a\rb'")
    assert (caught.value.line, caught.value.column) == (2, 10)
    assert r"printf '\r'" in caught.value.message


# --- places: what a placeholder becomes


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("echo {{ x }}", 'echo "${X}"'),
        ("echo a{{ x }}b", 'echo a"${X}"b'),
        ('echo "a {{ x }} b"', 'echo "a ${X} b"'),
        ("echo 'a {{ x }} b'", "echo 'a '\"${X}\"' b'"),
        (r'echo "\"{{ x }}" \"{{ x }}\" \'.', r'echo "\"${X}" \""${X}"\" ' + r"\'."),
        ("echo a\\\n{{ x }}", 'echo a\\\n"${X}"'),
        ("V={{ x }} run", 'V="${X}" run'),
        ("export V={{ x }} W='{{ x }}'", "export V=\"${X}\" W=''\"${X}\"''"),
        ("echo a >{{ x }} 2>>'{{ x }}'", "echo a >\"${X}\" 2>>''\"${X}\"''"),
        ("cat <<< {{ x }}", 'cat <<< "${X}"'),
        ("a=({{ x }} 'b c')", "a=(\"${X}\" 'b c')"),
        ("[ {{ x }} = y ] && [ -n {{ x }} ]", '[ "${X}" = y ] && [ -n "${X}" ]'),
        ("[[ {{ x }} == a* && b =~ ^({{ x }}|c)$ ]]", '[[ "${X}" == a* && b =~ ^("${X}"|c)$ ]]'),
        ('v={{ x }}; echo "${y:-$v}"', 'v="${X}"; echo "${y:-$v}"'),
        ("echo `cat {{ x }}` `cat '{{ x }}'`", "echo `cat \"\\${X}\"` `cat ''\"\\${X}\"''`"),
        ('echo $(cat {{ x }}) "$(cat "{{ x }}" \'{{ x }}\')"', 'echo $(cat "${X}") "$(cat "${X}" \'\'"${X}"\'\')"'),
        ("cat <(sort {{ x }})", 'cat <(sort "${X}")'),
        ("for i in a {{ x }}; do echo {{ x }}; done", 'for i in a "${X}"; do echo "${X}"; done'),
        ("case {{ x }} in a|{{ x }}) ls {{ x }} ;; esac", 'case "${X}" in a|"${X}") ls "${X}" ;; esac'),
        (
            "if a; then b {{ x }}; elif c; then d; else e {{ x }}; fi",
            'if a; then b "${X}"; elif c; then d; else e "${X}"; fi',
        ),
        ('f() { echo "$1"; }; f {{ x }}', 'f() { echo "$1"; }; f "${X}"'),
        ("(cd /; ls {{ x }}) | { cat; } && ! grep {{ x }}", '(cd /; ls "${X}") | { cat; } && ! grep "${X}"'),
        ("echo $((1 << 2)) {{ x }}", 'echo $((1 << 2)) "${X}"'),
        ("echo `date` ${y#*/} {{ x }}", 'echo `date` ${y#*/} "${X}"'),
        ("ls a#{{ x }} # it's {{ x }}\nls {{ x }}", 'ls a#"${X}" # it\'s {{ x }}\nls "${X}"'),
        ("ls # {{ unknown }}", "ls # {{ unknown }}"),
        ("$SUDO systemctl restart {{ x }}", '$SUDO systemctl restart "${X}"'),
        ("a &&\n  b {{ x }} || \\\n  c", 'a &&\n  b "${X}" || \\\n  c'),
    ],
)
def test_a_placeholder_becomes_a_reference_quoted_for_its_place(template: str, expected: str) -> None:
    assert compiled(template) == expected


def test_a_placeholder_in_a_here_document_becomes_a_reference() -> None:
    assert compiled("cat <<E; cat <<-\tF\n'{{ x }}'\nE\n\t\"{{ x }}\" $(ls {{ x }})\n\tF\nls {{ x }}") == (
        'cat <<E; cat <<-\tF\n\'${X}\'\nE\n\t"${X}" $(ls "${X}")\n\tF\nls "${X}"'
    )


def test_a_here_document_inside_a_substitution_is_found() -> None:
    assert compiled('echo "$(cat <<E\n{{ x }}"\nE\n)" {{ x }}') == 'echo "$(cat <<E\n${X}"\nE\n)" "${X}"'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("sh -c 'echo {{ x }}'", "sh -c 'echo \"${X?}\"'"),
        ("sh -c 'echo \"{{ x }}\"'", "sh -c 'echo \"${X?}\"'"),
        ('sh -c "echo {{ x }}"', r'sh -c "echo \"\${X?}\""'),
        (r'/bin/bash -o pipefail -lc "echo \"a {{ x }}\""', r'/bin/bash -o pipefail -lc "echo \"a \${X?}\""'),
        ("sh -c \"echo '{{ x }}'\"", "sh -c \"echo ''\\\"\\${X?}\\\"''\""),
        ("sh -c echo\\ {{ x }}", "sh -c echo\\ '\"${X?}\"'"),
        ("nice -n 5 env A=b timeout 5 sh -c 'ls {{ x }}'", "nice -n 5 env A=b timeout 5 sh -c 'ls \"${X?}\"'"),
        ("find . -exec sh -c 'ls {{ x }}' \\;", "find . -exec sh -c 'ls \"${X?}\"' \\;"),
        ("runner --fast sh -c 'ls {{ x }}'", "runner --fast sh -c 'ls \"${X?}\"'"),
        ("flock /tmp/l -c 'ls {{ x }}'", "flock /tmp/l -c 'ls \"${X?}\"'"),
        ("trap 'rm {{ x }}' EXIT", "trap 'rm \"${X?}\"' EXIT"),
        ("eval 'ls {{ x }}'", "eval 'ls \"${X?}\"'"),
        ("eval ls {{ x }}", "eval ls '\"${X?}\"'"),
        ("sh <<E\nls {{ x }} '{{ x }}'\nE", "sh <<E\nls \"\\${X?}\" ''\"\\${X?}\"''\nE"),
        ("sudo -E sh -c 'ls {{ x }}'", "sudo -E sh -c 'ls \"${X?}\"'"),
        ("bash -c \"sh -c 'ls {{ x }}'\"", 'bash -c "sh -c \'ls \\"\\${X?}\\"\'"'),
        ("sh -c 'ls \"$1\"' sh {{ x }}", 'sh -c \'ls "$1"\' sh "${X}"'),
        ("echo sh -c '{{ x }}'", "echo sh -c ''\"${X}\"''"),
        ("useradd -s /bin/bash -c {{ x }} joe", 'useradd -s /bin/bash -c "${X}" joe'),
    ],
)
def test_an_inner_script_gets_the_reference_and_not_the_value(template: str, expected: str) -> None:
    assert compiled(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "grep -e {{ x }} file",
        "tar -cf {{ x }} .",
        "sed -i.bak s/a/b/ {{ x }}",
        "awk -v v={{ x }} '{print v}' {{ x }}",
        "jq --arg v {{ x }} '.a == $v' {{ x }}",
        "python3 script.py -c {{ x }}",
        "python3 -m http.server {{ x }}",
        "mysql -u {{ x }} -p{{ x }} -e 'show tables' {{ x }}",
        "echo {{ x }} | psql -v v={{ x }} -c 'select 1'",
        "bash deploy.sh {{ x }} < {{ x }}",
        "echo {{ x }} | bash deploy.sh",
        "sudo -u {{ x }} -- systemctl restart {{ x }}",
        "docker run -e ENV={{ x }} --name {{ x }} image {{ x }}",
        "kubectl -n {{ x }} -c {{ x }} logs {{ x }}",
        "ssh -p {{ x }} user@{{ x }} uptime",
        "scp -- {{ x }} host:/srv/",
        "command -v {{ x }}",
        'v={{ x }}; cat <<E; echo "a; $v" \\\n  "$v"\n$v\nE',
        'v={{ x }}; sh -c \'echo "$1"\' sh "$v"; case a in $v) ;; esac',
        "n=$(wc -l < {{ x }}); echo $((n + 1))",
        "find {{ x }} -name {{ x }} -exec rm {} +",
        "exit {{ x }}",
        'echo {{ x }} | while read -r l; do echo "$l"; done',
    ],
)
def test_ordinary_commands_are_accepted(template: str) -> None:
    assert "{{" not in compiled(template)


# --- what is refused


@pytest.mark.parametrize(
    ("template", "column", "advice"),
    [
        ("echo 'a {{ x }}", 6, "never closed"),
        ('echo {{ x }} "', 14, "never closed"),
        ("echo `ls {{ x }}`", 6, "read -r name"),
        ("echo ${{ x }}", 7, "\\${{ x }}"),
        ("echo $'{{ x }}'", 8, "leave out the dollar"),
        ("echo ${y#{{ x }}}", 10, "v={{ x }}"),
        ("echo ${y:={{ x }}}", 11, "v={{ x }}"),
        ("echo $(( {{ x }} + 1 ))", 10, "expr {{ x }}"),
        ("echo $(( $(ls {{ x }}) + 1 ))", 10, "expr"),
        ("((i += {{ x }}))", 8, "expr"),
        ("let i={{ x }}", 7, "expr"),
        ("[[ {{ x }} -eq 1 ]]", 4, "the type integer"),
        ("a[{{ x }}]=1", 3, "the type integer"),
        ("a=([{{ x }}]=1)", 5, "the type integer"),
        ("printf -v {{ x }} a", 11, "choose the variable"),
        ("printf {{ x }} a", 8, "printf '%s\\n' {{ x }}"),
        ("read {{ x }}", 6, "choose the variable"),
        ("test -v {{ x }}", 9, "choose the variable"),
        ("[ {{ x }} {{ x }} ]", 11, "-v"),
        ("echo >& {{ x }}", 9, "2>&1"),
        ("echo \\\\\\\\\\\n{{ x }} $\\\n(ls {{ x }})", 10, "sh FILE {{ x }}"),
        ("{{ x }} a", 1, "choose the program"),
        ("A=b {{ x }}", 5, "choose the program"),
        ("a && {{ x }}", 6, "choose the program"),
        ("if {{ x }}; then b; fi", 4, "choose the program"),
        ("sudo -u root {{ x }}", 14, "choose the program"),
        ("find . -exec {{ x }} \\;", 14, "choose the program"),
        ("$(ls {{ x }})", 1, "read -r name"),
        ("$maybe {{ x }}", 8, "choose the program"),
        ("{eval,} {{ x }}", 9, "write them out"),
        ("eval {{ x }}", 6, "the whole of a script"),
        ("sh -c {{ x }}", 7, "the whole of a script"),
        ('sh -c "$y {{ x }}"', 11, "choose the program"),
        ("sh $opts -c {{ x }}", 13, '"$word"'),
        ("sh {{ x }}", 4, "choose the script"),
        (". {{ x }}", 3, "choose the script"),
        ("echo {{ x }} | sh", 6, "as an argument"),
        ("{ echo {{ x }}; } | (cat; sudo bash -s)", 1, "as an argument"),
        ("echo {{ x }} | xargs sh -c", 1, "as an argument"),
        ("echo {{ x }} | xargs env", 1, "as an argument"),
        ("echo {{ x }} | xargs -I{} {}", 1, "as an argument"),
        ("echo {{ x }} | sh -c 'cat | sh'", 23, "as an argument"),
        ('echo {{ x }} | sh -c "$(cat)"', 23, "as an argument"),
        ("sh $u-c {{ x }}", 9, '"$word"'),
        ("bash -oec pipefail {{ x }}", 20, "the whole of a script"),
        ("sh <<< {{ x }}", 8, "as an argument"),
        ("{ sh; } < {{ x }}", 1, "it would choose what is read and run; or"),
        ("exec <<< {{ x }}", 10, "all that follows would read it; or give "),
        ("echo {{ x }} > >(sh)", 16, "as an argument"),
        ("echo {{ x }} | python3", 6, "it would be part of the code that python"),
        ("trap {{ x }} EXIT", 6, "the whole of a script"),
        ("ssh host 'ls {{ x }}'", 14, "provider"),
        ("ssh -o ProxyCommand={{ x }} host", 21, "it would be part of the code that ssh ru"),
        ("scp file host:{{ x }}", 15, "scp -s"),
        ("sudo sh -c 'ls {{ x }}'", 16, "sh -c '… \"$1\" …' sh {{ x }}"),
        ("docker exec web sh -c 'ls {{ x }}'", 27, "sh -c '… \"$1\" …' sh {{ x }}"),
        ("env -i sh -c 'ls {{ x }}'", 18, "sh -c '… \"$1\" …' sh {{ x }}"),
        ("su - bob -c 'ls {{ x }}'", 17, "as an argument"),
        ("python3.11 -c 'print(\"{{ x }}\")'", 23, 'os.environ["OPSIMATE_PARAM_x"]'),
        ("perl -lne '{{ x }}'", 12, "$ENV{OPSIMATE_PARAM_x}"),
        ("awk '/{{ x }}/' f", 7, 'ENVIRON["OPSIMATE_PARAM_x"]'),
        ("sed -i s/a/{{ x }}/ f", 12, 'ENVIRON["OPSIMATE_PARAM_x"]'),
        ("awk '/{{ alert.labels.instance }}/' f", 7, 'ENVIRON["OPSIMATE_VALUE_alert__labels__instance"]'),
        ("mysql -Ne 'kill {{ x }}'", 17, "FROM_BASE64"),
        ("BASH_ENV={{ x }} bash a", 10, "BASH_ENV"),
        ("env PS4={{ x }} bash -x a", 9, "PS4"),
        ("alias a={{ x }}", 9, "code"),
        ("watch {{ x }}", 7, "the whole of a script"),
        ("parallel {{ x }}", 10, "the whole of a script"),
        ("local -a n={{ x }}", 12, "leave them out"),
        ("export {{ x }}", 8, "NAME={{ x }}"),
        ("declare -i n; n={{ x }}", 17, "the type integer"),
        ("n={{ x }}; echo $((n + 1))", 20, "expr {{ x }}"),
        ('n={{ x }}\nif "$n" a; then b; fi', 10, "choose the program"),
        ("n={{ x }}; [[ $n -gt 1 ]]", 15, "the type integer"),
        ('for n in {{ x }}; do eval "ls $n"; done', 31, "single quotes"),
        ('v={{ x }}; sh -c "ls $v"', 22, "single quotes"),
        ('v={{ x }}; echo "$v" | sh', 18, "as an argument"),
        ("coproc cat {{ x }}", 1, "coproc"),
        ("ls; ) {{ x }}", 5, "sh FILE {{ x }}"),
    ],
)
def test_where_a_value_could_become_code_or_is_not_sure_it_is_refused(template: str, column: int, advice: str) -> None:
    error = refusal(template)
    assert advice in error.message
    assert (error.message, error.column if error.line == 1 else 10) == (error.message, column)


def test_a_quoted_here_document_is_refused_with_line_and_column() -> None:
    error = refusal("ls\ncat <<'E'\na {{ x }}\nE")
    assert (error.line, error.column) == (3, 3)
    assert "<<E" in error.message


@pytest.mark.parametrize("reader", ["sudo sh", "ssh host", "docker exec -i web sh", "python3 -"])
def test_a_here_document_that_is_run_where_no_variable_reaches_is_refused(reader: str) -> None:
    error = refusal(f"{reader} <<E\nls {{{{ x }}}}\nE")
    assert (error.line, error.column) == (2, 4)


def test_a_here_document_that_never_ends_is_refused() -> None:
    assert "never ends" in refusal("cat <<E\n{{ x }}").message
    assert "continued line" in refusal("cat <<E\n{{ x }}\\\nE\nE").message


def test_commands_nested_deeper_than_anyone_writes_are_refused_and_do_not_exhaust_the_reader() -> None:
    for template in ("echo $(" * 500, "find . -exec " * 500, "( " * 500, '"${y:-' * 500, "flock f " * 500):
        assert "nested" in refusal(template + "{{ x }}").message


def test_ways_that_lead_to_the_same_command_do_not_multiply_the_work() -> None:
    several = "c=nice; c=nohup; c=setsid; c=exec; c=time; c=chronic; "
    parts_of(f"{several}{'$c ' * 12}a; echo {{{{ x }}}}")
    parts_of('f() { shift; shift; "$@"; }; ' + "f " * 25 + "a; echo {{ x }}")
    assert "100 programs are named" in refusal("a " + "psql " * 12_000 + "{{ x }}").message


# --- detours: a value that comes to code by way of a variable, an argument, an input or a file

DETOURS = [
    "v={{ x }}\nsh <<E\necho $v\nE",
    "v={{ x }}\nexport v\nsh <<'E'\neval \"$v\"\nE",
    'v={{ x }}; trap "$v" EXIT',
    'v={{ x }}; w="$v"; sh -c "echo $w"',
    'f() { sh -c "echo $1"; }; f {{ x }}',
    'set -- {{ x }}; sh -c "echo $1"',
    'while read v; do sh -c "echo $v"; done <<E\n{{ x }}\nE',
    'v={{ x }}; awk "BEGIN{print \\"$v\\"}"',
    'v={{ x }}; sed "s/a/$v/" /etc/hostname',
    "v={{ x }}; w=$v; echo $((w))",
    "v={{ x }}; w=v; echo $((w))",
    "v=$(echo {{ x }}); echo $((v))",
    "read v <<< {{ x }}; echo $((v))",
    "IFS=, read -r a b <<< {{ x }}; echo $((a+b))",
    "echo {{ x }} | while read v; do echo $((v+1)); done",
    "echo {{ x }} | { read v; echo $((v)); }",
    "f() { echo $(($1 + 1)); }; f {{ x }}",
    "f() { [[ $1 -gt 1 ]]; }; f {{ x }}",
    "set -- {{ x }}; echo $(($1))",
    "v=({{ x }}); echo $((v))",
    "mapfile -t v <<< {{ x }}; echo $((v[0]))",
    "readarray v < <(echo {{ x }}); (( v[0] ))",
    "printf -v v %s {{ x }}; echo $((v))",
    "v={{ x }}; echo $[v]",
    "v=${1:-{{ x }}}; echo $((v))",
    ": ${v:={{ x }}}; echo $((v))",
    'w={{ x }}; : "${v:=$w}"; echo $((v))',
    'v={{ x }}; read "$v"',
    "echo $((OPSIMATE_PARAM_x))",
    'eval "$OPSIMATE_PARAM_x"',
    'n=PARAM_x; eval "echo \\$OPSIMATE_$n"; ls {{ x }}',
    "OPSIMATE_STEP={{ x }}; find $OPSIMATE_STEP",
    'echo {{ x }} | while read v; do eval "echo $v"; done',
    'v={{ x }}; ssh h "echo $v"',
    'f() { ssh h "echo $1"; }; f {{ x }}',
    "sh -c 'eval \"$1\"' _ {{ x }}",
    'set -- {{ x }}; eval "$1"',
    'f() { eval "$1"; }; f {{ x }}',
    'y=$(echo {{ x }}); eval "$y"',
    "$SHELL -c {{ x }}",
    "c=sh; $c -c {{ x }}",
    "echo {{ x }} > /tmp/x.sh; sh /tmp/x.sh",
    'f=$(mktemp); cat > $f <<E\n{{ x }}\nE\nbash "$f"',
    "echo {{ x }} | tee f; . ./f",
    "jobs -x {{ x }}",
    'c="ssh host"; $c ls {{ x }}',
    'v={{ x }}; `eval "$v"`',
    "alias a='eval $v'; v={{ x }}",
    "export v={{ x }}; watch 'eval $v'",
    "v={{ x }}; echo `echo \\$((v))`",
    "v={{ x }}; eval 'w=$v'; echo $((w))",
    "v={{ x }}; a[v]=1",
    "v={{ x }}; a=([v]=1)",
    "v={{ x }}; echo ${a[v]}",
    "v={{ x }}; echo ${a[$v]}",
    "v={{ x }}; echo ${a:v}",
    "v={{ x }}; echo ${!v}",
    "v={{ x }}; echo ${v@P}",
    "v={{ x }}; let v",
    "v={{ x }}; [[ v -eq 1 ]]",
    "v={{ x }}; [[ -v $v ]]",
    "v={{ x }}; [ -v $v ]",
    "v={{ x }}; [ $v ]",
    "v={{ x }}; printf $v",
    'v={{ x }}; printf "$v"',
    "v={{ x }}; find . $v",
    "v={{ x }}; PS4=$v",
    "echo {{ x }} | read PS4; set -x",
    "v={{ x }}; declare -i w; w=v",
    "for v in {{ x }} b; do echo $((v)); done",
    'set -- {{ x }}; for v; do eval "$v"; done',
    "for ((i=0; i<v; i++)); do v={{ x }}; done",
    'true {{ x }}; eval "$_"',
    'cd {{ x }} && sh -c "ls $PWD"',
    'read <<< {{ x }}; eval "$REPLY"',
    '[[ {{ x }} =~ .* ]]; eval "$BASH_REMATCH"',
    'v={{ x }}; eval "$(set)"',
    "v={{ x }}; set | sh",
    "f() { sh; }; echo {{ x }} | f",
    "f() { echo {{ x }}; }; f | sh",
    'f() { echo {{ x }}; }; eval "$(f)"',
    'v={{ x }}; sh -c "$(echo "$v")"',
    'v={{ x }}; "$v" now',
    'run() { "$@"; }; run sh -c {{ x }}',
    'run() { "$@"; }; run ls; set -- {{ x }}; "$@"',
    'run() { "$@" {{ x }}; }; run sh -c',
    'run() { set -- {{ x }}; "$@"; }; run ls',
    'run() { set -- "$@" {{ x }}; "$@"; }; run sh -c',
    'run() { "${@:2}"; }; run 3 {{ x }}',
    'root() { sudo -n "$@"; }; root {{ x }}',
    'root() { sudo -n "$@"; }; root sh -c {{ x }}',
    'root() { if [ "$s" ]; then sudo "$@"; else "$@"; fi; }; root sh -c "echo {{ x }}"',
    "zcat -l {{ x }} | sh",
    'retry() { times=$1; shift; "$@"; }; retry 3 {{ x }}',
    'retry() { shift 2; "$@"; }; retry 3 5 {{ x }}',
    'run() { while [ "$1" = -x ]; do shift; done; "$@"; }; run -x -x -x -x -x -x {{ x }}',
    "v={{ x }}; echo $(( $(echo v) + 1 ))",
    "bash -s - a {{ x }} <<'E'\neval \"$2\"\nE",
    "v={{ x }}; echo $'it\\'s'; eval \"$v\"",
    "v={{ x }}; w=$'v'; echo $((w))",
    'n=$(curl -s {{ x }}); eval "$n"',
    'read l < {{ x }}; eval "$l"',
    "while read -r a b; do $a $b; done < {{ x }}",
    "f() { $c {{ x }}; }; c=eval; f",
    "v=$(stat -c %n {{ x }}); echo $((v))",
    'v=$(date +{{ x }}); eval "$v"',
    "v=$(wc -l {{ x }}); echo $((v))",
    "export v={{ x }}; envsubst < f | sh",
    *(
        f"printf '%s' {{{{ x }}}} | {reader}"
        for reader in ("awk -f -", "awk -f /dev/stdin", "sed -f - FILE", "make -f -")
    ),
    *(
        f"printf '%s' {{{{ x }}}} | {reader}"
        for reader in ("$SHELL", '"$0"', "${SHELL}", "$BASH", "sudo -s", "sudo -i")
    ),
    *(f"printf '%s' {{{{ x }}}} | {reader}" for reader in ("doas -s", "su", "R --no-save", "jshell", "octave", "ed")),
    *(f"{name}={{{{ x }}}} make" for name in ("CC", "VIMINIT", "MAKEFILES", "ZDOTDIR", "NPM_CONFIG_SCRIPT_SHELL")),
    "install --strip-program={{ x }} -s a b",
    "ed {{ x }}",
    "capsh -- -c {{ x }}",
    *(f"printf '%s' {{{{ x }}}} | {reader}" for reader in ("capsh --", "machinectl shell web", "chroot /mnt")),
    *(f"socat - {address}:{{{{ x }}}}" for address in ("EXEC", "SYSTEM")),
    "tar -xf a.tar --to-command={{ x }}",
]


@pytest.mark.parametrize("template", DETOURS)
def test_a_value_does_not_come_to_code_by_a_detour(template: str) -> None:
    assert refusal(template).message


@pytest.mark.parametrize(
    "template",
    [
        "i=0; while [ $i -lt 3 ]; do i=$((i+1)); ping {{ x }}; done",
        'for h in a b; do ssh "$h" uptime; done; echo {{ x }}',
        'n=$(wc -l < file); [ "$n" -gt 3 ] && echo {{ x }}',
        'n=$(ls {{ x }} | wc -l); [[ $n -gt 3 ]] && echo "$((n - 3)) too many"',
        "use=$(df / | awk 'NR==2 {print $5}'); [[ ${use%?} -gt 80 ]] && systemctl restart {{ x }}",
        'cd "$HOME" && ls {{ x }} && cd "$PWD"',
        'v={{ x }}; w="$v"; [ "$w" = 3 ] && systemctl restart "$v" || exit 1',
        'say() { echo "$(date) $*" >> log; }; say {{ x }} restarted',
        'f() { local name=$1; systemctl restart "$name"; }; f {{ x }}',
        'while read -r line; do echo "$line" {{ x }}; done < file',
        'sh -c "cd $HOME && ls"; ls {{ x }}',
        'n=3; sed -n "${n}p" {{ x }}; awk "NR==$n" {{ x }}',
        'set -eu; trap "rm -f $TMPDIR/lock" EXIT; ls {{ x }}',
        "f=/tmp/list; echo {{ x }} > $f; sort $f",
        "SUDO=sudo; $SUDO systemctl restart {{ x }}",
        'scp -- "$HOME/f" {{ x }}:/srv/',
        "printf \"%s\\n\" {{ x }}; echo $'it\\'s'",
        'v={{ x }}; case "$v" in a*) echo "${v#a}" ;; *) echo "${v:-none}" "${#v}" ;; esac',
        "start=$(date +%s); sleep 1; echo $(( $(date +%s) - start )) {{ x }}",
        'echo "$#" $? $$; (( $# > 1 )) || echo {{ x }}',
        'eval "$(ssh-agent -s)"; ssh-add {{ x }}',
        'echo "$OPSIMATE_PARAM_x"',
        "test ! -e /tmp/broken-$OPSIMATE_PROVIDER && find /srv/$OPSIMATE_RUN_ID {{ x }}",
        'sh -c "echo $OPSIMATE_STEP of $OPSIMATE_ACTION, $OPSIMATE_ATTEMPT"; ls {{ x }}',
        'retry() { times=$1; shift; for i in 1 2; do timeout 5 "$@" && return; done; }; retry 3 curl -f {{ x }}',
        'ls # {{ x }}\nf() { eval "$1"; }; f ls',
        'root() { if [ "$s" ]; then sudo -n "$@"; else "$@"; fi; }; root systemctl restart {{ x }}',
        'root() { sudo -n "$@"; }; for f in {{ x }}/*; do root tail -n 5 "$f"; done',
        "gunzip -c {{ x }} | psql -1 -f -",
        "awk -f prog.awk {{ x }}",
        "CC=gcc make -f Makefile; ls {{ x }}",
        "$SHELL script.sh; ls {{ x }}",
        "printf '%s' {{ x }} | sudo -i -u web cat",
    ],
)
def test_variables_that_hold_no_value_and_values_that_stay_data_are_accepted(template: str) -> None:
    parts_of(template)


def test_a_detour_is_refused_with_its_line_its_column_and_a_way_out() -> None:
    error = refusal("v={{ x }}\nw=$v\necho $((w + 1))")
    assert (error.line, error.column) == (3, 9)
    assert "through a variable" in error.message
    assert "expr" in error.message


# --- what people are shown


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("systemctl restart {{ x }}", "systemctl restart nginx"),
        ("echo \"{{ x }}\" '{{ x }}'", "echo \"nginx\" 'nginx'"),
        ("curl http://{{ x }}/{{ x }}?a={{ x }}", "curl http://nginx/'nginx'?a=nginx"),
        ("sh -c 'systemctl restart {{ x }}'", "sh -c 'systemctl restart nginx'"),
        ("ls # {{ x }}", "ls # {{ x }}"),
    ],
)
def test_people_are_shown_simple_values_as_they_would_write_them(template: str, expected: str) -> None:
    assert shown(template, "nginx") == expected


def test_people_are_shown_other_values_quoted_for_their_place() -> None:
    value = 'a\'b "$(c)"'
    assert shown("echo {{ x }}", value) == "echo 'a'\\''b \"$(c)\"'"
    assert shown('echo "{{ x }}"', value) == 'echo "a\'b \\"\\$(c)\\""'
    assert shown("sh -c 'echo {{ x }}'", "a b") == "sh -c 'echo '\\''a b'\\'''"
