"""`opsimate up` from settings to farewell: all services in one process, an embedded database, a bus in memory."""

import asyncio
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import alert_bridge.main
import catalog.main
import executor.main
import scheduler.main
from catalog.handlers.tokens import ensure_administrator
from executor.main import DRAIN_SECONDS
from opsimate.credentials import (
    TOKEN_FILE_VARIABLE,
    URL_VARIABLE,
    Credentials,
    store_credentials,
    stored_credentials,
)
from opsimate.errors import OpsimateError, WrongUsageError
from opsimate.standalone.data_directory import (
    DataDirectory,
    admin_token,
    embedded_database,
    is_first_start,
    make_missing_key,
    open_to_others,
)
from opsimate.standalone.listening import check_free, is_loopback, up_with, url_of
from shared.admission import Tokens
from shared.application import application
from shared.descriptors import use_all_descriptors
from shared.installation import SCHEMA
from shared.logging import configure_logging
from shared.migrations import migrator_of
from shared.service import Build, open_store, runtime_of, warn_of_misspelt_settings
from shared.serving import serve
from shared.settings import Listen, Settings, SettingsError, load_settings
from shared.store import StoreError, document_store

SERVICES: tuple[Build, ...] = (
    catalog.main.build,
    scheduler.main.build,
    executor.main.build,
    alert_bridge.main.build,
)
"""In the order in which they start; they stop in the reverse."""


async def serve_standalone(
    settings: Settings, *, on_listening: Callable[[str], None], on_stopping: Callable[[int], None]
) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. ``on_listening`` gets the address once requests are taken,
    ``on_stopping`` the number of commands under way at the first signal.

    ``SettingsError`` where the file of the first administrator's token cannot be read or written.
    """
    use_all_descriptors()
    runtime = runtime_of(settings)
    if settings.store_url.startswith("sqlite:"):
        try:
            # What keeps it from starting is told in a sentence here, before a server wraps it in its own words.
            await open_store(runtime)
            await ensure_administrator(Tokens(runtime.store, runtime.clock), settings.admin_token_file)
        except StoreError as error:
            await runtime.store.close()
            raise OpsimateError(f"The database cannot be opened: {error}") from error
        except SettingsError:
            await runtime.store.close()
            raise
    services = [build(runtime) for build in SERVICES]
    app = application(runtime, services, title="OpsiMate Actions")

    def stopping() -> None:
        on_stopping(sum(one.under_way for one in services if isinstance(one, executor.main.Executor)))

    return await serve(app, settings.listen, on_listening=on_listening, on_stopping=stopping)


DEFAULT_LISTEN = "127.0.0.1:8080"


def start(path: Path, *, host: str | None, port: int | None, program: str) -> int:
    """Serve until Ctrl-C; the exit status."""
    data = DataDirectory(path)
    settings = _settings(data, host, port)
    _check_given_key(data, settings)
    check_free(settings.listen, besides=data.option_for_another if data.is_held() else "")
    lock = data.hold()
    try:
        first_start = is_first_start(settings)
        make_missing_key(data, settings, first_start=first_start)
        is_new_token = admin_token(settings) is None
        status = _serve(Starting(data, settings, program, first_start=first_start, is_new_token=is_new_token))
    finally:
        os.close(lock)
    click.echo(f"\nStopped. Everything is kept in {path}.")
    return status


def move_store(path: Path) -> int:
    """Move the store that the settings name, or that of the data directory; the schema that it has then."""
    settings = _settings(DataDirectory(path), None, None)
    database = embedded_database(settings)
    if database is not None and not database.exists():
        raise OpsimateError(f"There is no database {database}.", hint="Name the data directory with --data.")
    configure_logging(settings, service="migrate")

    async def move() -> None:
        store = document_store(settings.store_url)
        try:
            await migrator_of(store, may_move=True, may_move_first=True).bring_up_to_date()
        finally:
            await store.close()

    try:
        asyncio.run(move())
    except StoreError as error:
        raise OpsimateError(f"The store was not moved: {error}.") from error
    return SCHEMA


def _settings(data: DataDirectory, host: str | None, port: int | None) -> Settings:
    try:
        settings = load_settings(
            listen=DEFAULT_LISTEN,
            store_url=f"sqlite:{data.database}",
            master_key_file=data.master_key_file,
            admin_token_file=data.admin_token_file,
            allow_local=True,
        )
    except SettingsError as error:
        raise WrongUsageError(str(error)) from error
    listen = Listen(
        host=settings.listen.host if host is None else host.strip("[]"),
        port=settings.listen.port if port is None else port,
    )
    return settings.model_copy(update={"listen": listen})


def _check_given_key(data: DataDirectory, settings: Settings) -> None:
    """Refuse a key that is none before a data directory is made that would count as started."""
    is_made_here = settings.master_key is None and settings.master_key_file == data.master_key_file
    if is_made_here and not data.master_key_file.exists():
        return
    try:
        settings.sealer()
    except SettingsError as error:
        raise WrongUsageError(str(error)) from error


def _serve(starting: "Starting") -> int:
    settings = starting.settings
    configure_logging(settings, service="standalone")
    warn_of_misspelt_settings()
    # What it says about itself at the start is said here already, for people.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        return asyncio.run(serve_standalone(settings, on_listening=starting.announce, on_stopping=announce_the_end))
    except SettingsError as error:
        raise WrongUsageError(str(error)) from error
    except KeyboardInterrupt:  # before the server could take signals into its own hands
        return 0


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

    def announce(self, address: str) -> None:
        """Keep address and token for the command line, and print where everything is."""
        url, token = url_of(address), admin_token(self.settings)
        remark = self._kept(url, token)
        lines = [
            "",
            "OpsiMate Actions is running. Ctrl-C stops it.",
            "",
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
