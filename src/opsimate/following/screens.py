"""What a followed run looks like: on a terminal with a bar below the output, elsewhere line by line."""

import os
from collections.abc import Mapping
from typing import IO

from opsimate.following.plain_screen import PlainScreen
from opsimate.following.run_events import Screen


def screen_for(stdout: IO[str], environment: Mapping[str, str] = os.environ) -> Screen:
    """The screen that fits where stdout goes."""
    if not stdout.isatty() or environment.get("TERM") == "dumb":
        return PlainScreen(stdout)
    from opsimate.following.terminal_screen import TerminalScreen

    return TerminalScreen(colours="NO_COLOR" not in environment)
