"""The whole product in one process: all services, an embedded database, messages in memory."""

from collections.abc import Callable

import alert_bridge.main
import catalog.main
import executor.main
import scheduler.main
from catalog.handlers.tokens import ensure_administrator
from opsimate.errors import OpsimateError
from shared import collections
from shared.descriptors import use_all_descriptors
from shared.service import Build, application, serve, surroundings_of
from shared.settings import Settings, SettingsError
from shared.store import StoreError
from shared.tokens import Tokens

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
    around = surroundings_of(settings)
    if settings.store_url.startswith("sqlite:"):
        try:
            # What keeps it from starting is told in a sentence here, before a server wraps it in its own words.
            await around.store.open(collections.ALL)
            await ensure_administrator(Tokens(around.store, around.clock), settings.admin_token_file)
        except StoreError as error:
            raise OpsimateError(f"The database cannot be opened: {error}") from error
        except SettingsError:
            await around.store.close()
            raise
    services = [build(around) for build in SERVICES]
    app = application(around, services, title="OpsiMate Actions")

    def stopping() -> None:
        on_stopping(sum(one.under_way for one in services if isinstance(one, executor.main.Executor)))

    return await serve(app, settings.listen, on_listening=on_listening, on_stopping=stopping)
