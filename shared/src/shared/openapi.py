"""The API's own documentation, and what FastAPI finds wrong with a request: as problem details like all else."""

import json
import re
from collections import Counter
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.models import Schema
from fastapi.responses import JSONResponse
from pydantic.json_schema import models_json_schema

from shared.contracts.problem import Problem, field_errors
from shared.http import PROBLEM_TYPE, invalid, problem_response

MOST_ERRORS = 100
"""In one answer: whoever has to mend more fields than that starts with these."""
_PROBLEM = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_OF_EVERY_CALL = {"503": "The store cannot be reached now. Repeat the request in a few seconds."}
_OF_A_BODY = {
    "400": "The body is not JSON.",
    "413": "The body is larger than 1 MiB.",
    "415": "The body is not declared as `application/json`.",
}
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
"""How the framework would describe errors that are answered as problems here."""
_SCHEMAS = "#/components/schemas/"
_PAGE = re.compile(r"Page_(\w+)_")


def document_problems(app: FastAPI) -> None:
    """Answer what FastAPI finds as problem details, and say of every error in the documentation what becomes of it."""

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> JSONResponse:
        details = error.errors()
        if any(detail["type"] == "json_invalid" for detail in details):
            return problem_response(400, f"the body is not JSON: {details[0]['ctx']['error']}")
        if isinstance(error.body, bytes):
            declared = request.headers.get("content-type", "none")
            return problem_response(415, f"send JSON, with 'Content-Type: application/json'; it is {declared[:80]}")
        found = invalid(field_errors(details[:MOST_ERRORS]))
        return problem_response(422, found.detail, found.errors)

    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_readable_names(_with_problems(generate()))
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if "401" in operation["responses"]:
                takes_json = path.startswith("/api/") and "requestBody" in operation
                _describe(operation["responses"], _OF_EVERY_CALL | (_OF_A_BODY if takes_json else {}))
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    _, made = models_json_schema([(Problem, "serialization")], ref_template=f"{_SCHEMAS}{{model}}")
    for name, schema in made["$defs"].items():
        schemas[name] = Schema.model_validate(schema).model_dump(mode="json", by_alias=True, exclude_none=True)
    document.setdefault("components", {})["schemas"] = dict(sorted(schemas.items()))
    return document


def _with_readable_names(document: dict[str, Any]) -> dict[str, Any]:
    """What a class ``RunView`` shows is a ``Run``, and a page of them a ``RunPage``."""
    schemas = document.get("components", {}).get("schemas", {})
    names = {name: _readable(name) for name in schemas}
    if twice := [name for name, count in Counter(names.values()).items() if count > 1]:
        raise ValueError(f"several classes of the API are documented as {twice}; rename all but one")
    for name, schema in schemas.items():
        if "title" in schema:
            schema["title"] = names[name]
    document["components"]["schemas"] = {names[name]: schema for name, schema in schemas.items()}
    text = json.dumps(document)
    for name, readable in names.items():
        text = text.replace(f'"{_SCHEMAS}{name}"', f'"{_SCHEMAS}{readable}"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def _readable(name: str) -> str:
    page = _PAGE.fullmatch(name)
    return f"{_readable(page[1])}Page" if page else name.removesuffix("View")


def _describe(responses: dict[str, Any], further: dict[str, str]) -> None:
    for status, description in further.items():
        responses.setdefault(status, {"description": description})
    if responses.get("422", {}).get("description") == "Validation Error":
        responses["422"] = {"description": "Something in the path, the query or the body cannot be so."}
    for status in [status for status in responses if status >= "400"]:
        responses[status]["content"] = _PROBLEM
