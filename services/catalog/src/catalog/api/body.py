"""What holds for every body, before anybody looks at what it says."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn, TypeVar

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

UsualWay = Callable[[Request], Awaitable[Response | None]]
"""Answers a request that is as most are; none where it is not, and nothing was done."""
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def usually(way: UsualWay) -> Callable[[_Endpoint], _Endpoint]:
    """Have an endpoint's requests answered this way, where that can.

    To find what an endpoint declares takes FastAPI (0.165) as long as asking for a run takes altogether, and most
    requests of a program are alike. All else goes FastAPI's way, which also says what is wrong with a request.
    """

    def with_usual_way(endpoint: _Endpoint) -> _Endpoint:
        endpoint.__dict__["usual_way"] = way
        return endpoint

    return with_usual_way


class StrictJsonRoute(APIRoute):
    """The route of an endpoint that takes a body: JSON that readers may take for different things is refused."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads its body strictly, unless the usual way does."""
        handle = super().get_route_handler()
        usual_way: UsualWay | None = getattr(self.endpoint, "usual_way", None)

        async def handle_strictly(request: Request) -> Response:
            strict = _StrictRequest(request.scope, request.receive)
            if usual_way is not None and (response := await usual_way(strict)) is not None:
                return response
            return await handle(strict)

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        """The body as RFC 8259 and RFC 7493 have it; 400 for what only some readers take."""
        body = await self.body()
        value = json.loads(body, object_pairs_hook=_each_name_once, parse_constant=_refuse_constant)
        if _SURROGATE.search(body):
            _require_whole_characters(value)
        return value


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        _refuse(f"the name {json.dumps(twice)[:100]} stands twice in one object of the body; keep one of them")
    return found


def _refuse_constant(constant: str) -> NoReturn:
    _refuse(f"the body is not JSON: {constant} is no number there")


def _require_whole_characters(value: Any) -> None:
    """JSON can write half a character, but no text holds it, and no store."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("the body holds half a character (a lone surrogate such as \\ud800), which is no text")


def _refuse(detail: str) -> NoReturn:
    # Of all that can be raised while a body is read, FastAPI lets only this through as it is.
    raise HTTPException(400, detail)
