"""YAML as definitions need it, and errors that say where."""

import os
from pathlib import Path

import asyncssh
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.domain import yaml_documents
from catalog.domain.definition_text import yaml_text
from catalog.domain.yaml_documents import (
    BEGINS_WITH_PLACEHOLDER,
    DEEPEST,
    INDENT_WITH_SPACES,
    KEY_IN_QUOTES,
    QUOTE,
    UNEVEN,
    YamlError,
    documents,
    line_of,
    value_of,
)
from opsimate.definitions.applying import in_order, plan
from opsimate.definitions.files import read_definitions
from opsimate.errors import OpsimateError
from tests.builders import AS_SSH_KEYGEN

ACTION = """\
kind: action
name: restart
steps:
  - name: restart
    provider: web-1
    command: systemctl restart nginx
  - name: verify
    provider: web-1
    command: |
      systemctl is-active nginx
"""
PROVIDER = """\
kind: provider
name: web-1
connection:
  ssh: {host: 10.0.0.11, user: deploy, private_key: {file: keys/deploy}}
"""
KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)


def read(text: str) -> list[object]:
    return [value_of(node, "f.yaml") for node in documents(text, "f.yaml")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("22:30", "22:30"),
        ("2026-01-31", "2026-01-31"),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("~", None),
        ("", None),
        ('"12"', "12"),
    ],
)
def test_values_are_what_yaml_1_2_says(text: str, value: object) -> None:
    assert read(f"key: {text}") == [{"key": value}]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: b: c", f"f.yaml:1:5: {QUOTE} (mapping values are not allowed"),
        ("a: 1\ncommand: echo a: b", f"f.yaml:2:16: {QUOTE} ("),
        ("- {name: a, command: echo a: b}", f"f.yaml:1:28: {QUOTE} ("),
        ("key\nb: 1", "f.yaml:2:2: mapping values are not allowed"),
        ("a: 1\n  b: 2", f"f.yaml:2:4: {UNEVEN} ("),
        ("a: 1\nb:\n\t- x", f"f.yaml:3:1: {INDENT_WITH_SPACES} ("),
        ("a:\n  b: c\n\td: e", f"f.yaml:3:1: {INDENT_WITH_SPACES} ("),
        ("a:\n  - b: 1\n\t  c: 2", f"f.yaml:3:1: {INDENT_WITH_SPACES} ("),
        ("a:\n  - b: 1\n - b: 2", f"f.yaml:3:2: {UNEVEN} ("),
        ("a:\n  - b: 1\n   - b: 2", f"f.yaml:3:4: {UNEVEN} ("),
        ("a:\n  b: 1\n c: 2", f"f.yaml:3:2: {UNEVEN} ("),
        ('a: "x" y', "f.yaml:1:8: did not find expected key"),
        ("a: @x\tb", "f.yaml:1:4: found character that cannot start any token"),
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: 'a' stands here twice, the first time in line 1"),
        ("a:\n  - x: 1\n    x: 2", "f.yaml:3:5: 'x' stands here twice"),
        ("command: {{ x }}", "f.yaml:1:11: a key has to be a text; put quotes round"),
        ("provider: {{ host }}", f'f.yaml:1:12: {KEY_IN_QUOTES}, as in "{{{{ host }}}}"'),
        ("command: {{ x }} restart", f'f.yaml:1:18: {BEGINS_WITH_PLACEHOLDER}, as in "{{{{ x }}}} …" (did not'),
        ("command: {[x]: y}", f"f.yaml:1:11: {KEY_IN_QUOTES}"),
        ('a: 1\nb: "\x01"', "f.yaml:2: the character U+0001"),
        ("a: !!python/object:os.system x", "f.yaml:1:4: the tag"),
        ("a: &a [*a]", "f.yaml:1:4: an alias that repeats itself"),
        ("a: *nobody", "f.yaml:1:4: found undefined alias"),
        (f"a: {'9' * 5000}", "f.yaml:1:4: a number too long"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(YamlError) as error:
        read(text)
    assert str(error.value).startswith(complaint)


def test_aliases_cannot_be_multiplied_without_end() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    with pytest.raises(YamlError, match="repeats itself"):
        read("\n".join(lines))


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "? "])
@pytest.mark.parametrize("depth", [DEEPEST + 1, 5_000, 100_000])
def test_what_is_nested_too_deep_is_refused_with_its_place(opening: str, depth: int) -> None:
    with pytest.raises(YamlError) as error:
        read(f"a: 1\n---\n{opening * depth}")
    assert str(error.value).startswith(f"f.yaml:3:{DEEPEST * len(opening) + 1}: nested too deep: at most {DEEPEST} ")


def test_more_keys_and_values_than_can_be_read_are_refused_in_all_files_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_documents, "MOST_NODES", 100)
    secret = "kind: secret\nname: {}\nvalue: x\ndescription: |\n  text\n---\nkind: nothing\nlist: [" + "x," * 40 + "]\n"
    files(tmp_path, a=secret.format("a"), b=secret.format("b"), c=secret.format("c"))
    complaints: list[str] = []
    with pytest.raises(OpsimateError) as error:
        read_definitions([str(tmp_path)], complaints)
    assert error.value.message.startswith(f"{tmp_path}/b.yaml:8: more than 100 keys and values are too much to read")
    assert [one.rpartition("/")[2].partition(" ")[0] for one in complaints] == ["a.yaml:7:"]


def test_aliases_of_aliases_cannot_nest_too_deep() -> None:
    chain = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 5_000)]
    with pytest.raises(YamlError, match=r"^f\.yaml:\d+:\d+: nested too deep"):
        read("\n".join([*chain, "deep: *a4999"]))


def test_what_is_nested_as_deep_as_allowed_is_read() -> None:
    (value,) = read("[" * DEEPEST + "x" + "]" * DEEPEST)
    for _ in range(DEEPEST):
        assert isinstance(value, list)
        (value,) = value
    assert value == "x"


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("name", 2),
        ("steps", 3),
        ("steps.1.command", 9),
        ("steps.1.comand", 7),
        ("steps.7", 3),
        ("nothing.like.it", 1),
        ("steps.0.command.str", 6),
    ],
)
def test_a_field_of_the_api_has_its_line(field: str, line: int) -> None:
    assert line_of(next(documents(ACTION, "f")), field) == line


def test_a_key_with_dots_has_its_line() -> None:
    node = next(documents("match:\n  labels:\n    app.kubernetes.io/name: x\n    env: y\n", "f"))
    assert line_of(node, "match.labels.app.kubernetes.io/name") == 3
    assert line_of(node, "match.labels.env") == 4


def test_what_is_shown_as_yaml_can_be_read_again() -> None:
    value = {"command": "first line\nsecond: line\n", "answer": "no", "version": "1.10", "empty": "", "n": 1.5}
    text = yaml_text(value)
    assert read(text) == [value]
    assert "command: |" in text


def files(directory: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (directory / f"{name}.yaml").write_text(text)
    return directory


def complaints(*sources: Path) -> list[str]:
    with pytest.raises(OpsimateError) as error:
        plan([str(source) for source in sources])
    return error.value.message.splitlines()


def test_a_directory_gives_all_its_definitions(tmp_path: Path) -> None:
    files(tmp_path, a=f"---\n{ACTION}---\n---\nkind: secret\nname: s\nvalue: x\n", b=PROVIDER)
    (tmp_path / "notes.txt").write_text("not a definition")
    (tmp_path / ".hidden.yaml").write_text("neither: this")
    assert [one.title for one in read_definitions([str(tmp_path)], [])] == [
        "action restart",
        "secret s",
        "provider web-1",
    ]


def test_everything_wrong_is_said_at_once_with_file_and_line(tmp_path: Path) -> None:
    files(
        tmp_path,
        a="kind: acton\nname: x\n---\nname: y\n",
        b="kind: action\n",
        c="- just a list\n",
        d=f"{ACTION}---\n{ACTION}",
        e="a: [1",
    )
    found = complaints(tmp_path, tmp_path / "missing.yaml")
    expected = [
        "a.yaml:1: kind: there is no 'acton'; did you mean 'action'?",
        "b.yaml:1: name: is required",
        "c.yaml:1: a definition begins with",
        "e.yaml:",
        "missing.yaml: No such file or directory",
        f"d.yaml:13: action restart stands in {tmp_path}/d.yaml:2 already; delete one of the two, or give it another",
    ]
    for text in expected:
        assert any(text in line for line in found), (text, found)


def test_what_is_no_yaml_hides_nothing_else_and_every_unknown_name_is_told(tmp_path: Path) -> None:
    unknown = ACTION.replace("restart nginx", "restart {{ unit }} {{ who }} {{ unit }}").replace(
        "name: verify", "nam: v"
    )
    files(
        tmp_path,
        a="a: [1",
        b="kind: acton\nname: x\n---\nkind: secret\nname: s\nvalue: 5\n",
        c=ACTION.replace("restart nginx", "restart {{ unit }} {{ who }} {{ unit }}"),
        d=unknown.replace("name: restart\n", "name: other\n", 1),
    )
    with pytest.raises(OpsimateError) as error:
        plan([str(tmp_path)])
    assert error.value.hint == "Nothing was applied."
    found = error.value.message.splitlines()
    for text in (
        "a.yaml:2:1: ",
        "b.yaml:1: kind: there is no 'acton'",
        "b.yaml:6: value: has to be a text: put it in quotes",
        "c.yaml:6: steps.0.command: line 1, column 19: unknown name 'unit'",
        "c.yaml:6: steps.0.command: line 1, column 30: unknown name 'who'",
        "d.yaml:7: steps.1.nam: unknown field",
    ):
        assert sum(text in line for line in found) == 1, (text, found)


def test_an_empty_directory_is_an_error(tmp_path: Path) -> None:
    assert "no file ending in .yaml" in complaints(tmp_path)[0]


def test_what_a_directory_cannot_show_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "kind: secret\nname: {}\nvalue: x\n"
    files(tmp_path, a=secret.format("a"))
    (tmp_path / "gone.yaml").symlink_to("nowhere.yaml")
    (tmp_path / "folder").symlink_to("nowhere")
    (tmp_path / ".hidden").symlink_to("nowhere")
    (tmp_path / "closed").mkdir(mode=0)
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    me = os.geteuid()
    found: list[str] = []
    try:
        if me == 0:  # to whom no folder is closed
            os.seteuid(65_534)
        read_definitions(["."], found)
    finally:
        os.seteuid(me)
    assert sorted(found) == [
        "./closed: Permission denied",
        "folder: No such file or directory at nowhere, where this link leads",
        "gone.yaml: No such file or directory at nowhere.yaml, where this link leads",
    ]


def test_linked_folders_and_files_in_capitals_are_read_each_once(tmp_path: Path) -> None:
    secret = "kind: secret\nname: {}\nvalue: x\n"
    folder, shared = tmp_path / "prod", tmp_path / "shared"
    for directory in (folder, shared):
        directory.mkdir()
    (folder / "a.YAML").write_text(secret.format("a"))
    (shared / "b.yaml").write_text(secret.format("b"))
    (folder / "all").symlink_to(shared)
    (folder / "again").symlink_to("../shared")
    (shared / "round").symlink_to(folder)
    assert sorted(one.name for one in plan([str(folder)])) == ["a", "b"]


def test_models_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    wrong = ACTION.replace("command: systemctl restart nginx", "comand: systemctl restart nginx").replace(
        "    provider: web-1\n    command: |", "    provider: web-1\n    timeout: 8d\n    command: |"
    )
    found = complaints(files(tmp_path, a=wrong) / "a.yaml")
    assert any("a.yaml:6: steps.0.comand: unknown field; did you mean 'command'?" in line for line in found)
    assert any("a.yaml:9: steps.1.timeout:" in line for line in found)


def test_what_is_wrong_within_a_file_is_told_in_the_order_of_its_lines(tmp_path: Path) -> None:
    wrong = ACTION.replace("kind: action", "kind: action\nversoin: 1\nretention: 5 apples\ntitle: 7")
    wrong = wrong.replace("provider: web-1", "provder: web-1").replace("command: |", "timeout: 8x\n    command: |")
    found = complaints(files(tmp_path, a=wrong) / "a.yaml")
    lines = [int(line.removeprefix(f"{tmp_path}/a.yaml:").partition(":")[0]) for line in found]
    assert len(lines) > 3
    assert lines == sorted(lines), found


def test_commands_are_checked_before_anything_is_sent_in_all_files_at_once(tmp_path: Path) -> None:
    unknown = ACTION.replace("restart nginx", "restart {{ unit }}")
    as_code = f"parameters: [{{name: unit}}]\n{ACTION}".replace("systemctl is-active nginx", "eval {{ unit }}")
    files(tmp_path, a=unknown, b=as_code.replace("name: restart\n", "name: other\n", 1))
    first, second = complaints(tmp_path)
    assert first.startswith(f"{tmp_path / 'a.yaml'}:6: steps.0.command: line 1, column 19: ")
    assert "unit" in first
    assert second.startswith(f"{tmp_path / 'b.yaml'}:10: steps.1.command: line 1, column 6: ")
    assert "script" in second


def test_a_private_key_in_a_file_becomes_a_stored_secret(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "deploy").write_text(KEY)
    secret, provider = plan([str(files(tmp_path, a=PROVIDER) / "a.yaml")])
    assert (secret.kind, secret.name, secret.body["value"]) == ("secret", "web-1-key", KEY)
    assert provider.body["connection"]["ssh"]["private_key"] == {"secret": "web-1-key"}


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("", "connection.ssh.passphrase: is missing: the private key is encrypted; .* as {file: PATH} too"),
        ("wrong", "connection.ssh.passphrase: does not open the private key"),
        ("right", None),
    ],
)
def test_a_key_that_does_not_open_is_told_before_anything_is_sent(
    tmp_path: Path, passphrase: str, words: str | None
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key(
        "openssh", passphrase="right", **AS_SSH_KEYGEN
    )
    (tmp_path / "key").write_bytes(key)
    (tmp_path / "phrase").write_text(passphrase)
    with_it = ", passphrase: {file: phrase}" if passphrase else ""
    ssh = f"{{host: 10.0.0.11, user: deploy, private_key: {{file: key}}{with_it}}}"
    file = tmp_path / "a.yaml"
    file.write_text(f"kind: provider\nname: web-1\nconnection:\n  ssh: {ssh}\n")
    if words is None:
        assert len(plan([str(file)])) == 3
        return
    with pytest.raises(OpsimateError, match=words) as error:
        plan([str(file)])
    assert error.value.hint == "Nothing was applied."


def test_a_secret_that_stands_in_the_files_is_not_made_of_a_providers_file_besides(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "deploy").write_text(KEY)
    with pytest.raises(OpsimateError) as refused:
        plan([str(files(tmp_path, a=PROVIDER, b="kind: secret\nname: web-1-key\nvalue: mine\n"))])
    place = f"a.yaml:4: connection.ssh.private_key.file: would make the secret 'web-1-key', which stands in {tmp_path}"
    assert refused.value.message == f"{tmp_path}/{place}/b.yaml:2; refer to that: {{secret: web-1-key}}"


def test_a_name_too_long_for_the_secret_of_a_providers_file_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "deploy").write_text(KEY)
    with pytest.raises(OpsimateError) as refused:
        plan([str(files(tmp_path, a=PROVIDER.replace("web-1", "w" * 60)))])
    assert "a.yaml:4: connection.ssh.private_key.file: the secret that is made of it would be" in refused.value.message
    assert "refer to that: {secret: NAME}" in refused.value.message
    assert "name:" not in refused.value.message


def test_a_secret_in_a_file_is_read_without_the_line_end_behind_it(tmp_path: Path) -> None:
    (tmp_path / "value").write_text("s3cret\n")
    (secret,) = plan([str(files(tmp_path, a="kind: secret\nname: s\nvalue: {file: value}\n"))])
    assert secret.body["value"] == "s3cret"


def test_a_missing_file_is_told_with_where_it_is_named(tmp_path: Path) -> None:
    (found,) = complaints(files(tmp_path, a=PROVIDER) / "a.yaml")
    assert "a.yaml:4: connection.ssh.private_key.file:" in found
    assert "No such file" in found


def test_a_public_key_is_not_taken_for_a_private_one(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "deploy").write_text("ssh-ed25519 AAAA deploy@host\n")
    (found,) = complaints(files(tmp_path, a=PROVIDER) / "a.yaml")
    assert "is the public key" in found


def test_definitions_are_made_in_an_order_that_works(tmp_path: Path) -> None:
    def behind(name: str, jump: str) -> str:
        ssh = f"{{host: h, user: u, password: {{secret: s}}, jump: {jump}}}"
        return f"kind: provider\nname: {name}\nconnection: {{ssh: {ssh}}}\n"

    rule = "kind: alert_rule\nname: r\nmatch: {}\nresponses: [{action: restart}]\n"
    local = "kind: provider\nname: bastion\nconnection: {local: {}}\n"
    parts = [
        rule,
        ACTION,
        behind("inner", "outer"),
        behind("outer", "bastion"),
        local,
        "kind: secret\nname: s\nvalue: x\n",
    ]
    ordered = in_order(read_definitions([str(files(tmp_path, a="---\n".join(parts)))], []))
    assert [one.name for one in ordered] == ["s", "bastion", "outer", "inner", "restart", "r"]


def test_a_circle_is_told_once_with_all_that_is_in_it_and_where_each_stands(tmp_path: Path) -> None:
    def behind(name: str, jump: str) -> str:
        ssh = f"{{host: h, user: u, password: {{secret: s}}, jump: {jump}}}"
        return f"kind: provider\nname: {name}\nconnection: {{ssh: {ssh}}}\n"

    def group(name: str, *groups: str) -> str:
        return f"kind: provider_group\nname: {name}\nproviders: [x]\ngroups: [{', '.join(groups)}]\n"

    files(
        tmp_path,
        a=behind("a", "b") + "---\n" + behind("b", "a"),
        b=group("within", "a1", "b1") + "---\n" + group("a1", "b1"),
        c=group("b1", "b2") + "---\n" + group("b2", "a1", "elsewhere"),
        d=group("own", "own") + "---\n" + behind("own", "own"),
    )
    with pytest.raises(OpsimateError) as error:
        plan([str(tmp_path)])
    assert error.value.message.replace(f"{tmp_path}/", "").splitlines() == [
        "a.yaml:7: connection.ssh.jump: the jumps go round in a circle: b → a → b (a in a.yaml:2)",
        "b.yaml:9: groups.0: the groups go round in a circle: a1 → b1 → b2 → a1 (b1 in c.yaml:2, b2 in c.yaml:7)",
        "d.yaml:4: groups.0: the groups go round in a circle: own → own",
        "d.yaml:8: connection.ssh.jump: the jumps go round in a circle: own → own",
    ]


@given(st.recursive(st.text() | st.integers(-(2**63), 2**63) | st.booleans() | st.none(), _nested, max_leaves=8))
@example("1e3")
@example("0o17")
@example("0x1F")
@example("1_000")
@example(".5")
@example("12.")
@example(" \n  x\n")
@example("a\n\tb \n\n")
@example("2026-01-31")
@example("22:30")
@example("=")
@example("a\nb\x85c")
@example("\x85")
@example("a\u2028 b")
def test_what_is_written_as_yaml_is_read_as_it_was(value: object) -> None:
    assert read(yaml_text({"x": value})) == [{"x": value}]
