"""Tokens: making and removing them, and the first one, without which nobody could do either."""

from pathlib import Path

import structlog

from catalog.handlers.errors import ConflictError, NameTakenError, UnknownError
from shared.contracts.token import Token, TokenDefinition
from shared.settings import SettingsError
from shared.store.port import DuplicateKeyError
from shared.tokens import Tokens, new_token

FIRST_ADMINISTRATOR = "admin"
SHORTEST_TOKEN = 20
"""In characters. The first token is made by the product itself; a short one was made by hand, and can be guessed."""

log = structlog.get_logger()


async def make_token(tokens: Tokens, definition: TokenDefinition, by: str) -> tuple[Token, str]:
    """A new token as it is stored, and itself, which nobody can read again; ``NameTakenError``."""
    token = new_token()
    try:
        await tokens.create(definition, token)
    except DuplicateKeyError as error:
        raise NameTakenError("token", definition.name, instead="delete that token first") from error
    log.info("token.created", name=definition.name, role=definition.role, by=by)
    return await existing_token(tokens, definition.name), token


async def existing_token(tokens: Tokens, name: str) -> Token:
    """The token of this name, as it is stored; ``UnknownError``."""
    token = await tokens.named(name)
    if token is None:
        raise UnknownError("token", name)
    return token


async def remove_token(tokens: Tokens, name: str, by: str) -> None:
    """Remove a token; ``UnknownError``, ``ConflictError`` where nobody could administer anything without it."""
    token = await existing_token(tokens, name)
    if await tokens.is_last_administrator(token):
        message = f"'{name}' is the last token of an administrator; make another one before you delete it"
        raise ConflictError(message)
    await tokens.remove(token)
    log.info("token.deleted", name=name, by=by)


async def ensure_administrator(tokens: Tokens, file: Path | None) -> None:
    """Where there is no administrator yet, make the token in the file the first one's; ``SettingsError``.

    Two catalogs that start at the same time read the same file, so it does not matter which of them is first.
    """
    if await tokens.has_administrator():
        return
    if file is None:
        log.warning("administrator.missing", fix="set OPSIMATE_ADMIN_TOKEN_FILE to a file that holds a new token")
        return
    definition = TokenDefinition(
        name=FIRST_ADMINISTRATOR, description="The first administrator", kind="person", role="administrator"
    )
    try:
        await tokens.create(definition, _token_in(file))
    except DuplicateKeyError:
        log.info("administrator.created_elsewhere")
        return
    log.info("administrator.created", name=FIRST_ADMINISTRATOR)


def _token_in(file: Path) -> str:
    try:
        token = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"OPSIMATE_ADMIN_TOKEN_FILE: cannot read {file}: {error}"
        raise SettingsError(message) from error
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        message = f"OPSIMATE_ADMIN_TOKEN_FILE: {file} holds no token: one word of at least {SHORTEST_TOKEN} characters"
        raise SettingsError(message)
    return token
