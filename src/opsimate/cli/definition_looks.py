"""How lists of definitions look on the command line: their columns, and what is said where there are none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opsimate.cli.printing import instant
from opsimate.cli.schedule_text import schedule_row, window_row

BY_APPLY = "They are written as YAML; see `opsimate apply`."
MAKE_ONE = "Write one as YAML and make it with: opsimate apply -f FILE"


@dataclass(frozen=True)
class Look:
    """How a kind looks on the command line."""

    about: str = BY_APPLY
    """What they are and how one is made, for the help."""
    columns: Sequence[str] = ("name", "version", "description", "updated")
    row: Callable[[dict[str, Any]], Sequence[object]] = lambda stored: (
        stored["name"],
        stored["version"],
        stored.get("description", ""),
        instant(stored["updated_at"]),
    )
    spare: Sequence[str] = ("version", "description", "updated")
    """Columns that are left out on a narrow terminal, one after the other."""
    make_one: str = MAKE_ONE
    """What to do where there is none yet."""
    verbs_in: str = ""
    """The module whose ``VERBS`` this kind has besides; a ``remove`` among them stands for the delete of all."""


def _provider(provider: dict[str, Any]) -> Sequence[object]:
    labels = " ".join(f"{name}={value}" for name, value in provider["labels"].items())
    return (provider["name"], _connection(provider), provider["pool"], labels, provider["description"])


def _connection(provider: dict[str, Any]) -> str:
    ssh = provider["connection"].get("ssh")
    if not ssh:
        return "local"
    host = f"[{ssh['host']}]" if ":" in ssh["host"] else ssh["host"]
    jump = f" over {ssh['jump']}" if ssh.get("jump") else ""
    return f"{ssh['user']}@{host}:{ssh['port']}{jump}"


def _group(group: dict[str, Any]) -> Sequence[object]:
    providers, groups = group["providers"], ", ".join(group["groups"])
    return (group["name"], group["version"], len(providers), groups, group["description"])


def _rule(rule: dict[str, Any]) -> Sequence[object]:
    match, severity = rule["match"], rule["match"].get("severity")
    parts = [_matched(name, wanted) for name, wanted in match["labels"].items()]
    if severity:
        at_least = isinstance(severity, dict)
        parts.append(f"severity at least {severity['at_least']}" if at_least else f"severity in {','.join(severity)}")
    parts += [match["when"]] if match.get("when") else []
    source = _matched("", rule["source"]).lstrip("= ") if rule["source"] else "any"
    actions = ", ".join(response["action"] for response in rule["responses"])
    return (rule["name"], "yes" if rule["enabled"] else "no", source, " ".join(parts) or "every alert", actions)


def _matched(name: str, wanted: str | dict[str, Any]) -> str:
    """What a text has to be, as a table shows it."""
    if isinstance(wanted, str):
        return f"{name}={wanted}"
    if "in" in wanted:
        return f"{name} in {','.join(wanted['in'])}".strip()
    return f"{name}={wanted['equals']}" if "equals" in wanted else f"{name}=~{wanted['regex']}"


def _channel(channel: dict[str, Any]) -> Sequence[object]:
    webhook, url = channel["webhook"], channel["url"]
    leads_to = webhook["url"] if webhook else f"the address in the secret {url['secret']}"
    return (channel["name"], channel["version"], leads_to, channel["description"])


LOOKS: Mapping[str, Look] = {
    "action": Look(
        about=f"Actions: what can be run, step by step. {BY_APPLY}",
        verbs_in="opsimate.cli.actions",
    ),
    "provider": Look(
        about="Providers: the machines that commands run on.",
        columns=("name", "connection", "pool", "labels", "description"),
        row=_provider,
        spare=("description", "labels", "pool"),
        make_one="Add one with: opsimate providers add NAME --ssh USER@HOST --key FILE",
        verbs_in="opsimate.cli.providers",
    ),
    "provider_group": Look(
        about=f"Provider groups: providers that steps name together. {BY_APPLY}",
        columns=("name", "version", "providers", "groups", "description"),
        row=_group,
        spare=("version", "description", "groups"),
    ),
    "secret": Look(
        about="Secrets: values that are written, never read back.",
        make_one="Store one with: opsimate secrets set NAME --from-file FILE",
        verbs_in="opsimate.cli.secrets",
    ),
    "alert_rule": Look(
        about=f"Alert rules: which alerts run which actions. {BY_APPLY}",
        columns=("name", "enabled", "source", "match", "actions"),
        row=_rule,
        spare=("source", "match"),
    ),
    "channel": Look(
        about=f"Channels: where notifications go. {BY_APPLY}",
        columns=("name", "version", "leads to", "description"),
        row=_channel,
        spare=("version", "description"),
        verbs_in="opsimate.cli.notifications",
    ),
    "maintenance_window": Look(
        about=f"Maintenance windows: when nothing runs by itself. {BY_APPLY}",
        columns=("name", "enabled", "holds", "when", "description"),
        row=window_row,
        spare=("description", "holds"),
    ),
    "schedule": Look(
        about=f"Schedules: when actions run by themselves. {BY_APPLY}",
        columns=("name", "action", "fires", "time zone", "next", "last"),
        row=schedule_row,
        spare=("time zone", "last", "fires"),
        verbs_in="opsimate.cli.schedules",
    ),
}
"""By the word of the kind; one that is not here looks as all do."""
