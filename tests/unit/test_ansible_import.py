"""Ansible inventories are read as Ansible reads them, and their hosts become providers."""

import json
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from click.testing import CliRunner

from catalog.domain.inventories import ansible_ini, ansible_inventory
from catalog.domain.inventories.ansible_inventory import Inventory, NoText
from catalog.domain.inventories.host_ranges import MOST_HOSTS
from catalog.domain.yaml_documents import MOST_NODES
from opsimate.cli import opsimate
from opsimate.errors import OpsimateError
from opsimate.importing.ansible_files import InventoryFiles
from opsimate.importing.ansible_machines import AnsibleImport
from opsimate.importing.machines import Defaults, Imported

SAMPLES = Path(__file__).parents[1] / "samples" / "inventories"
AS_WRITTEN = {"truth": "yes", "float": "1.50"}
"""Where we differ on purpose: a value is the text that its author wrote, of which YAML 1.1 has made something else."""
KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()


def read(path: Path) -> Inventory:
    return InventoryFiles(path).inventory()


def said(inventory: Inventory) -> dict[str, dict[str, Any]]:
    """The variables of each host."""
    return {
        name: {
            key: value
            for key, value in inventory.variables_of(inventory.hosts[name], groups).items()
            if key != "ansible_group_priority"
        }
        for name, groups in inventory.groups_of("hosts").items()
    }


def as_text(name: str, value: Any) -> Any:
    """A value as ansible-inventory prints it, as the text that we keep."""
    if name in AS_WRITTEN:
        return AS_WRITTEN[name]
    if isinstance(value, list | dict):
        return NoText.NESTED
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("path", ["ini/hosts.ini", "yaml/hosts.yaml", "vars/hosts", "suffixless/hosts"])
def test_an_inventory_says_what_ansible_inventory_says_of_it(path: str) -> None:
    # What ansible-inventory 2.19.14 answered with --list.
    theirs = json.loads((SAMPLES / path).parent.with_suffix(".json").read_text())
    ours = read(SAMPLES / path)
    assert said(ours) == {
        host: {name: as_text(name, value) for name, value in variables.items()}
        for host, variables in theirs["hosts"].items()
    }
    members: dict[str, list[str]] = {}
    for host, groups in ours.groups_of("hosts").items():
        for group in groups:
            members.setdefault(group.name, []).append(host)
    members.pop("ungrouped", None)
    assert {name: sorted(hosts) for name, hosts in members.items()} == theirs["groups"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[web\na\n", 1, "is not closed"),
        ("[web:foo]\na\n", 1, "hosts, children, vars"),
        ("[a:children]\nnope\n", 2, "no section [nope]"),
        ("[a:vars]\nx=1\n", 1, "no section [a]"),
        ("[a:children]\nb\n[b:children]\na\n", 0, "a → b → a"),
        ("[w:children]\nall\n", 0, "cannot be below w"),
        ("[w]\nweb[1:a]\n", 2, "[1:a] is no range"),
        ("[w]\nweb[3:1]\n", 2, "ends before it begins"),
        ("[w]\nh[1:5:x]\n", 2, "the step of [1:5:x] is no number of up to nine digits"),
        (f"[w]\nh[1:{'9' * 5000}]\n", 2, "is no range"),
        (f"[w]\nh{'[1:1]' * 3000}\n", 2, "more than 20 ranges stand in one name"),
        ("[w]\nweb[01:100]\n", 2, "of one length"),
        ("[w]\nweb[1:3\n", 2, "not closed"),
        ("[w]\nweb[1]\n", 2, "[begin:end]"),
        ("[w]\nweb[1:]\n", 2, "no end"),
        ("[w]\nweb[1:9:0]\n", 2, "less than 1"),
        ("[w]\na:\n", 2, "a port has to stand"),
        ("---\nall:\n", 1, "this is YAML"),
        ("[w]\na foo\n", 2, "name=value"),
        ("[w]\na x={{ y }}\n", 2, "in quotes"),
        ("[w]\na x='b\n", 2, "quotation mark"),
        ("[w]\na\n[w:vars]\nfoo\n", 4, "name=value"),
        ("[w]\nh[1:100000]\n", 2, f"more than {MOST_HOSTS} hosts"),
        ("[w]\n[1:999999999999]\n", 2, "hosts, children, vars"),
        ("[w]\nh[1:99999][1:99999][1:99999]\n", 2, f"more than {MOST_HOSTS} hosts"),
    ],
)
def test_what_is_no_ini_inventory_is_told_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = tmp_path / "hosts.ini"
    path.write_text(text)
    with pytest.raises(OpsimateError) as refused:
        read(path)
    place = f"{path}:{line}: " if line else f"{path}: "
    assert refused.value.message.startswith(place), refused.value.message
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", "the name of a group"),
        ("plugin: aws_ec2\n", "ansible-inventory -i FILE --list"),
        ('{"_meta": {"hostvars": {"a": {}}}, "web": {"hosts": ["a"]}}', "programs tell Ansible, as _meta shows"),
        ("w:\n  hosts: [a, b]\n", ":2: here have to stand names"),
        ("w:\n  host:\n    a:\n", ":3: host is not known here"),
        ("w: x\n", ":1: here have to stand names"),
        ("a:\n  children:\n    b:\n      children:\n        a:\n", "below itself"),
        ("a: {hosts: {x: }}\n---\nb: {hosts: {y: }}\n", "the name of a group"),
        ("a: &a\n  children: {b: *a}\n", "below itself"),
        ("a:\n  hosts:\n   x:\n  y: z\n - q\n", "did not find expected"),
    ],
)
def test_what_is_no_yaml_inventory_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "hosts.yaml"
    path.write_text(text)
    with pytest.raises(OpsimateError) as refused:
        read(path)
    assert told in refused.value.message


def test_a_million_hosts_are_refused_soon_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "hosts.ini"
    path.write_text("".join(f"host{number}\n" for number in range(1_000_000)))
    with pytest.raises(OpsimateError, match=f"hosts.ini:{MOST_HOSTS + 1}: there are more than {MOST_HOSTS} hosts"):
        read(path)
    path.write_text("#" * (17 * 1024 * 1024))
    with pytest.raises(OpsimateError, match="at most 16 MiB"):
        read(path)


def _many(count: int, line: str) -> str:
    return "".join(line.replace("{}", str(number)) for number in range(count))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_many(500_000, "[g{}]\n"), "hosts.ini:10001: there are more than 10000 groups; import it in parts"),
        ("[all:children]\n" + _many(20_000, "g{}\n"), "there are more than 10000 groups; import it in parts"),
        (f"a x=[{'1,' * 40_000}]\n", "hosts.ini:1: a line has at most 65536 characters"),
    ],
)
def test_an_inventory_of_more_groups_or_longer_lines_than_can_be_is_refused(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "hosts.ini"
    path.write_text(text)
    with pytest.raises(OpsimateError) as refused:
        read(path)
    assert told in refused.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\n" * 1_001, "hosts.ini:1001: there are more than 1000 lines; import it in parts"),
        ("h[1:99]\n" * 100, "hosts.ini:11: more than 1000 hosts and their variables, counted in each of their groups"),
        ("h[1:99] a=1 b=2 c=3\n" * 100, "hosts.ini:3: more than 1000 hosts and their variables"),
        (
            _many(40, "[p{}:children]\n" + _many(10, "c{}\n")) + _many(10, "[c{}]\nh[1:10]\n"),
            "hosts.ini: more than 1000 hosts and their variables",
        ),
        (
            "h[1:99]\n[all:vars]\n" + _many(20, "v{}=1\n"),
            "hosts.ini:1: more than 1000 variables of all hosts, with those of their groups, are too much",
        ),
    ],
)
def test_an_inventory_that_stands_for_more_than_can_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    monkeypatch.setattr(ansible_ini, "MOST_LINES", 1_000)
    for bound in ("MOST_PLACED", "MOST_MERGED"):
        monkeypatch.setattr(ansible_inventory, bound, 1_000)
    path = tmp_path / "hosts.ini"
    path.write_text(text)
    with pytest.raises(OpsimateError) as refused:
        AnsibleImport(path, Defaults(user="deploy")).read()
    assert told in refused.value.message


def test_a_yaml_inventory_of_more_keys_and_values_than_can_be_read_is_refused_before_it_is(tmp_path: Path) -> None:
    path = tmp_path / "hosts.yaml"
    path.write_text("all:\n  hosts:\n" + _many(MOST_HOSTS, "    h{}: {a: b, c: d}\n"))
    assert len(read(path).hosts) == MOST_HOSTS
    path.write_text("all: [" + "x," * MOST_NODES + "]")
    with pytest.raises(OpsimateError, match=r"hosts.yaml:1: more than 1000000 keys and values are too much to read"):
        read(path)


def test_aliases_of_aliases_are_not_followed_without_end(tmp_path: Path) -> None:
    levels = "".join(f"g{n}: &g{n}\n  children: {{a{n}: *g{n - 1}, b{n}: *g{n - 1}}}\n" for n in range(1, 40))
    (tmp_path / "hosts.yaml").write_text(f"g0: &g0\n  hosts: {{x: }}\n{levels}")
    with pytest.raises(OpsimateError, match=r"too much to read|below each other"):
        read(tmp_path / "hosts.yaml")


# --- what becomes of the hosts


def imported(directory: Path, text: str, **given: Any) -> Imported:
    (directory / "deploy").write_text(KEY)
    path = directory / ("hosts.yaml" if text.startswith("all:") else "hosts.ini")
    path.write_text(text)
    defaults = Defaults(user="deploy", key=directory / "deploy")
    return AnsibleImport(path, defaults, **given).read()


def providers(found: Imported) -> dict[str, dict[str, Any]]:
    return {one.name: one.body for one in found.definitions if one.kind == "provider"}


def test_hosts_become_providers_with_a_secret_for_each_key_file(tmp_path: Path) -> None:
    text = """\
bastion ansible_user=ops ansible_port=2222
[web]
web-[1:2] ansible_host='{{ inventory_hostname }}.internal'
[db]
db ansible_ssh_private_key_file=deploy
Odd_Name
[db:vars]
ansible_ssh_common_args='-o ProxyCommand="ssh -W %h:%p -q ops@bastion" -o StrictHostKeyChecking=no'
ansible_become=true
[here]
local ansible_connection=local
[win]
w1 ansible_connection=winrm
"""
    found = imported(tmp_path, text)
    assert found.complaints == []
    made = providers(found)
    assert set(made) == {"bastion", "web-1", "web-2", "db", "odd_name", "local"}
    assert made["bastion"]["connection"]["ssh"] == {
        "host": "bastion",
        "user": "ops",
        "port": 2222,
        "private_key": {"secret": "deploy-key"},
    }
    assert made["web-2"]["connection"]["ssh"]["host"] == "web-2.internal"
    assert made["db"]["connection"]["ssh"]["jump"] == "bastion"
    assert made["local"]["connection"] == {"local": {}}
    secrets = [one.body for one in found.definitions if one.kind == "secret"]
    assert [(one["name"], one["value"]) for one in secrets] == [("deploy-key", {"file": str(tmp_path / "deploy")})]
    assert found.notes == [
        "ansible_become means nothing here and is left out. (2 hosts)",
        "ansible_ssh_common_args has -o StrictHostKeyChecking, which means nothing here and is left out. (2 hosts)",
        "Hosts with ansible_connection=winrm are not reached over SSH and are left out.",
        "Names were made valid: Odd_Name → odd_name.",
    ]


def test_groups_become_provider_groups_with_the_hosts_of_those_below(tmp_path: Path) -> None:
    found = imported(tmp_path, "[Web_Servers]\na env=prod\nb\n[all_of:children]\nWeb_Servers\n")
    assert "labels" not in providers(found)["a"]
    groups = {one.name: one.body["providers"] for one in found.definitions if one.kind == "provider_group"}
    assert groups == {"web_servers": ["a", "b"], "all_of": ["a", "b"]}
    found = imported(tmp_path, "[web]\nweb-10\nweb-9\nweb-2\ndb-2\n")
    (group,) = [one.body["providers"] for one in found.definitions if one.kind == "provider_group"]
    assert group == ["db-2", "web-2", "web-9", "web-10"]


def test_long_names_have_passwords_of_their_own(tmp_path: Path) -> None:
    hosts = "".join(f"{first}{'x' * 60} ansible_password={first}{first}{first}{first}\n" for first in "ab")
    found = imported(tmp_path, hosts)
    values = {one.name: one.body["value"] for one in found.definitions if one.kind == "secret"}
    used = {name: body["connection"]["ssh"]["password"]["secret"] for name, body in providers(found).items()}
    assert {name[0]: values[secret] for name, secret in used.items()} == {"a": "aaaa", "b": "bbbb"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nA\n", "hosts.ini:2: A: becomes a, as a does; rename one of them"),
        ("!!!\n", "hosts.ini:1: !!!: no valid name"),
        (f"a ansible_port={'9' * 4000}\n", "is no number from 1 to 65535"),
        ("[A%b]\na\n[a#b]\nb\n", "the group a#b: becomes a-b, as A%b does; rename one of them"),
        ("[___]\na\n", "the group ___: no valid name can be made of it"),
        ("a ansible_port=ssh\n", "hosts.ini:1: a: the port 'ssh' is no number from 1 to 65535"),
        ("a ansible_port=99999\n", "is no number from 1 to 65535"),
        ('a ansible_host=\'{{ lookup("env", "X") }}\'\n', "ansible_host is a template that is not evaluated here"),
        ("a ansible_host='{{ b }}' b='{{ ansible_host }}'\n", "lead to each other"),
        (
            "a ansible_host='{{ v8 }}' v0='' "
            + " ".join(f"v{n}='{f'{{{{ v{n - 1} }}}}' * 10}'" for n in range(1, 9))
            + "\nb ansible_host='{{ w5 }}' w0=word "
            + " ".join(f"w{n}='{f'{{{{ w{n - 1} }}}}' * 10}'" for n in range(1, 6)),
            "w5 has more than 65536 characters with the others in it",
        ),
        ("a ansible_host='{{ nowhere }}'\n", "there is no variable nowhere, which ansible_host names"),
        ("a ansible_ssh_common_args='-o ProxyJump=elsewhere'\n", "leads through elsewhere, which is not imported"),
        ("a ansible_ssh_common_args='-o ProxyCommand=\"nc %h %p\"'\n", "leads through the program 'nc %h %p'"),
        ("a ansible_ssh_common_args='-J b'\nb ansible_ssh_common_args='-J a'\n", "leads in a circle"),
        ("a ansible_host='x y'\n", "host: "),
        ("a ansible_ssh_private_key_file=missing ansible_host=b\n", ""),
        (
            "all:\n  hosts:\n    a:\n      ansible_password: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        61\n",
            "ansible_password is encrypted by ansible-vault; decrypt it",
        ),
        ("all:\n  hosts:\n    a: {ansible_user: [x]}\n", "ansible_user is a list or a mapping"),
    ],
)
def test_a_host_that_cannot_be_a_provider_is_told_and_no_other(tmp_path: Path, text: str, told: str) -> None:
    found = imported(tmp_path, text)
    if told:
        assert any(told in one for one in found.complaints), found.complaints
    assert all(str(tmp_path) in one for one in found.complaints)


def test_a_variable_that_no_host_has_makes_no_label_in_silence(tmp_path: Path) -> None:
    text = "a env=prod\nb\n"
    found = imported(tmp_path, text, labels={"stage": "env", "env": "evn"})
    assert found.complaints == [f"{tmp_path}/hosts.ini: no host has the variable 'evn'; did you mean 'env'?"]
    assert providers(found)["a"]["labels"] == {"stage": "prod"}
    found = imported(tmp_path, text, labels={"stage": "env", "env": "env"})
    assert (found.complaints, providers(found)["a"]["labels"]) == ([], {"stage": "prod", "env": "prod"})


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[web]\n", "all:\n  children: {web: {}}\n"])
def test_an_inventory_without_a_host_is_told(tmp_path: Path, text: str) -> None:
    (complaint,) = imported(tmp_path, text, labels={"env": "env"}).complaints
    assert complaint.endswith(": no host is in it")


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["role=stage=x"], "'stage=x': a label's name has only a-z"),
        (["Role"], "'Role': a label's name has only a-z"),
        (["role=env", "stage=env"], "'env' would be made of both role and stage"),
    ],
)
def test_a_label_that_cannot_be_is_refused_at_once(tmp_path: Path, labels: list[str], told: str) -> None:
    (tmp_path / "hosts.ini").write_text("a role=x stage=y\n")
    options = [part for label in labels for part in ("--label", label)]
    done = CliRunner().invoke(opsimate, ["import", "ansible-inventory", str(tmp_path / "hosts.ini"), *options])
    assert (done.exit_code, told in " ".join(done.stderr.split())) == (2, True), done.stderr


def test_encrypted_files_of_variables_are_told_and_passed_over(tmp_path: Path) -> None:
    (tmp_path / "group_vars/all").mkdir(parents=True)
    (tmp_path / "group_vars/all/plain.yml").write_text("ansible_user: ops\n")
    (tmp_path / "group_vars/all/vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    found = imported(tmp_path, "a\n")
    assert providers(found)["a"]["connection"]["ssh"]["user"] == "ops"
    assert found.notes == [f"{tmp_path}/group_vars/all/vault.yml is encrypted by ansible-vault and was not read."]


def test_links_between_folders_of_variables_that_lead_to_each_other_are_followed_once(tmp_path: Path) -> None:
    folder = tmp_path / "group_vars/all"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/user.yml").write_text("ansible_user: ops\n")
    for number in range(5):
        (folder / f"link{number}").symlink_to(folder)
        (folder / f"deep/link{number}").symlink_to(folder / "deep")
    assert providers(imported(tmp_path, "a\n"))["a"]["connection"]["ssh"]["user"] == "ops"


def test_a_name_of_a_group_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "outside.yml").write_text("ansible_user: outsider\n")
    found = imported(tmp_path, "[../outside]\na\n")
    assert providers(found)["a"]["connection"]["ssh"]["user"] == "deploy"


def test_a_program_is_not_run_as_an_inventory(tmp_path: Path) -> None:
    script = tmp_path / "inventory"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    script.chmod(0o755)
    with pytest.raises(OpsimateError, match="is a program, which is not run"):
        read(script)
    assert not (tmp_path / "ran").exists()


def test_the_password_in_an_inventory_becomes_a_secret(tmp_path: Path) -> None:
    found = imported(tmp_path, "a ansible_password=open-sesame\n")
    assert providers(found)["a"]["connection"]["ssh"]["password"] == {"secret": "a-password"}
    assert [one.body["value"] for one in found.definitions if one.kind == "secret"] == ["open-sesame"]
