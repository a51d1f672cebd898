"""Audit: who did what, when and from where; entries that are never changed, each chained to the one before by hash."""

from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints

from shared.contracts.model import Model
from shared.contracts.origin import Origin
from shared.contracts.values import Instant

GENESIS = "0" * 64
"""Stands in the first entry for the hash of the one before, which there is not."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AuditFact(Model):
    """Something that is stored, and of which an entry is to tell."""

    source: str
    """What it is told of: the id of the version, of the run, of what the run was told. No two entries have the same."""
    kind: str
    """What was done, such as ``action.changed``, ``run.requested`` or ``run.cancel``."""
    of: str
    """What it was done to: the word of a kind of definition, ``run`` or ``token``."""
    at: Instant
    by: str
    """The name of the token, the alert rule or the schedule that did it."""
    principal_id: str | None = None
    """Tells that token from others that had or will have its name."""
    origin: Origin | None = None
    """From where; none where nobody called, as with an alert or a schedule, or where an earlier release stored it."""
    name: str
    """Of the definition, or of the token; of a run the name of its action."""
    run_id: str | None = None
    note: str = ""
    """What whoever did it said of it: a note, a comment, a reason."""
    details: dict[str, JsonValue] = Field(default_factory=dict)
    """What was and what is, without secrets: see ``docs/audit.md``."""


class AuditEntry(AuditFact):
    """A fact as it stands in the chain."""

    id: str
    """The number in twelve digits."""
    number: Annotated[int, Field(ge=1)]
    """From 1, without a gap."""
    entered_at: Instant
    """When it was chained, which may be later than it was done."""
    previous: Sha256
    """The hash of the entry before; zeros in the first."""
    hash: Sha256
    """SHA-256 of this entry without this field, as ``docs/audit.md`` says."""


class AuditHead(Model):
    """Where the chain ends."""

    number: int = 0
    """Of the newest entry; 0 where there is none."""
    hash: Sha256 = GENESIS
    """Of the newest entry."""

    @classmethod
    def written(cls, text: str) -> "AuditHead":
        """The place in the chain that is written as ``NUMBER:HASH``; ``ValueError``."""
        number, _, hash_ = text.partition(":")
        head = cls(number=int(number), hash=hash_)
        if head.number < 1 and head != cls():
            message = "no entry could ever differ from a place that none can have"
            raise ValueError(message)
        return head


def entry_id(number: int) -> str:
    """The id of an entry; ids sort as numbers do."""
    return f"{number:012}"
