"""A run on a terminal: its output scrolls by, and below it stand the unfinished line and a bar."""

from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from opsimate.following.run_events import progress_fraction
from opsimate.following.screens import END_OF_STYLES, Lines, step_line

REFRESHES_PER_SECOND = 8


class _Raw:
    """Text that is made safe already and goes to the terminal as it is, colours included."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        yield Segment(self._text)


class TerminalScreen:
    """Shows a run on a terminal until it is closed."""

    def __init__(self, console: Console | None = None, *, colours: bool = True) -> None:
        self._console = console or Console(highlight=False, markup=False)
        self._lines = Lines(colours=colours)
        self._shown: dict[str, str] = {}
        self._states: dict[str, str] = {}
        """Of the steps, by their names."""
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[steps]}"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._task = self._progress.add_task("", total=1, steps="")
        self._live = Live(
            get_renderable=self._bottom,
            console=self._console,
            refresh_per_second=REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _bottom(self) -> Group:
        last = self._lines.unfinished.rpartition("\r")[2]
        line = Text.from_ansi(last, no_wrap=True, overflow="ellipsis")
        return Group(*([line] if last else []), self._progress)

    def run(self, run: dict[str, Any]) -> None:
        """Move the bar: it stands where the API says, also of a run that ended without success."""
        progress = run["progress"]
        self._progress.update(
            self._task,
            total=progress["total"],
            completed=progress["done"],
            steps=progress_fraction(run, self._states.values()),
            description=progress["current_step"] or run["state"],
        )

    def step(self, step: dict[str, Any]) -> None:
        """Say what became of a step, once for each state."""
        self._states[step["name"]] = step["state"]
        line = step_line(step)
        if line is None or self._shown.get(step["name"]) == line:
            return
        self._shown[step["name"]] = line
        self._print_above(self._lines.finish())
        self._console.print(Text(f"● {line}", "bold"))

    def output(self, item: dict[str, Any]) -> None:
        """Let what was printed scroll by above the bar."""
        self._print_above(self._lines.feed(item["text"], is_error=item["stream"] == "stderr"))

    def notice(self, text: str) -> None:
        """Say something about the following."""
        self._print_above(self._lines.finish())
        self._console.print(Text(text, "yellow"))

    def close(self) -> None:
        """Take the bar down; the output stays."""
        self._print_above(self._lines.finish())
        self._live.stop()

    def _print_above(self, lines: str) -> None:
        if lines:
            body = lines.removesuffix("\n")
            self._console.print(_Raw(f"{body}{END_OF_STYLES}\n"), crop=False, end="")
