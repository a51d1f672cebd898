"""`opsimate doctor`."""

import click

from opsimate.cli.printing import console, output_option, show_json
from opsimate.terminal_text import readable

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
    from rich.text import Text

    from opsimate.diagnosis import diagnose

    findings = diagnose(ctx.find_root().obj)
    if as_json:
        show_json({"items": [finding._asdict() for finding in findings]})
    else:
        screen = console()
        for finding in findings:
            mark, style = MARKS[finding.state]
            screen.print(
                Text.assemble((f"{mark:8}", style), (f"{finding.check:21}", "bold"), readable(finding.message))
            )
            if finding.remedy:
                screen.print(Text(f"{'':29}{readable(finding.remedy)}", style))
    ctx.exit(1 if any(finding.state == "problem" for finding in findings) else 0)
