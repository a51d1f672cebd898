"""What is wrong with a field is told in a sentence with the fix, whatever pydantic calls it."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from catalog.domain.checks import check_provider
from shared.contracts.action import ActionDefinition
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.problem import field_errors
from shared.contracts.provider import ProviderDefinition
from shared.contracts.schedule import ScheduleDefinition
from shared.contracts.secret import SecretDefinition
from shared.settings import SettingsError, load_settings

STEP = {"name": "only", "provider": "here", "command": "true"}
SSH = {"host": "web-1", "user": "root", "password": {"secret": "p"}}


def found(model: type[BaseModel], body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as error:
        model.model_validate(body)
    return {one.field: one.message for one in field_errors(error.value.errors())}


def action(**step: Any) -> dict[str, Any]:
    return {"name": "a", "steps": [{**STEP, **step}]}


@pytest.mark.parametrize(
    ("model", "body", "field", "sentence"),
    [
        (SecretDefinition, {"name": "s", "value": 123456}, "value", "has to be a text: put it in quotes"),
        (SecretDefinition, {"name": "s", "value": None}, "value", "has to be a text; nothing stands here"),
        (ActionDefinition, {"name": "a", "steps": []}, "steps", "has to have at least 1 entry"),
        (ActionDefinition, {"name": "a", "steps": None}, "steps", "has to be a list; nothing stands here"),
        (
            ActionDefinition,
            {"name": "a", "steps": ["true"]},
            "steps.0",
            "has to be fields with their values, as {name: …, title: …, description: …, provider: …}",
        ),
        (
            ActionDefinition,
            {**action(), "timeout": "30s"},
            "timeout",
            "unknown field; it stands in 'execution': write execution: {timeout: …}",
        ),
        (
            ScheduleDefinition,
            {"name": "s", "action": "a", "at": {"daily": "02:30"}, "cron": "30 2 * * *"},
            "cron",
            "unknown field; it stands in 'at': write at: {cron: …}",
        ),
        (
            ScheduleDefinition,
            {"name": "s", "action": "a", "at": "30 2 * * *"},
            "at",
            "has to be fields with their values, as {daily: …, weekly: …, monthly: …, cron: …}",
        ),
        (ActionDefinition, {**action(), "titel": "A"}, "titel", "unknown field; did you mean 'title'?"),
        (ActionDefinition, {**action(), "xyz": "A"}, "xyz", "unknown field"),
        (
            AlertRuleDefinition,
            {"name": "r", "match": {"alertname": "Down"}, "responses": [{"action": "a"}]},
            "match.alertname",
            "unknown field; known are: labels, severity, when",
        ),
        (
            ActionDefinition,
            action(provider=""),
            "steps.0.provider",
            "has to have at least 1 character; it is empty",
        ),
        (
            ActionDefinition,
            action(timeout="8d"),
            "steps.0.timeout",
            "has to be at most 604800 seconds (7d)",
        ),
        (
            ActionDefinition,
            {**action(), "parameters": [{"name": "n", "type": "server"}]},
            "parameters.0.type",
            "has to be one of: string, integer, number, boolean, choice, secret, provider",
        ),
        (ActionDefinition, action(timeout=0), "steps.0.timeout", "has to be at least 1 second"),
        (
            ActionDefinition,
            action(on_failure="stopp"),
            "steps.0.on_failure",
            "has to be one of: stop, continue; did you mean 'stop'?",
        ),
        (
            ActionDefinition,
            {**action(), "parameters": [{"name": "n", "type": "int"}]},
            "parameters.0.type",
            "has to be one of: string, integer, number, boolean, choice, secret, provider; did you mean 'integer'?",
        ),
        (
            ActionDefinition,
            {**action(), "parameters": [{"name": "n", "pattern": "("}]},
            "parameters.0.pattern",
            "is not a regular expression that is known here, without look-around and back-references: unclosed group",
        ),
        (
            AlertRuleDefinition,
            {"name": "r", "match": {"severity": ["crit"]}, "responses": [{"action": "a"}]},
            "match.severity.0",
            "has to be one of: critical, high, warning, info, unknown; did you mean 'critical'?",
        ),
        (
            ProviderDefinition,
            {"name": "p", "connection": "local"},
            "connection",
            "has to be {local: {}} or {ssh: {host: …, user: …, private_key: …}}",
        ),
        *(
            (
                ProviderDefinition,
                {"name": "p", "connection": {"ssh": {**SSH, "host": host}}},
                "connection.ssh.host",
                "is the host alone: write the user as user: NAME and the port as port: NUMBER, each by itself",
            )
            for host in ("root@10.0.0.1:22", "root@web-1", "[::1]:22")
        ),
    ],
)
def test_a_finding_is_a_sentence_with_the_fix(
    model: type[BaseModel], body: dict[str, Any], field: str, sentence: str
) -> None:
    assert found(model, body) == {field: sentence}


@pytest.mark.parametrize("host", ["web-1.example.org", "10.0.0.1", "::1", "fe80::1%eth0", "2001:db8::8:22"])
def test_a_host_alone_is_taken(host: str) -> None:
    assert provider_errors(host) == {}


def test_a_host_with_a_port_is_told_when_it_is_saved_and_read_where_it_is_stored() -> None:
    assert list(provider_errors("10.0.0.1:22")) == ["connection.ssh.host"]


def provider_errors(host: str) -> dict[str, str]:
    provider = ProviderDefinition.model_validate({"name": "p", "connection": {"ssh": {**SSH, "host": host}}})
    errors = check_provider(provider, jumps={}, allow_local=True)
    return {one.field: one.message for one in errors}


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("CONCURRENCY", "0", "a whole number from 1 to 10000"),
        ("CONCURRENCY", "many", "a whole number from 1 to 10000"),
        ("LEASE", "20 seconds", "a duration from 1s to 1h, such as 20s"),
        ("LEASE", "2h", "a duration from 1s to 1h, such as 20s"),
        ("ALLOW_LOCAL", "perhaps", "true or false"),
        ("LOG_LEVEL", "warn", "one of: debug, info, warning, error; did you mean 'warning'?"),
        ("POOLS", ",", "at least 1 entry"),
        ("LISTEN", "127.0.0.1:99999", "at most 65535"),
    ],
)
def test_a_setting_says_what_is_allowed_with_its_range(name: str, value: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({f"OPSIMATE_{name}": value}, listen="127.0.0.1:0")
    assert str(error.value) == f"OPSIMATE_{name} has a value that cannot be; allowed: {allowed}"
