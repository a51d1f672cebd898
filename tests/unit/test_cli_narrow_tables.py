"""Lists on narrow terminals: the longest names are told whole, headings in one piece, and what matters least goes."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from opsimate.cli.printing import ROOM_TO_FOLD, Rows, Short, fitted
from tests.unit.test_cli_tables import RUN, listed, typed

NAMES = [f"production-web-frontend-frankfurt-am-main-availability-zone-{n}" for n in ("1a", "1b")]
"""As long as names may nearly be, and alike but for their ends."""
NOW = "2026-11-29T09:13:44.000Z"
LAST = {"id": RUN, "state": "succeeded", "started_at": NOW, "ended_at": NOW, "duration": 1.0}
SSH = {"host": "web-1a.production.frankfurt.internal.example.com", "port": 2222, "user": "deploy", "jump": None}
STORED = {
    "version": 12,
    "description": "Front web server number one of the shop, behind the load balancer",
    "updated_at": NOW,
}
ITEMS: Mapping[str, Mapping[str, Any]] = {
    "actions": {
        "title": "Restart the web service on every front end, and verify that it answers",
        "category": "Night shift of the platform",
        "parameters": [{"name": "service_to_restart", "code": False}, {"name": "seconds_to_wait", "code": False}],
        "last_run": LAST,
        "running": 2,
        "success_rate": 0.5,
        "usual_duration": 12.3,
    },
    "providers": {"connection": {"ssh": SSH}, "pool": "dmz", "labels": {"role": "web", "env": "production"}},
    "provider-groups": {"providers": ["a", "b"], "groups": ["the-others-in-frankfurt"]},
    "secrets": {},
    "alert-rules": {
        "enabled": False,
        "source": "alertmanager",
        "match": {"labels": {"alertname": "NginxDown", "site": "frankfurt"}},
        "responses": [{"action": "restart"}],
    },
    "integrations": {},
    "tokens": {"kind": "service", "role": "alerts", "created_at": NOW},
}
FAVOURITES = [{"action": name, "title": "Restart", "last_run": LAST, "running": 0} for name in NAMES]
KEPT = {
    "actions": ["NAME", "LAST RUN"],
    "providers": ["NAME", "CONNECTION"],
    "alert-rules": ["NAME", "ENABLED", "ACTIONS"],
    "tokens": ["NAME", "ROLE"],
}
"""What is there on every terminal."""


def answer(noun: str) -> Any:
    return listed(*({**STORED, "name": name, **ITEMS[noun]} for name in NAMES))


@pytest.mark.parametrize("noun", ITEMS)
@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_names_are_told_whole_and_headings_in_one_piece(monkeypatch: pytest.MonkeyPatch, noun: str, width: int) -> None:
    lines = typed(monkeypatch, f"{noun} list", answer(noun), columns=width)
    assert all(len(line) <= width for line in lines)
    heading, *rows = lines
    if heading.split()[0] != "NAME":  # each below the other, where a table has no room
        return
    assert all(kept in heading for kept in KEPT.get(noun, ["NAME"]))
    following = re.search(r"NAME\s+(?=\S)", heading)
    begins = following.end() if following else width
    assert "".join(row[:begins].strip() for row in rows) == "".join(NAMES)


def test_where_there_is_no_room_for_a_table_each_value_is_below_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = typed(monkeypatch, "tokens list", answer("tokens"), columns=30)
    assert lines[0].split()[0] == "name"
    told = "".join(
        line.removeprefix("name").strip() for line in lines[: next(n for n, x in enumerate(lines) if "kind" in x)]
    )
    assert told == NAMES[0]


@pytest.mark.parametrize("width", [60, 80])
def test_favourites_are_told_with_their_last_runs(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    heading, *rows = typed(monkeypatch, "favourites list", {"items": FAVOURITES}, columns=width)
    assert "LAST RUN" in heading
    assert sum("succeeded 11-29 09:13:44" in row for row in rows) == len(NAMES)


def test_columns_are_left_out_before_names_are_folded() -> None:
    table = Rows(("name", "note", "at"), [("n" * 40, "x" * 50, Short("2026-11-29 09:13", "09:13"))])
    assert fitted(table, ["note"], 120) == table
    assert fitted(table, ["note"], 75) == table.abridged()
    left = fitted(table, ["note"], 50)
    assert left is not None
    assert (left.columns, left.folds_names) == (("name", "at"), False)
    left = fitted(table, ["note"], ROOM_TO_FOLD + 2 + 5)
    assert left is not None
    assert (left.columns, left.folds_names) == (("name", "at"), True)
    assert fitted(table, ["note"], 20) is None
