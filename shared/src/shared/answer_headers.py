"""What every answer tells browsers, so that none of it is taken for a page, shown in one, or kept."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_Header = tuple[bytes, bytes]

CONTENT_POLICY = "content-security-policy"
_ALWAYS: tuple[_Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (CONTENT_POLICY.encode(), b"default-src 'none'; frame-ancestors 'none'"),
)
_OF_THE_API: tuple[_Header, ...] = (*_ALWAYS, (b"cache-control", b"no-store"))
"""It answers each caller otherwise, and a proxy knows by no cookie who that is."""
PAGE_HEADERS = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Besides, of what is a page: its address stays here, and no page that opened it keeps a hold of it."""


class AnswerHeaders:
    """Adds them to answers that do not say otherwise themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        usual = _OF_THE_API if scope["path"].startswith("/api/") else _ALWAYS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in usual if one[0] not in given)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
