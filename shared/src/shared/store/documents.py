"""What a collection declares, and what every adapter asks of documents and changes: plain functions, no I/O."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from operator import methodcaller
from typing import Any

from pydantic_core import from_json, to_json

from shared.store.port import (
    Absent,
    AllOf,
    Changes,
    Collection,
    Document,
    Dumped,
    OneOf,
    Range,
    Scalar,
    StoreError,
    UndeclaredKeyError,
    Where,
)

KEPT = ("id", "version")
"""The fields every document has: the id is never changed, the version by the store alone."""

_MISSING = object()
_SCALARS = (str, int, float, bool, type(None))
_SCALAR_TYPES = frozenset(_SCALARS)
_TEXTS = frozenset({str})
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def json_text(collection: Collection, value: Any, *, is_json: bool = False) -> str:
    """The compact JSON of a value; ``StoreError`` where JSON, and so some adapter, could not hold it.

    ``is_json`` says that it holds nothing that JSON does not know: not to look for that takes a third of the time.
    """
    if is_json:
        with suppress(ValueError):  # it is deeper than that writer goes, or no text: the other one says
            text = to_json(value, inf_nan_mode="constants").decode()
            if "NaN" not in text and "Infinity" not in text:  # else it is a number that is none, or a text says so
                return text
    try:
        text = _encode(value)
        if not text.isascii():
            text.encode()  # half of a surrogate pair is no text
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"{collection.name}: a document must be JSON: {error}") from error
    return text


def check_json(collection: Collection, values: Mapping[str, Any]) -> int:
    """About how long the values are, in characters.

    ``StoreError`` for what the other adapters could not keep, so that all refuse the same.
    """
    blob = collection.blob
    if blob is not None and not isinstance(values.get(blob), bytes | None):
        raise StoreError(f"{collection.name}.{blob}: must be bytes, not {type(values[blob]).__name__}")
    if blob is None or values.get(blob) is None:
        return len(json_text(collection, values, is_json=type(values) is Dumped))
    return len(values[blob]) + len(json_text(collection, {key: value for key, value in values.items() if key != blob}))


def json_value(text: str) -> Any:
    """What the JSON says, that ``json_text`` has written."""
    try:
        return from_json(text)
    except ValueError:  # it is deeper than that reader goes
        return json.loads(text)


def getter(path: str) -> Callable[[Document], Any]:
    """What reads the value at a dotted path through objects; None where there is nothing."""
    *way, last = path.split(".")
    if not way:
        return methodcaller("get", path)

    def read(document: Document) -> Any:
        value: Any = document
        for part in way:
            value = value.get(part)
            if not isinstance(value, dict):
                return None
        return value.get(last)

    return read


def id_of(collection: Collection, document: Document) -> str:
    """The document's id; ``StoreError`` where it has none."""
    found = document.get("id")
    if not isinstance(found, str) or not found:
        raise StoreError(f"{collection.name}: the id of a document must be a text, not {found!r}")
    return found


class DeclaredFields:
    """The declared keys and lists of a collection, with what reads them out of a document, made once."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._keys = [getter(key) for key in collection.keys]
        self._lists = [(key, getter(key)) for key in collection.lists]
        self._unique = [(keys, [getter(key) for key in keys]) for keys in collection.unique]

    def key_values(self, document: Document) -> tuple[Scalar | bytes, ...]:
        """The values of the declared keys, in their order; an object stands as bytes, which equal no value."""
        values = [read(document) for read in self._keys]
        if _SCALAR_TYPES.issuperset(map(type, values)):
            return tuple(values)
        return tuple(map(self._key_value, self.collection.keys, values))

    def list_values(self, document: Document) -> frozenset[tuple[str, str]]:
        """The pairs (declared list, text in it)."""
        pairs: list[tuple[str, str]] = []
        for key, read in self._lists:
            values = read(document) or ()
            if not isinstance(values, list | tuple) or not _TEXTS.issuperset(map(type, values)):
                raise StoreError(f"{self.collection.name}.{key}: a list to ask for holds texts, not {values!r}")
            pairs += [(key, value) for value in values]
        return frozenset(pairs)

    def unique_values(self, document: Document) -> list[tuple[tuple[str, ...], list[Any]]]:
        """Each unique set of keys, with the values of its keys."""
        return [(keys, [read(document) for read in readers]) for keys, readers in self._unique]

    def _key_value(self, key: str, value: Any) -> Scalar | bytes:
        if isinstance(value, dict):
            return b""
        if isinstance(value, list | tuple):
            raise StoreError(f"{self.collection.name}.{key}: a list is declared among the lists, not among the keys")
        found: Scalar = value
        return found


def check_changes(collection: Collection, changes: Changes) -> int:
    """About how long the values are, in characters; ``StoreError`` where one is no JSON, or a path cannot be so.

    A path is named once, contains no other, and is not the store's own.
    """
    paths = [*changes.set, *changes.append, *changes.increment, *changes.unset]
    named = set(paths)
    if len(named) < len(paths):
        raise StoreError(f"{collection.name}: a path is named twice in {sorted(paths)}")
    for path in paths:
        if path.startswith(KEPT) and path.partition(".")[0] in KEPT:
            raise StoreError(f"{collection.name}: {path} is the store's own and cannot be changed")
        if "." in path and not named.isdisjoint(_ancestors(path)):
            raise StoreError(f"{collection.name}: {path} lies within another path of the same change")
    return check_json(collection, {**changes.set, **changes.append, **changes.increment})


def touches(changes: Changes, keys: Iterable[str]) -> bool:
    """Whether the changes may alter the value of one of the keys."""
    paths = (*changes.set, *changes.append, *changes.increment, *changes.unset)
    return any(f"{path}.".startswith(f"{key}.") or key.startswith(f"{path}.") for path in paths for key in keys)


def apply_changes(document: Document, changes: Changes) -> None:
    """Make the changes to the document itself; ``StoreError`` where a path leads nowhere."""
    for path, value in changes.set.items():
        holder, last = _holder(document, path)
        _put(holder, last, value)
    for path, values in changes.append.items():
        holder, last = _holder(document, path)
        _put(holder, last, [*_present(holder, last, path, list, []), *values])
    for path, amount in changes.increment.items():
        holder, last = _holder(document, path)
        _put(holder, last, _present(holder, last, path, int | float, 0) + amount)
    for path in changes.unset:
        _remove(document, path)


def _ancestors(path: str) -> Iterable[str]:
    return (path[:at] for at, letter in enumerate(path) if letter == ".")


def _holder(document: Document, path: str) -> tuple[Any, str]:
    """What holds the last part of the path, made where it is missing, and that last part."""
    *way, last = path.split(".")
    holder: Any = document
    for part in way:
        inner = _item(holder, part, path)
        if inner is _MISSING:
            inner = {}
            _put(holder, part, inner)
        holder = inner
    _item(holder, last, path)
    return holder, last


def _item(holder: Any, part: str, path: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(part, _MISSING)
    if isinstance(holder, list) and part.isdecimal():
        return holder[int(part)] if int(part) < len(holder) else _MISSING
    raise StoreError(f"{path}: there is no object or list that could hold {part!r}")


def _put(holder: Any, part: str, value: Any) -> None:
    if isinstance(holder, list):
        holder.extend([None] * (int(part) + 1 - len(holder)))
        holder[int(part)] = value
    else:
        holder[part] = value


def _present(holder: Any, part: str, path: str, kind: Any, otherwise: Any) -> Any:
    value = _item(holder, part, path)
    if value is _MISSING:
        return otherwise
    if not isinstance(value, kind) or isinstance(value, bool):
        raise StoreError(f"{path}: {value!r} can be neither appended to nor counted up")
    return value


def _remove(document: Document, path: str) -> None:
    *way, last = path.split(".")
    holder: Any = document
    for part in way:
        holder = _item(holder, part, path) if isinstance(holder, dict | list) else _MISSING
    if isinstance(holder, dict):
        holder.pop(last, None)
    elif isinstance(holder, list) and _item(holder, last, path) is not _MISSING:
        _put(holder, last, None)  # the elements after it keep their places


def check_declaration(collection: Collection) -> None:
    """``UndeclaredKeyError`` where an index or a unique key names a field that is no declared key."""
    for key in sorted({key for keys in (*collection.indexes, *collection.unique) for key in keys}):
        check_order(collection, key)
    for key in collection.guards:
        if key not in collection.keys:
            raise UndeclaredKeyError(f"{collection.name}: {key} guards, but is no declared key")
    for name in collection.summary:
        if "." in name or name in (*KEPT, collection.blob):
            raise UndeclaredKeyError(f"{collection.name}: {name} is no top-level field that a summary could hold")


def lone_keys(collection: Collection, *, leading: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The declared keys that need an index of their own, as none of these indexes begins with them."""
    led = {keys[0] for keys in leading}
    return tuple(key for key in collection.keys if key not in led and key not in collection.guards)


def check_filter(collection: Collection, where: Where) -> None:
    """``UndeclaredKeyError`` for a key that is not declared, ``StoreError`` for a condition that is none."""
    if where and set(where) <= set(collection.guards):
        raise UndeclaredKeyError(f"{collection.name}: {', '.join(where)} can only guard, beside a key that is indexed")
    for key, condition in where.items():
        if key in collection.lists:
            values = condition.values if isinstance(condition, OneOf | AllOf) else (condition,)
            if not all(isinstance(value, str) for value in values) or condition == AllOf(()):
                raise StoreError(f"{collection.name}.{key}: a list is asked for a text, OneOf or AllOf texts")
        elif key not in KEPT and key not in collection.keys:
            raise UndeclaredKeyError(f"{collection.name}: {key} is no declared key, so no filter can name it")
        elif type(condition) not in _SCALAR_TYPES and not all(
            isinstance(value, _SCALARS) for value in _values(condition)
        ):
            raise StoreError(f"{collection.name}.{key}: {condition!r} is no condition")


def check_order(collection: Collection, order_by: str) -> None:
    """``UndeclaredKeyError`` for an order by anything but ``id``, ``version`` or a declared key."""
    if order_by not in KEPT and (order_by not in collection.keys or order_by in collection.guards):
        raise UndeclaredKeyError(f"{collection.name}: {order_by} is no declared key, so no order can name it")


def check_fields(collection: Collection, fields: Sequence[str]) -> None:
    """``UndeclaredKeyError`` for a field that reading cannot be limited to."""
    for name in fields:
        if name not in KEPT and name not in collection.summary:
            raise UndeclaredKeyError(
                f"{collection.name}: {name} is not in the declared summary, so it cannot be asked for"
            )


def check_one(collection: Collection, where: Where) -> None:
    """``StoreError`` for a filter that does not name one document by its id."""
    if not isinstance(where.get("id"), str):
        raise StoreError(f"{collection.name}: a change names the id of its document; change_all needs none")


def _values(condition: object) -> tuple[object, ...]:
    if isinstance(condition, OneOf):
        return condition.values
    if isinstance(condition, Range):
        return (condition.at_least, condition.above, condition.at_most, condition.below)
    return () if isinstance(condition, Absent) else (condition,)
