"""Odd values are refused on their field, in every field of definitions and of requests, and never taken for others."""

import copy
import types
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from catalog.api.definition_plans import DefinitionSetBody
from catalog.api.run_requests import PlanBody, RerunBody, RunBody
from catalog.api.runs import CancelBody
from catalog.domain.checks import OWN_CHECKS
from catalog.domain.list_check import check_lists
from catalog.domain.text_check import check_texts
from shared.contracts.definition import Definition, Strict
from shared.contracts.principal import TokenDefinition
from shared.contracts.problem import field_errors
from shared.kinds import KINDS

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnUqLcKEYZWb6q4bYd0sE0HvGq8cD1lMs1Kbp7gVw9p"
OTHER_TIMES: list[dict[str, Any]] = [
    {"weekly": {"days": ["mon", "thu"], "time": "02:30"}},
    {"monthly": {"day": 31, "time": "02:30"}},
    {"cron": "30 2 * * 1-5"},
    {"once": "2027-01-01T00:00:00Z"},
]
RULE_MATCH: dict[str, Any] = {
    "labels": {"a": {"in": ["b"]}},
    "severity": {"at_least": "warning"},
    "when": "alert.title != ''",
}
OTHER_MATCHES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"equals": "generic"}, {"labels": {"a": {"equals": "b"}}}),
    ({"regex": "gen.*"}, {"labels": {"a": {"regex": "b.*"}}}),
]
WHOLE: dict[type[BaseModel], list[dict[str, Any]]] = {
    KINDS["action"].model: [
        {
            "kind": "action", "name": "a", "title": "t", "description": "d", "category": "Custom", "tags": ["x"],
            "estimated_duration": "1m", "confirm": "none", "condition": "true",
            "parameters": [
                {"name": "p", "type": "integer", "title": "t", "description": "d", "required": False, "default": 3,
                 "minimum": 1, "maximum": 9, "leading_dash": False, "code": False},
                {"name": "q", "pattern": "[a-z]+"},
                {"name": "r", "type": "choice", "options": ["a"]},
                {"name": "h", "type": "provider", "default": "web-1"},
            ],
            "concurrency": {"limit": 1, "key": "{{ h }}", "when_full": "queue", "queue_limit": 2, "queue_ttl": "1h"},
            "steps": [
                {"name": "s", "title": "t", "description": "d", "providers": ["web-1"], "command": "true",
                 "rollout": {"max_parallel": 2, "batches": [1, "10%"], "max_failures": 1, "check": "check"},
                 "shell": "sh", "timeout": "10s", "when": "always", "on_failure": "stop", "on_lost": "hold",
                 "retries": {"count": 1, "delay": "1s", "backoff": "fixed", "maximum_delay": "1h"},
                 "environment": {"A": "b"}, "working_directory": "/tmp", "stdin": "x", "capture": "json",
                 "run_as": {"user": "u", "password": {"secret": "s"}}, "success_exit_codes": [0, 2],
                 "expect_disconnect": {"back_within": "1m"},
                 "approval": {"approvers": ["role:operator", "user:ann"], "count": 2, "allow_requester": False,
                              "expires": "30m", "on_expiry": "reject"}},
                {"name": "check", "command": "true"},
                {"name": "t", "provider": "web-1", "command": "true"},
                {"name": "u", "providers": {"group": "web"}, "command": "true"},
                {"name": "v", "providers": {"labels": {"env": "prod", "role": ["a", "b"]}}, "command": "true"},
            ],
            "notify": [{"channel": "c", "on": ["failed", "awaiting_approval"]}],
            "execution": {
                "timeout": "1h",
                "approval": {"approvers": ["role:operator", "user:ann"], "count": 2, "allow_requester": False,
                             "expires": "30m", "on_expiry": "reject"},
                "mode": "triggered",
                "schedule": {"at": {"daily": "02:30"}, "time_zone": "UTC", "parameters": {"r": "a"}, "enabled": True,
                             "misfire": "run_all", "misfire_limit": 3, "starts_at": "2026-01-01T00:00:00Z",
                             "ends_at": "2027-01-01T00:00:00Z"},
                "triggers": [
                    {"source": {"in": ["generic"]}, "match": RULE_MATCH, "continue": False, "timing": "after_delay",
                     "flapping": {"times": 3, "within": "1h"}, "storm": {"runs": 9, "within": "1h"},
                     "delay": "5m", "cooldown": "1h", "cancel_on_resolve": False, "parameters": {"r": "a"}},
                    *({"source": source, "match": match, "parameters": {"r": "a"}} for source, match in OTHER_MATCHES),
                    {"source": "generic", "match": {"labels": {"a": "b"}, "severity": ["critical"]},
                     "enabled": True, "refire": "ignore", "timing": "after_approval",
                     "approval": {"approvers": ["user:ann"], "count": 1, "expires": "5m", "on_expiry": "run",
                                  "allow_requester": True},
                     "parameters": {"r": "{{ alert.title }}"}, "defaults": {"r": "a"}}
                ],
            },
        },
        *({"name": "a", "steps": [{"name": "t", "provider": "web-1", "command": "true"}],
           "execution": {"mode": "scheduled", "schedule": {"at": at}}} for at in OTHER_TIMES),
    ],
    KINDS["provider"].model: [
        {"kind": "provider", "name": "p", "description": "d", "labels": {"a": "b"}, "pool": "default",
         "connection": {"ssh": {"host": "h", "port": 22, "user": "u", "private_key": {"secret": "k"}, "jump": "j",
                                "passphrase": {"secret": "k"}, "certificate": {"secret": "k"},
                                "password": {"secret": "k"}, "host_key": KEY}}},
        {"name": "q", "connection": {"ssh": {"host": "h", "user": "u", "password": {"secret": "k"}, "host_ca": KEY}}},
        {"name": "r", "connection": {"local": {}}},
    ],
    KINDS["provider_group"].model: [
        {"kind": "provider_group", "name": "g", "description": "d", "providers": ["a"], "groups": ["b"]}
    ],
    KINDS["secret"].model: [
        {"kind": "secret", "name": "s", "description": "d", "value": "v"}, {"name": "t", "value": {"stored": True}}
    ],
    KINDS["alert_rule"].model: [
        {"kind": "alert_rule", "name": "r", "description": "d", "enabled": True, "source": "generic",
         "match": {"labels": {"a": "b"}, "severity": ["critical"]}, "refire": "ignore",
         "responses": [{"action": "a", "timing": "immediately", "parameters": {"x": "y"}, "defaults": {"x": "z"}},
                       {"action": "a", "timing": "after_approval",
                        "approval": {"approvers": ["user:ann"], "count": 1, "expires": "5m", "on_expiry": "run",
                                     "allow_requester": True}}],
         "notify": [{"channel": "c", "on": ["failed"]}]},
        {"name": "r", "source": {"in": ["generic"]}, "match": RULE_MATCH, "continue": False,
         "flapping": {"times": 3, "within": "1h"}, "storm": {"runs": 9, "within": "1h"},
         "responses": [{"action": "a", "timing": "after_delay", "delay": "5m", "cooldown": "1h",
                        "cancel_on_resolve": False}]},
        *({"name": "r", "source": source, "match": match, "responses": [{"action": "a"}]}
          for source, match in OTHER_MATCHES),
    ],
    KINDS["channel"].model: [
        {"kind": "channel", "name": "c", "description": "d", "url": {"secret": "k"}},
        {"name": "d", "webhook": {"url": "https://hooks.example/x", "signing_key": {"secret": "k"}}},
    ],
    KINDS["schedule"].model: [
        {"kind": "schedule", "name": "s", "description": "d", "action": "a", "parameters": {"x": "y"},
         "at": {"daily": "02:30"}, "time_zone": "UTC", "misfire": "run_all", "misfire_limit": 3, "enabled": True,
         "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"},
        *({"name": "s", "action": "a", "at": at} for at in OTHER_TIMES),
    ],
    KINDS["maintenance_window"].model: [
        {"kind": "maintenance_window", "name": "w", "description": "d", "enabled": True, "holds": ["alerts"],
         "from": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z",
         "applies_to": {"actions": ["a"], "categories": ["Custom"], "tags": ["x"]}},
        *({"name": "w", "at": at, "duration": "1h", "time_zone": "UTC"} for at in [{"daily": "02:30"}, *OTHER_TIMES]),
    ],
    KINDS["integration"].model: [
        {"kind": "integration", "name": "i", "description": "d", "source": "generic",
         "verify": {"hmac": {"secrets": ["k"], "header": "X-Sig", "timestamp_header": "X-Ts"}}},
        {"name": "i", "source": "generic", "verify": {"token": {"secrets": ["k"], "header": "X-Token"}}},
        {"name": "i", "source": "generic", "verify": {"token": {"secrets": ["k"], "query": "token"}}},
        {"name": "i", "source": "generic", "verify": {"basic": {"user": "u", "secrets": ["k"]}}},
        {"name": "i", "source": "sns", "verify": {"sns": {"topics": ["arn:aws:sns:eu-central-1:123456789012:alarms"]}}},
    ],
    RunBody: [
        {"parameters": {"a": "b"}, "note": "n", "not_before": "2027-01-01T00:00:00Z", "plan_digest": "00",
         "rerun_of": "01JX3Q7W8Z5V9K2M4N6P8R0S2T"}
    ],
    PlanBody: [{"parameters": {"a": "b"}, "check_reachable": True}],
    RerunBody: [{"mode": "same", "parameters": {"a": "b"}, "note": "n"}],
    CancelBody: [{"comment": "c", "reason": "r"}],
    TokenDefinition: [{"name": "t", "description": "d", "kind": "service", "role": "alerts"}],
    DefinitionSetBody: [
        {"definitions": [], "remove": [{"kind": "action", "name": "a"}], "file_set": "f", "adopt": False}
    ],
}  # fmt: skip
LATER = {("parameters", "a"), ("parameters", "x"), ("defaults", "x"), ("0", "kind")}
"""What is compared with what is stored later on: values for parameters, and the word of a kind."""
DATA = {"default", "pattern", "options", "condition", "when", "command", "environment", "stdin", "value", "match"}
DATA |= {"parameters", "defaults", "equals", "in", "regex"}
"""Fields whose texts hold what people or programs made, of which only a NUL is none."""
WHOLE_NUMBER_IS_TEXT = {"environment", "labels", "default"}
DURATIONS = {"estimated_duration", "queue_ttl", "expires", "timeout", "delay", "maximum_delay", "back_within"}
DURATIONS |= {"cooldown", "within"}
_ODD_PART: list[Any] = [True, 5.5, -1, 10**30, "1_0", "150%", "%", "many", "\0", [], {}]
ODD: dict[str, list[Any]] = {
    "batches": _ODD_PART,
    "max_failures": _ODD_PART,
    "day": [True, 5.5, -1, 0, 32, "1_0", "٣", "6th mon", "\0", [], {}],
}
"""What is odd in fields that take more than one form."""
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    match value:
        case dict():
            for name, one in value.items():
                yield from leaves(one, (*path, name))
        case list():
            for index, one in enumerate(value):
                yield from leaves(one, (*path, index))
        case _:
            yield path, value


def with_value(whole: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(whole)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def told(model: type[BaseModel], value: Any) -> list[tuple[str, str]]:
    """The fields that are refused, and why."""
    try:
        made = model.model_validate(value)
    except ValidationError as error:
        return [(found.field, found.message) for found in field_errors(error.errors(include_url=False))]
    if not isinstance(made, Definition):
        return []
    check = OWN_CHECKS.get(made.kind)
    return [
        (found.field, found.message)
        for found in [*check_texts(made), *check_lists(made), *(check(made) if check else ())]
    ]


def odd_for(path: Path, value: Any) -> list[Any]:
    """What is odd where this value stands."""
    field = next(str(key) for key in reversed(path) if isinstance(key, str))
    around = {str(key) for key in path}
    if tuple(map(str, path[-2:])) in LATER:
        return []
    if isinstance(value, bool):
        return [0, 1, 1.0, "1", "maybe", "\0", [], {}]
    if field in ODD:
        return ODD[field]
    if field in DURATIONS:
        return [True, -1, 1e308, 10**400, float("nan"), "10 parsecs", "1_0s", "\0", []]
    if isinstance(value, int) and field != "default":
        fractions = [] if field in {"minimum", "maximum"} else [5.5]
        return [*fractions, True, False, float("inf"), "1_0", " 5", "٣", "\0", 10**30, [], {}]
    numbers = [] if around & WHOLE_NUMBER_IS_TEXT else [5]
    truths = [] if around & {"environment", "default"} else [True]
    texts = ["\0", "a\0b"] if around & DATA else ["\0", "a\0b", "a\x07b", "a\x1b[2Jb", "a\x7f", "a\x9b"]
    return [*numbers, *truths, 5.5, *texts, ["a", ["b"]], {"a": {}}]


@pytest.mark.parametrize("model", WHOLE, ids=lambda model: model.__name__)
def test_an_odd_value_is_refused_on_its_field(model: type[BaseModel]) -> None:
    for whole in WHOLE[model]:
        assert told(model, whole) == []
        for path, value in leaves(whole):
            where = ".".join(map(str, path))
            for odd in odd_for(path, value):
                found = told(model, with_value(whole, path, odd))
                fields = [field for field, _ in found]
                assert not any(mark in said for _, said in found for mark in ("^", "\\x", "]+", "]*")), (where, found)
                assert any(where.startswith(field) or field.startswith(where) for field in fields), (where, odd, fields)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    is_class = isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias)
    if is_class and issubclass(annotation, Strict):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def fields_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{path}{field.alias or name}"
        for inner in models_in(field.annotation):
            yield from fields_of(inner, f"{path}{name}.")


@pytest.mark.parametrize("model", WHOLE, ids=lambda model: model.__name__)
def test_every_field_is_tried(model: type[BaseModel]) -> None:
    """A field that is added has to be added above, too."""

    def named(value: Any, path: str = "") -> Iterator[str]:
        match value:
            case dict():
                for name, one in value.items():
                    yield f"{path}{name}"
                    inner = one.values() if name == "labels" else [one]  # people name labels
                    for held in inner:
                        yield from named(held, f"{path}{name}.")
            case list():
                for one in value:
                    yield from named(one, path)

    tried = {name for whole in WHOLE[model] for name in named(whole)}
    assert set(fields_of(model)) - tried - {"kind"} == set()


STEP = {"name": "a", "provider": "web-1", "command": "true"}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"retries": {"count": True}}, "retries.count", "a whole number, not true or false"),
        ({"success_exit_codes": [0, True]}, "success_exit_codes.1", "a whole number, not true or false"),
        ({"title": "a\x1bb"}, "title", "holds a control character (U+001B, its character 2)"),
        ({"run_as": {"user": 5}}, "run_as.user", "has to be a text: put it in quotes"),
        ({"environment": {"VERSION": 1.10}}, "environment.VERSION", "in quotes, so that it stays as it is"),
    ],
)
def test_what_is_odd_in_a_step_is_told_with_the_fix(changed: Any, field: str, words: str) -> None:
    found = told(KINDS["action"].model, {"name": "a", "steps": [{**STEP, **changed}]})
    assert [(at, words in said) for at, said in found] == [(f"steps.0.{field}", True)], found


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"category": "a\0b"}, "category", "holds a control character (U+0000, its character 2)"),
        ({"tags": [" "]}, "tags.0", "is blank"),
        ({"tags": ["a\nb"]}, "tags.0", "is one line"),
        ({"estimated_duration": 1e308}, "estimated_duration", "has to be at most 604800 seconds (7d)"),
        ({"concurrency": {"key": "{{ "}}, "concurrency.key", "'{{' has no name behind it: write {{ NAME }}"),
        ({"concurrency": {"limit": True}}, "concurrency.limit", "a whole number, not true or false"),
        ({"parameters": [{"name": "a", "required": 1}]}, "parameters.0.required", "has to be true or false"),
        ({"parameters": [{"name": "a", "default": 1.10}]}, "parameters.0.default", "in quotes"),
        ({"parameters": [{"name": "a", "type": "integer", "minimum": True}]}, "parameters.0.minimum", "to be a number"),
        ({"title": 5}, "title", "has to be a text: put it in quotes"),
    ],
)
def test_what_is_odd_in_an_action_is_told_with_the_fix(changed: Any, field: str, words: str) -> None:
    found = told(KINDS["action"].model, {"name": "a", "steps": [STEP], **changed})
    assert any(at.startswith(field) and words in said for at, said in found), found


SEVERAL = {"provider": None, "providers": ["a", "b"]}


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        *(
            ({"retries": odd}, "retries", "from 0 to 20, such as 2, or {count: 2, delay: 5s}")
            for odd in ("many", True, [2])
        ),
        ({**SEVERAL, "rollout": {"batches": ["150%"]}}, "rollout.batches.0", "from 1% to 100%, such as 10%"),
        ({**SEVERAL, "rollout": {"batches": [20_000]}}, "rollout.batches.0", "from 1 to 10000, such as 5"),
        ({**SEVERAL, "rollout": {"batches": ["0%"]}}, "rollout.batches.0", "a batch without a provider (0%)"),
        ({**SEVERAL, "rollout": {"batches": "10%"}}, "rollout.batches", "put it in brackets, as [one, another]"),
        ({**SEVERAL, "rollout": {"max_failures": "150%"}}, "rollout.max_failures", "from 0% to 100%, such as 10%"),
        ({**SEVERAL, "rollout": "10%"}, "rollout", "as {max_parallel: …, batches: …, max_failures: …, check: …}"),
        ({"provider": {"group": "web"}}, "provider", "several go into providers"),
        ({"run_as": "postgres"}, "run_as", "as {user: …, password: …}"),
        ({"run_as": {"user": "a b"}}, "run_as.user", "letters, digits, '_', '.', '@' and '-'"),
        ({"expect_disconnect": "10m"}, "expect_disconnect", "as {back_within: …}"),
        ({"environment": {"A": "x" * 5_000}}, "environment.A", "at most 4096 characters"),
        ({"command": " "}, "command", "is blank: write what the step runs"),
    ],
)
def test_a_message_says_what_to_write(changed: Any, field: str, words: str) -> None:
    found = told(KINDS["action"].model, {"name": "a", "steps": [{**STEP, **changed}]})
    assert [(at, words in said) for at, said in found] == [(f"steps.0.{field}", True)], found


def test_a_default_that_is_none_is_told_once_on_its_field() -> None:
    parameters = [{"name": "a", "default": [1]}]
    found = told(KINDS["action"].model, {"name": "a", "steps": [STEP], "parameters": parameters})
    assert found == [("parameters.0.default", "has to be a text, a number, true or false")]


@pytest.mark.parametrize("host", ["a b", "web_1;x", "http://web-1/"])
def test_a_host_that_is_none_is_told_without_a_pattern(host: str) -> None:
    ssh = {"host": host, "user": "u", "password": {"secret": "k"}}
    [(field, said)] = told(KINDS["provider"].model, {"name": "p", "connection": {"ssh": ssh}})
    assert (field, "as in web-1.example.org or 10.0.0.11" in said) == ("connection.ssh.host", True)


def test_shares_may_be_in_quotes() -> None:
    rollout = {"batches": ["5", " 10 % "], "max_failures": "0"}
    made = KINDS["action"].model.model_validate({"name": "a", "steps": [{**STEP, **SEVERAL, "rollout": rollout}]})
    assert made.model_dump()["steps"][0]["rollout"]["batches"] == [5, "10%"]


@pytest.mark.parametrize("value", [0, 1, -1, 5.5, True])
def test_a_number_is_no_instant(value: Any) -> None:
    assert [field for field, _ in told(RunBody, {"not_before": value})] == ["not_before"]


def test_what_is_meant_by_a_word_or_a_number_in_quotes_is_taken() -> None:
    parameter = {"name": "a", "required": "yes", "code": "Off", "type": "integer", "minimum": "5"}
    steps = [{**STEP, "retries": {"count": "2"}}]
    action = {"name": "a", "title": "two\n  lines\n", "steps": steps, "parameters": [parameter]}
    assert told(KINDS["action"].model, action) == []
    made = KINDS["action"].model.model_validate(action).model_dump()
    assert (made["title"], made["steps"][0]["retries"]["count"]) == ("two lines", 2)
    assert [made["parameters"][0][name] for name in ("required", "code", "minimum")] == [True, False, 5]
