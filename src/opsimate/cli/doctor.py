"""`opsimate doctor`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from rich.text import Text

from opsimate.cli.printing import GAP, ROOM_TO_FOLD, console, output_option, show_items
from opsimate.terminal_text import readable

if TYPE_CHECKING:
    from opsimate.product_looks import Finding

MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "problem": ("PROBLEM", "red")}


@click.command()
@output_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check what the product needs, and say what to do where something is missing.

    Asks the running product about store, bus and executors, and looks at its keys and disk where it is the one that
    'opsimate up' started last on this machine; of any other it says that they cannot be looked at. Status 1 if there is
    a problem.
    """
    from opsimate.diagnosis import diagnose

    findings = diagnose(ctx.find_root().obj)
    if as_json:
        show_items([finding._asdict() for finding in findings])
    else:
        _show_findings(findings)
    ctx.exit(1 if any(finding.state == "problem" for finding in findings) else 0)


def _show_findings(findings: Sequence["Finding"]) -> None:
    """Print each finding with its remedy below; what is longer than a line goes on below its beginning."""
    out = console()
    widest = [max(len(mark) for mark, _ in MARKS.values()), max(len(finding.check) for finding in findings)]
    indent = sum(widest) + 2 * GAP
    for finding in findings:
        mark, style = MARKS[finding.state]
        begin = Text.assemble((mark.ljust(widest[0] + GAP), style), (finding.check.ljust(widest[1] + GAP), "bold"))
        for text in (Text(readable(finding.message)), Text(readable(finding.remedy), style)):
            for line in text.wrap(out, max(out.width - indent, ROOM_TO_FOLD)) if text else ():
                line.rstrip()
                out.print(begin + line)
                begin = Text(" " * indent)
