"""Inventories of other tools over HTTP: which definitions they come to, before anything is stored."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field, JsonValue

from catalog.api.context import PREFIX, problems
from catalog.domain.inventories import InventoryFormat, Unsaid
from catalog.domain.views import View
from catalog.handlers.inventories import read_inventory
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.definition import Strict
from shared.contracts.principal import Principal
from shared.contracts.provider import SecretReference
from shared.contracts.values import Name

router = APIRouter(prefix=f"{PREFIX}/inventories", tags=["inventories"], route_class=StrictJsonRoute)


class InventoryBody(Strict):
    """What another tool has written of machines, and what holds where it does not say it."""

    format: InventoryFormat
    text: Annotated[str, Field(max_length=1_000_000, examples=["[web]\nweb-1 ansible_host=10.0.0.11\n"])]
    """An inventory of Ansible in its INI or YAML form, or a configuration of OpenSSH."""
    user: Annotated[str, Field(min_length=1, max_length=63)] | None = None
    """Who logs in where the text does not say it."""
    private_key: SecretReference | None = None
    """What they log in with for whom the text has no password: files that it names are not read."""
    pool: Name | None = None
    labels: Annotated[
        dict[Name, Annotated[str, Field(max_length=200)]], Field(max_length=64, examples=[{"env": "env"}])
    ] = {}
    """Labels by their names, each with the variable of an inventory that it is made of."""


class InventoryView(View):
    """What a text comes to."""

    definitions: list[dict[str, JsonValue]]
    """As `POST /api/v1/definitions/plan` takes them, in an order in which they can be stored."""
    notes: list[str]
    """What was left out or is otherwise here, in sentences."""
    complaints: list[str]
    """What kept single machines out, each with the line where it stands."""


@router.post(
    "/read",
    responses=problems(_413="The body is larger than 16 MiB.", _422="The text cannot be read; the message says where."),
    summary="Read an inventory",
    operation_id="read_inventory",
)
async def read(_caller: Annotated[Principal, Depends(May("providers.write"))], body: InventoryBody) -> InventoryView:
    """Say which definitions an Ansible inventory or an SSH configuration comes to, and store nothing.

    Nothing is evaluated or run, and no file that the text names is read. A password in the text becomes a secret.
    """
    key = None if body.private_key is None else body.private_key.secret
    unsaid = Unsaid(body.user, key, body.pool, body.labels)
    made = await read_inventory(body.text, body.format, unsaid)
    definitions: list[dict[str, JsonValue]] = [{"kind": one.kind, **one.body} for one in made.definitions]
    return InventoryView(definitions=definitions, notes=made.notes, complaints=made.complaints)
