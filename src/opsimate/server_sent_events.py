"""Server-sent events: text/event-stream as it comes, in pieces of any size."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of a stream."""

    id: str
    """The last id that the stream gave: with this event's own, what `Last-Event-ID` resumes after."""
    name: str
    data: str


class EventParser:
    """Finds the events in a stream of bytes. An event that the stream broke off in the middle of is no event.

    Lines end with LF or CRLF, as they do in every stream of this product.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._id = ""
        self._clear()

    def _clear(self) -> None:
        self._name = ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that end in this piece."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [event for line in lines if (event := self._take(line.removesuffix(b"\r").decode(errors="replace")))]

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            event = ServerSentEvent(self._id, self._name or "message", "\n".join(self._data)) if self._data else None
            self._clear()
            return event
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "id" and "\0" not in value:
            self._id = value
        return None
