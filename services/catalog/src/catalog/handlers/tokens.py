"""Tokens: making and removing them, and the first one, without which nobody could do either."""

import os
from pathlib import Path

import structlog

from catalog.handlers.refusals import ConflictError, NameTakenError, UnknownError
from shared.admission import Tokens, new_token
from shared.contracts.principal import Principal, Token, TokenDefinition
from shared.encryption import write_private
from shared.settings import SettingsError, named_file, text_of
from shared.store.port import DuplicateKeyError

FIRST_ADMINISTRATOR = "admin"
ADMIN_TOKEN_FILE = "OPSIMATE_ADMIN_TOKEN_FILE"  # noqa: S105 - the name of a setting
SHORTEST_TOKEN = 20
"""In characters. The first token is made by the product itself; a short one was made by hand, and can be guessed."""

log = structlog.get_logger()


async def make_token(tokens: Tokens, definition: TokenDefinition, by: Principal) -> tuple[Token, str]:
    """A new token as it is stored, and itself, which nobody can read again; ``NameTakenError``."""
    token = new_token()
    try:
        await tokens.create(definition, token, by)
    except DuplicateKeyError as error:
        raise NameTakenError("token", definition.name, instead="delete that token first") from error
    log.info("token.created", name=definition.name, role=definition.role, by=by.name)
    return await existing_token(tokens, definition.name), token


async def existing_token(tokens: Tokens, name: str) -> Token:
    """The token of this name, as it is stored; ``UnknownError``."""
    token = await tokens.named(name)
    if token is None:
        raise UnknownError("token", name)
    return token


async def remove_token(tokens: Tokens, name: str, by: Principal) -> Token:
    """Remove a token, which is returned; ``UnknownError``, ``ConflictError`` where nobody could administer anything
    without it.
    """
    token = await existing_token(tokens, name)
    if await tokens.is_last_administrator(token):
        message = f"'{name}' is the last token of an administrator; make another one before you delete it"
        raise ConflictError(message)
    await tokens.remove(token, by)
    log.info("token.deleted", name=name, by=by.name)
    return token


async def ensure_administrator(tokens: Tokens, file: Path | None) -> None:
    """Where there is no administrator yet, make the token in the file the first one's; ``SettingsError``.

    The file is written where it is missing. Two catalogs that start at the same time read the same file, so it does
    not matter which of them is first; where each has a file of its own, only that of the first one is kept.
    """
    if await tokens.has_administrator():
        return
    if file is None:
        log.warning("administrator.missing", fix=f"set {ADMIN_TOKEN_FILE}: a new token is written there")
        return
    is_written = _wrote_token(file)
    token = _token_in(file)
    definition = TokenDefinition(
        name=FIRST_ADMINISTRATOR, description="The first administrator", kind="person", role="administrator"
    )
    try:
        await tokens.create(definition, token)
    except DuplicateKeyError:
        if is_written and await tokens.of(token) is None:
            file.unlink()  # noqa: ASYNC240 - once, at the start
        log.info("administrator.created_elsewhere")
        return
    log.info("administrator.created", name=FIRST_ADMINISTRATOR, token_file=str(file))


def _wrote_token(file: Path) -> bool:
    """Write a new token to the file, if there is none; whether it was."""
    try:
        write_private(file, new_token())
    except FileExistsError:
        return False
    except OSError as error:
        if os.path.lexists(file):
            return False
        message = f"{ADMIN_TOKEN_FILE}: the file that it names is not there, and cannot be written ({error.strerror})"
        raise SettingsError(message) from error
    return True


def _token_in(file: Path) -> str:
    token = text_of(file, ADMIN_TOKEN_FILE).strip()
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        message = (
            f"{named_file(file, ADMIN_TOKEN_FILE)} holds no token: one word of at least {SHORTEST_TOKEN} characters"
        )
        raise SettingsError(message)
    return token
