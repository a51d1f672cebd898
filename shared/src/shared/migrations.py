"""What changed in the stored documents from release to release, and how those of earlier ones are moved on."""

from shared.migration import Migration, Migrator
from shared.store.port import Collection, DocumentStore, OneOf
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


MIGRATIONS = (Migration(2, steps=(), obstacle=_first_runs_under_way),)
"""In their order, one for every schema after the first."""


def migrator_of(store: DocumentStore, *, may_move: bool, may_move_first: bool = False) -> Migrator:
    """What moves this store; one in a file of this machine is held by this process alone, and copied before."""
    migrator = Migrator(store, MIGRATIONS, may_move=may_move, may_move_first=may_move_first)
    if isinstance(store, SqliteDocumentStore):
        migrator.is_alone, migrator.keep_copy = True, store.keep_copy
    return migrator
