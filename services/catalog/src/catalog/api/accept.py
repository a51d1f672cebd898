"""What a caller would rather have: the header Accept (RFC 9110)."""

import re

_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)")


def prefers(accept: str, wanted: str, usual: str) -> bool:
    """Whether the header asks for the one media type rather than for the usual one, which is had otherwise."""
    return _weight(accept, wanted) > _weight(accept, usual)


def _weight(accept: str, media_type: str) -> tuple[float, int]:
    """What a media type is worth from 0 to 1, as the range says that fits it best, and how well that fits."""
    ranges = ["*/*", media_type.partition("/")[0] + "/*", media_type]
    fit, quality = -1, 0.0
    for part in accept.lower().split(","):
        name = part.partition(";")[0].strip()
        if name in ranges and ranges.index(name) > fit:
            found = _QUALITY.search(part)
            fit, quality = ranges.index(name), float(found[1]) if found else 1.0
    return quality, fit if quality else -1
