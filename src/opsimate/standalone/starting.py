"""`opsimate up` from settings to farewell: all services in one process, an embedded database, a bus in memory."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import click
from fastapi import FastAPI

import alert_bridge.main
import catalog.main
import executor.main
import scheduler.main
from catalog.api.sessions import sign_in_path
from catalog.handlers.sessions import Sessions
from catalog.handlers.tokens import ensure_administrator
from opsimate.errors import OpsimateError, WrongUsageError
from opsimate.standalone.announcing import MakeLink, Starting, announce_the_end
from opsimate.standalone.data_directory import (
    DataDirectory,
    admin_token,
    embedded_database,
    is_first_start,
    make_missing_key,
)
from opsimate.standalone.listening import check_free, url_of
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
    settings: Settings,
    *,
    on_listening: Callable[[str, MakeLink], Awaitable[None]],
    on_stopping: Callable[[int], None],
) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. ``on_listening`` gets the address once requests are taken, and
    what makes links that sign in; ``on_stopping`` the number of commands under way at the first signal.

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

    async def listening(address: str) -> None:
        # A database that is a server's may be away still.
        await on_listening(address, partial(_link, app) if runtime.up.is_set() else _no_link)

    def stopping() -> None:
        on_stopping(sum(one.under_way for one in services if isinstance(one, executor.main.Executor)))

    return await serve(app, settings.listen, on_listening=listening, on_stopping=stopping)


async def _link(app: FastAPI, token: str) -> str | None:
    tokens: Tokens = app.state.tokens
    sessions: Sessions = app.state.authenticator
    try:
        known = await tokens.of(token)
        return None if known is None else sign_in_path((await sessions.make_link(known))[0])
    except StoreError:
        return None


async def _no_link(_token: str) -> str | None:
    return None


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
    own = url_of(str(listen)) if listen.port else None
    return settings.model_copy(update={"listen": listen, "public_url": settings.public_url or own})


def _check_given_key(data: DataDirectory, settings: Settings) -> None:
    """Refuse a key that is none before a data directory is made that would count as started."""
    is_made_here = settings.master_key is None and settings.master_key_file == data.master_key_file
    if is_made_here and not data.master_key_file.exists():
        return
    try:
        settings.sealer()
    except SettingsError as error:
        raise WrongUsageError(str(error)) from error


def _serve(starting: Starting) -> int:
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
