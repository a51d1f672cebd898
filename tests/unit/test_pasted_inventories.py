"""Texts of inventories without their files: which definitions the server makes of them, and what it reads: nothing."""

from pathlib import Path

import asyncssh
import pytest

from catalog.domain.inventories import InventoryFormat, Unsaid
from catalog.domain.inventories.pasted import read_pasted
from catalog.domain.source_error import SourceError

INI = """\
[web]
web-1 ansible_host=10.0.0.11 ansible_user=deploy ansible_ssh_common_args='-J bastion'
web-2 ansible_password=hunter22 stage=prod
[far]
bastion ansible_port=2222
"""
YAML = "all:\n  hosts:\n    a: {ansible_host: 10.0.0.1}\n  children:\n    db: {hosts: {b: }}\n"
SSH = "Include conf.d/*\nHost app\n ProxyJump gate\nHost gate\n User ops\nHost *\n IdentityFile ~/.ssh/deploy\n"


def test_an_inventory_becomes_definitions_in_an_order_in_which_they_can_be_stored() -> None:
    made = read_pasted(INI, "ansible_inventory", Unsaid("root", "fleet", "eu", {"env": "stage"}))
    assert made.complaints == []
    assert [(one.kind, one.body["name"]) for one in made.definitions] == [
        ("secret", "web-2-password"),
        ("provider", "bastion"),
        ("provider", "web-1"),
        ("provider", "web-2"),
        ("provider_group", "far"),
        ("provider_group", "web"),
    ]
    bodies = {one.body["name"]: one.body for one in made.definitions}
    assert bodies["web-1"] == {
        "name": "web-1",
        "connection": {
            "ssh": {"host": "10.0.0.11", "user": "deploy", "private_key": {"secret": "fleet"}, "jump": "bastion"}
        },
        "pool": "eu",
    }
    assert bodies["web-2"]["connection"]["ssh"]["password"] == {"secret": "web-2-password"}
    assert bodies["web-2"]["labels"] == {"env": "prod"}
    assert bodies["bastion"]["connection"]["ssh"] == {
        "host": "bastion",
        "user": "root",
        "private_key": {"secret": "fleet"},
        "port": 2222,
    }


def test_yaml_is_known_by_itself() -> None:
    made = read_pasted(YAML, "ansible_inventory", Unsaid("root", "fleet"))
    assert [one.body["name"] for one in made.definitions] == ["a", "b", "db"]


def test_a_configuration_of_ssh_is_read_without_what_it_includes_and_without_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ssh").mkdir()
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / ".ssh/deploy")
    monkeypatch.setenv("HOME", str(tmp_path))
    made = read_pasted(SSH, "ssh_config", Unsaid("me", "fleet"))
    connections = {one.body["name"]: one.body["connection"]["ssh"] for one in made.definitions}
    key = {"private_key": {"secret": "fleet"}}
    assert connections == {
        "gate": {"host": "gate", "user": "ops", **key},
        "app": {"host": "app", "user": "me", **key, "jump": "gate"},
    }
    assert made.notes == [
        "ssh_config:1: Include conf.d/* is not read: put what it says in its place.",
        "The key file ~/.ssh/deploy is not read here: the secret fleet is meant. (2 hosts)",
    ]


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        (f"{SSH} User me\n", "ssh_config", "app: has no key to log in with (its file ~/.ssh/deploy is not read here)"),
        ("a\n", "ansible_inventory", "inventory:1: a: does not say who logs in"),
        ("# nobody\n", "ansible_inventory", "inventory: no host is in it"),
    ],
)
def test_what_a_text_lacks_is_told_for_each_machine(text: str, form: InventoryFormat, told: str) -> None:
    assert any(told in complaint for complaint in read_pasted(text, form, Unsaid()).complaints)


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("[web\na\n", "ansible_inventory", "inventory:1: "),
        ("all:\n  what: {}\n", "ansible_inventory", "inventory:2: what is not known here"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "ansible_inventory", "inventory: is encrypted by ansible-vault"),
        ("Host a\n User\n", "ssh_config", "ssh_config:2: User has no value"),
        ("---\nall:\n  hosts: [a\n", "ansible_inventory", "inventory:4:1: "),
        ("# ours\nall:\n\thosts:\n", "ansible_inventory", "inventory:3:1: "),
    ],
)
def test_what_is_no_inventory_is_told_with_its_line(text: str, form: InventoryFormat, told: str) -> None:
    with pytest.raises(SourceError) as refused:
        read_pasted(text, form, Unsaid())
    assert refused.value.message.startswith(told), refused.value.message


TEN_THOUSAND = "h[0:9999]\n[all:vars]\nansible_user=x\n"
HOSTS = "".join(f"Host h{n}\n" for n in range(10_000)) + "Host *\n User x\n"


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        (f"all: {{hosts: {{{'a,' * 100_000}}}}}", "ansible_inventory", "inventory:1: more than 200000 keys and values"),
        (f"{'a' * 300}[0:9999]\n", "ansible_inventory", "inventory:1: a host's name has at most 255 characters: aaa"),
        (
            f"{TEN_THOUSAND}a={'x' * 3_000}\nansible_password={{{{a}}}}{{{{inventory_hostname}}}}\n",
            "ansible_inventory",
            "inventory:1: more than 20000000 characters are to be filled in",
        ),
        (f"Host {'a' * 300}\n", "ssh_config", "ssh_config:1: a Host has at most 255 characters: aaa"),
        (
            f"{HOSTS} HostName {'%h' * 300_000}\n",
            "ssh_config",
            "ssh_config:10003: HostName has at most 1024 characters",
        ),
        (
            f"{HOSTS} ProxyCommand {'/' * 500_000}\n",
            "ssh_config",
            "ssh_config: the patterns of its hosts and the lines",
        ),
    ],
    ids=["nodes", "a range of long names", "values of others", "a long name", "a long value", "a long line for all"],
)
def test_a_text_that_stands_for_too_much_is_refused(text: str, form: InventoryFormat, told: str) -> None:
    with pytest.raises(SourceError) as refused:
        read_pasted(text, form, Unsaid("root", "fleet"))
    assert refused.value.message.startswith(told), refused.value.message


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        (
            f"a ansible_password={'x' * 5_000}\n",
            "ansible_inventory",
            "a: ansible_password has more than 4096 characters",
        ),
        (
            f"a ansible_ssh_args='{'-v ' * 2_000}'\n",
            "ansible_inventory",
            "a: ansible_ssh_args has more than 4096 charac",
        ),
        (f"Host {'a' * 200}\n HostName {'%h' * 50}\n", "ssh_config", "%h stands for more than 1024 characters"),
    ],
)
def test_a_machine_of_which_too_much_is_said_is_told(text: str, form: InventoryFormat, told: str) -> None:
    assert any(told in complaint for complaint in read_pasted(text, form, Unsaid("root", "fleet")).complaints)


def test_a_long_way_of_jumps_is_told_for_each_that_is_too_far_away() -> None:
    text = "".join(f"h{n} ansible_ssh_common_args='-J h{n - 1}'\n" for n in range(1, 10_000))
    made = read_pasted(f"h0\n{text}", "ansible_inventory", Unsaid("root", "fleet"))
    assert [one.body["name"] for one in made.definitions] == [f"h{n}" for n in range(9)]
    assert made.complaints[0] == "inventory:10: h9: leads through more than 8 other machines"


def test_an_option_of_ssh_that_means_nothing_is_told_once_for_each_host() -> None:
    made = read_pasted("[all:vars]\nansible_ssh_args='-v -v -v'\n[a]\nb\nc\n", "ansible_inventory", Unsaid("me", "key"))
    assert made.notes == ["ansible_ssh_args has -v, which means nothing here and is left out. (2 hosts)"]
