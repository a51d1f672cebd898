"""Pools over HTTP: who serves them."""

from typing import Annotated

from fastapi import APIRouter, Depends

from catalog.api.context import PREFIX, Context, problems
from catalog.api.requests import Page
from catalog.handlers.pools import PoolView, pools_now
from shared.access import May
from shared.contracts.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/pools", tags=["pools"])


@router.get("", responses=problems(), summary="List pools", operation_id="list_pools")
async def list_pools(context: Context, _caller: Annotated[Principal, Depends(May("providers.read"))]) -> Page[PoolView]:
    """Every pool with its executors, all on one page. An executor that ended without a word is gone after 30 s."""
    return Page[PoolView](items=await pools_now(context.store, context.clock), next=None)
