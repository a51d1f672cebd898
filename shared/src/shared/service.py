"""The life of a process: connect, start the services, serve, and stop them in order on a signal."""

import asyncio
import contextlib
import gc
import linecache
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from starlette.applications import Starlette

from shared import collections
from shared.admission import Tokens
from shared.answer_headers import AnswerHeaders
from shared.bus import Bus, MeteredBus, message_bus
from shared.bus.port import BusUnavailableError
from shared.clock import Clock, new_id, utc_now
from shared.connections import Connections
from shared.descriptors import check_descriptors, use_all_descriptors
from shared.health import Health, health_routes
from shared.http import LeavingViewers, install_problems
from shared.installation import (
    READ_EVERY,
    USE_NOTED_EVERY,
    MasterKeyUse,
    NewerSchemaError,
    SchemaError,
    SchemaWatch,
    check_master_key,
)
from shared.logging import configure_logging
from shared.loops import Loop
from shared.migration import HalfMigratedError
from shared.migrations import migrator_of
from shared.serving import serve
from shared.settings import Settings, SettingsError, load_settings, misspelt
from shared.store import DocumentStore, MeteredDocumentStore, StoreError, StoreUnavailableError, document_store

CONNECT_PAUSE = 1.0
"""Seconds between two tries to reach the store at the start."""
COLLECT_AFTER = 20_000
"""Objects that come and stay before the garbage collector looks at the young ones; Python's own 700 make it look at
each few requests, and nearly everything here goes without it."""

_TOLD = (SettingsError, SchemaError)
"""Reasons not to start that a sentence says whole."""

log = structlog.get_logger()


@dataclass
class Runtime:
    """What every service is handed by the process it lives in."""

    settings: Settings
    store: DocumentStore
    bus: Bus
    health: Health = field(default_factory=Health)
    clock: Clock = utc_now
    instance: str = field(default_factory=lambda: new_id().lower())
    """Names this process among all that ever were."""
    up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when every service of the process has started."""
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by a second signal: whoever stops the process does not want to wait any longer."""
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where the process cannot go on: it ends with status 1."""
    schema: SchemaWatch | None = None
    """What reads the schema number of the store, where the process itself opens it."""
    loops: list[Loop] = field(default_factory=list)
    """What turns for the process itself, whichever services it has."""
    master_key_use: MasterKeyUse | None = None
    """The note that this process uses its master key, where it has one."""

    def begin(self, loop: Loop) -> None:
        """Let a loop turn until the process ends; its health tells if it does not."""
        self.loops.append(loop)
        self.health.pulses[loop.name] = loop.pulse
        loop.start()


class NotReadyError(Exception):
    """The process is alive and not yet, or no longer, of use."""


class Service(Protocol):
    """One of the services, ready to live in a process of its own or together with the others."""

    name: str

    async def start(self) -> None:
        """Begin to work."""

    async def stop(self) -> None:
        """Take on nothing new, finish or hand back what was begun."""


Build = Callable[[Runtime], Service]
MakeApplication = Callable[[Runtime, Sequence[Service]], Starlette]


def runtime_of(settings: Settings) -> Runtime:
    """The store and the bus that the settings name, not yet connected."""
    failed = asyncio.Event()
    schema = SchemaWatch(document_store(settings.store_url), lost=failed)
    store = MeteredDocumentStore(schema.store, schema)
    return Runtime(settings, store, MeteredBus(message_bus(settings.bus_url)), failed=failed, schema=schema)


async def open_store(runtime: Runtime) -> None:
    """Open the store with all collections, moved to this release's schema where it is of an earlier one."""
    if runtime.schema is not None:
        await migrator_of(runtime.schema.store, may_move=runtime.settings.migrate).bring_up_to_date()
        await runtime.schema.read_number()
    await runtime.store.open(collections.ALL)


async def connect(runtime: Runtime) -> None:
    """Reach the store, waiting for it as long as it takes, and meanwhile begin to reach the bus."""
    opening_bus = asyncio.create_task(_open_bus(runtime))
    try:
        await _reach_store(runtime)
    except BaseException:
        opening_bus.cancel()
        raise
    await opening_bus


async def _reach_store(runtime: Runtime) -> None:
    said = ""
    while True:
        try:
            await open_store(runtime)
            break
        except (NewerSchemaError, HalfMigratedError):
            raise
        except StoreError as error:
            if runtime.settings.store_url.startswith("sqlite:"):
                raise
            if str(error) != said:
                log.warning("store.waiting", error=str(error))
            said = str(error)
            await asyncio.sleep(CONNECT_PAUSE)


async def _open_bus(runtime: Runtime) -> None:
    try:
        await runtime.bus.open()
    except BusUnavailableError as error:
        log.warning("bus.waiting", error=str(error))


def prepare(app: Starlette, runtime: Runtime) -> None:
    """Give an application what every HTTP face of a process has: who calls, how errors are answered, and limits."""
    runtime.health.checks["store"] = runtime.store.ping
    runtime.health.checks["bus"] = runtime.bus.ping
    connections = Connections.of(runtime.settings.most_connections, attempts=runtime.settings.concurrency)
    runtime.health.checks["connections"] = connections.check
    runtime.health.checks["descriptors"] = check_descriptors
    app.state.stopping = asyncio.Event()
    app.state.hurry = runtime.hurry
    app.state.failed = runtime.failed
    app.state.authenticator = app.state.tokens = Tokens(runtime.store, runtime.clock)
    app.state.connections = connections
    # No redirect adds or takes a slash: it would be answered before a token is asked for.
    app.router.redirect_slashes = False
    install_problems(app)


def bare_application(runtime: Runtime, services: Sequence[Service]) -> Starlette:
    """The HTTP face of a process whose services have no endpoints of their own: health and metrics."""
    app = Starlette(routes=health_routes(runtime.health), lifespan=lifespan_of(runtime, services))
    prepare(app, runtime)
    app.add_middleware(LeavingViewers)
    app.add_middleware(AnswerHeaders)
    return app


def lifespan_of(
    runtime: Runtime, services: Sequence[Service]
) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    """Lets services live as long as the application of their process does."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        connecting = asyncio.create_task(_come_up(runtime, services))
        connecting.add_done_callback(partial(_note_failure, runtime.failed))
        runtime.health.checks["start"] = lambda: _come_through(connecting)
        if runtime.settings.store_url.startswith("sqlite:"):
            await connecting
        try:
            yield
        finally:
            await _go_down(runtime, services, connecting)

    return lifespan


async def _come_up(runtime: Runtime, services: Sequence[Service]) -> None:
    await connect(runtime)
    if runtime.schema is not None:
        runtime.begin(Loop("schema", runtime.schema.read_number, interval=READ_EVERY))
    if runtime.settings.has_master_key:
        await _use_master_key(runtime, [service.name for service in services])
    for service in services:
        await service.start()
        log.info("service.started", started=service.name, instance=runtime.instance)
    _spare_what_stays()
    runtime.up.set()


def _spare_what_stays() -> None:
    """Have the garbage collector look at what comes from now on only: modules and models stay with the process.

    It looks for none first: there is next to none, and to look takes as long as a tenth of the start. What goes is a
    megabyte of source: PyMongo (4.20) writes down the lines that led to each of its clients.
    """
    linecache.clearcache()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def _note_failure(failed: asyncio.Event, connecting: asyncio.Task[None]) -> None:
    if connecting.cancelled() or (error := connecting.exception()) is None:
        return
    log.error("service.start_failed", error=str(error), exc_info=None if isinstance(error, _TOLD) else error)
    failed.set()


async def _use_master_key(runtime: Runtime, services: Sequence[str]) -> None:
    sealer = runtime.settings.sealer()
    with contextlib.suppress(StoreUnavailableError):  # it was there a moment ago; it is asked at the next start
        await check_master_key(runtime.store, sealer, runtime.clock)
    runtime.master_key_use = use = MasterKeyUse(runtime.store, sealer.key_id, runtime.instance, runtime.clock)
    runtime.begin(Loop("master_key", lambda: use.note(services), interval=USE_NOTED_EVERY))


async def _come_through(connecting: asyncio.Task[None]) -> None:
    if not connecting.done():
        message = "still starting"
        raise NotReadyError(message)
    connecting.result()


async def _go_down(runtime: Runtime, services: Sequence[Service], connecting: asyncio.Task[None]) -> None:
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    for service in reversed(services):
        await service.stop()
    for loop in runtime.loops:
        await loop.stop()
    if runtime.master_key_use is not None:
        with contextlib.suppress(StoreError):  # a note that stays counts no longer after a while
            await runtime.master_key_use.end()
    await runtime.bus.close()
    await runtime.store.close()
    log.info("service.stopped", instance=runtime.instance)


def warn_of_misspelt_settings() -> None:
    """Say which names in the environment look like settings and are none: nothing else would."""
    for sentence in misspelt():
        log.warning("setting.unknown", error=sentence)


def run_service(name: str, build: Build, *, listen: str, make_application: MakeApplication = bare_application) -> None:
    """The whole of a service's own process, from its settings to its exit."""
    use_all_descriptors()
    try:
        settings = load_settings(listen=listen)
        configure_logging(settings, service=name)
        warn_of_misspelt_settings()
        runtime = runtime_of(settings)
        app = make_application(runtime, [build(runtime)])
    except SettingsError as error:
        print(f"opsimate-{name}: {error}", file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        sys.exit(2)
    sys.exit(asyncio.run(serve(app, settings.listen, on_listening=_log_address)))


async def _log_address(address: str) -> None:
    log.info("http.listening", address=address)


def private_directory(path: Path) -> Path:
    """The directory, made if need be, for its owner only."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
