"""A group of commands that imports a command when it is used, and shows our errors as click shows its own."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from opsimate.errors import OpsimateError, WrongUsageError


class LazyGroup(click.Group):
    """Commands by name: where each is found (``module:attribute``), and what it is for in a line."""

    def __init__(self, *args: Any, commands_in: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = commands_in

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of the table, which is the order in which they matter."""
        return list(self._places)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now."""
        if name not in self._places:
            return None
        module, _, attribute = self._places[name][0].partition(":")
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
        return 2 if isinstance(self._error, WrongUsageError) else 1

    def show(self, file: Any = None) -> None:
        """Print it."""
        from opsimate.cli.printing import show_error

        show_error(self._error, file)
