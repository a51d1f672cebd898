"""What changed in the stored documents from release to release, and how those of earlier ones are moved on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from shared.collections import ATTEMPTS, OUTPUT, RUNS
from shared.contracts.attempt import chunk_id
from shared.definitions import version_of
from shared.kinds import ACTION, INTEGRATION, KINDS, Kind
from shared.migration import Migration, MigrationStep, Migrator, Placed
from shared.store.port import Collection, Document, DocumentStore, OneOf
from shared.store.sqlite import SqliteDocumentStore

_FIRST_RUNS = Collection(
    "runs",
    keys=("request_id", "state", "action.name", "trigger.kind", "wake_at", "created_at", "cancel_requested.at"),
    lists=("providers",),
    unique=(("request_id",),),
    indexes=(("action.name", "state"), ("state",), ("trigger.kind",)),
    guards=("cancel_requested.at",),
)
"""As the first release declares it."""
_NOT_ENDED = OneOf(("awaiting_approval", "delayed", "queued", "running"))
_MOST_NAMED = 3


async def _first_runs_under_way(store: DocumentStore) -> str | None:
    """A run of the first release that is under way cannot be carried on by another one."""
    await store.open([_FIRST_RUNS])
    number = await store.count(_FIRST_RUNS, {"state": _NOT_ENDED})
    if not number:
        return None
    found = await store.find(_FIRST_RUNS, {"state": _NOT_ENDED}, limit=_MOST_NAMED)
    names = ", ".join(document["id"] for document in found) + (", …" if number > _MOST_NAMED else "")
    are, them = ("run is", "it") if number == 1 else ("runs are", "them")
    return (
        f"{number} {are} under way that this release cannot carry on ({names}). Start the release that began {them} "
        f"once more, let {them} end or cancel {them} there, and then start this one"
    )


def _head_with_its_version(kind: Kind[Any], document: Document) -> Iterable[Placed]:
    """The first release had the number of a definition for the store's version, and kept versions of actions alone."""
    if "number" in document:
        return [(kind.collection, document)]
    head = {
        **{key: value for key, value in document.items() if key not in _FIELDS_OF_FIRST_HEADS},
        "name": document["id"],
        "number": document["version"],
        "change": "created" if document["version"] == 1 else "changed",
        "at": document["updated_at"],
        "by": document["updated_by"],
        "principal_id": "",
        "note": "",
    }
    if kind.sealed:  # what is not sealed of a secret stood in fields of its own
        kept = kind.kept(kind=kind.word, name=document["id"], description=document["description"])
        head["definition"] = kept.model_dump_json()
    version = {key: value for key, value in version_of(head).items() if key != "sealed"}
    return [(kind.versions, version), (kind.collection, head)]


_FIELDS_OF_FIRST_HEADS = frozenset({"updated_at", "updated_by", "version", "version_id", "description"})


def _first_version_of_an_action(document: Document) -> Iterable[Placed]:
    """It has no author and no date, and numbers began anew after a deletion: so it stays for the runs that name it by
    its id, and is in no list.
    """
    if "change" in document:
        return [(ACTION.versions, document)]
    return [(ACTION.versions, {key: document[key] for key in ("id", "version", "definition")})]


def _with_invocation(attempt: str) -> str:
    """The id of an attempt of the first release, ``RUN.STEP.NUMBER``, as it is since: its steps ran on one provider."""
    run_id, step, number = attempt.split(".")
    return f"{run_id}.{step}.0000.{number}"


def _attempt(document: Document) -> Iterable[Placed]:
    if "invocation" in document:
        return [(ATTEMPTS, document)]
    earlier = {key: [_with_invocation(one) for one in document[key]] for key in ("lost_attempts", "earlier_attempts")}
    return [(ATTEMPTS, {**document, **earlier, "id": _with_invocation(document["id"]), "invocation": 0})]


def _output_chunk(document: Document) -> Iterable[Placed]:
    if document["attempt_id"].count(".") == _DOTS_OF_ATTEMPT:
        return [(OUTPUT, document)]
    attempt = _with_invocation(document["attempt_id"])
    return [(OUTPUT, {**document, "id": chunk_id(attempt, document["seq"]), "attempt_id": attempt})]


_DOTS_OF_ATTEMPT = 3


def _ended_run(document: Document) -> Iterable[Placed]:
    """What a run of the first release knew of itself stood in its timeline; since, it has fields."""
    if "seq" in document:
        return [(RUNS, document)]
    timeline = [
        {
            **entry,
            "seq": seq,
            **({"attempt_id": _with_invocation(entry["attempt_id"])} if "attempt_id" in entry else {}),
        }
        for seq, entry in enumerate(document["timeline"], start=1)
    ]
    events = {entry["event"] for entry in timeline}
    asked = document.get("cancel_requested")
    moved = {
        **{name: value for name, value in document.items() if name != "cancel_requested"},
        **({} if asked is None else _cancelled(asked)),
        "timeline": timeline,
        "seq": len(timeline),
        "steps": [{**step, **_told_of(step["name"], timeline)} for step in document["steps"]],
        "progress": {
            "done": len(document["steps"]),
            "total": len(document["steps"]),
            "ended": dict(Counter(step["state"] for step in document["steps"])),
        },
        "is_timed_out": "run.timed_out" in events,
        # To be counted among the ended runs at once; of what is long past, nobody is told as if it were new.
        "announced": len(timeline),
        "unannounced": document["ended_at"],
        "counted": False,
    }
    return [(RUNS, moved)]


def _cancelled(asked: Document) -> Document:
    """A request to cancel, as the control that it is since."""
    by = {name: value for name, value in asked.items() if name != "reason"}
    control = {"kind": "cancel", **by, "comment": asked.get("reason", "")}
    return {"controls": [control], "consumed": 1, "is_cancel_requested": True}


def _told_of(step: str, timeline: Sequence[Document]) -> Document:
    """When the newest attempt of a step was dispatched, and why the newest one that failed did."""
    told: Document = {}
    for entry in timeline:
        if entry.get("step") == step and entry["event"] == "step.queued":
            told["dispatched_at"] = entry["at"]
        elif entry.get("step") == step and entry["event"] == "step.finished" and "text" in entry:
            told["reason_text"] = entry["text"]
    return told


_TO_2 = (
    MigrationStep(ATTEMPTS, _attempt),
    MigrationStep(OUTPUT, _output_chunk),
    MigrationStep(RUNS, _ended_run),
    MigrationStep(ACTION.versions, _first_version_of_an_action),
    *(
        MigrationStep(kind.collection, partial(_head_with_its_version, kind), also=(kind.versions,))
        for kind in KINDS.values()
        if kind is not INTEGRATION
    ),
)

MIGRATIONS = (Migration(2, steps=_TO_2, obstacle=_first_runs_under_way),)
"""In their order, one for every schema after the first."""


def migrator_of(store: DocumentStore, *, may_move: bool, may_move_first: bool = False) -> Migrator:
    """What moves this store; one in a file of this machine is held by this process alone, and copied before."""
    migrator = Migrator(store, MIGRATIONS, may_move=may_move, may_move_first=may_move_first)
    if isinstance(store, SqliteDocumentStore):
        migrator.is_alone, migrator.keep_copy = True, store.keep_copy
    return migrator
