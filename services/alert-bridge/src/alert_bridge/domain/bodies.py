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
"""Fields of a form, and parts of one of several; with more it is none of ours."""
_URLENCODED = re.compile(rb"[\w.%+*~\[\]-]{1,200}=")
"""How a form begins."""


def values_of(delivery: ReceivedDelivery) -> Any:
    """The body as a JSON value: of JSON itself, of a form, or, where there is no body, of the address's query.

    The fields of a form are an object's; a field that holds an object or a list as JSON is that.
    """
    body = delivery.body.strip()
    if not body and delivery.query:
        return _objects_in(_pairs(delivery.query))
    if body.startswith(b"--"):
        return _objects_in(_multipart(delivery))
    try:
        return json_of(delivery)
    except NotJsonError:
        if not _URLENCODED.match(body) or b"\n" in body:
            raise
        return _objects_in(_pairs(body.decode(errors="replace")))


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PAIRS)
    except ValueError as error:
        raise NotJsonError(_TOO_MANY) from error


_TOO_MANY = f"it is a form of more than {MOST_PAIRS} fields"


def _multipart(delivery: ReceivedDelivery) -> list[tuple[str, str]]:
    begin = delivery.body.strip().partition(b"\n")[0].strip()
    if delivery.body.count(begin) > MOST_PAIRS:
        raise NotJsonError(_TOO_MANY)
    head = f'Content-Type: multipart/form-data; boundary="{begin[2:].decode("latin-1")}"\r\n\r\n'.encode("latin-1")
    message = message_from_bytes(head + delivery.body, policy=HTTP)
    pairs = []
    for part in message.walk():
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
