"""A bounded memory of what was seen last."""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Keeps the values that were remembered last, and forgets the oldest beyond ``most``."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._values: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str) -> T | None:
        """The value, if it is still remembered."""
        return self._values.get(key)

    def remember(self, key: str, value: T) -> None:
        """Keep the value, as the newest."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def forget(self, key: str) -> None:
        """Drop the value, if it is there."""
        self._values.pop(key, None)
