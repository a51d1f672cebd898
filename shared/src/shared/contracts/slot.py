"""Slots: which runs of an action are under way, of as many as may be, and which wait for room."""

from typing import NamedTuple

from shared.contracts.model import Model
from shared.contracts.values import Instant


class SlotEntry(Model):
    """A run that holds a slot, or waits for one."""

    run_id: str
    at: Instant
    """Since when."""
    replaced_by: str | None = None
    """The run that wants its place, and asks it to end."""


class RunSlots(Model):
    """The slots of an action, or of those of its runs for which its key comes to the same."""

    id: str
    version: int = 1
    action: str
    action_version: int
    """The newest version that a run of it came with: it says the limit."""
    key: str = ""
    """What the key came to, as people are shown it."""
    limit: int
    holders: list[SlotEntry] = []
    """Written before a run starts, and removed after it has ended: never more than the limit start."""
    waiting: list[SlotEntry] = []
    """In the order in which they came."""
    wake_at: Instant
    """When it is looked whether those that hold and wait are still there."""


class SlotAnswer(NamedTuple):
    """What came of asking for a slot; it is taken where neither is said."""

    waits_behind: str = ""
    """What is waited for, in a sentence."""
    refused: str = ""
    """Why the run is not to wait, in a sentence."""
    is_full: bool = False
    """Whether it would have waited, if the queue had room."""
