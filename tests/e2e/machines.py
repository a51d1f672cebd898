"""A product that knows machines of several kinds, each with a service manager of its own, and actions of templates."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from typing import Any

from tests.product import Product
from tests.servers import machine
from tests.servers.presence import start_or_refuse
from tests.servers.sshd import SshServer

_INIT_SCRIPT = """\
#!/bin/sh
case $1 in
  start) start-stop-daemon -S -b -m -p /run/{name}.pid -a /bin/sleep -- {seconds} ;;
  stop) start-stop-daemon -K -p /run/{name}.pid ;;
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
    scripts = {"shop": "1000", "dies": "0"}
    return "rm -rf /etc/init.d\n" + "".join(
        _file(f"/etc/init.d/{name}", _INIT_SCRIPT.format(name=name, seconds=seconds))
        for name, seconds in scripts.items()
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


class Machines:
    """Machines that are started when a test first asks for one, and a product that knows them."""

    def __init__(self, product: Product, running: ExitStack) -> None:
        self.product = product
        self._running = running
        self._servers: dict[str, SshServer] = {}
        self._actions: set[str] = set()

    def provider(self, kind: str, name: str = "", more: str = "", *, before: str = "", user: str = "root") -> str:
        """The name of a provider of this kind; with another name it is a machine that no other test has.

        ``more`` is a shell text that has been run on it, ``before`` one that was run before anything else.
        """
        name = name or kind
        if name not in self._servers:
            make, services = KINDS[kind]
            text = before + services() + _COMMON + more

            def start() -> SshServer:
                return SshServer(machine=make(text))

            self._servers[name] = self._running.enter_context(closing(start_or_refuse(start)))
            self._know(name, self._servers[name], "root")
        if user != "root":
            return self._know(f"{name}-{user}", self._servers[name], user)
        return name

    def ordinary_user(self, name: str) -> str:
        """Who may log in to a machine beside root."""
        return self._servers[name].user

    def _know(self, name: str, sshd: SshServer, user: str) -> str:
        self.product.put("secrets", {"name": f"{name}-key", "value": sshd.private_key})
        ssh = {"host": sshd.host, "port": sshd.port, "user": user, "private_key": {"secret": f"{name}-key"}}
        self.product.put("providers", {"name": name, "connection": {"ssh": ssh}})
        return name

    def run(self, template: str, host: str = "", **parameters: Any) -> "Told":
        """A run of the action that is made of a template, from its request to its end."""
        if template not in self._actions:
            answer = self.product.http.post(f"/api/v1/templates/{template}/use", json={"name": template})
            assert answer.status_code == 201, answer.text
            self._actions.add(template)
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
