"""The command line: a client of the HTTP API, and `up`, the whole product in one process.

Each command lives in a module of its own, which is imported when the command is used, so that all start fast.
"""

import click

from opsimate.cli.lazy import LazyGroup

COMMANDS = {
    "up": ("opsimate.cli.up:up", "Start the whole product in one process."),
    "doctor": ("opsimate.cli.doctor:doctor", "Check store, bus, keys, disk and executors; say what to do."),
    "apply": ("opsimate.cli.apply:apply", "Create or change what YAML files say."),
    "run": ("opsimate.cli.run:run", "Run an action."),
    "runs": ("opsimate.cli.runs:runs", "List, show, follow and cancel runs; read their output."),
    "actions": ("opsimate.cli.actions:actions", "List, show and delete actions."),
    "providers": ("opsimate.cli.providers:providers", "Add, test, list, show and remove providers."),
    "secrets": ("opsimate.cli.secrets:secrets", "Set, list and delete secrets."),
    "alert-rules": ("opsimate.cli.alert_rules:alert_rules", "List, show and delete alert rules."),
    "alerts": ("opsimate.cli.alerts:alerts", "List alerts, and show what was decided about one."),
    "tokens": ("opsimate.cli.tokens:tokens", "Create, list and delete tokens."),
    "new-master-key": ("opsimate.cli.new_master_key:new_master_key", "Write a new master key to a file."),
}

EPILOG = """
\b
Example:  opsimate up   and, in another terminal,   opsimate providers add here --local
The product is found by OPSIMATE_URL and OPSIMATE_TOKEN, or as `opsimate up` left it.
Completion in bash:  eval "$(_OPSIMATE_COMPLETE=bash_source opsimate)"   (or zsh_source, fish_source)
"""


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"opsimate {version('opsimate')}")
        ctx.exit()


@click.group(
    cls=LazyGroup, commands_in=COMMANDS, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--url", metavar="URL", help="Where the API is; goes before OPSIMATE_URL.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show it.")
@click.pass_context
def opsimate(ctx: click.Context, url: str | None) -> None:
    """OpsiMate Actions: runbooks that run by hand, by API and by alert.

    Exit status: 0 done, 1 failed, 2 wrong usage. Following a run: 0 succeeded, 1 failed, 3 cancelled, rejected,
    expired or skipped, 4 unknown, 130 stopped with Ctrl-C.
    """
    ctx.obj = url


def main() -> None:
    """The program `opsimate`."""
    opsimate(prog_name="opsimate")
