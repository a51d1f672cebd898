"""What the driver of MongoDB raises, in the words of the port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bson.errors import BSONError
from pymongo import errors

from shared.store.mongo_query import taken
from shared.store.port import Collection, DuplicateKeyError, StoreError, StoreUnavailableError

_PASSING_CODES = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        24,  # LockTimeout
        43,  # CursorNotFound
        46,  # LockBusy
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        134,  # ReadConcernMajorityNotAvailableYet
        175,  # QueryPlanKilled
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        317,  # ConnectionPoolExpired
        384,  # ConnectionError
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
    }
)
"""Codes of what passes by itself: the same command may succeed when it is asked again."""
_PASSING_LABELS = ("RetryableWriteError", "TransientTransactionError", "RetryableError", "SystemOverloadedError")
"""Labels by which a server says the same of any code."""
_DEADLOCK = "deadlock detected"
"""How servers on PostgreSQL answer a write conflict, with a code that says nothing."""


@contextlib.asynccontextmanager
async def asking(collection: Collection | None, *, within: float) -> AsyncIterator[None]:
    """Bound the time, in seconds, and turn what the driver raises into the errors of the port."""
    try:
        async with asyncio.timeout(within):
            yield
    except TimeoutError as error:
        raise StoreUnavailableError(f"MongoDB: no answer in {within} seconds") from error
    except errors.DuplicateKeyError as error:
        if collection is None:
            raise StoreError(str(error)) from error
        raise DuplicateKeyError(collection.name, taken(collection, str(error))) from error
    except errors.PyMongoError as error:
        raise (StoreUnavailableError if _passes(error) else StoreError)(f"MongoDB: {error}") from error
    except (BSONError, OverflowError, UnicodeError) as error:
        raise StoreError(f"a value that MongoDB cannot hold: {error}") from error


def _passes(error: errors.PyMongoError) -> bool:
    """Whether the server is away, or another operation was in the way: to ask again may help."""
    if isinstance(error, errors.ConnectionFailure | errors.WriteConcernError) or error.timeout:
        return True
    if any(error.has_error_label(label) for label in _PASSING_LABELS):
        return True
    return isinstance(error, errors.OperationFailure) and (error.code in _PASSING_CODES or _DEADLOCK in str(error))
