"""Texts of definitions over HTTP: what is saved means what was written, and what cannot is refused with a way out."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from executor.handlers.host_keys import HostKeys
from executor.handlers.provider_resolution import MisconfiguredError, Resolver
from shared.clock import utc_now
from tests.builders import a_run, an_action
from tests.builders_catalog import RunningCatalog, a_catalog, an_action_body, an_attempt


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    """A catalog that knows the secret ``key`` and the provider ``web-1``."""
    async with a_catalog(tmp_path) as running:
        yield await running.with_provider()


def said(answer: httpx.Response) -> dict[str, str]:
    """What an answer finds fault with, by field."""
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def one_step(command: str) -> dict[str, Any]:
    return an_action_body({"name": "only", "provider": "web-1", "command": command})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("cd /srv/logs\r\nrm -f *.log # tidy\r\n", "cd /srv/logs\nrm -f *.log # tidy\n"),
        ("set -e\r\r\nif true; then\r\n  pwd\r\nfi\r", "set -e\nif true; then\n  pwd\nfi\n"),
        ("cd /tmp\rpwd\r", "cd /tmp\npwd\n"),
        ("printf '%s' \\\r\n  a", "printf '%s' \\\n  a"),
    ],
)
async def test_a_command_is_kept_with_line_feeds_whatever_line_ends_it_came_with(
    catalog: RunningCatalog, sent: str, kept: str
) -> None:
    # case A03
    made = await catalog.made("actions", {**one_step(sent), "description": "one\r\ntwo\rthree"})
    assert (made["steps"][0]["command"], made["description"]) == (kept, "one\ntwo\nthree")
    again = await catalog.put("actions/restart", {**one_step(kept), "description": "one\ntwo\nthree"})
    assert again.json()["version"] == 1


async def test_values_keep_their_carriage_returns(catalog: RunningCatalog) -> None:
    # case A03: values are data
    parameters = [{"name": "text", "default": "a\r\nb\rc"}]
    made = await catalog.made("actions", {**one_step("printf %s {{ text }}"), "parameters": parameters})
    assert made["parameters"][0]["default"] == "a\r\nb\rc"
    run = await catalog.made("actions/restart/runs", {"parameters": {"text": "\r\nd\r"}})
    assert run["parameters"]["text"] == "\r\nd\r"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("true\nprintf 'a\rb'", "line 2, column 10: a carriage return"),  # case A03
        ("id -u nosuchuser &>/dev/null || echo create", "line 1, column 18: '&>' is bash's"),  # case C-6c
        ("systemctl restart {{ x", "line 1, column 19: '{{ x' is never closed"),
        ("true\nif true; then\n  echo a", "line 2, column 1: no shell can read this: fi is missing"),
    ],
)
async def test_a_command_that_would_not_mean_what_it_says_is_refused_on_its_field(
    catalog: RunningCatalog, command: str, says: str
) -> None:
    answer = await catalog.post("actions", one_step(command))
    assert said(answer)["steps.0.command"].startswith(says)
    assert (await catalog.get("actions")).json()["items"] == []


async def test_bash_may_be_told_its_own_words(catalog: RunningCatalog) -> None:
    step = {"name": "only", "provider": "web-1", "shell": "bash", "command": "id -u a &>/dev/null || echo create"}
    await catalog.made("actions", an_action_body(step))


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("svc={{ $labels.service }}", "{{ alert.labels.service }}"),  # case B16a
        ("{{ .Labels.host }} is down", "{{ alert.labels.host }}"),
        ("{{ .CommonAnnotations.summary }}", "{{ alert.annotations.summary }}"),
        ('{{ index $labels "host" }}', "{{ alert.labels.host }}"),
        ("{{- $value | humanize -}}", "{{ alert.annotations.NAME }}"),
        (r"\\{{ .Status }}", "{{ alert.status }}"),
        ("{{ labels.host }}", "'alert.labels.host'"),
        ("$labels.host", "{{ alert.labels.host }}"),  # case B16b
        ('$annotations["summary"]', "{{ alert.annotations.summary }}"),
        ("on ${labels.host}", "{{ alert.labels.host }}"),
        ("${alert.title}", "{{ alert.title }}"),
        ("on {{ alert.title", "column 4: '{{ alert.title' is never closed: write {{ alert.title }}"),
        ("{{ host } {{ alert.title }}", "column 1: '{{ host' is never closed"),
    ],
)
async def test_a_placeholder_in_another_products_way_is_refused_in_a_rule_with_the_way_to_write_it(
    catalog: RunningCatalog, text: str, instead: str
) -> None:
    await catalog.made("actions", {**one_step("printf %s {{ text }}"), "parameters": [{"name": "text"}]})
    response = {"action": "restart", "parameters": {"text": text}}
    answer = await catalog.post("alert-rules", {"name": "r", "match": {"labels": {}}, "responses": [response]})
    assert instead in said(answer)["responses.0.parameters.text"]


@pytest.mark.parametrize(
    "text",
    [
        r"\{{ $labels.host }} \{{ .Status }}",
        "docker ps --format '{{.Names}} {{json .}}'",
        "costs $5, $value, ${HOME}",
        "{{ alert.labels.value }} {{ alert.annotations.status }}",
    ],
)
async def test_what_is_no_placeholder_for_an_alert_is_kept_in_a_rule(catalog: RunningCatalog, text: str) -> None:
    await catalog.made("actions", {**one_step("printf %s {{ text }}"), "parameters": [{"name": "text"}]})
    response = {"action": "restart", "parameters": {"text": text}}
    rule = {"name": "r", "match": {"labels": {}}, "responses": [response]}
    assert (await catalog.made("alert-rules", rule))["responses"][0]["parameters"]["text"] == text


@pytest.mark.parametrize("text", ["{{ $labels.host }}", "{{ alert.labels.host }}", "${labels.host}"])
async def test_a_placeholder_in_what_a_rule_matches_is_refused(catalog: RunningCatalog, text: str) -> None:
    await catalog.made("actions", an_action_body())
    rule = {"name": "r", "match": {"labels": {"instance": text}}, "responses": [{"action": "restart"}]}
    assert "is not filled in here" in said(await catalog.post("alert-rules", rule))["match.labels.instance"]


async def test_a_command_that_may_alter_a_value_is_saved_with_a_warning(catalog: RunningCatalog) -> None:
    # case C-echo
    body = {**one_step("set -e\necho {{ p }} | od -c"), "parameters": [{"name": "p"}]}
    for answer in (await catalog.post("actions", body), await catalog.put("actions/restart", body)):
        (warning,) = answer.json()["warnings"]
        assert warning["field"] == "steps.0.command"
        assert warning["message"].startswith("line 2, column 6: echo of sh reads backslashes in the value")
        assert warning["message"].endswith(r"write printf '%s\n' {{ p }}")
    sent_back = await catalog.put("actions/restart", answer.json())
    assert sent_back.json() == answer.json()
    shown = [(await catalog.get("actions/restart")).json(), *(await catalog.get("actions")).json()["items"]]
    assert all("warnings" not in one for one in shown)


async def test_a_secret_too_short_to_be_masked_is_saved_with_a_warning(catalog: RunningCatalog) -> None:
    # case A27
    for value, fields in [("1", ["value"]), ("12345", ["value"]), ("123456", [])]:
        answer = await catalog.put("secrets/pin", {"name": "pin", "value": value})
        warnings = answer.json().get("warnings", [])
        assert [warning["field"] for warning in warnings] == fields
        assert all("masked" in warning["message"] for warning in warnings)


async def test_stored_secrets_that_are_too_much_together_are_told_before_anything_runs(catalog: RunningCatalog) -> None:
    """Case S-10: how long a stored secret is, is known only when it is opened."""
    names = [f"s{number}" for number in range(8)]
    for name in names:
        await catalog.made("secrets", {"name": name, "value": "x" * 65_536})
    resolver = Resolver(catalog.store, catalog.runtime.settings.sealer(), HostKeys(catalog.store, utc_now))
    some = an_attempt(a_run(an_action()), secrets={name: {"secret": name} for name in names[:7]})
    assert len((await resolver.values(some)).secret) == 7
    with pytest.raises(MisconfiguredError, match="524288 bytes together, secrets included; 512000 are the most"):
        await resolver.values(some.model_copy(update={"parameters": {"text": "x" * 65_536}}))


async def test_a_secret_that_is_too_long_in_bytes_is_refused_on_its_field(catalog: RunningCatalog) -> None:
    # case S-10
    answer = await catalog.put("secrets/long", {"name": "long", "value": "é" * 65_000})
    assert said(answer) == {"value": "has 130000 bytes in UTF-8, 128000 are the most"}
