"""What holds for every body, before anybody looks at what it says."""

import json
import re

from fastapi import Depends, Request

from shared.http import ProblemError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


async def whole_characters(request: Request) -> None:
    """400 for a body with half a character in it: JSON can write one, but no text holds it, and no store."""
    if request.method not in {"POST", "PUT"} or not _SURROGATE.search(await request.body()):
        return
    try:
        json.dumps(await request.json(), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = "the body holds half a character (a lone surrogate such as \\ud800), which is no text"
        raise ProblemError(400, message) from error
    except ValueError:
        return  # whoever reads the body next says what is wrong with it


WHOLE_CHARACTERS = [Depends(whole_characters)]
"""The dependencies of a router whose endpoints take bodies."""
