"""What waits for an approval, as the command line shows it."""

from typing import Any

import pytest

from opsimate.cli.approvals import approval_row

ITEM = {
    "run_id": "01JX3Q7W8Z5V9K2M4N6P8R0S2T",
    "action": {"name": "drop-replica"},
    "step": None,
    "given": [],
    "needed": 1,
    "approvers": ["role:operator"],
    "requested_by": {"by": "admin"},
    "expires_at": "2026-01-31T12:00:00.000Z",
}


@pytest.mark.parametrize(
    ("may", "text"),
    [
        ({"may_i": True, "why_not": None}, "yes"),
        ({"may_i": False, "why_not": "'admin' asked for the run"}, "no: 'admin' asked for the run"),
    ],
)
def test_who_may_not_decide_is_told_why(may: dict[str, Any], text: str) -> None:
    assert approval_row({**ITEM, **may})[-1] == text
