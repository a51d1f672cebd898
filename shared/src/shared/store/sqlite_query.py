"""Filters, orders and pages as SQL over the declared columns."""

# ruff: noqa: S608 - names come quoted from declarations, every value is bound to a mark

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shared.store.declared import check_filter, check_order
from shared.store.documents import KEPT
from shared.store.port import Absent, Condition, OneOf, Range, Scalar, Where
from shared.store.sqlite_table import Table


@dataclass(frozen=True, slots=True)
class Query:
    """What follows WHERE, and the values for its marks."""

    sql: str
    values: Sequence[Any]


def matching(table: Table, where: Where) -> Query:
    """The filter; ``UndeclaredKeyError`` where it names anything but declared keys."""
    check_filter(table.collection, where)
    terms: list[str] = []
    values: list[Any] = []
    for key, condition in where.items():
        if key in table.sides:
            wanted = condition.values if isinstance(condition, OneOf) else (condition,)
            terms.append(f"id IN (SELECT id FROM {table.sides[key]} WHERE {_among('value', wanted)})")
            values += wanted
        else:
            terms.append(_term(table.columns[key], condition, values))
    return Query(" AND ".join(terms) or "TRUE", values)


def ordered(table: Table, query: Query, order_by: str, *, descending: bool = False, limit: int) -> Query:
    """The filter with an order by a key and then by id; absent keys come first ascending."""
    check_order(table.collection, order_by)
    way = " DESC" if descending else ""
    order = f"id{way}" if order_by == "id" else f"{table.columns[order_by]}{way}, id{way}"
    return Query(f"{query.sql} ORDER BY {order} LIMIT ?", [*query.values, limit])


def after_place(
    table: Table, query: Query, order_by: str, after: tuple[Scalar, str], *, descending: bool
) -> Iterator[Query]:
    """The filter, narrowed to what comes after a place in the order.

    Documents with the key and those without it are two stretches of the index, so they are two queries: the
    second is to be asked only where the first does not fill the page.
    """
    check_order(table.collection, order_by)
    value, id_ = after
    column = table.columns[order_by]
    beyond = "<" if descending else ">"
    if order_by == "id":
        yield _narrowed(query, f"id {beyond} ?", id_)
    elif value is None:
        yield _narrowed(query, f"{column} IS NULL AND id {beyond} ?", id_)
        if not descending:
            yield _narrowed(query, f"{column} IS NOT NULL")
    else:
        yield _narrowed(query, f"({column}, id) {beyond} (?, ?)", value, id_)
        if descending and order_by not in KEPT:
            yield _narrowed(query, f"{column} IS NULL")


def _narrowed(query: Query, term: str, *values: Scalar) -> Query:
    return Query(f"{query.sql} AND {term}", [*query.values, *values])


def _among(column: str, wanted: Sequence[Any]) -> str:
    return f"{column} IN ({', '.join('?' * len(wanted))})"


def _term(column: str, condition: Condition, values: list[Any]) -> str:
    """The SQL of one condition; the values for its marks are added to ``values``."""
    match condition:
        case Absent() | None:
            return f"{column} IS NULL"
        case OneOf(wanted):
            present = [value for value in wanted if value is not None]
            values += present
            among = _among(column, present)
            return among if len(present) == len(wanted) else f"({among} OR {column} IS NULL)"
        case Range():
            return _between(column, condition, values)
        case _:
            values.append(condition)
            return f"{column} = ?"


def _between(column: str, bounds: Range, values: list[Any]) -> str:
    signs = {">=": bounds.at_least, ">": bounds.above, "<=": bounds.at_most, "<": bounds.below}
    given = {sign: bound for sign, bound in signs.items() if bound is not None}
    values += given.values()
    return " AND ".join(f"{column} {sign} ?" for sign in given) or f"{column} IS NOT NULL"
