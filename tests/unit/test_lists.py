"""Lists of definitions: what stands in one twice is told at its place, in each kind by the same words."""

from typing import Any

import pytest

from catalog.domain.list_check import check_lists
from shared.kinds import KINDS

AT = {"weekly": {"days": ["mon", "tue", "mon"], "time": "02:30"}}
STEP = {"name": "a", "provider": "web-1", "command": "true"}


def an_action(**fields: Any) -> dict[str, Any]:
    return {"name": "x", "steps": [STEP], **fields}


def a_rule(**fields: Any) -> dict[str, Any]:
    return {"name": "x", "match": {}, "responses": [{"action": "a"}], **fields}


@pytest.mark.parametrize(
    ("kind", "definition", "field", "first"),
    [
        ("schedule", {"name": "x", "action": "a", "at": AT}, "at.weekly.days.2", "'mon' stands in at.weekly.days.0"),
        (
            "maintenance_window",
            {"name": "x", "holds": ["alerts", "alerts"], "at": {"daily": "22:00"}, "duration": "2h"},
            "holds.1",
            "'alerts' stands in holds.0",
        ),
        (
            "maintenance_window",
            {"name": "x", "at": {"daily": "22:00"}, "duration": "2h", "applies_to": {"tags": ["a", "b", "b"]}},
            "applies_to.tags.2",
            "'b' stands in applies_to.tags.1",
        ),
        ("action", an_action(tags=["db", "db"]), "tags.1", "'db' stands in tags.0"),
        (
            "action",
            an_action(parameters=[{"name": "p", "type": "choice", "options": ["a", "a"]}]),
            "parameters.0.options.1",
            "'a' stands in parameters.0.options.0",
        ),
        (
            "action",
            an_action(steps=[{**STEP, "success_exit_codes": [0, 3, 3]}]),
            "steps.0.success_exit_codes.2",
            "'3' stands in steps.0.success_exit_codes.1",
        ),
        (
            "action",
            an_action(execution={"approval": {"approvers": ["user:ann", "user:ann"]}}),
            "execution.approval.approvers.1",
            "'user:ann' stands in execution.approval.approvers.0",
        ),
        (
            "action",
            an_action(notify=[{"channel": "a", "on": ["failed", "failed"]}]),
            "notify.0.on.1",
            "'failed' stands in notify.0.on.0",
        ),
        (
            "action",
            an_action(steps=[{**STEP, "provider": None, "providers": {"labels": {"env": ["prod", "prod"]}}}]),
            "steps.0.providers.labels.env.1",
            "'prod' stands in steps.0.providers.labels.env.0",
        ),
        (
            "alert_rule",
            a_rule(match={"severity": ["critical", "critical"]}),
            "match.severity.1",
            "'critical' stands in match.severity.0",
        ),
        (
            "integration",
            {"name": "x", "source": "generic", "verify": {"hmac": {"secrets": ["a", "a"]}}},
            "verify.hmac.secrets.1",
            "'a' stands in verify.hmac.secrets.0",
        ),
        ("provider_group", {"name": "x", "groups": ["a", "a"]}, "groups.1", "'a' stands in groups.0"),
    ],
)
def test_what_stands_in_a_list_twice_is_told_at_its_place(
    kind: str, definition: dict[str, Any], field: str, first: str
) -> None:
    found = list(check_lists(KINDS[kind].model.model_validate(definition)))
    assert [(one.field, one.message) for one in found] == [(field, f"{first} already; leave one of them out")]


def test_sizes_of_batches_may_be_alike() -> None:
    wide = {**STEP, "provider": None, "providers": ["a", "b", "c"], "rollout": {"batches": [1, 1, "50%"]}}
    action = KINDS["action"].model.model_validate(an_action(steps=[wide], tags=["a", "b"]))
    assert list(check_lists(action)) == []
