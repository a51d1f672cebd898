"""The audit of runs: that each was asked for, and all that it was told.

Whoever hears that runs changed enters what has no entry yet. That runs have ended is told until they are counted, and
they are counted after this; so every run has its entries by then at the latest, whatever was lost before.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import JsonValue

from shared.audit import enter
from shared.clock import Clock
from shared.collections import RUNS
from shared.contracts.audit import AuditFact
from shared.contracts.run import AUDIT_FIELDS
from shared.lru_cache import LruCache
from shared.store.port import Document, DocumentStore, OneOf

MOST_REMEMBERED = 100_000
_FIELDS = ("action", "trigger", "parameters", "created_at", "rerun_of", "plan_digest", *AUDIT_FIELDS)


class RunAudit:
    """Enters what was asked of runs."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._entered: LruCache[int] = LruCache(most=MOST_REMEMBERED)
        """How many entries each run is known to have."""
        self._turn = asyncio.Lock()
        """Those of one process would only be in each other's way."""

    async def enter(self, run_ids: Collection[str]) -> None:
        """Enter what is to be told of these runs and is not yet."""
        if not run_ids:
            return
        async with self._turn:
            wanted = tuple(sorted(run_ids))
            runs = await self._store.find(RUNS, {"id": OneOf(wanted)}, limit=len(wanted), fields=_FIELDS)
            facts = [fact for run in runs for fact in facts_of(run)[self._entered.get(run["id"]) or 0 :]]
            await enter(self._store, sorted(facts, key=lambda fact: fact.at), self._clock)
            for run in runs:
                self._entered.remember(run["id"], 1 + len(run.get("controls", ())))


def facts_of(run: Document) -> list[AuditFact]:
    """All that is to be told of a run, in order."""
    trigger, action = run["trigger"], run["action"]
    about = {"of": "run", "name": action["name"], "run_id": run["id"]}
    told: dict[str, Any] = {
        "action_version": action["version"],
        "trigger": trigger["kind"],
        **{name: trigger[name] for name in ("alert_id", "fire_time") if trigger.get(name) is not None},
        **{name: run[name] for name in ("rerun_of", "plan_digest") if run.get(name) is not None},
        "parameters": {name: shown(value) for name, value in run["parameters"].items()},
    }
    asked = {
        "source": f"run/{run['id']}",
        "kind": "run.requested",
        "at": run["created_at"],
        "by": trigger["by"],
        "principal_id": trigger.get("principal_id"),
        "origin": run.get("origin"),
        "note": trigger.get("note", ""),
        "details": told,
    }
    return [
        AuditFact.model_validate({**asked, **about}),
        *(_told(index, control, about) for index, control in enumerate(run.get("controls", ()), start=1)),
    ]


_OF_FACTS = frozenset({"kind", "by", "principal_id", "at", "comment", "origin"})


def _told(index: int, control: Mapping[str, Any], about: Mapping[str, Any]) -> AuditFact:
    return AuditFact.model_validate(
        {
            **about,
            "source": f"run/{about['run_id']}/{index}",
            "kind": f"run.{control['kind']}",
            **{name: control.get(name) for name in ("at", "by", "principal_id", "origin")},
            "note": control.get("comment", ""),
            "details": {name: value for name, value in control.items() if name not in _OF_FACTS and value is not None},
        }
    )


LONGEST_SHOWN = 500
"""Characters of a parameter's value; of a longer one the beginning is kept."""


def shown(value: JsonValue) -> JsonValue:
    """A parameter's value as the audit keeps it: no secret, nothing long, and a number with a fraction as text, so that
    the entry has the same hash wherever it was read from.
    """
    if isinstance(value, dict):
        return {"secret": value["secret"]} if "secret" in value else {"secret": True}
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]}… ({len(value)} characters)"
    return value
