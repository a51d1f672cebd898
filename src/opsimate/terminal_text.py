"""Text for people on a terminal: colours pass, nothing else in it steers the terminal; instants and lengths of time."""

import re
from datetime import UTC, datetime

from shared.contracts.presentation import length_text

LONGEST_SEQUENCE = 4_096
"""In characters. What claims to be a longer control sequence is none."""
MOST_STYLES = 32

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_STRING = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])"
_SEQUENCE = re.compile(
    rf"""
      (?:\x1b\[|\x9b)(?P<style>[0-9;:]{{0,100}})m                            # colours and the like (SGR)
    | (?:\x1b\[|\x9b)[\x20-\x3f]*(?:[\x40-\x7e]|(?=[^\x20-\x7e]))            # any other CSI, whole or broken off
    | {_STRING}[^\x07\x1b\x9c\n]*(?:\x07|\x9c|\x1b\\|(?=\n)|(?=\x1b[^\\]))   # OSC, DCS, SOS, PM, APC with their text
    | \x1b(?![\[\]PX^_])[\x20-\x2f]*(?:[\x30-\x7e]|(?=[^\x20-\x7e]))         # any other escape
    | [\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a\x9c]    # single control characters
    """,
    re.VERBOSE,
)
_BEGINS_STRING = re.compile(_STRING)
_BEGINS_WITH_RESET = re.compile(r"0*(?:;|$)")


class TerminalText:
    """Makes a stream of text safe to show, also where a control sequence is cut between two pieces of it."""

    def __init__(self, *, colours: bool = True) -> None:
        self._colours = colours
        self._held = ""
        self._styles: list[str] = []

    @property
    def style(self) -> str:
        """The sequences that bring back the colours in force after all that was fed."""
        return "".join(self._styles)

    def feed(self, text: str) -> str:
        """What of the text may be shown now; the beginning of a control sequence waits for its rest."""
        text, self._held = self._held + text, ""
        shown, position = [], 0
        while control := _CONTROL.search(text, position):
            shown.append(text[position : control.start()])
            sequence = _SEQUENCE.match(text, control.start())
            if sequence is None:
                self._hold(text[control.start() :])
                return "".join(shown)
            shown.append(self._styled(sequence["style"]))
            position = sequence.end()
        shown.append(text[position:])
        return "".join(shown)

    def _styled(self, style: str | None) -> str:
        if style is None or not self._colours:
            return ""
        sequence = f"\x1b[{style}m"
        before = [] if _BEGINS_WITH_RESET.match(style) else self._styles[-MOST_STYLES:]
        self._styles = [*before, sequence] if style.strip("0") else before
        return sequence

    def _hold(self, unfinished: str) -> None:
        if len(unfinished) > LONGEST_SEQUENCE:
            begins_string = _BEGINS_STRING.match(unfinished)
            unfinished = begins_string.group() if begins_string else ""
        self._held = unfinished


def one_line(text: object) -> str:
    """The text without any control character or line break, for tables and messages."""
    return " ".join(TerminalText(colours=False).feed(str(text)).split())


def readable(text: object) -> str:
    """The text without control characters, its line breaks and tabs left in place."""
    return TerminalText(colours=False).feed(str(text)).replace("\r", "")


def moment(instant: str | None) -> str:
    """An instant of the API for people: to the second, in UTC."""
    return "" if not instant else f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M:%S}Z"


def moment_from_now(instant: str) -> str:
    """An instant that is to come, with how long that is from now: ``2026-01-31 12:00:00Z, in 1h 59m``."""
    left = (datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()
    return f"{moment(instant)}{f', in {length_text(left)}' if left > 0 else ''}"


def short_moment(instant: str | None, *, day_of: str | None = None) -> str:
    """The same without its year, for where there is little room; on the day of another instant without its day."""
    if not instant:
        return ""
    same_day = day_of is not None and instant[:10] == day_of[:10]
    return f"{datetime.fromisoformat(instant):{'%H:%M:%S' if same_day else '%m-%d %H:%M:%S'}}"


def length(seconds: float | None) -> str:
    """How long something took or takes, for people: ``2.5s``, ``45s``, ``1h 3m``."""
    return "" if seconds is None else length_text(seconds)


def length_between(start: str | None, end: str | None) -> str:
    """How long something took that began and ended at these instants."""
    if not start or not end:
        return ""
    return length((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
