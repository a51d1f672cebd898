"""What a collection's declaration allows (its keys in filters and orders, no others) and what it asks for."""

from collections.abc import Sequence

from shared.store.documents import KEPT
from shared.store.port import Absent, Collection, OneOf, Range, StoreError, UndeclaredKeyError, Where

_SCALARS = (str, int, float, bool, type(None))


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
            values = condition.values if isinstance(condition, OneOf) else (condition,)
            if not all(isinstance(value, str) for value in values):
                raise StoreError(f"{collection.name}.{key}: a list is asked for a text or OneOf texts")
        elif key not in KEPT and key not in collection.keys:
            raise UndeclaredKeyError(f"{collection.name}: {key} is no declared key, so no filter can name it")
        elif not all(isinstance(value, _SCALARS) for value in _values(condition)):
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
