"""The command line: a client of the HTTP API, and `up`, the whole product in one process.

Each command lives in a module of its own, which is imported when the command is used, so that all start fast.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import click

from opsimate.errors import OpsimateError
from shared.kinds import KINDS


class LazyGroup(click.Group):
    """Commands by name: where each is found (``module:attribute``) or what makes it, and what it is for in a line."""

    def __init__(
        self, *args: Any, commands_in: Mapping[str, tuple[str | Callable[[], click.Command], str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._places = commands_in

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of the table, which is the order in which they matter."""
        return list(self._places)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now."""
        if name not in self._places:
            return None
        found = self._places[name][0]
        if callable(found):
            return found()
        module, _, attribute = found.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; click itself suggests only those that are imported."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=self._places, ctx=ctx) from error

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands and what they are for, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in self._places.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong ends it with status 1, or 2 for wrong usage."""
        try:
            return super().invoke(ctx)
        except OpsimateError as error:
            raise ShownError(error) from error


class ShownError(click.ClickException):
    """An error on stderr, with its fields and what to do."""

    def __init__(self, error: OpsimateError) -> None:
        super().__init__(error.message)
        self._error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """2 for wrong usage, as click has it, and else 1."""
        return self._error.exit_status

    def show(self, file: Any = None) -> None:
        """Print it."""
        from opsimate.cli.printing import show_error

        show_error(self._error, file)


OWN_VERBS = {
    "provider": "add, test, ",
    "secret": "set, ",
    "schedule": "preview, pause, resume, ",
    "channel": "test, ",
}
"""By the word of a kind: what can be done with it besides what all kinds have, for a line of help."""


_VERBS = ("list, show, edit, copy, delete and restore", "list, show, delete and restore")
"""What can be done with all of a kind, and where its values are never shown."""


def _group_of(word: str) -> click.Command:
    from opsimate.cli.definitions import group_of
    from opsimate.cli.editing import add_editing

    return add_editing(group_of(KINDS[word]), KINDS[word])


COMMANDS: dict[str, tuple[str | Callable[[], click.Command], str]] = {
    "up": ("opsimate.cli.up:up", "Start the whole product in one process."),
    "console": ("opsimate.cli.console:console", "Print a link that opens the console and signs in."),
    "doctor": ("opsimate.cli.doctor:doctor", "Check store, bus, keys, disk and executors; say what to do."),
    "apply": ("opsimate.cli.apply:apply", "Create or change what YAML files say."),
    "diff": ("opsimate.cli.apply:diff", "Show what apply would change."),
    "export": ("opsimate.cli.export:export", "Write definitions as YAML that apply takes."),
    "import": ("opsimate.cli.importing:imports", "Make providers of an Ansible inventory or an SSH configuration."),
    "schema": ("opsimate.cli.export:schema", "Print the JSON Schema of the YAML, for editors."),
    "plan": ("opsimate.cli.plan:plan", "Show what a run of an action would do."),
    "run": ("opsimate.cli.run:run", "Run an action."),
    "runs": ("opsimate.cli.runs:runs", "List, show, explain, follow, pause, cancel and repeat runs; read output."),
    "rules": ("opsimate.cli.rules:rules", "Try alert rules on what a sender posts."),
    "approvals": ("opsimate.cli.approvals:approvals", "List what waits for an approval."),
    "stats": ("opsimate.cli.statistics:stats", "Show how many runs succeeded, how long they took, and what runs now."),
    **{
        kind.path: (
            partial(_group_of, word),
            f"{OWN_VERBS.get(word, '')}{_VERBS[bool(kind.sealed)]} {kind.titles}.".capitalize(),
        )
        for word, kind in KINDS.items()
    },
    "templates": ("opsimate.cli.templates:templates", "List and show ready-made actions, and make actions of them."),
    "favourites": ("opsimate.cli.actions:favourites", "List, add and remove the actions that you marked."),
    "pools": ("opsimate.cli.providers:pools", "List pools: their providers, and the executors that serve them."),
    "alerts": ("opsimate.cli.alerts:alerts", "List alerts, and show what was decided about one."),
    "notifications": (
        "opsimate.cli.notifications:notifications",
        "List what channels were told of runs, show how that went, and try again.",
    ),
    "audit": ("opsimate.cli.audit:audit", "List who did what, verify that nobody changed it, and export it."),
    "tokens": ("opsimate.cli.secrets:tokens", "Create, list and delete tokens."),
    "migrate": ("opsimate.cli.up:migrate", "Move the store of an earlier release to this one."),
    "new-master-key": ("opsimate.cli.up:new_master_key", "Write a new master key to a file."),
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
