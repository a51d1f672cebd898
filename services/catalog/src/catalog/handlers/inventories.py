"""What other tools know of machines, read for whoever wants to store it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from catalog.domain.inventories import InventoryFormat, Unsaid
from catalog.domain.inventories.machines import Converted
from catalog.domain.source_error import SourceError
from catalog.handlers.refusals import InvalidError
from shared.contracts.problem import FieldError

_ASIDE = ThreadPoolExecutor(1, "inventory")
"""One text after the other: each may take seconds and many times its size, and threads that others need stay free."""


async def read_inventory(text: str, form: InventoryFormat, unsaid: Unsaid) -> Converted:
    """The definitions that the text comes to; ``InvalidError`` where it is none of that form."""
    from catalog.domain.inventories.pasted import read_pasted  # loads what reads YAML, which few processes ever do

    try:
        return await asyncio.get_running_loop().run_in_executor(_ASIDE, read_pasted, text, form, unsaid)
    except SourceError as error:
        raise InvalidError([FieldError(field="text", message=error.message)]) from error
