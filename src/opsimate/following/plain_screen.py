"""A run where there is no terminal, or a plain one: line by line."""

import sys
from typing import IO, Any

from opsimate.following.lines import step_line
from opsimate.run_progress import progress_text
from opsimate.terminal_text import TerminalText


class PlainScreen:
    """Output goes to stdout as it comes, everything else to stderr."""

    def __init__(self, output: IO[str] | None = None, progress: IO[str] | None = None) -> None:
        self._output = output or sys.stdout
        self._progress = progress or sys.stderr
        # A terminal without a bar is still a terminal.
        self._text = TerminalText() if self._output.isatty() else None
        self._at_line_start = True
        self._said = ""
        self._far: object = None
        self._states: dict[str, str] = {}
        """Of the steps, by their names."""

    def run(self, run: dict[str, Any]) -> None:
        """Say how far the run is."""
        far = run["state"], run["progress"]["done"]
        if far != self._far:
            self._far = far
            self._say(f"{run['state']}, {progress_text(run, self._states.values())}")

    def step(self, step: dict[str, Any]) -> None:
        """Say what became of a step."""
        self._states[step["name"]] = step["state"]
        if line := step_line(step):
            self._say(line)

    def output(self, item: dict[str, Any]) -> None:
        """Pass on what was printed."""
        text = item["text"] if self._text is None else self._text.feed(item["text"])
        if not text:
            return
        self._output.write(text)
        self._output.flush()
        self._at_line_start = text.endswith("\n")

    def notice(self, text: str) -> None:
        """Say something about the following."""
        self._say(text)

    def _say(self, text: str) -> None:
        if text == self._said:
            return
        self._said = text
        both_seen = self._output.isatty() and self._progress.isatty()
        line_end = "" if self._at_line_start or not both_seen else "\n"
        self._at_line_start = True if both_seen else self._at_line_start
        self._progress.write(f"{line_end}--- {text}\n")
        self._progress.flush()

    def close(self) -> None:
        """Nothing is left to take down."""
