"""Machines of several kinds, each with a service manager of its own, and a product that knows them and templates."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from itertools import count
from typing import Any

from tests.product import Product
from tests.servers import machine
from tests.servers.presence import start_or_refuse
from tests.servers.sshd import SshServer

_INIT_SCRIPT = """\
#!/bin/sh
case $1 in
  start) start-stop-daemon -S -b -m -p /run/{name}.pid -a /bin/sleep -- {seconds} ;;
  stop) {before_stop}start-stop-daemon -K -p /run/{name}.pid{after_stop} ;;
  restart) "$0" stop; rm -f /run/{name}.pid; "$0" start ;;
  status) grep -qs sleep "/proc/$(cat /run/{name}.pid)/comm" || exit 3 ;;
  *) exit 2 ;;
esac
"""

_OPENRC_SCRIPT = """\
#!/sbin/openrc-run
command=/usr/local/bin/{name}
command_args={seconds}
command_background=true
pidfile=/run/{name}.pid
"""

_UNITS = {
    "shop": "ExecStart=/bin/sleep 1000",
    "dies": "ExecStart=/bin/sh -c 'echo \"fatal: no configuration\" >&2; exit 1'",
    "flaps": "Restart=always\nRestartSec=100ms\nExecStart=/bin/sleep 0.4",
    "job": "Type=oneshot\nExecStart=/bin/true",
}


def _file(path: str, text: str) -> str:
    """The shell text that writes a file, which can be run."""
    return f"mkdir -p {path.rpartition('/')[0]}\ncat > {path} <<'END-OF-FILE'\n{text}\nEND-OF-FILE\nchmod +x {path}\n"


def _with_init_scripts() -> str:
    at_once, later = ("", ""), ("(sleep 1; ", ") >/dev/null 2>&1 </dev/null &")
    scripts = {"shop": ("1000", at_once), "dies": ("0", at_once), "lingers": ("1000", later)}
    return "rm -rf /etc/init.d\n" + "".join(
        _file(
            f"/etc/init.d/{name}", _INIT_SCRIPT.format(name=name, seconds=seconds, before_stop=before, after_stop=after)
        )
        for name, (seconds, (before, after)) in scripts.items()
    )


def _with_openrc_scripts() -> str:
    scripts = {"shop": "1000", "dies": "0"}
    return "cp /bin/sleep /usr/local/bin/shop\ncp /bin/sleep /usr/local/bin/dies\n" + "".join(
        _file(f"/etc/init.d/{name}", _OPENRC_SCRIPT.format(name=name, seconds=seconds))
        for name, seconds in scripts.items()
    )


def _with_units() -> str:
    units = "".join(_file(f"/etc/systemd/system/{name}.service", f"[Service]\n{text}") for name, text in _UNITS.items())
    conditional = "[Unit]\nConditionPathExists=/nowhere\n[Service]\nExecStart=/bin/sleep 1000"
    return (
        units
        + _file("/etc/systemd/system/conditional.service", conditional)
        + "ln -s /dev/null /etc/systemd/system/masked.service\n"
    )


_COMMON = "mkdir -p /srv/shop/cache/old && echo stale > /srv/shop/cache/old/entry\n"
KINDS: Mapping[str, tuple[Callable[[str], list[str]], Callable[[], str]]] = {
    "debian": (machine.debian, _with_init_scripts),
    "busybox": (machine.with_busybox, _with_init_scripts),
    "openrc": (machine.with_openrc, _with_openrc_scripts),
    "systemd": (machine.with_systemd, _with_units),
}
"""By name: what makes the machine, and what its services are."""


class Fleet:
    """A product that was made to know machines, which have come and gone, and has actions of templates."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._number = count(1)
        self._templates: set[str] = set()

    def next_name(self, kind: str) -> str:
        """A name for a machine that none had before."""
        return f"{kind}-{next(self._number)}"

    def know(self, name: str, sshd: SshServer, user: str) -> str:
        """Make it a provider, on which this user runs what is run; its name."""
        self.product.put("secrets", {"name": f"{name}-key", "value": sshd.private_key})
        ssh = {"host": sshd.host, "port": sshd.port, "user": user, "private_key": {"secret": f"{name}-key"}}
        self.product.put("providers", {"name": name, "connection": {"ssh": ssh}})
        return name

    def use(self, template: str) -> None:
        """Make an action of a template, of the same name, unless there is one."""
        if template not in self._templates:
            answer = self.product.http.post(f"/api/v1/templates/{template}/use", json={"name": template})
            assert answer.status_code == 201, answer.text
            self._templates.add(template)


class Machines:
    """The machines of a test, which are started when it asks for them, and a product that knows them."""

    def __init__(self, fleet: Fleet, running: ExitStack) -> None:
        self.product = fleet.product
        self._fleet = fleet
        self._running = running
        self._servers: dict[str, SshServer] = {}

    def provider(self, kind: str, more: str = "", *, before: str = "") -> str:
        """The name of a provider that is a new machine of this kind.

        ``more`` is a shell text that has been run on it, ``before`` one that was run before anything else.
        """
        make, services = KINDS[kind]
        text = before + services() + _COMMON + more

        def start() -> SshServer:
            return SshServer(machine=make(text))

        name = self._fleet.next_name(kind)
        self._servers[name] = self._running.enter_context(closing(start_or_refuse(start)))
        return self._fleet.know(name, self._servers[name], "root")

    def as_ordinary_user(self, name: str) -> str:
        """The name of a provider that is the same machine, where commands are an ordinary user's."""
        return self._fleet.know(f"{name}-ordinary", self._servers[name], self._servers[name].user)

    def key_of(self, name: str) -> str:
        """The name of the secret that holds the key of a machine."""
        return f"{name}-key"

    def port_of(self, name: str) -> int:
        """Where a machine takes connections."""
        return self._servers[name].port

    def run(self, template: str, host: str = "", **parameters: Any) -> "Told":
        """A run of the action that is made of a template, from its request to its end."""
        self._fleet.use(template)
        given = {**({"host": host} if host else {}), **parameters}
        run = self.product.result(template, given, within=120)
        return Told(run, self.product)

    def on(self, host: str, command: str) -> str:
        """What a command prints on a machine, whatever it thinks of its work."""
        action = {
            "name": f"look-{host}",
            "steps": [{"name": "look", "provider": host, "command": f"{command}\nexit 0"}],
        }
        self.product.put("actions", action)
        run = self.product.result(action["name"])  # type: ignore[arg-type]
        return self.product.output(run["id"]).decode()


class Told:
    """What a run came to."""

    def __init__(self, run: dict[str, Any], product: Product) -> None:
        self.state: str = run["state"]
        self.steps: dict[str, str] = {step["name"]: step["state"] for step in run["steps"]}
        self.statuses: dict[str, int | None] = {
            step["name"]: step["attempts"][-1]["exit_status"] for step in run["steps"] if step["attempts"]
        }
        self.output = product.output(run["id"]).decode()
        self.reason: str = run["reason_text"] or ""

    @property
    def failed(self) -> list[str]:
        """The steps that failed."""
        return [name for name, state in self.steps.items() if state == "failed"]

    def succeeded(self) -> "Told":
        """The same, which has to have."""
        assert (self.state, self.failed) == ("succeeded", []), f"{self.reason} {self.steps}\n{self.output}"
        return self

    def failed_at(self, *steps: str) -> "Told":
        """The same, which has to have failed, at these steps."""
        assert (self.state, self.failed) == ("failed", [*steps]), f"{self.reason} {self.steps}\n{self.output}"
        return self

    def says(self, *texts: str) -> "Told":
        """The same, which has to have said all of this."""
        for text in texts:
            assert text in self.output, self.output
        return self
