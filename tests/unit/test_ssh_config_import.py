"""SSH configurations are read as ssh reads them, and their hosts become providers."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from catalog.domain.inventories import ssh_config
from catalog.domain.inventories.ssh_config import SshConfig, SshConfigError, jump_of_command
from opsimate.errors import OpsimateError
from opsimate.importing.machines import Defaults, Imported
from opsimate.importing.ssh_files import read_config
from opsimate.importing.ssh_machines import SshImport
from tests.builders import AS_SSH_KEYGEN

KEY = asyncssh.generate_private_key("ssh-ed25519")
STORE = "opsimate secrets set locked-key-passphrase --value-stdin"
NO_ROUTE = {"", "none"}

THROUGH_A_THOUSAND = "".join(f"Host p{n}-*\n ProxyJump p{n + 1}-x\n" for n in range(1_000))

CONFIGS = {
    "plain": "Host web\n  HostName 10.0.0.1\n  User deploy\n  Port 2222\n",
    "the first counts": "Host web\n User a\nHost web other\n User b\n Port 5\nHost *\n User c\n",
    "before the first Host": "User g\nHost web\n User a\n",
    "patterns": "Host web-* !web-2\n User w\nHost web-1 web-2 db?1\n Port 22\nHost db11\n",
    "equals signs": 'Host=web\n HostName=10.0.0.9\n User = "q u"\n Port =23\n',
    "capitals": "HOST Web WEB2\n hostname UPPER.example\n uSER x\nHost WE*\n Port 3\n",
    "tokens": "Host a b\n HostName %h.example.com\n User u\n",
    "a percent sign": "Host a\n HostName x%%y\n",
    "comments": "# c\nHost a # trailing\n User b#c # c\n #Port 3\n HostName h # x\n",
    "Match all": "Host a\n User x\nMatch all\n Port 9\n",
    "a jump": "Host a\n ProxyJump ops@bastion:2222\nHost b\n ProxyJump none\nHost *\n ProxyJump bastion\n",
    "two jumps": "Host a\n ProxyJump x,y@z:3\n",
    "a command goes first": "Host a\n ProxyCommand ssh -W %h:%p bastion\n ProxyJump z\n",
    "a jump goes first": "Host a\n ProxyJump z\n ProxyCommand nc %h %p\n",
    "no command": "Host a\n ProxyCommand none\nHost *\n ProxyJump z\n",
    "tabs": "Host\ta\n\tUser\tx\n\tPort\t3\n",
    "line ends of Windows": "Host a\r\n  User x\r\n  Port 3\r\n",
    "only excluded": "Host !a\n User n\nHost a b\n Port 3\n",
    "all but one": "Host * !a\n User n\nHost a b\n Port 3\n",
    "brackets": "Host [ab]\n User x\nHost a\n",
    "IPv6": "Host a\n HostName fe80::1\n",
    "single quotes": "Host a\n User 'x y'\n",
    "a backslash": "Host a\n User x\\ y\n",
}


def read(directory: Path, text: str) -> SshConfig:
    path = directory / "config"
    path.write_text(text, newline="")
    return read_config(path)


@pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh to ask")
@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS)
def test_a_configuration_says_of_each_host_what_ssh_says(tmp_path: Path, text: str) -> None:
    config = read(tmp_path, text)
    assert config.aliases
    for alias in config.aliases:
        asked = subprocess.run(
            ["ssh", "-G", "-F", str(tmp_path / "config"), alias], capture_output=True, text=True, check=True
        )
        theirs = dict(line.partition(" ")[::2] for line in asked.stdout.splitlines())
        said = config.of(alias)
        machine = SshImport(tmp_path / "config").machines().machine(alias, "")
        assert (machine.host, str(machine.port), machine.user) == (theirs["hostname"], theirs["port"], theirs["user"])
        for route in ("proxyjump", "proxycommand"):
            ours = said.get(route, [""])[0]
            assert ("" if ours in NO_ROUTE else ours) == theirs.get(route, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Host a\n User\n", ":2: User has no value"),
        ('Host a\n User ""\n', ":2: User has no value"),
        ('Host a\n User "x\n', ":2: a quotation mark is not closed"),
        ("Host a\n User x y\n", ":2: User has one value"),
        ("Host a\n = x\n", ":2: this is no line"),
        ("".join(f"Host a{n}\n" for n in range(10_001)), ":10001: there are more than 10000 hosts"),
        ("#" * (2 * 1024 * 1024), "is larger than"),
        ("Include config\n", "include each other"),
        ("Host a*\n" * 10_001, ":10001: there are more than 10000 patterns of hosts; import them in parts"),
        ("User x\n" * 140_000 + "Include more\n", "more:60000: there are more than 200000 lines; import them in parts"),
    ],
)
def test_what_is_no_configuration_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/more").write_text("Port 22\n" * 60_001)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(OpsimateError) as refused:
        read(tmp_path / ".ssh", text)
    assert told in refused.value.message


def test_ten_thousand_hosts_are_read_however_many_blocks_they_have(tmp_path: Path) -> None:
    config = read(tmp_path, "".join(f"Host h{n}\n Port {n + 1}\n" for n in range(10_000)) + "Host * !h1\n User all\n")
    assert [config.of(f"h{n}") for n in (1, 9_999)] == [{"port": ["2"]}, {"port": ["10000"], "user": ["all"]}]
    assert [config.of(alias)["port"] for alias in config.aliases][77] == ["78"]


def test_patterns_and_hosts_that_are_too_many_together_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_config, "MOST_MATCHED", 999)
    hosts = "".join(f"Host h{n}\n" for n in range(20))
    config = read(tmp_path, hosts + "".join(f"Host *{n}\n" for n in range(50)))
    with pytest.raises(SshConfigError, match="are more than 999 for all hosts; import them in parts"):
        [config.of(alias) for alias in config.aliases]


@pytest.mark.parametrize(
    ("command", "machine"),
    [
        ("ssh -W %h:%p bastion", "bastion"),
        ("ssh -q -W [%h]:%p ops@bastion", "ops@bastion"),
        ("/usr/bin/ssh bastion -W %h:%p -p 2222", "bastion:2222"),
        ("exec ssh -W %h:%p bastion", "bastion"),
        ("ssh -W other:22 bastion", None),
        ("ssh bastion nc %h %p", None),
        ("ssh -W %h:%p -F x bastion", None),
        ("nc %h %p", None),
        ("ssh -W '%h:%p", None),
    ],
)
def test_a_command_that_does_what_a_jump_does_is_one(command: str, machine: str | None) -> None:
    assert jump_of_command(command) == machine


# --- what becomes of the hosts


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".ssh/conf.d").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    KEY.write_private_key(tmp_path / ".ssh/deploy")
    KEY.write_private_key(tmp_path / ".ssh/locked", passphrase="correct horse", **AS_SSH_KEYGEN)
    return tmp_path


def imported(home: Path, text: str, **defaults: Any) -> Imported:
    (home / ".ssh/config").write_text(text)
    return SshImport(home / ".ssh/config", Defaults(**defaults)).read()


def connections(found: Imported) -> dict[str, dict[str, Any]]:
    return {one.name: one.body["connection"]["ssh"] for one in found.definitions if one.kind == "provider"}


def test_hosts_become_providers_with_their_keys_and_jumps(home: Path) -> None:
    (home / ".ssh/conf.d/db.conf").write_text(
        "Host db\n HostName 10.1.1.1\n ProxyCommand ssh -W %h:%p -q bastion\nHost *\n IdentityFile %d/.ssh/deploy\n"
    )
    text = f"""\
Include conf.d/*.conf
Host bastion
  HostName 203.0.113.7
  User ops
  Port 2222
  IdentityFile ~/.ssh/locked
Host web-1 web-2
  HostName %h.internal
  ProxyJump bastion
Host deep
  ProxyJump outer.example,ops@inner.example:2022
Host web-* db deep
  User deploy
Match exec "touch {home}/ran"
  User root
Host *
  ServerAliveInterval 30
  LocalForward 80 x:80
"""
    found = imported(home, text)
    assert found.complaints == []
    made = connections(found)
    key = {"private_key": {"secret": "deploy-key"}}
    assert made["bastion"] == {"host": "203.0.113.7", "user": "ops", "port": 2222, **key}
    assert made["web-2"] == {"host": "web-2.internal", "user": "deploy", "jump": "bastion", **key}
    assert made["db"] == {"host": "10.1.1.1", "user": "deploy", "jump": "bastion", **key}
    assert made["deep"]["jump"] == "inner.example"
    assert (made["inner.example"]["jump"], made["inner.example"]["port"]) == ("outer.example", 2022)
    assert [one.name for one in found.definitions if one.kind == "secret"] == ["deploy-key"]
    assert found.notes[0].endswith("config:14: Match is not read: what stands below it is left out.")
    assert re.match(r"localforward means nothing here and is left out. \(\d hosts\)", found.notes[1])
    assert not (home / "ran").exists()


def test_a_pattern_that_matches_more_files_than_may_be_read_is_told(home: Path) -> None:
    for number in range(101):
        (home / f".ssh/conf.d/{number}").write_text("")
    with pytest.raises(OpsimateError, match="or 100 in all"):
        imported(home, "Include conf.d/*\n")


def test_what_an_included_file_says_holds_where_it_is_included(home: Path) -> None:
    (home / ".ssh/conf.d/a").write_text("Port 7\nHost *\n User of-all\n")
    found = imported(home, "Host web-*\n Include conf.d/a\nHost web-1 db\n IdentityFile ~/.ssh/deploy\n")
    made = connections(found)
    assert (made["web-1"]["user"], made["web-1"]["port"]) == ("of-all", 7)
    assert "port" not in made["db"]


def test_a_key_with_a_passphrase_needs_that_stored(home: Path) -> None:
    found = imported(home, "Host a\n IdentityFile ~/.ssh/locked\n")
    assert connections(found)["a"]["passphrase"] == {"secret": "locked-key-passphrase"}
    (note,) = found.notes
    assert note.endswith("/.ssh/locked has a passphrase, which has to be stored: " + STORE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Host a\n ProxyCommand nc %h %p\n", "a: leads through the program 'nc %h %p'; give ProxyJump instead"),
        ("Host a\n Port ssh\n", "a: Port 'ssh' is no number"),
        ("Host a\n HostName %k\n", "a: %k in %k is not expanded here"),
        ("Host b\n User x\nHost a\n ProxyJump y@b\n", "a: ProxyJump y@b: Host b has another user or port"),
        ("Host b c\nHost a\n ProxyJump c,b\n", "a: ProxyJump c,b: Host b has to say by itself: ProxyJump c"),
        ("Host a,b\n", "a,b: host: "),
        ("Host a\n IdentityFile ~/.ssh/missing\n", "a: has no key to log in with"),
        ("Host a\n ProxyJump b\nHost b\n ProxyJump a\n", "leads in a circle"),
        ("Host *\n User x\n", "no Host names a machine"),
        ("Host a\n ProxyJump b,c,d,e,f,g,h,i,j\n", "a: leads through more than 8 other machines"),
        ("Host a\n ProxyJump p0-x\n" + THROUGH_A_THOUSAND, "a: leads through more than 8 other machines"),
        ("Host a\n" + " IdentityFile x\n" * 101, "a: has more than 100 lines of IdentityFile"),
    ],
)
def test_a_host_that_cannot_be_a_provider_is_told(home: Path, text: str, told: str) -> None:
    key = None if "missing" in text else home / ".ssh/deploy"
    found = imported(home, text, key=key)
    assert any(told in one for one in found.complaints), found.complaints
