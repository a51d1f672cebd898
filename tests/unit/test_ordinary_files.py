"""What is read of files ends, whatever stands where their names lead."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from opsimate.credentials import find_credentials
from opsimate.definitions import files
from opsimate.definitions.applying import plan
from opsimate.definitions.file_references import LARGEST_FILE, read_secret, secret_from_stdin
from opsimate.definitions.files import read_definitions
from opsimate.errors import OpsimateError
from opsimate.importing.ansible_files import InventoryFiles
from opsimate.importing.ssh_files import read_config
from shared.ordinary_files import read_ordinary_file

# Nobody writes into any of these pipes: to wait for somebody is to wait for ever.
pytestmark = pytest.mark.timeout(30)

READERS: dict[str, Callable[[Path], object]] = {
    "apply -f": lambda path: plan([str(path)]),
    "apply -f its folder": lambda path: plan([str(path.parent)]),
    "import ansible-inventory": lambda path: InventoryFiles(path).inventory(),
    "import ssh-config": read_config,
    "secrets set --from-file": read_secret,
    "OPSIMATE_TOKEN_FILE": lambda path: find_credentials("http://127.0.0.1:1", {"OPSIMATE_TOKEN_FILE": str(path)}),
}


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.yaml"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("reader", READERS)
def test_a_pipe_is_refused_by_its_path_and_not_waited_for(pipe: Path, reader: str) -> None:
    with pytest.raises(OpsimateError) as refused:
        READERS[reader](pipe)
    assert str(pipe) in refused.value.message
    assert "is a pipe, no regular file" in refused.value.message


@pytest.mark.parametrize("reader", READERS)
def test_a_device_without_an_end_is_refused(reader: str, tmp_path: Path) -> None:
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    with pytest.raises(OpsimateError, match=r"zero.yaml.* is a device, no regular file"):
        READERS[reader](tmp_path / "zero.yaml")


def test_a_socket_and_a_folder_are_told_as_what_they_are(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        with pytest.raises(OpsimateError, match="socket: is a socket"):
            read_secret(tmp_path / "socket")
    with pytest.raises(OpsimateError, match="is a directory, no regular file"):
        read_secret(tmp_path)


@pytest.mark.parametrize(
    ("provider", "field"),
    [
        ("private_key: {file: pipe.yaml}", "connection.ssh.private_key.file"),
        ("password: {file: pipe.yaml}", "connection.ssh.password.file"),
    ],
)
def test_a_pipe_that_a_definition_names_is_refused_with_its_line(pipe: Path, provider: str, field: str) -> None:
    text = f"kind: provider\nname: p\nconnection:\n  ssh:\n    host: h\n    user: u\n    {provider}\n"
    (pipe.parent / "a.yml").write_text(text)
    with pytest.raises(OpsimateError) as refused:
        plan([str(pipe.parent / "a.yml")])
    told = f"a.yml:7: {field}: {pipe}: is a pipe, no regular file"
    assert told in refused.value.message


def test_pipes_beside_an_inventory_and_in_what_a_configuration_includes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    os.mkfifo(tmp_path / "group_vars" / "web.yml")
    (tmp_path / "hosts").write_text("[web]\na\n")
    with pytest.raises(OpsimateError, match=r"group_vars/web.yml: is a pipe"):
        InventoryFiles(tmp_path / "hosts").inventory()
    (tmp_path / "config").write_text(f"Include {tmp_path}/group_vars/*\n")
    with pytest.raises(OpsimateError, match=r"group_vars/web.yml: is a pipe"):
        read_config(tmp_path / "config")


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 10)
    assert read_ordinary_file(file, most=10) == b"x" * 10
    with pytest.raises(OSError, match="larger than 9 bytes"):
        read_ordinary_file(file, most=9)


def test_files_have_a_bound_together_and_so_has_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_TEXT", 100)
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"kind: secret\nname: {name}\nvalue: {'x' * 30}\n")
    complaints: list[str] = []
    assert len(read_definitions([str(tmp_path / "a.yaml")], complaints)) == 1
    read_definitions([str(tmp_path)], complaints)
    with CliRunner().isolation(input="#" * 101):
        assert read_definitions(["-"], complaints) == []
    assert complaints == [f"{tmp_path / 'b.yaml'}: {files.TOO_LARGE}", f"standard input: {files.TOO_LARGE}"]


def test_a_secret_from_standard_input_has_a_bound_and_is_text() -> None:
    with CliRunner().isolation(input=b"x" * LARGEST_FILE):
        assert secret_from_stdin("Value of s") == "x" * LARGEST_FILE
    with (
        CliRunner().isolation(input=b"x" * (LARGEST_FILE + 1)),
        pytest.raises(OpsimateError, match="Value of s: is larger"),
    ):
        secret_from_stdin("Value of s")
    with CliRunner().isolation(input=b"\xff"), pytest.raises(OpsimateError, match="Value of s: not UTF-8"):
        secret_from_stdin("Value of s")


def test_reading_ends_where_there_are_more_definitions_than_can_be_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_DEFINITIONS", 2)
    secrets = "---\n".join(f"kind: secret\nname: s{number}\nvalue: x\n" for number in range(3))
    (tmp_path / "a.yaml").write_text(secrets)
    with pytest.raises(
        OpsimateError, match=r"a.yaml:9: at most .* definitions are applied at once; apply them in parts"
    ):
        read_definitions([str(tmp_path)], [])
