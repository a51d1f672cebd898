"""What a sender posts, as JSON values, in whichever of the forms of HTTP it comes.

A form is told by the body itself: senders put a wrong ``Content-Type`` beside it, or none.
"""

import json
import re
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from alert_bridge.domain.source import NotJsonError, ReceivedDelivery, json_of

MOST_PAIRS = 200
"""Fields of a form that are read."""
_URLENCODED = re.compile(rb"[\w.%+*~\[\]-]{1,200}=")
"""How a form begins."""


def values_of(delivery: ReceivedDelivery) -> Any:
    """The body as a JSON value: of JSON itself, of a form, or, where there is no body, of the address's query.

    The fields of a form are an object's; a field that holds an object or a list as JSON is that.
    """
    body = delivery.body.strip()
    if not body and delivery.query:
        return _objects_in(parse_qsl(delivery.query, keep_blank_values=True, max_num_fields=None)[:MOST_PAIRS])
    if body.startswith(b"--"):
        return _objects_in(_multipart(delivery))
    try:
        return json_of(delivery)
    except NotJsonError:
        if not _URLENCODED.match(body) or b"\n" in body:
            raise
        text = body.decode(errors="replace")
        return _objects_in(parse_qsl(text, keep_blank_values=True)[:MOST_PAIRS])


def _multipart(delivery: ReceivedDelivery) -> list[tuple[str, str]]:
    boundary = delivery.body.strip().partition(b"\n")[0].strip()[2:].decode("latin-1")
    head = f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'.encode("latin-1")
    message = message_from_bytes(head + delivery.body, policy=HTTP)
    parts = message.get_payload() if message.is_multipart() else []
    pairs = []
    for part in list(parts)[:MOST_PAIRS] if isinstance(parts, list) else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            pairs.append((name, content.decode(errors="replace").rstrip("\r\n")))
    if not pairs:
        message_text = "it begins as a form of several parts, and holds none"
        raise NotJsonError(message_text)
    return pairs


def _objects_in(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    return {name: _object_or_text(text) for name, text in pairs}


def _object_or_text(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
