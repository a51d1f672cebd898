"""JSON that means one thing: what readers may take for different things is refused."""

import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class StrictJsonRoute(APIRoute):
    """The route of an endpoint that takes such a body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads its body strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


def strict_json(body: bytes) -> Any:
    """A body as RFC 8259 and RFC 7493 have it; 400 for what only some readers take, ``ValueError`` for no JSON."""
    value = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
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


_DECODER = json.JSONDecoder(object_pairs_hook=_each_name_once, parse_constant=_refuse_constant)
