"""The API's own documentation: names that read well, and every error described as it is answered."""

import json
import re
from collections import Counter
from typing import Any

from fastapi import FastAPI

PROBLEM_TYPE = "application/problem+json"
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


def describe_problems(app: FastAPI) -> None:
    """Let the documentation of the API say of every error what ``install_problems`` makes of it."""
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
