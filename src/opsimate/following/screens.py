"""What a followed run looks like: on a terminal with a bar below the output, elsewhere line by line."""

import os
import sys
from collections.abc import Mapping
from typing import IO, Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TaskProgressColumn, TextColumn
from rich.segment import Segment
from rich.text import Text

from opsimate.following.lines import END_OF_STYLES, Lines, MachineLines
from opsimate.following.run_events import (
    Screen,
    counts_text,
    ended_invocations,
    far_text,
    progress_fraction,
    progress_text,
    state_text,
    state_until,
    told_by,
)
from opsimate.terminal_text import TerminalText, length, moment, one_line


def step_line(step: dict[str, Any]) -> str | None:
    """What became of a step, in a line such as ``restart: succeeded on web-1``; nothing where nobody needs to know."""
    name, attempt = one_line(step["name"]), step["attempt"]
    if step["due_at"] is not None:
        return f"{name}: will be tried again at {moment(step['due_at'])}"
    if step["state"] in {"pending", "queued"}:
        return None
    if step.get("invocations"):
        return _wide_step_line(name, step)
    if attempt is None:
        return f"{name}: {step['state']}"
    number = f", attempt {attempt['number']}" if attempt["number"] > 1 else ""
    return f"{name}: {step['state']} on {one_line(attempt['provider'])}{number}{_why(attempt)}"


def _wide_step_line(name: str, step: dict[str, Any]) -> str | None:
    """What became of a step on many providers; nothing while it is under way, which the screens tell in their way."""
    if step["state"] == "running":
        return None
    why = f" ({one_line(step['reason_text'])})" if step.get("reason_text") else ""
    return f"{name}: {step['state']}, {counts_text(step['invocations'])}{why}"


def _far(step: dict[str, Any]) -> str:
    return f"{one_line(step['name'])}: {far_text(step['invocations'])}"


def _why(attempt: dict[str, Any]) -> str:
    if attempt["reason"] == "exit_status":
        return f" (exit status {attempt['exit_status']})"
    return f" ({attempt['reason'].replace('_', ' ')})" if attempt["reason"] else ""


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
        self._tenths: dict[str, int] = {}
        """How many tenths of its providers a step is known to have ended on."""
        self._states: dict[str, str] = {}
        """Of the steps, by their names."""
        self._wide: set[str] = set()
        """The steps that run on several providers."""
        self._machines = MachineLines(is_terminal=self._text is not None)

    def run(self, run: dict[str, Any]) -> None:
        """Say how far the run is, and who pauses it or lets it go on."""
        if line := told_by(run):
            self._say(line)
        far = run["state"], run["progress"]["done"]
        if far != self._far:
            self._far = far
            self._say(f"{state_until(run)}, {progress_text(run, self._states.values())}")

    def step(self, step: dict[str, Any]) -> None:
        """Say what became of a step; of one on many providers ten times on its way how far it has come."""
        self._states[step["name"]] = step["state"]
        if step.get("invocations"):
            self._wide.add(step["name"])
        if line := step_line(step):
            self._print(self._machines.finish(step["name"]))
            self._say(line)
        elif counts := step.get("invocations"):
            tenth = 10 * ended_invocations(counts) // sum(counts.values())
            if tenth != self._tenths.get(step["name"]):
                self._tenths[step["name"]] = tenth
                self._say(_far(step))

    def output(self, item: dict[str, Any]) -> None:
        """Pass on what was printed; of a step on several providers line by line, behind the provider's name."""
        if item["step"] in self._wide:
            self._print(self._machines.feed(item))
        else:
            self._print(item["text"] if self._text is None else self._text.feed(item["text"]))

    def _print(self, text: str) -> None:
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
        """Show the last lines; nothing else is left."""
        self._print(self._machines.finish())


REFRESHES_PER_SECOND = 8


class _Raw:
    """Text that is made safe already and goes to the terminal as it is, colours included."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        yield Segment(self._text)


class _Elapsed(ProgressColumn):
    """How long it was followed, written as every other length of time is."""

    def render(self, task: Task) -> Text:
        """The column of a bar."""
        return Text(length(task.elapsed), "progress.elapsed")


class TerminalScreen:
    """Shows a run on a terminal until it is closed."""

    def __init__(self, console: Console | None = None, *, colours: bool = True) -> None:
        self._console = console or Console(highlight=False, markup=False)
        self._lines = Lines(colours=colours)
        self._shown: dict[str, str] = {}
        self._done = 0
        """How many steps have ended."""
        self._parts: dict[str, float] = {}
        """How much of each step on many providers is done: a step and its check are under way at the same time."""
        self._states: dict[str, str] = {}
        """Of the steps, by their names."""
        self._wide: set[str] = set()
        """The steps that run on several providers."""
        self._machines = MachineLines(is_terminal=True, colours=colours)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[steps]}"),
            _Elapsed(),
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
        """Move the bar: it stands where the API says, also of a run that ended without success.

        Above it stands until when the run is delayed, and who pauses it or lets it go on.
        """
        if line := state_until(run) if run.get("event") == "run.delayed" else told_by(run):
            self.notice(line)
        progress = run["progress"]
        self._done = progress["done"]
        self._progress.update(
            self._task,
            total=progress["total"],
            completed=progress["done"] + sum(self._parts.values()),
            steps=progress_fraction(run, self._states.values()),
            description=state_text({**run, "state": progress["current_step"] or run["state"]}),
        )

    def step(self, step: dict[str, Any]) -> None:
        """Say what became of a step, once for each state."""
        name = step["name"]
        self._states[name] = step["state"]
        line = step_line(step)
        self._parts.pop(name, None)
        if step.get("invocations"):
            self._wide.add(name)
        if line is None and step.get("invocations"):
            self._parts[name] = ended_invocations(step["invocations"]) / sum(step["invocations"].values())
            self._progress.update(self._task, completed=self._done + sum(self._parts.values()), steps=_far(step))
        if line is None or self._shown.get(step["name"]) == line:
            return
        self._shown[step["name"]] = line
        self._print_above(self._lines.finish() + self._machines.finish(name))
        self._console.print(Text(f"● {line}", "bold"))

    def output(self, item: dict[str, Any]) -> None:
        """Let what was printed scroll by above the bar; of several providers each line behind the provider's name."""
        if item["step"] in self._wide:
            self._print_above(self._machines.feed(item))
        else:
            self._print_above(self._lines.feed(item["text"], is_error=item["stream"] == "stderr"))

    def notice(self, text: str) -> None:
        """Say something about the following."""
        self._print_above(self._lines.finish())
        self._console.print(Text(text, "yellow"))

    def close(self) -> None:
        """Take the bar down; the output stays."""
        self._print_above(self._lines.finish() + self._machines.finish())
        self._live.stop()

    def _print_above(self, lines: str) -> None:
        if lines:
            body = lines.removesuffix("\n")
            self._console.print(_Raw(f"{body}{END_OF_STYLES}\n"), crop=False, end="")


def screen_for(stdout: IO[str], environment: Mapping[str, str] = os.environ) -> Screen:
    """The screen that fits where stdout goes."""
    if not stdout.isatty() or environment.get("TERM") == "dumb":
        return PlainScreen(stdout)
    return TerminalScreen(colours="NO_COLOR" not in environment)
