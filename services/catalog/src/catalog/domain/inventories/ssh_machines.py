"""What an SSH configuration says of how its hosts are reached."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from catalog.domain.inventories.machines import Found, Machine, UnreadableMachineError, told_often
from catalog.domain.inventories.ssh_config import LONGEST_VALUE, SshConfig, jump_of_command
from shared.contracts.provider import MOST_JUMPS

MOST_KEYS = 100
"""Lines of ``IdentityFile`` that hold for one host, as in OpenSSH."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_TOKEN = re.compile(r"%(.)")
_ADDRESS = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?P<host>\[[^\]]+\]|[^:]+|[^:]*:[^:]*:.*)(?::(?P<port>\d+))?/?")
_USED = frozenset({"hostname", "port", "user", "identityfile", "certificatefile", "proxyjump", "proxycommand"})
_HARMLESS = frozenset(
    {"identitiesonly", "serveraliveinterval", "serveralivecountmax", "connecttimeout", "controlmaster", "controlpath"}
    | {"controlpersist", "compression", "loglevel", "forwardagent", "addkeystoagent", "usekeychain", "tcpkeepalive"}
    | {"stricthostkeychecking", "userknownhostsfile", "hashknownhosts", "visualhostkey", "ignoreunknown", "requesttty"}
    | {"preferredauthentications", "pubkeyauthentication", "passwordauthentication", "batchmode", "sendenv", "setenv"}
)
"""What changes nothing about where a connection leads and who logs in."""


@dataclass
class SshMachines:
    """How the hosts of a configuration are read."""

    config: SshConfig
    user: str | None
    """Who logs in where the configuration does not say it."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """What ``%u``, ``%d`` and ``%i`` stand for where it is read."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What ``${NAME}`` stands for in the names of files."""
    _through: dict[str, str | None] = field(default_factory=dict)
    """The machine that a command leads through, which is often that of all hosts."""

    def read(self, source: str) -> Found:
        """All of them."""
        config, found = self.config, Found(notes=self.config.notes)
        said: Counter[str] = Counter()
        machines: dict[str, Machine] = {}
        for alias, place in config.aliases.items():
            said.update(
                f"{keyword} means nothing here and is left out."
                for keyword in config.of(alias)
                if keyword not in _USED and keyword not in _HARMLESS
            )
            try:
                machines[alias] = self.machine(alias, place)
            except UnreadableMachineError as error:
                found.complaints.append(f"{place}: {alias}: {error}")
        for alias in list(machines):
            try:
                machines[alias].jump = self._jump(machines[alias], machines)
            except UnreadableMachineError as error:
                found.complaints.append(f"{machines.pop(alias).place}: {alias}: {error}")
        if not config.aliases:
            found.complaints.append(f"{source}: no Host names a machine; those with * and ? name none by themselves")
        found.notes += told_often(said)
        found.machines = list(machines.values())
        return found

    def machine(self, alias: str, place: str) -> Machine:
        """What the configuration says of a host, but for what leads to it."""
        options = self.config.of(alias)
        port = _port(options.get("port", ["22"])[0])
        user = options.get("user", [self.user or ""])[0]
        host = _expanded(options.get("hostname", [alias])[0], {"h": alias}).lower()
        tokens = {**self.tokens, "h": host, "n": alias, "p": str(port), "r": user}
        named = [text for text in options.get("identityfile", []) if text.lower() != "none"]
        if len(named) > MOST_KEYS:
            raise UnreadableMachineError(f"has more than {MOST_KEYS} lines of IdentityFile, as many as ssh takes")
        keys = [self._file(text, tokens) for text in named]
        certificates = options.get("certificatefile", [])
        certificate = self._file(certificates[0], tokens) if certificates else None
        return Machine(alias, place, host=host, port=port, user=user, keys=keys, certificate=certificate)

    def _file(self, text: str, tokens: Mapping[str, str]) -> str:
        with_variables = _VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), text)
        return _expanded(with_variables, tokens)

    def _jump(self, machine: Machine, machines: dict[str, Machine], behind: int = 0) -> str | None:
        options = self.config.of(machine.name)
        given = options.get("proxyjump", [""])[0]
        command = options.get("proxycommand", [""])[0]
        if command and command.lower() != "none":
            if command not in self._through:
                self._through[command] = jump_of_command(command)
            given = self._through[command] or ""
            if not given:
                raise UnreadableMachineError(f"leads through the program {command[:60]!r}; give ProxyJump instead")
        if not given or given.lower() == "none":
            return None
        addresses = given.split(",")
        if behind + len(addresses) > MOST_JUMPS:
            raise UnreadableMachineError(f"leads through more than {MOST_JUMPS} other machines")
        hops = [self._hop(one, machine, machines, behind + len(addresses)) for one in addresses]
        for before, hop in pairwise(hops):
            if hop not in self.config.aliases:
                machines[hop].jump = before
            elif before not in self.config.of(hop).get("proxyjump", [""])[0]:
                raise UnreadableMachineError(f"ProxyJump {given}: Host {hop} has to say by itself: ProxyJump {before}")
        # What holds for every Host holds for the jump, too, and ssh goes straight to that.
        return None if hops[-1] == machine.name else hops[-1]

    def _hop(self, address: str, machine: Machine, machines: dict[str, Machine], behind: int) -> str:
        """The machine of an address, as its alias; one that no Host names is added under its own name."""
        found = _ADDRESS.fullmatch(address.strip())
        if found is None:
            raise UnreadableMachineError(f"ProxyJump {address[:60]!r} is not read as [user@]host[:port]")
        host = found["host"].strip("[]")
        if host not in self.config.aliases and host not in machines:
            machines[host] = hop = self.machine(host, machine.place)
            hop.user, hop.port = found["user"] or hop.user, _port(found["port"] or str(hop.port))
            hop.jump = self._jump(hop, machines, behind)
        known = machines.get(host)
        if known is not None and not (found["user"] in {None, known.user} and found["port"] in {None, str(known.port)}):
            raise UnreadableMachineError(
                f"ProxyJump {address}: Host {host} has another user or port; let them be the same"
            )
        return host


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= 65_535:  # noqa: PLR2004 - what a port can be
        raise UnreadableMachineError(f"Port {text[:20]!r} is no number from 1 to 65535")
    return int(text)


def _expanded(text: str, tokens: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        if found[1] not in tokens:
            raise UnreadableMachineError(f"{found[0]} in {text[:60]} is not expanded here; write what it stands for")
        return tokens[found[1]]

    whole = _TOKEN.sub(value, text)
    if len(whole) > LONGEST_VALUE:
        raise UnreadableMachineError(f"{text[:60]} stands for more than {LONGEST_VALUE} characters")
    return whole
