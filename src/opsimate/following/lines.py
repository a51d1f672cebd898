"""Output put together to whole lines that are safe to show: of one command, or of several machines at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opsimate.terminal_text import TerminalText, one_line

LONGEST_LINE = 8_192
"""In characters. A longer line without an end is shown in pieces."""
STDERR_STYLE = "\x1b[31m"
END_OF_STDERR_STYLE = "\x1b[39m"
END_OF_STYLES = "\x1b[0m"
_NAME_STYLES = tuple(f"\x1b[{code}m" for code in (36, 32, 33, 35, 34))
"""Of the names of machines, in turn; none is the colour of errors."""


class Lines:
    """Puts pieces of output together to whole lines, safe to show, each block of them with the colours it needs."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours
        self._text = TerminalText(colours=colours)
        self._style = ""
        """The colours in force where the unfinished line begins."""
        self._rest = ""

    @property
    def unfinished(self) -> str:
        """The last line, which waits for its end."""
        return f"{self._style}{self._rest}" if self._rest else ""

    def feed(self, text: str, *, is_error: bool) -> str:
        """The lines that are whole now."""
        head, end, tail = text.rpartition("\n")
        whole = ""
        if end:
            whole = f"{self._style}{self._rest}{self._safe(head, is_error=is_error)}\n"
            self._style, self._rest = self._text.style, ""
        self._rest += self._safe(tail, is_error=is_error)
        return whole + (self.finish() if len(self._rest) > LONGEST_LINE else "")

    def _safe(self, text: str, *, is_error: bool) -> str:
        before = self._text.style
        shown = self._text.feed(text)
        if is_error and self._colours and not before and "\x1b" not in shown:
            return _each_line(shown, STDERR_STYLE, END_OF_STDERR_STYLE)
        return shown

    def finish(self) -> str:
        """The last line with an end, where it has none."""
        rest, self._style, self._rest = self.unfinished, self._text.style, ""
        return f"{rest}\n" if rest else ""


def _each_line(text: str, before: str, after: str) -> str:
    return "\n".join(f"{before}{line}{after}" if line else "" for line in text.split("\n"))


class MachineLines:
    """Puts what several machines print at once together to whole lines, each behind its machine's name."""

    def __init__(self, *, is_terminal: bool, colours: bool = False) -> None:
        """On a terminal nothing but colours steers it, and of a line that is written over what it came to is shown."""
        self._is_terminal, self._colours = is_terminal, is_terminal and colours
        self._sources: dict[tuple[object, ...], _Source] = {}
        self._names: dict[str, str] = {}

    def feed(self, item: Mapping[str, Any]) -> str:
        """The lines that are whole with this piece of output."""
        key = item["step"], item["provider"], item["attempt"], item["stream"]
        source = self._sources.get(key)
        if source is None:
            text = TerminalText(colours=self._colours) if self._is_terminal else None
            source = self._sources[key] = _Source(text)
        return self._shown(key, source.feed(item["text"]))

    def finish(self, step: str | None = None) -> str:
        """The last lines of a step, or of all, with an end where they have none."""
        keys = [key for key in self._sources if step in {None, key[0]}]
        return "".join(self._shown(key, self._sources.pop(key).finish()) for key in keys)

    def _shown(self, key: tuple[object, ...], lines: Iterable[str]) -> str:
        _, provider, _, stream = key
        return "".join(self._line(str(provider), line, is_error=stream == "stderr") for line in lines)

    def _line(self, provider: str, line: str, *, is_error: bool) -> str:
        if provider not in self._names:
            style = _NAME_STYLES[len(self._names) % len(_NAME_STYLES)]
            name = one_line(provider)
            self._names[provider] = f"{style}{name}{END_OF_STYLES} |" if self._colours else f"{name} |"
        if self._colours and line:
            before = STDERR_STYLE if is_error and "\x1b" not in line else ""
            line = f"{before}{line}{END_OF_STYLES}"
        return f"{self._names[provider]} {line}\n" if line else f"{self._names[provider]}\n"


class _Source:
    """One stream of one machine."""

    def __init__(self, text: TerminalText | None) -> None:
        self._text = text
        self._style = self._rest = ""

    def feed(self, text: str) -> Iterator[str]:
        """The lines that are whole now, without their ends."""
        *heads, tail = text.split("\n")
        for head in heads:
            self._rest += self._safe(f"{head}\n").removesuffix("\n")
            yield self._whole()
        self._rest += self._safe(tail)
        if len(self._rest) > LONGEST_LINE:
            yield self._whole()

    def finish(self) -> Iterator[str]:
        """The last line, where it has no end."""
        if self._rest:
            yield self._whole()

    def _safe(self, text: str) -> str:
        return text if self._text is None else self._text.feed(text)

    def _whole(self) -> str:
        line, self._rest = self._rest, ""
        if self._text is not None:
            line = f"{self._style}{line.rstrip(chr(13)).rpartition(chr(13))[2]}"
            self._style = self._text.style
        return line
