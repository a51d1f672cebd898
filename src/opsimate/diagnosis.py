"""What a doctor looks at: each check finds something, and says what to do about it."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Literal, NamedTuple

from opsimate.client import API, ApiClient
from opsimate.credentials import URL_VARIABLE, Credentials, find_credentials, stored_credentials
from opsimate.errors import OpsimateError, RefusedError, UnreachableError
from opsimate.standalone.data_directory import DataDirectory, open_to_others
from opsimate.terminal_text import moment
from shared.contracts.alert import REFUSED
from shared.contracts.delivery import NOT_TAKEN
from shared.encryption import master_key_from
from shared.kinds import KINDS
from shared.ordinary_files import read_ordinary_file
from shared.settings import LARGEST_FILE, SettingsError, load_settings, misspelt

LITTLE_SPACE = 1024**3
"""In bytes: below that it is time to make room."""
MOST_NAMES = 10
"""Of secrets in one finding, and of definitions that name what is not there."""
NO_SPACE = 100 * 1024**2
DELIVERIES_OF = timedelta(days=1)
MOST_DELIVERIES = 100
"""Posts to the webhooks that are counted; of more it is said that there are."""
MOST_ALERTS = 200
"""Of the newest that are looked through."""
SEE_LOG = "The log of the service that says so tells more."

FINE = {
    "store": "the database can be reached",
    "bus": "the broker can be reached",
    "start": "the services have come up",
    "connections": "there is room for more",
    "descriptors": "there are some left",
}
"""What it means that a check of readiness is passed."""
REMEDIES = {
    "store": "See that the database runs and that OPSIMATE_STORE_URL is its address; the product goes on by itself.",
    "bus": "See that the broker runs, has memory and disk to spare, and that OPSIMATE_BUS_URL is its address; "
    "the product goes on by itself.",
    "start": "It has just started, or it waits for the database: ask again in a few seconds.",
    "connections": "See who opens them (ss -tn), or raise OPSIMATE_MOST_CONNECTIONS.",
    "descriptors": "Raise the hard limit of open files (ulimit -Hn, LimitNOFILE=), or lower OPSIMATE_CONCURRENCY.",
}


class Finding(NamedTuple):
    """What one check found."""

    check: str
    state: Literal["ok", "warning", "problem"]
    message: str
    remedy: str = ""


def diagnose(url: str | None = None, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Every check's finding."""
    findings = list(_settings(environment))
    asked = url or environment.get(URL_VARIABLE) or None
    try:
        credentials = find_credentials(url, environment)
    except OpsimateError as error:
        findings.append(Finding("address", "problem", error.message))
    else:
        asked = credentials.url
        findings += _product(credentials)
    answered = any(finding.check == "product" and finding.state == "ok" for finding in findings)
    findings += _data(environment, asked=asked, answered=answered)
    return findings


def _settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        load_settings(environment, listen="127.0.0.1:8080")
    except SettingsError as error:
        yield Finding(
            "settings", "problem", str(error), "Correct it in the environment, or in the OPSIMATE_CONFIG file."
        )
        return
    suspects = misspelt(environment)
    for sentence in suspects:
        yield Finding("settings", "warning", sentence, "Correct the name, or take it out: now it does nothing.")
    if not suspects:
        yield Finding("settings", "ok", "the environment holds nothing that cannot be")


def _product(credentials: Credentials) -> Iterator[Finding]:
    with ApiClient(credentials) as api:
        yield from _asked(api)


def _asked(api: ApiClient) -> Iterator[Finding]:
    try:
        alive, ready = api.health("/healthz"), api.health("/readyz")
    except UnreachableError as error:
        yield Finding("product", "problem", error.message, error.hint)
        return
    yield Finding("product", "ok", f"answers at {api.credentials.url}")
    access = _access(api)
    yield access
    for check, said in ready["checks"].items():
        yield _finding(check, said, FINE.get(check, "is ready"), REMEDIES.get(check, SEE_LOG))
    for check, look in _LOOKS.items():
        try:
            yield from look(api)
        except OpsimateError as error:
            advice = "" if error.hint in access.remedy else error.hint  # once is enough
            yield Finding(check, "problem", f"cannot be asked for: {error.message}", advice)
    for loop, said in alive["checks"].items():
        yield _finding(loop, said, "turns as it should", "Restart the service, and keep its log for a report.")


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


_LOOKS: Mapping[str, Callable[[ApiClient], Iterator[Finding]]] = {
    "secrets": _secrets,
    "master keys": _master_keys,
    "definitions": _definitions,
    "executors": _executors,
    "alerts": _alerts,
    "alert rules": _refused_runs,
}
"""What a product is asked for, by the name of the check. A look lets an error through that says that it cannot be."""


def _finding(check: str, said: str, fine: str, remedy: str) -> Finding:
    return Finding(check, "ok", fine) if said == "ok" else Finding(check, "problem", said, remedy)


def _access(api: ApiClient) -> Finding:
    try:
        api.get(f"{API}/providers", limit=1)
    except RefusedError as error:
        if error.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            remedy = f"{error.hint} Set OPSIMATE_TOKEN to one that is."
            return Finding("token", "problem", error.message, remedy.strip())
        return Finding("token", "problem", error.message, SEE_LOG)
    return Finding("token", "ok", f"from {api.credentials.origin}")


def _data(environment: Mapping[str, str], *, asked: str | None, answered: bool) -> Iterator[Finding]:
    """Of the product that is asked, where its data is known; without one, of that which was started here last.

    An address alone does not tell: once the product has stopped, another may listen there. Whoever answers keeps its
    data in a directory that it holds.
    """
    try:
        stored = stored_credentials(environment)
    except OpsimateError as error:
        yield Finding("credentials", "problem", error.message)
        return
    known = None if stored is None else stored.data
    is_another = answered and known is not None and not DataDirectory(known).is_held()
    if asked is not None and (stored is None or stored.url != asked.rstrip("/") or is_another):
        message = f"it is not known here where {asked} keeps its data: master key and disk cannot be looked at"
        yield Finding("data", "ok", message, "Run this as who started it, on the machine where it runs.")
        return
    if known is None:
        yield Finding("data", "ok", "no data directory of 'opsimate up' is known on this machine")
        return
    if not known.is_dir():
        yield Finding("data", "warning", f"{known} is not there", "It was moved away, or it is made at the next start.")
        return
    yield from _keys(DataDirectory(known), environment)
    yield _space(known)


def _keys(data: DataDirectory, environment: Mapping[str, str]) -> Iterator[Finding]:
    if not {"OPSIMATE_MASTER_KEY", "OPSIMATE_MASTER_KEY_FILE"} & set(environment):
        yield _master_key(data.master_key_file)
    token = data.admin_token_file
    if token.exists() and open_to_others(token):
        yield Finding("admin token", "problem", f"{token} can be read by others", f"chmod 600 {token}")
    elif token.exists():
        yield Finding("admin token", "ok", f"{token} holds the first administrator's")


def _master_key(path: Path) -> Finding:
    try:
        master_key_from(read_ordinary_file(path, most=LARGEST_FILE).decode())
    except OSError as error:
        return Finding(
            "master key", "problem", f"{path}: {error.strerror}", "Put it back from a copy: only it opens the secrets."
        )
    except ValueError as error:  # MasterKeyError, or of what is no text
        return Finding(
            "master key", "problem", f"{path}: {error}", "Put it back from a copy: only it opens the secrets."
        )
    if open_to_others(path):
        return Finding("master key", "problem", f"{path} can be read by others", f"chmod 600 {path}")
    return Finding("master key", "ok", f"{path}, for its owner only; keep a copy elsewhere")


def _space(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    message = f"{free / 1024**3:.1f} GiB free for {path}"
    if free < NO_SPACE:
        return Finding("disk", "problem", message, "Make room now: soon nothing can be stored.")
    if free < LITTLE_SPACE:
        return Finding("disk", "warning", message, "Make room: output and history grow.")
    return Finding("disk", "ok", message)
