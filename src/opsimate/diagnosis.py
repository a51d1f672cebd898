"""What a doctor looks at: each check finds something, and says what to do about it."""

import os
import shutil
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

from opsimate.client import API, ApiClient
from opsimate.credentials import URL_VARIABLE, Credentials, find_credentials, stored_credentials
from opsimate.errors import OpsimateError, RefusedError, UnreachableError
from opsimate.product_looks import LOOKS, Finding
from opsimate.standalone.data_directory import DataDirectory, open_to_others
from shared.encryption import master_key_from
from shared.ordinary_files import read_ordinary_file
from shared.settings import LARGEST_FILE, SettingsError, load_settings, misspelt

LITTLE_SPACE = 1024**3
"""In bytes: below that it is time to make room."""
NO_SPACE = 100 * 1024**2
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
    for check, look in LOOKS.items():
        try:
            yield from look(api)
        except OpsimateError as error:
            advice = "" if error.hint in access.remedy else error.hint  # once is enough
            yield Finding(check, "problem", f"cannot be asked for: {error.message}", advice)
    for loop, said in alive["checks"].items():
        yield _finding(loop, said, "turns as it should", "Restart the service, and keep its log for a report.")


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
