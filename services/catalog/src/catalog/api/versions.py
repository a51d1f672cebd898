"""Versions as HTTP says them: an ETag with every stored thing, If-Match on what changes one."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.http import ProblemError

_TAG = re.compile(r'(W/)?"(\d{1,18})"')


def etag(version: int) -> dict[str, str]:
    """The header that says which version an answer shows."""
    return {"ETag": f'"{version}"'}


async def wanted_versions(
    if_match: Annotated[
        str | None,
        Header(
            description="The ETag of the version to be changed; 412 where it is another one by now. `*` is any.",
            examples=['"3"'],
        ),
    ] = None,
) -> frozenset[int] | None:
    """The versions that ``If-Match`` names: none without it, empty for ``*``, which is whatever there is."""
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return frozenset()
    found = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    if not all(found):
        raise ProblemError(400, f'the header If-Match is not an ETag such as "3", but: {if_match[:80]}')
    # A weak tag never matches where bytes count (RFC 9110), and no version is 0.
    return frozenset(0 if tag[1] else int(tag[2]) for tag in found if tag is not None)


IfMatch = Annotated[frozenset[int] | None, Depends(wanted_versions)]
