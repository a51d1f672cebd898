"""What people type: addresses, parameters, keys, credentials."""

import json
import re
import stat
from pathlib import Path
from typing import Any, get_args

import asyncssh
import pytest
from click.testing import CliRunner

from opsimate.cli import COMMANDS, opsimate
from opsimate.cli.parameters import values_of
from opsimate.cli.runs import STATES
from opsimate.credentials import Credentials, credentials_file, find_credentials, store_credentials
from opsimate.definitions.file_references import (
    LARGEST_FILE,
    has_passphrase,
    read_private_key_file,
    read_secret,
    secret_text,
)
from opsimate.errors import OpsimateError
from opsimate.provider_adding import NewProvider, SshAddress, ssh_address
from shared.contracts.run import RunState
from tests.builders import AS_SSH_KEYGEN


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("deploy@10.0.0.11:22", ("deploy", "10.0.0.11", 22)),
        ("deploy@web-1.example.org", ("deploy", "web-1.example.org", 22)),
        ("root@[::1]:2222", ("root", "::1", 2222)),
        ("root@[fe80::1%eth0]", ("root", "fe80::1%eth0", 22)),
    ],
)
def test_an_address_is_written_as_for_ssh(text: str, parts: tuple[str, str, int]) -> None:
    assert ssh_address(text) == parts


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("10.0.0.11", "as whom to log in"),
        ("@host", "as whom to log in"),
        ("root@::1", "put an IPv6 address in brackets: root@\\[::1\\]:22"),
        ("root@host:0", "between 1 and 65535"),
        ("root@host:70000", "between 1 and 65535"),
        ("root@host:ssh", "no address"),
        ("root@", "no address"),
        ("root@a b", "no address"),
    ],
)
def test_an_address_that_is_none_is_told_how_to_be_written(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ssh_address(text)


def test_typed_parameters_become_values_of_their_types() -> None:
    declared = [
        {"name": "count", "type": "integer"},
        {"name": "share", "type": "number"},
        {"name": "force", "type": "boolean"},
        {"name": "code", "type": "string"},
        {"name": "token", "type": "secret"},
    ]
    typed = {"count": "3", "share": "0.5", "force": "true", "code": "007", "token": "api-token", "unknown": "1"}
    assert values_of(typed, declared) == {
        "count": 3,
        "share": 0.5,
        "force": True,
        "code": "007",
        "token": {"secret": "api-token"},
        "unknown": "1",
    }


def test_what_does_not_fit_its_type_is_left_for_the_api_to_refuse() -> None:
    declared = [{"name": "count", "type": "integer"}, {"name": "force", "type": "boolean"}]
    assert values_of({"count": "many", "force": "yes"}, declared) == {"count": "many", "force": "yes"}


@pytest.mark.parametrize(
    ("text", "value"), [("x\n", "x"), ("x\r\n", "x"), ("x", "x"), ("a\nb\n", "a\nb\n"), (" x \n", " x ")]
)
def test_the_line_end_behind_a_single_line_is_no_part_of_a_secret(text: str, value: str) -> None:
    assert secret_text(text) == value


def test_a_file_that_can_be_no_secret_is_refused(tmp_path: Path) -> None:
    for content, complaint in ((b"\xff", "not UTF-8"), (b"\n", "nothing in it"), (b"x" * (LARGEST_FILE + 1), "larger")):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(OpsimateError, match=complaint):
            read_secret(tmp_path / "file")


@pytest.mark.parametrize("form", ["openssh", "pkcs1-pem", "pkcs8-pem"])
def test_it_is_seen_whether_a_key_has_a_passphrase(tmp_path: Path, form: str) -> None:
    key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    key.write_private_key(tmp_path / "plain", form)
    key.write_private_key(tmp_path / "locked", form, passphrase="correct horse", **AS_SSH_KEYGEN)
    assert not has_passphrase(read_private_key_file(tmp_path / "plain"))
    assert has_passphrase(read_private_key_file(tmp_path / "locked"))


def environment(directory: Path, **variables: str) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(directory), **variables}


def test_what_up_stored_is_found_and_for_its_owner_only(tmp_path: Path) -> None:
    stored = Credentials("http://127.0.0.1:8080", "t0ken", "", tmp_path / "data")
    path = store_credentials(stored, environment(tmp_path))
    assert path == credentials_file(environment(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = find_credentials(environment=environment(tmp_path))
    assert (found.url, found.token, found.data) == (stored.url, stored.token, stored.data)


def test_the_environment_goes_before_what_is_stored(tmp_path: Path) -> None:
    store_credentials(Credentials("http://127.0.0.1:8080", "t0ken", "", tmp_path), environment(tmp_path))
    given = environment(tmp_path, OPSIMATE_URL="https://ops.example.org/", OPSIMATE_TOKEN="other")
    found = find_credentials(environment=given)
    assert (found.url, found.token) == ("https://ops.example.org", "other")


def test_a_stored_token_is_sent_to_no_other_address(tmp_path: Path) -> None:
    store_credentials(Credentials("http://127.0.0.1:8080", "t0ken", "", tmp_path), environment(tmp_path))
    for url, variables in ((None, {"OPSIMATE_URL": "http://elsewhere:8080"}), ("http://elsewhere:8080", {})):
        with pytest.raises(OpsimateError, match="There is no token for http://elsewhere:8080") as error:
            find_credentials(url, environment(tmp_path, **variables))
        assert "OPSIMATE_TOKEN_FILE=data/admin-token" in error.value.hint
    assert find_credentials("http://127.0.0.1:8080/", environment(tmp_path)).token == "t0ken"


def test_a_damaged_file_of_credentials_is_told(tmp_path: Path) -> None:
    path = credentials_file(environment(tmp_path))
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(OpsimateError, match=r"credentials\.json cannot be read"):
        find_credentials(environment=environment(tmp_path))


@pytest.mark.parametrize("letter", ["\n", " ", "\u00e9", "\x00"])
def test_a_token_that_can_be_none_is_told_and_never_shown(tmp_path: Path, letter: str) -> None:
    wrong = f"opsimate_s3{letter}cret"
    (tmp_path / "token").write_text(wrong)
    path = credentials_file(environment(tmp_path))
    for variables in ({"OPSIMATE_TOKEN": wrong}, {"OPSIMATE_TOKEN_FILE": str(tmp_path / "token")}, {}):
        if not variables:
            stored = {"url": "http://127.0.0.1:8080", "token": wrong, "data": str(tmp_path)}
            path.parent.mkdir()
            path.write_text(json.dumps(stored))
        with pytest.raises(OpsimateError) as error:
            find_credentials(environment=environment(tmp_path, **variables))
        assert str(error.value).startswith(next(iter(variables), str(path)))
        assert f"the character U+{ord(letter):04X} in place 12" in str(error.value)
        assert "cret" not in str(error.value)


def test_a_token_is_said_to_come_from_the_variable_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("other\n")
    given = environment(tmp_path, OPSIMATE_URL="http://a:1", OPSIMATE_TOKEN_FILE=str(tmp_path / "token"))
    assert find_credentials(environment=given).origin == "OPSIMATE_TOKEN_FILE"
    assert find_credentials(environment={**given, "OPSIMATE_TOKEN": "one"}).origin == "OPSIMATE_TOKEN"


@pytest.mark.parametrize(
    "wrong", ["a:1", "http://", "http://a:x", "http://a\nb", "http://a b", "http://a:99999", "http://ada:secret@a:1"]
)
def test_what_is_no_address_is_told_without_showing_it(tmp_path: Path, wrong: str) -> None:
    for variables in ({"OPSIMATE_TOKEN": "t"}, {}):
        with pytest.raises(OpsimateError, match="is no address of the API") as error:
            find_credentials(wrong, environment(tmp_path, **variables))
        assert f"'{wrong}'" not in str(error.value)
        assert "secret" not in str(error.value)


def test_a_token_in_the_place_of_its_files_path_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(OpsimateError, match="OPSIMATE_TOKEN_FILE") as error:
        find_credentials(environment=environment(tmp_path, OPSIMATE_TOKEN_FILE="opsimate_secret"))
    assert "opsimate_secret" not in str(error.value)


def typed(*arguments: str, stdin: str = "") -> tuple[int, str]:
    unknown = {"OPSIMATE_URL": "http://127.0.0.1:9", "OPSIMATE_TOKEN": "t"}
    result = CliRunner().invoke(opsimate, arguments, input=stdin, env=unknown)
    return result.exit_code, result.output


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str) -> None:
    status, text = typed(command, "--help")
    assert status == 0
    assert text.startswith("Usage: ")


@pytest.mark.parametrize("command", ["", "run", "apply", "providers add", "runs list", "secrets set", "tokens create"])
def test_what_takes_some_typing_has_an_example(command: str) -> None:
    text = typed(*command.split(), "--help")[1]
    assert re.search(rf"Examples?:  opsimate {command}", text), text


@pytest.mark.parametrize("group", ["runs", "actions", "providers", "secrets", "alert-rules", "alerts", "tokens"])
def test_the_help_of_a_group_lists_each_command_once_and_in_whole_lines(group: str) -> None:
    listed = typed(group, "--help")[1].partition("Commands:")[2]
    assert "..." not in listed
    assert not {"  delete ", "  remove "} <= {line[:9] for line in listed.splitlines()}
    assert typed(group, "list", "--help")[0] == 0


@pytest.mark.parametrize("group", ["actions", "providers", "secrets", "alert-rules", "tokens"])
def test_delete_and_remove_are_the_same(group: str) -> None:
    status, text = typed(group, "delete", "--help")
    other_status, other_text = typed(group, "remove", "--help")
    assert (status, other_status) == (0, 0)
    assert text.replace("delete", "remove", 1) == other_text.replace("delete", "remove", 1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("providers add x", "Give one of --ssh USER@HOST and --local"),
        ("providers add x --local --ssh a@b", "Give one of"),
        ("providers add x --local --password-stdin", "--local takes no key"),
        ("providers add x --ssh a@b", "Say how to log in"),
        ("providers add x --ssh b", "as whom to log in"),
        ("providers add x --ssh a@b --passphrase-stdin --password-stdin", "--passphrase-stdin goes with --key"),
        ("providers add x --local --label role", "write it as KEY=VALUE"),
        ("run x -p host", "write it as NAME=VALUE"),
        ("run x -p a=1 -p a=2", "'a' is given twice"),
        ("runs list --state nonsense", "'nonsense' is not one of"),
        ("runs list --since yesterday", "write an instant"),
        ("runs list --since 999999d", "write an instant"),
        ("audit list --until 99999999999d", "write an instant"),
        ("secrets set x", "Give one of --from-file FILE and --value-stdin"),
        ("secrets set x value-in-clear", "unexpected extra argument"),
        ("apply", "Missing option '-f'"),
        ("nonsense", "No such command"),
        ("aply", "No such command 'aply'. Did you mean 'apply'?"),
        ("run hello host=web-1 who=Ada", "write: -p host=web-1 -p who=Ada\n"),
        ("run hello web-1", "unexpected extra arguments (web-1)"),
    ],
)
def test_wrong_usage_ends_with_status_2_and_says_what_is_right(arguments: str, complaint: str) -> None:
    status, text = typed(*arguments.split())
    assert (status, complaint in text) == (2, True), text


def provider_with(host_key: str) -> NewProvider:
    others: dict[str, Any] = dict.fromkeys(
        ("key", "key_secret", "certificate", "password_secret", "host_ca", "jump"), None
    )
    return NewProvider(
        name="web-1",
        ssh=SshAddress("deploy", "web-1", 22),
        local=False,
        passphrase_stdin=False,
        password_stdin=True,
        host_key=host_key,
        labels={},
        pool="default",
        description="",
        **others,
    )


def test_a_host_key_is_taken_as_it_is_or_from_a_file(tmp_path: Path) -> None:
    public = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    file = tmp_path / "hostkey.pub"
    file.write_text(f"{public} root@web-1\n")
    for given, expected in ((public, public), (str(file), f"{public} root@web-1")):
        assert provider_with(given).definition({})["connection"]["ssh"]["host_key"] == expected


@pytest.mark.parametrize("content", [None, "nothing of the kind\n"])
def test_what_is_no_host_key_is_told_with_what_to_give(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "hostkey.pub"
    if content is not None:
        file.write_text(content)
    with pytest.raises(OpsimateError, match=r"--host-key: .* host key: give SHA256:…, a public key"):
        provider_with(str(file)).definition({})
    with pytest.raises(OpsimateError, match="neither a file nor a host key"):
        provider_with("x" * 500).definition({})


def test_the_name_of_a_public_key_is_the_subject_of_what_is_wrong_with_it(tmp_path: Path) -> None:
    file = tmp_path / "id.pub"
    file.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_public_key())
    with pytest.raises(OpsimateError, match=r"/id\.pub is the public key: give the private one, .*\.$"):
        read_private_key_file(file)


def test_a_missing_server_is_told_with_what_to_do() -> None:
    status, text = typed("runs", "list")
    assert status == 1
    assert "Nothing answers at http://127.0.0.1:9" in text
    assert "opsimate up" in text
    assert "set OPSIMATE_URL, together with OPSIMATE_TOKEN_FILE or OPSIMATE_TOKEN" in text


def test_a_new_master_key_replaces_none(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert typed("new-master-key", str(file))[0] == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    status, text = typed("new-master-key", str(file))
    assert (status, file.read_text()) == (1, before)
    assert "exists already" in text


def test_json_holds_no_character_that_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from opsimate.cli.printing import show_json

    value = {"text": "a\x1b[2J\x9b2Jé\x7f"}
    show_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert not set(printed) & {"\x1b", "\x9b", "\x7f"}
    assert "é" in printed


def test_the_command_line_knows_every_state_of_a_run() -> None:
    assert get_args(RunState) == STATES
