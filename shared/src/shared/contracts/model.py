"""What all that is stored and sent is made of."""

from functools import cache
from inspect import get_annotations
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Model(BaseModel):
    """Something that is stored, sent or shown. What checks it is built when it is first used: no process uses all."""

    model_config = ConfigDict(defer_build=True)


class Documented(Model):
    """A model of which the line under a field is the field's description in JSON schemas.

    The lines are read when a schema is made, and not, as pydantic would, when the class is: that took a quarter of the
    time in which a service starts, and few ever ask for a schema.
    """

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, text in _descriptions(cls).items():
            key = cls.model_fields[name].alias or name
            if text is not None and key in properties:
                properties[key].setdefault("description", text)
        return schema


def _descriptions(model: type[BaseModel]) -> dict[str, str | None]:
    """The line under each field, where there is one; a field that is declared anew has none of those before."""
    found: dict[str, str | None] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, Documented):
            texts = _texts_in(one.__module__).get(one.__name__, {})
            found |= {name: texts.get(name) for name in get_annotations(one)}
    return {name: text for name, text in found.items() if name in model.model_fields}


@cache
def _texts_in(module: str) -> dict[str, dict[str, str]]:
    """The lines under the fields of a module's classes, by class and field."""
    import ast
    import inspect
    import sys

    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except OSError:  # it was installed without its source
        return {}
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {
        one.name: {
            field.target.id: inspect.cleandoc(line.value.value)
            for field, line in pairwise(one.body)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)
        }
        for one in classes
    }


class Message(Model):
    """A command (imperative, to one owner) or an event (past tense, for whoever asks).

    A message says "look at this now": what it speaks of is in the store, and losing it costs time only.
    Unknown fields are ignored, so that services of neighbouring versions understand each other.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ClassVar[str]
    """The message's name on the wire, such as ``execute_step``; unique among all messages."""
