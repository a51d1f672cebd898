"""Whether those lists of a definition that are to name each thing once do. Pure."""

from collections.abc import Iterator

from pydantic import BaseModel

from shared.contracts.definition import Definition
from shared.contracts.distinct import is_distinct
from shared.contracts.problem import FieldError


def check_lists(definition: Definition) -> Iterator[FieldError]:
    """What stands in such a list a second time, each on its place."""
    yield from _of_model(definition, "")


def _of_model(model: BaseModel, before: str) -> Iterator[FieldError]:
    for name, field in type(model).model_fields.items():
        yield from _of_value(getattr(model, name), f"{before}{field.alias or name}", is_marked=is_distinct(field))


def _of_value(value: object, field: str, *, is_marked: bool) -> Iterator[FieldError]:
    match value:
        case BaseModel():
            yield from _of_model(value, f"{field}.")
        case dict():
            for name, one in value.items():
                yield from _of_value(one, f"{field}.{name}", is_marked=is_marked)
        case list():
            yield from _repeated(value, field) if is_marked else ()
            for index, one in enumerate(value):
                yield from _of_value(one, f"{field}.{index}", is_marked=False)


def _repeated(values: list[object], field: str) -> Iterator[FieldError]:
    first: dict[object, int] = {}
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index:
            message = f"'{value}' stands in {field}.{first[value]} already; leave one of them out"
            yield FieldError(field=f"{field}.{index}", message=message)
