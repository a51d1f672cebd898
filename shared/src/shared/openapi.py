"""The API's own documentation, with every error described as it is answered."""

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


def describe_problems(app: FastAPI) -> None:
    """Let the documentation of the API say of every error what ``install_problems`` makes of it."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(generate())
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


def _describe(responses: dict[str, Any], further: dict[str, str]) -> None:
    for status, description in further.items():
        responses.setdefault(status, {"description": description})
    if responses.get("422", {}).get("description") == "Validation Error":
        responses["422"] = {"description": "Something in the path, the query or the body cannot be so."}
    for status in [status for status in responses if status >= "400"]:
        responses[status]["content"] = _PROBLEM
