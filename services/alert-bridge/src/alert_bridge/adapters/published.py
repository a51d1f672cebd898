"""What a sender publishes is fetched: the certificates that it signs with, and the addresses that confirm something."""

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from alert_bridge.ports import NotFetchedError

if TYPE_CHECKING:
    import httpx

FETCHED_WITHIN = 5.0
"""Seconds."""
LONGEST = 64 * 1024
"""Bytes of an answer that are read."""
MOST_REMEMBERED = 20
"""Certificates."""
REMEMBERED_SECONDS = 24 * 3_600.0
MOST_NEW = 10
"""Certificates that are fetched within ``NEW_WITHIN``: who names others cannot have us ask for each."""
NEW_WITHIN = 60.0
"""Seconds."""


class Publications:
    """Fetches over one client, which is made with the first that is fetched: most products have no such sender."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._certificates: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._fetched_at: list[float] = []
        self._turn = asyncio.Lock()

    async def certificate(self, address: str) -> bytes:
        """The certificate that is published at an address, as it was within a day."""
        if (known := self._remembered(address)) is not None:
            return known
        async with self._turn:
            if (known := self._remembered(address)) is not None:
                return known
            now = time.monotonic()
            self._fetched_at = [at for at in self._fetched_at if now - at < NEW_WITHIN]
            if len(self._fetched_at) >= MOST_NEW:
                message = "too many certificates were asked for within a minute"
                raise NotFetchedError(message)
            self._fetched_at.append(now)
            certificate = await self._get(address)
            self._certificates[address] = (now, certificate)
            if len(self._certificates) > MOST_REMEMBERED:
                self._certificates.popitem(last=False)
            return certificate

    def _remembered(self, address: str) -> bytes | None:
        known = self._certificates.get(address)
        return known[1] if known is not None and time.monotonic() - known[0] < REMEMBERED_SECONDS else None

    async def confirm(self, address: str) -> None:
        """Ask for an address once, which confirms what it names."""
        await self._get(address)

    async def _get(self, address: str) -> bytes:
        """The body of an answer of success; a redirect is none."""
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=FETCHED_WITHIN, follow_redirects=False)
        host = httpx.URL(address).host
        try:
            async with asyncio.timeout(FETCHED_WITHIN), self._client.stream("GET", address) as answer:
                if not answer.is_success:
                    message = f"{host} answered with {answer.status_code}"
                    raise NotFetchedError(message)
                body = b""
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LONGEST:
                        message = f"{host} answered with more than {LONGEST} bytes"
                        raise NotFetchedError(message)
                return body
        except (TimeoutError, httpx.HTTPError) as error:
            message = f"{host} cannot be reached: {type(error).__name__}"
            raise NotFetchedError(message) from error

    async def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
