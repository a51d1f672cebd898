"""The parameters of a run as they are typed: options, types, and what is missing."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from opsimate.client import ApiClient, definition_path
from opsimate.definitions.file_references import read_secret
from opsimate.errors import RefusedError

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
BOOLEANS = {"true": True, "false": False}


def _boolean(text: str) -> bool:
    return BOOLEANS[text.lower()]


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _stored_secret(text: str) -> dict[str, str]:
    return {"secret": text}


_VALUE_OF_TYPE: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": _number,
    "boolean": _boolean,
    "secret": _stored_secret,
}


def values_of(typed: Mapping[str, str], declared: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values that the API is sent. For a secret the name of a stored one is typed, never its value.

    What does not fit its type goes as it is: the API says what is wrong with it, as it does for everybody.
    """
    types = {parameter["name"]: parameter["type"] for parameter in declared}
    return {name: _value(text, types.get(name, "string")) for name, text in typed.items()}


def _value(text: str, type_: str) -> Any:
    try:
        return _VALUE_OF_TYPE.get(type_, str)(text)
    except (ValueError, KeyError):
        return text


def pairs(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """What an option says that is given as ``NAME=VALUE``, often."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{value}': write it as NAME=VALUE")
        if name in found:
            raise click.BadParameter(f"'{name}' is given twice")
        found[name] = text
    return found


def parameter_options(command: CommandT) -> CommandT:
    """Add ``-p`` and ``--parameter-file`` as the arguments ``typed`` and ``files``."""
    of_file = click.option(
        "--parameter-file", "files", multiple=True, callback=pairs, metavar="NAME=FILE", help="Its value is in a file."
    )
    option = click.option(
        "-p",
        "--parameter",
        "typed",
        multiple=True,
        callback=pairs,
        metavar="NAME=VALUE",
        help="May be given often. For a parameter of type secret VALUE is the name of a stored secret.",
    )
    return option(of_file(command))


def parameters_of(api: ApiClient, action: str, typed: dict[str, str], files: dict[str, str]) -> dict[str, Any]:
    """What the API is sent of what was typed; a secret is taken from a file, or named."""
    if doubled := sorted(set(typed) & set(files)):
        raise click.UsageError(f"'{doubled[0]}' is given by -p and by --parameter-file.")
    if not typed and not files:
        return {}
    declared = api.get(definition_path("actions", action))["parameters"]
    from_files = {name: read_secret(Path(file).expanduser()) for name, file in files.items()}
    secrets = {parameter["name"] for parameter in declared if parameter["type"] == "secret"}
    given_secrets = {name: text for name, text in from_files.items() if name in secrets}
    others = {name: text for name, text in from_files.items() if name not in secrets}
    return {**values_of({**typed, **others}, declared), **given_secrets}


def with_options(error: RefusedError) -> RefusedError:
    """The same refusal, with how to give each parameter that is missing."""
    fields = [(field, _with_option(field, message)) for field, message in error.fields]
    if fields == error.fields:
        return error
    message = "; ".join(f"{field}: {text}" for field, text in fields)
    return RefusedError(error.status, message, fields=fields, hint=error.hint)


def _with_option(field: str, message: str) -> str:
    parent, _, name = field.partition(".")
    is_missing = parent == "parameters" and message.startswith("is required")
    return f"{message} (give it with -p {name}=…)" if is_missing else message
