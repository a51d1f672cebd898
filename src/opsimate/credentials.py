"""Where the product runs and the token for it: from the environment, or as `opsimate up` left them."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from opsimate.errors import OpsimateError
from shared.ordinary_files import UnfitFileError, read_ordinary_file

URL_VARIABLE = "OPSIMATE_URL"
TOKEN_VARIABLE = "OPSIMATE_TOKEN"  # noqa: S105 - the name of a variable

TOKEN_FILE_VARIABLE = "OPSIMATE_TOKEN_FILE"  # noqa: S105 - the name of a variable
"""Names a file that holds the token and nothing else, as containers hand secrets over."""

WHERE_A_TOKEN_IS = (
    "The administrator's first token is in the file admin-token of the product's data directory, such as "
    f"{TOKEN_FILE_VARIABLE}=data/admin-token."
)

LARGEST_FILE = 64 * 1024
"""Of what holds a token, in bytes."""
_OF_NO_TOKEN = re.compile(r"[^\x21-\x7e]")
"""What cannot stand in the header that a token travels in."""

NOTHING_KNOWN = (
    "It is not known where the product runs. Start it on this machine with 'opsimate up', "
    f"or set {URL_VARIABLE} and {TOKEN_VARIABLE}."
)


@dataclass(frozen=True)
class Credentials:
    """An address of the API and a token that opens it."""

    url: str
    token: str
    origin: str
    """Where the token comes from, for messages."""
    data: Path | None = None
    """The data directory, where `opsimate up` stored these."""

    @property
    def way_out(self) -> str:
        """Where the token comes from and what to do, where it is not known there."""
        unset = self.origin in {TOKEN_VARIABLE, TOKEN_FILE_VARIABLE}
        stored = f" Unset {self.origin} to use the one that 'opsimate up' stored." if unset else ""
        return f"The token came from {self.origin}.{stored} {WHERE_A_TOKEN_IS}"


def credentials_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where `opsimate up` stores what the command line needs: below XDG_CONFIG_HOME or ~/.config."""
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME") or "~").expanduser() / ".config")
    return Path(home) / "opsimate" / "credentials.json"


def stored_credentials(environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """What `opsimate up` stored last, if it did."""
    path = credentials_file(environment)
    try:
        stored = json.loads(read_ordinary_file(path, most=LARGEST_FILE))
        token = _checked_token(stored["token"], "token")
        return Credentials(_without_slash(stored["url"]), token, str(path), Path(stored["data"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OpsimateError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        message = f"{path} cannot be read ({reason}). Remove it and start 'opsimate up' again, which writes it anew."
        raise OpsimateError(message) from error


def find_credentials(url: str | None = None, environment: Mapping[str, str] = os.environ) -> Credentials:
    """The address and the token to use; a stored token goes to the address it was stored for and to no other."""
    url = url or environment.get(URL_VARIABLE) or None
    url = url and _without_slash(url)
    token, origin = _given_token(environment)
    if url and token:
        return Credentials(url, token, origin)
    stored = stored_credentials(environment)
    if stored is None and token:
        message = f"{origin} is set, but not {URL_VARIABLE}: say where the product runs."
        raise OpsimateError(message)
    if stored is None and url:
        message = f"There is no token for {url}: set {TOKEN_VARIABLE}."
        raise OpsimateError(message, hint=WHERE_A_TOKEN_IS)
    if stored is None:
        raise OpsimateError(NOTHING_KNOWN)
    if token:
        return Credentials(stored.url, token, origin, stored.data)
    if url and url != stored.url:
        message = f"There is no token for {url}: set {TOKEN_VARIABLE}. (The stored one is for {stored.url}.)"
        raise OpsimateError(message, hint=WHERE_A_TOKEN_IS)
    return stored


def _given_token(environment: Mapping[str, str]) -> tuple[str, str]:
    """The token of the environment and the variable that it came from; both empty where there is none."""
    if token := environment.get(TOKEN_VARIABLE, "").strip():
        return _checked_token(token, TOKEN_VARIABLE), TOKEN_VARIABLE
    path = environment.get(TOKEN_FILE_VARIABLE)
    if not path:
        return "", ""
    try:
        token = read_ordinary_file(Path(path), most=LARGEST_FILE).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        from shared.settings import named_file  # it takes its time to load, and seldom is needed here

        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        wrong = reason if isinstance(error, UnfitFileError) else f"cannot be read ({reason})"
        raise OpsimateError(f"{named_file(path, TOKEN_FILE_VARIABLE)} {wrong}.") from error
    return _checked_token(token, f"{TOKEN_FILE_VARIABLE}: {path}"), TOKEN_FILE_VARIABLE


def _checked_token(token: str, origin: str) -> str:
    """The token, if it can be one; what is wrong is told without showing it."""
    wrong = _OF_NO_TOKEN.search(token)
    if wrong is None:
        return token
    found = f"the character U+{ord(wrong.group()):04X} in place {wrong.start() + 1}"
    message = f"{origin}: {found} cannot stand in a token, which is one word of letters, digits and signs."
    raise OpsimateError(message, hint="Copy the token again, alone and whole.")


def store_credentials(credentials: Credentials, environment: Mapping[str, str] = os.environ) -> Path:
    """Write the file anew, for its owner only, in one step; ``OSError`` where that cannot be."""
    path = credentials_file(environment)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored = {"url": credentials.url, "token": credentials.token, "data": str(credentials.data)}
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp makes it 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(stored, file)
    Path(temporary).replace(path)
    return path


def _without_slash(url: str) -> str:
    if not _is_address(url):
        message = f"What {URL_VARIABLE} or --url says is no address of the API: write it like http://127.0.0.1:8080"
        raise OpsimateError(message)
    return url.rstrip("/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # A user and a password in it would go where the token does not, into messages and process lists.
        is_complete = bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:  # a port that is no number
        return False
    return is_complete and parts.scheme in {"http", "https"} and url.isprintable() and " " not in url
