"""What is kept of a command's standard output for later steps to read: bounded, and only what can be a value."""

from collections.abc import Callable, Collection

from shared.contracts.step_settings import MOST_CAPTURED, Capture
from shared.written_json import WrittenJson, json_text, read_json


class KeptOutput:
    """Takes the output as it comes, and tells at its end what was captured of it."""

    def __init__(self, captures: Collection[Capture]) -> None:
        self._captures = captures
        self.mask: Callable[[bytes], bytes] = bytes
        """Takes secrets out of the texts that JSON is read as: they may have been written with escapes there."""
        self._all, self._line, self._last = bytearray(), bytearray(), b""

    def add(self, stream: str, data: bytes) -> None:
        """Take a piece of output, secrets masked. Of what is too long only so much is kept that this is seen."""
        if stream != "stdout":
            return
        if self._captures != ["last_line"]:
            self._all += data[: MOST_CAPTURED + 1 - len(self._all)]
        if "last_line" in self._captures:
            for piece in data.splitlines(keepends=True):
                self._line += piece[: MOST_CAPTURED + 2 - len(self._line)]
                if piece.endswith(b"\n"):
                    self._end_line()

    def captured(self, *, strict: bool) -> dict[Capture, str]:
        """What each way of capturing comes to. ``ValueError`` in a sentence where one cannot be; not ``strict``, it is
        left out.
        """
        self._end_line()
        found: dict[Capture, str] = {}
        for capture in self._captures:
            try:
                found[capture] = self._captured(capture)
            except ValueError as error:
                if strict:
                    message = f"The step's output could not be captured ({capture}): {error}"
                    raise ValueError(message) from None
        return found

    def _captured(self, capture: Capture) -> str:
        data = self._last if capture == "last_line" else bytes(self._all)
        if len(data) > MOST_CAPTURED:
            what = "its last line has" if capture == "last_line" else "it printed"
            message = f"{what} more than {MOST_CAPTURED:,} bytes on standard output, which is the most"
            raise ValueError(message)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            message = "it holds bytes that are no text in UTF-8"
            raise ValueError(message) from None
        if "\0" in text:
            message = "it holds a NUL, which no command can be given"
            raise ValueError(message)
        if capture == "json":
            try:
                found = read_json(text)
            except ValueError as error:
                message = f"it {error}" if text.strip() else "it printed nothing on standard output, which is no JSON"
                raise ValueError(message) from None
            masked = self._masked(found)
            return text.strip() if masked == found else json_text(masked)
        return text.rstrip("\n")

    def _masked(self, value: WrittenJson) -> WrittenJson:
        match value:
            case str():
                return self.mask(value.encode(errors="surrogatepass")).decode(errors="replace")
            case list():
                return [self._masked(one) for one in value]
            case dict():
                return {str(self._masked(name)): self._masked(one) for name, one in value.items()}
        return value

    def _end_line(self) -> None:
        line = bytes(self._line).rstrip(b"\n")
        if line.strip():
            self._last = line
        self._line.clear()
