"""Master keys over HTTP: whether all services that run have the same one."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from catalog.api.context import PREFIX, Context, problems
from catalog.domain.views import View
from shared.access import May
from shared.contracts.principal import Principal
from shared.master_key import master_keys_in_use

router = APIRouter(prefix=f"{PREFIX}/master-keys", tags=["master keys"])


class MasterKeyView(View):
    """What is shown of a master key: everything but itself."""

    id: str = Field(examples=["9f3b6c0d5e7a1284"])
    """It is worked out from the key, and tells nothing of it."""
    services: list[str] = Field(examples=[["catalog", "executor"]])
    """The services that use it now, each named once, however many of it there are."""


class MasterKeysView(View):
    """The master keys that are in use now."""

    items: list[MasterKeyView]
    """One where all is well."""


@router.get("", responses=problems(), summary="List master keys in use")
async def list_master_keys(
    context: Context, _caller: Annotated[Principal, Depends(May("secrets.read"))]
) -> MasterKeysView:
    """Which services use which master key. Where there is more than one, some services cannot open what others sealed.

    A service that ended without a word is named for three minutes more.
    """
    used = await master_keys_in_use(context.store, context.clock)
    return MasterKeysView(items=[MasterKeyView(id=key_id, services=names) for key_id, names in used.items()])
