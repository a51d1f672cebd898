"""Definitions as files, and imports, in both forms: what the guides show is done as they show it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import typed
from tests.product import Product
from tests.servers.sshd import SshServer
from tests.stage import Ledger

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FOLDER_OF_SET = re.compile(r"\(made by the file set \S+:/\S*?/(?=(?:catalog|inventory/hosts\.ini)\))")
"""Where the files of a guide lie here, which is another place each time."""
_FILE = re.compile(r"# ([\w./-]+\.\w+|[\w./-]+/config)\n")


class Reader:
    """Somebody who does what a guide says, in a folder of their own."""

    def __init__(self, product: Product, directory: Path, key: str) -> None:
        self.directory = directory
        self.told = ""
        """What was printed last as a guide was followed."""
        self.environment = {
            "PATH": f"{typed.programs()}:{PROGRAMS}:{os.environ['PATH']}",
            "HOME": str(directory / "home"),
            "OPSIMATE_URL": product.url,
            "OPSIMATE_TOKEN": product.token,
            "ALERTS": product.alerts_url,
            "OPSIMATE": product.url,
            "AUTH": f"Authorization: Bearer {product.token}",
        }
        (directory / "home/.ssh").mkdir(parents=True)
        (directory / "home/.ssh/deploy").write_text(key)

    def typed(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def follow(self, guide: str, instead: Mapping[str, object] | None = None) -> int:
        """Write the files that the guide shows, type what it types, see what it shows; how much was typed.

        ``instead`` are texts of the guide, such as ports, and what is used in their place.
        """
        scripts, whole = 0, (ROOT / "docs" / guide).read_text()
        for shown, used in (instead or {}).items():
            assert shown in whole
            whole = whole.replace(shown, str(used))
        for language, text in _BLOCK.findall(whole):
            if named := _FILE.match(text):
                path = self.directory / named[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            elif language == "sh":
                done = self.typed(text)
                assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
                self.told, scripts = done.stdout, scripts + 1
            elif language == "text":
                shown = _FOLDER_OF_SET.sub("(made by the file set host:/…/", self.told)
                assert shown.startswith(text), f"the guide shows\n{text}\nand it was\n{self.told}"
        return scripts


@pytest.fixture
def reader(product: Product, left_as_it_was: None, tmp_path: Path, sshd: SshServer) -> Reader:
    return Reader(product, tmp_path, sshd.private_key)


def test_the_guide_to_git_works_as_it_says(reader: Reader) -> None:
    assert reader.follow("git.md") > 6


def test_the_guide_to_inventories_works_as_it_says(reader: Reader, product: Product) -> None:
    assert reader.follow("inventories.md") > 2
    shop = product.http.get("/api/v1/providers/shop-1").json()
    assert shop["connection"]["ssh"]["jump"] == "bastion"
    assert shop["labels"]["env"] == "production"


def test_from_an_inventory_to_a_rolling_restart_of_ten_machines(
    reader: Reader, ledger: Ledger, sshd: SshServer
) -> None:
    hosts = "\n".join(f"web-machine-[{first}:{first + 4}]" for first in (1, 6))
    address = f"ansible_host={sshd.host}\nansible_port={sshd.port}\nansible_user={sshd.user}"
    key = "ansible_ssh_private_key_file=~/.ssh/deploy"
    (reader.directory / "hosts.ini").write_text(f"[web]\n{hosts}\n[web:vars]\n{address}\n{key}\n")
    done = reader.typed("opsimate import ansible-inventory hosts.ini --yes")
    assert done.returncode == 0, done.stderr
    guide = _BLOCK.findall((ROOT / "docs/inventories.md").read_text())
    [text] = [text for _, text in guide if text.startswith("# restart-web.yaml")]
    systemctl = ledger.path.with_name("systemctl")  # no machine of the tests is started by systemd
    systemctl.write_text("#!/bin/sh\n" + ledger.entry("$OPSIMATE_PROVIDER $1") + "\n")
    systemctl.chmod(0o755)
    (reader.directory / "restart-web.yaml").write_text(text.replace("systemctl", str(systemctl)))
    script = "opsimate apply -f restart-web.yaml && opsimate run restart-web -p service=nginx --follow"
    done = reader.typed(script)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {f"web-machine-{number}" for number in range(1, 11)}
    assert sorted(ledger.lines) == sorted(f"{name} {what}" for name in names for what in ("restart", "is-active"))
    first, checked = ledger.lines[:2]
    assert (first.split()[1], checked.split()[1]) == ("restart", "is-active"), "one machine goes first, and is checked"


def test_an_action_runs_on_a_machine_of_an_inventory(reader: Reader, product: Product, sshd: SshServer) -> None:
    (reader.directory / "hosts.yaml").write_text(
        f"all:\n  vars: {{ansible_user: {sshd.user}, ansible_port: {sshd.port}}}\n"
        f"  children: {{imported: {{hosts: {{from-yaml: {{ansible_host: {sshd.host}}}}}}}}}\n"
    )
    done = reader.typed("opsimate import ansible-inventory hosts.yaml --key home/.ssh/deploy --yes")
    assert done.returncode == 0, done.stderr
    (reader.directory / "action.yaml").write_text(
        "kind: action\nname: on-imported\nsteps: [{name: only, provider: from-yaml, command: echo there}]\n"
    )
    done = reader.typed("opsimate apply -f action.yaml; opsimate run on-imported --follow")
    assert (done.returncode, done.stdout) == (0, "+ action on-imported created\nthere\n"), done.stderr
