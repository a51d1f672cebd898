"""What people are told where the product in one process starts and stops, and what the command line is left."""

import shlex
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from catalog.api.pages import has_console
from executor.main import DRAIN_SECONDS
from opsimate.credentials import (
    TOKEN_FILE_VARIABLE,
    URL_VARIABLE,
    Credentials,
    store_credentials,
    stored_credentials,
)
from opsimate.errors import OpsimateError
from opsimate.standalone.data_directory import DataDirectory, admin_token, open_to_others
from opsimate.standalone.listening import is_loopback, up_with, url_of
from shared.settings import Settings

MakeLink = Callable[[str], Awaitable[str | None]]
"""Makes a link of a token: the address, below the product's own, that signs in with it once. None where it cannot."""


def announce_the_end(under_way: int) -> None:
    """Say at once what a stop waits for, where it waits."""
    if under_way:
        number = "1 command is" if under_way == 1 else f"{under_way} commands are"
        click.echo(
            f"\nStopping. {number} under way: what has not ended in {DRAIN_SECONDS:g} seconds is ended on its "
            "provider. Ctrl-C once more does not wait for that."
        )


def _until_now(stored: Credentials | None, path: Path, url: str) -> list[str]:
    """What the command line used before, where that was another product's."""
    if stored is None or stored.data is None or stored.data == path:
        return []
    if stored.url == url:  # the address is this product's now
        go_back = f"To go back, stop this one and start that: {up_with(f'--data {shlex.quote(str(stored.data))}')}"
    else:
        variables = f"{URL_VARIABLE}={stored.url} {TOKEN_FILE_VARIABLE}={stored.data / 'admin-token'}"
        go_back = f"To use the other one:\n    export {variables}"
    return [
        f"  Until now the command line used {stored.url}, with its data in {stored.data}.",
        f"  From now on it uses the one that is started here. {go_back}",
        "",
    ]


class Starting:
    """What people are told once requests are taken."""

    def __init__(
        self, data: DataDirectory, settings: Settings, program: str, *, first_start: bool, is_new_token: bool
    ) -> None:
        self.settings = settings
        self._data = data
        self._program = program
        self._first_start = first_start
        self._is_new_token = is_new_token

    async def announce(self, address: str, make_link: MakeLink) -> None:
        """Keep address and token for the command line, and print where everything is."""
        url, token = url_of(address), admin_token(self.settings)
        remark = self._kept(url, token)
        lines = [
            "",
            "OpsiMate Actions is running. Ctrl-C stops it.",
            "",
            *(await self._console_lines(url, token or self._stored_token(), make_link)),
            f"  API             {url}/api/v1",
            f"  Documentation   {url}/docs",
            f"  Data            {self._data.path}",
            *(self._token_lines(token) if token and self._is_new_token else []),
            "",
            *remark,
            *([f"    {self._program} providers add here --local"] if self._first_start else []),
            f"    {self._program} apply -f FILE.yaml",
            f"    {self._program} run ACTION --follow",
            f"    {self._program} doctor                    says where all of this is, and how it is",
            "",
        ]
        click.echo("\n".join(lines))
        for warning in self._warnings():
            click.secho(f"Warning: {warning}", fg="yellow", err=True)

    def _token_lines(self, token: str) -> list[str]:
        """The first token for whoever sits there; what is no terminal may be kept and read by others."""
        file = self.settings.admin_token_file
        if not sys.stdout.isatty():
            return [f"  Token           in {file}, the administrator's"]
        return ["", f"  The administrator's token, shown this once and kept in {file}:", f"    {token}"]

    async def _console_lines(self, url: str, token: str | None, make_link: MakeLink) -> list[str]:
        """The way into the console, for whoever sits there; a link that signs in is no text for a journal."""
        if not has_console():
            return []
        path = await make_link(token) if token is not None and sys.stdout.isatty() else None
        if path is None:
            return [f"  Console         {url}, and signed in with: {self._program} console"]
        return ["  The console, signed in by this link once and within ten minutes:", f"    {url}{path}", ""]

    def _stored_token(self) -> str | None:
        """The token that the command line was given for this product before."""
        with suppress(OpsimateError):
            stored = stored_credentials()
            return stored.token if stored is not None and stored.data == self._data.path else None
        return None

    def _kept(self, url: str, token: str | None) -> list[str]:
        ready = ["  The command line is ready, in another terminal:"]
        try:
            stored = stored_credentials()
            if token is None and stored is not None and stored.data == self._data.path:
                token = stored.token
            if token is not None:
                store_credentials(Credentials(url, token, "", self._data.path))
                return [*_until_now(stored, self._data.path, url), *ready]
        except (OSError, OpsimateError) as error:
            text = error.message if isinstance(error, OpsimateError) else f"{error.filename}: {error.strerror}"
            click.secho(f"Warning: the command line cannot find the token by itself: {text}", fg="yellow", err=True)
        return [f"  The command line needs OPSIMATE_URL={url} and your token in OPSIMATE_TOKEN:"]

    def _warnings(self) -> Iterator[str]:
        host = self.settings.listen.host
        if not is_loopback(host):
            yield (
                f"{host} can be reached from other machines, and over plain HTTP tokens travel in clear. "
                "Put a proxy with TLS before it, or leave --host out."
            )
        for path in (self.settings.master_key_file, self.settings.admin_token_file):
            if path is not None and path.exists() and open_to_others(path):
                yield f"{path} can be read by others: chmod 600 {path}"
