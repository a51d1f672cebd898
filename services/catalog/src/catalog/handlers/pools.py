"""Pools: which providers belong to each, and which executors serve it."""

from collections import Counter

from pydantic import Field

from catalog.domain.views import View
from shared.clock import Clock
from shared.collections import PROVIDERS
from shared.contracts.values import Instant
from shared.pools import ExecutorNote, executors_alive
from shared.store.port import DocumentStore, pages

PAGE = 1_000


class ExecutorView(View):
    """An executor that takes steps of a pool."""

    id: str = Field(examples=["01m85a4hkbjr978k4ccb3dznmg"])
    """The instance, as attempts name it."""
    concurrency: int = Field(examples=[50])
    """How many attempts it carries out at the same time, at most, of all its pools."""
    under_way: int = Field(examples=[3])
    """How many it carried out when it was last seen."""
    seen_at: Instant


class PoolView(View):
    """A pool: providers, and the executors that may reach them."""

    name: str = Field(examples=["default"])
    providers: int = Field(examples=[12])
    """How many belong to it."""
    executors: list[ExecutorView]
    """Those that are there now; where there is none, steps on its providers wait for one."""


async def pools_now(store: DocumentStore, clock: Clock) -> list[PoolView]:
    """Every pool that a provider belongs to or an executor serves, by name."""
    providers: Counter[str] = Counter()
    async for page in pages(store, PROVIDERS, {}, size=PAGE):
        providers.update(provider["pool"] for provider in page)
    executors: dict[str, list[ExecutorNote]] = {}
    for executor in await executors_alive(store, clock):
        for pool in executor.pools:
            executors.setdefault(pool, []).append(executor)
    return [
        PoolView(
            name=name,
            providers=providers[name],
            executors=[ExecutorView.model_validate(one) for one in executors.get(name, ())],
        )
        for name in sorted({*providers, *executors})
    ]
