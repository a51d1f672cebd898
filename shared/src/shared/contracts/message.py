"""What travels over the bus: commands to one owner, events for all."""

from typing import ClassVar

from pydantic import ConfigDict

from shared.contracts.model import Model


class Message(Model):
    """A command (imperative, to one owner) or an event (past tense, for whoever asks).

    A message says "look at this now": what it speaks of is in the store, and losing it costs time only.
    Unknown fields are ignored, so that services of neighbouring versions understand each other.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ClassVar[str]
    """The message's name on the wire, such as ``execute_step``; unique among all messages."""
