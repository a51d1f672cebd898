"""What a doctor asks a product that runs, beyond whether it is well: each look finds something, and says what to do."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from opsimate.client import API, ApiClient
from opsimate.terminal_text import moment
from shared.contracts.alert import REFUSED
from shared.contracts.delivery import NOT_TAKEN
from shared.contracts.retention import MOST_COUNTED
from shared.kinds import KINDS

MOST_NAMES = 10
"""Of secrets in one finding, and of definitions that name what is not there."""
_STORED = {
    "runs": "runs",
    "pieces_of_output": "pieces of output",
    "alerts": "alerts",
    "deliveries": "posts",
    "notifications": "notifications",
}
"""What is counted, and what people call it."""
DELIVERIES_OF = timedelta(days=1)
MOST_DELIVERIES = 100
"""Posts to the webhooks that are counted; of more it is said that there are."""
MOST_NOTIFICATIONS = 200
"""Of each state, that are looked through."""
MOST_ALERTS = 200
"""Of the newest that are looked through."""


class Finding(NamedTuple):
    """What one check found."""

    check: str
    state: Literal["ok", "warning", "problem"]
    message: str
    remedy: str = ""


def _secrets(api: ApiClient) -> Iterator[Finding]:
    """Whether the master key opens what is stored."""
    unreadable = [secret["name"] for secret in api.items(f"{API}/secrets") if not secret["readable"]]
    if unreadable:
        message = f"the master key does not open {', '.join(unreadable[:MOST_NAMES])} ({len(unreadable)} in all)"
        remedy = "Put the right master key back from a copy, or set them anew: opsimate secrets set NAME"
        yield Finding("secrets", "problem", message, remedy)
    else:
        yield Finding("secrets", "ok", "the master key opens all that are stored")


def _master_keys(api: ApiClient) -> Iterator[Finding]:
    """Whether all services that run have the same master key: what one of them sealed the others have to open."""
    used = api.get(f"{API}/master-keys")["items"]
    if len(used) > 1:
        told = "; ".join(f"{key['id']} by {', '.join(key['services'])}" for key in used)
        remedy = "Give every service the same one, that which opens the secrets, and start those anew that had another."
        yield Finding("master keys", "problem", f"services use different ones: {told}", remedy)
    else:
        yield Finding("master keys", "ok", "all services that run use the same")


def _definitions(api: ApiClient) -> Iterator[Finding]:
    """Whether all that definitions name is there."""
    gone = [
        f"{kind.title} '{one['name']}': {sentence}"
        for kind in KINDS.values()
        if kind.uses
        for one in api.items(f"{API}/{kind.path}")
        for sentence in one.get("gone", ())
    ]
    for sentence in gone[:MOST_NAMES]:
        yield Finding("definitions", "warning", sentence, "Make it again, or change what names it.")
    if len(gone) > MOST_NAMES:
        yield Finding("definitions", "warning", f"and {len(gone) - MOST_NAMES} more that name what is not there")
    if not gone:
        yield Finding("definitions", "ok", "all that they name is there")


def _executors(api: ApiClient) -> Iterator[Finding]:
    """Whether every pool that has a provider has an executor."""
    pools = [pool for pool in api.items(f"{API}/pools") if pool["providers"]]
    for pool in pools:
        name, count, there = pool["name"], pool["providers"], len(pool["executors"])
        if there:
            yield Finding("executors", "ok", f"{there} of the pool '{name}' {'is' if there == 1 else 'are'} there")
        else:
            its = "provider waits" if count == 1 else f"{count} providers wait"
            message = f"none of the pool '{name}' is there: what is run on its {its} for one"
            yield Finding("executors", "problem", message, f"Start one with OPSIMATE_POOLS={name}.")
    if not pools:
        yield Finding("executors", "ok", "there is no provider yet, so none is needed")


def _alerts(api: ApiClient) -> Iterator[Finding]:
    """Whether everything that was posted to the webhooks was taken: those who post seldom look at the answer."""
    since = (datetime.now(UTC) - DELIVERIES_OF).isoformat(timespec="seconds").replace("+00:00", "Z")
    found = api.items(f"{API}/deliveries", limit=MOST_DELIVERIES, since=since, outcome=NOT_TAKEN)
    if not found:
        yield Finding("alerts", "ok", "every post of the last day was taken and understood")
        return
    last, count = found[0], sum(delivery["times"] for delivery in found)
    many = f"{count} or more posts were" if len(found) == MOST_DELIVERIES else f"{count} posts were"
    message = (
        f"{'1 post was' if count == 1 else many} refused or not understood in the last day; the last at "
        f"{moment(last['received_at'])} from {last['address']} for '{last['source']}' was {last['outcome']}: "
        f"{last['reason']}"
    )
    yield Finding("alerts", "warning", message, "See them with: opsimate alerts deliveries")


def _refused_runs(api: ApiClient) -> Iterator[Finding]:
    """Whether every rule that matched got its run."""
    since = datetime.now(UTC) - DELIVERIES_OF
    found = api.items(f"{API}/alerts", limit=MOST_ALERTS)
    refused = [
        (item["id"], decision["reason"])
        for item in found
        for decision in item["decisions"]
        if decision["decision"] in REFUSED and datetime.fromisoformat(decision["at"]) >= since
    ]
    if not refused:
        yield Finding("alert rules", "ok", "no run that one asked for in the last day was refused")
        return
    (alert_id, reason), count = refused[0], len(refused)
    were = "1 run that one asked for was" if count == 1 else f"{count} runs that they asked for were"
    message = f"{were} refused in the last day; the last: {reason}"
    yield Finding("alert rules", "warning", message, f"See it with: opsimate alerts show {alert_id}")


def _schedules(api: ApiClient) -> Iterator[Finding]:
    """Whether what schedules asked for last could be run."""
    refused = [
        (item["name"], item["last_fire"])
        for item in api.items(f"{API}/schedules")
        if item["last_fire"] and item["last_fire"]["decision"] == "refused"
    ]
    if not refused:
        yield Finding("schedules", "ok", "no run that one asked for last was refused")
    for name, fire in refused:
        message = f"the run that '{name}' asked for at {moment(fire['fire_time'])} was refused: {fire['reason']}"
        yield Finding("schedules", "warning", message, f"Mend it, and see it with: opsimate schedules fires {name}")


def _notifications(api: ApiClient) -> Iterator[Finding]:
    """Whether channels get what they are to be told."""
    since = datetime.now(UTC) - DELIVERIES_OF
    failing: dict[str, list[str]] = {}
    for state in ("pending", "failed"):
        for item in api.items(f"{API}/notifications", limit=MOST_NOTIFICATIONS, state=state):
            is_ours = item["reason"] not in (None, "overtaken")
            if is_ours and datetime.fromisoformat(item["created_at"]) >= since:
                failing.setdefault(item["channel"], []).append(item["reason_text"])
    if not failing:
        yield Finding("notifications", "ok", "channels got all that they were to be told in the last day")
    for channel, reasons in failing.items():
        were = "1 was" if len(reasons) == 1 else f"{len(reasons)} were"
        message = f"of those of the last day {were} not delivered to '{channel}'; the last: {reasons[0]}"
        yield Finding(
            "notifications", "warning", message, f"Mend it, and try it with: opsimate channels test {channel}"
        )


SLOW_BITE = 0.05
"""Seconds for which no deletion should keep other writers waiting."""


def _retention(api: ApiClient) -> Iterator[Finding]:
    """Whether what is old is deleted, and nobody waits for that."""
    found = api.get(f"{API}/retention")
    if found is None:
        yield Finding("retention", "warning", "no scheduler has looked for what is old yet", "Look again in a minute.")
        return
    kept = ", ".join(
        f"{what} {_spans(ages)}" for what, ages in (("runs", found["runs"]), ("their output", found["output"]))
    )
    others = ", ".join(
        f"{what} {found[key] or 'for ever'}"
        for what, key in (
            ("resolved alerts", "alerts"),
            ("what was posted", "deliveries"),
            ("notifications", "notifications"),
        )
    )
    deleted = (
        f"{found['deleted_runs']} runs, the output of {found['deleted_outputs']} more, "
        f"{found['deleted_alerts']} alerts, {found['deleted_notifications']} notifications"
    )
    message = f"kept are {kept}, {others}; deleted so far: {deleted}{_stored(found.get('stored'))}"
    if found["longest_bite"] > SLOW_BITE:
        slow = f"{message}; a deletion took {found['longest_bite']:.3f} s"
        yield Finding("retention", "warning", slow, "The disk, the database or the CPU is busy: see what else uses it.")
    else:
        yield Finding("retention", "ok", message)


def _stored(counts: Mapping[str, Any] | None) -> str:
    """How much there is, where it is counted."""
    if counts is None:
        return ""
    shown = {name: f"{counts[name]}{' or more' if counts[name] == MOST_COUNTED else ''}" for name in _STORED}
    told = ", ".join(f"{shown[name]} {what}" for name, what in _STORED.items())
    return f"; stored at {moment(counts['counted_at'])}: {told}, {counts['audit_entries']} entries of the audit"


def _spans(ages: Mapping[str, str | None]) -> str:
    """One age where all outcomes have the same, and otherwise the shortest that there is and the longest."""
    spans = list(dict.fromkeys(age or "for ever" for age in ages.values()))
    return spans[0] if len(spans) == 1 else f"{' or '.join(spans)} by outcome"


LOOKS: Mapping[str, Callable[[ApiClient], Iterator[Finding]]] = {
    "secrets": _secrets,
    "master keys": _master_keys,
    "definitions": _definitions,
    "executors": _executors,
    "alerts": _alerts,
    "alert rules": _refused_runs,
    "schedules": _schedules,
    "notifications": _notifications,
    "retention": _retention,
}
"""What a product is asked for, by the name of the check. A look lets an error through that says that it cannot be."""
