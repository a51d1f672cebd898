"""Who may post to a source: whoever shows a token of ours, or is the sender of one of its integrations."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from alert_bridge.domain.source import Integration, ReceivedDelivery, Source
from alert_bridge.domain.verification import head_shows, how_it_is_shown, without_credential
from alert_bridge.ports import AlertBridgeContext
from shared.access import Bearer
from shared.admission import Credential, admitted, known_caller, shown_token, unauthorized
from shared.bodies import read_before_verified, sender_known
from shared.contracts.principal import Permission
from shared.http import RETRY_AFTER_SECONDS, ProblemError

MOST_PARSED_FIRST = 1024 * 1024
"""Bytes of a body that is read as JSON before it is known who sent it: twice what PagerDuty takes or SNS sends."""
READ_ASIDE = 64 * 1024
"""Bytes; a larger body is verified and read in a thread, so that others are answered meanwhile."""

_basic = HTTPBasic(auto_error=False, description="A token as the password, for senders that cannot send it as Bearer.")


class Admission:
    """A dependency of a source's endpoints: the integration as which a request is taken.

    Whoever posts shows a token of ours, or a secret of an integration, before a byte of the body is read; but who shows
    none, and posts to an integration that is verified by the body itself, has that read first. An integration need not
    be named in the path where it is the only one of its source that it can be.
    """

    permission: Permission = "alerts.write"

    def __init__(self, source: Source | None = None) -> None:
        self._source = source

    async def __call__(
        self,
        request: Request,
        _documented: Bearer,
        basic: Annotated[HTTPBasicCredentials | None, Depends(_basic)],
    ) -> Integration:
        token = shown_token(request) if basic is None else Credential("token", basic.password)
        name: str = request.path_params.get("integration", "")
        try:
            await admitted(request, self.permission, token)
        except ProblemError as error:
            if error.status_code != HTTPStatus.UNAUTHORIZED:
                raise
            return await self._of_integration(request, name, error, shows_nothing=token is None)
        return self._named(name, await self._integrations(request) if name else ())

    async def _of_integration(
        self, request: Request, name: str, refusal: ProblemError, *, shows_nothing: bool
    ) -> Integration:
        """The integration of this name, or else the only one, whose sender this may be: its head shows it, or its body
        is going to. ``refusal`` where there is none.
        """
        found = [one for one in await self._integrations(request) if name in ("", one.name)]
        query: bytes = request.scope["query_string"]
        shown = [one for one in found if head_shows(one, request.headers, query.decode("latin-1"))]
        if len(shown) == 1:
            sender_known(request.scope)
            request.scope["query_string"] = without_credential(shown[0], query.decode("latin-1")).encode("latin-1")
            return shown[0]
        by_key = self._source.key_in_body if self._source is not None else None
        if self._source is not None and by_key is not None and shows_nothing and request.method == "POST":
            read_before_verified(request.scope)
            return Integration(self._source.name, name)
        by_body = [one for one in found if self._source and self._source.is_verified_by_body(one)]
        if (shows_nothing or name) and len(by_body) == 1:
            read_before_verified(request.scope)
            return by_body[0]
        for one in found if name else ():
            _refuse_by_head(one)
        raise refusal

    async def by_key(self, request: Request, delivery: ReceivedDelivery, integration: Integration) -> Integration:
        """The integration of a sender that shows its key within the body, where nothing else said who it is."""
        find = self._source.key_in_body if self._source else None
        if find is None or known_caller(request.scope) is not None or integration.verify.by_secrets is not None:
            return integration
        if len(delivery.body) > MOST_PARSED_FIRST:
            raise ProblemError(413, f"the body is larger than {MOST_PARSED_FIRST} bytes, the most with a key within it")
        key = await asyncio.to_thread(find, delivery) if len(delivery.body) > READ_ASIDE else find(delivery)
        if key is None:
            raise unauthorized("a token is needed, as the body's routing_key")
        found = [one for one in await self._integrations(request) if integration.name in ("", one.name)]
        shown = [one for one in found if head_shows(one, {"authorization": f"Bearer {key}"}, "")]
        if len(shown) == 1:
            return shown[0]
        await admitted(request, self.permission, Credential("token", key))
        return self._named(integration.name, found)

    def _named(self, name: str, found: Sequence[Integration]) -> Integration:
        """The integration that a path names, for whoever shows a token of ours."""
        source = self._source.name if self._source else "unknown"
        if name and name not in {one.name for one in found}:
            instead = f"store it (kind: integration), or post to /webhooks/{source} without a name"
            raise ProblemError(404, f"there is no integration '{name[:63]}' of the source '{source}': {instead}")
        return Integration(source, name)

    async def _integrations(self, request: Request) -> Sequence[Integration]:
        context: AlertBridgeContext = request.app.state.alert_bridge
        return await context.integrations(self._source.name) if self._source else ()


def _refuse_by_head(integration: Integration) -> None:
    """Say what the head of a request has to show, where that is how this integration knows its sender."""
    way = integration.verify.token or integration.verify.basic
    if way is None:
        return
    require_secrets(integration)
    shown = how_it_is_shown(way)
    raise unauthorized(f"the integration '{integration.name}' knows its sender by {shown}, which this does not show")


def require_secrets(integration: Integration) -> None:
    """503 where no secret of the integration can be read: then nobody knows who posts."""
    if not integration.secrets:
        detail = f"no secret of the integration '{integration.name}' can be read here; send it again once one can"
        raise ProblemError(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
