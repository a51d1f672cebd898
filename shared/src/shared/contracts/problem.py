"""Errors as answers: RFC 9457 problem details."""

from pydantic import BaseModel, Field


class FieldError(BaseModel):
    """What is wrong with one field, and how to mend it."""

    field: str = Field(examples=["steps.2.command"])
    message: str


class Problem(BaseModel):
    """``application/problem+json`` (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
