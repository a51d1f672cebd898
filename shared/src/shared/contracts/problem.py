"""Errors as answers: RFC 9457 problem details."""

from typing import Annotated

from pydantic import BaseModel, Field


class FieldError(BaseModel):
    """What is wrong with one field, and how to mend it."""

    field: Annotated[str, Field(examples=["parameters.host"])]
    message: Annotated[str, Field(examples=["there is no provider 'web-9'; did you mean 'web-1'?"])]


class FieldWarning(BaseModel):
    """What was saved as it is and may not do what is meant, and how to mend it."""

    field: Annotated[str, Field(examples=["steps.0.command"])]
    message: Annotated[str, Field(examples=["line 1, column 6: echo of sh reads backslashes in the value, …"])]


class Problem(BaseModel):
    """``application/problem+json`` (RFC 9457)."""

    type: str = "about:blank"
    title: Annotated[str, Field(examples=["Unprocessable Content"], description="The status in words.")]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[
        str,
        Field(
            examples=["parameters.host: there is no provider 'web-9'; did you mean 'web-1'?"],
            description="What is wrong, and what to do, in a sentence.",
        ),
    ]
    errors: Annotated[list[FieldError], Field(description="The fields that cannot be so.")] = []
