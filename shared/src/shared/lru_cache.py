"""A bounded memory of what was seen last."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LruCache(Generic[T]):
    """Keeps the values that were remembered last, and forgets the oldest beyond ``most``.

    ``most`` counts values, or bytes where ``size`` estimates the bytes of one.
    """

    def __init__(self, *, most: int, size: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._size = size
        self._used = 0
        self._values: OrderedDict[str, tuple[T, int]] = OrderedDict()

    def get(self, key: str) -> T | None:
        """The value, if it is still remembered."""
        found = self._values.get(key)
        return None if found is None else found[0]

    def remember(self, key: str, value: T) -> None:
        """Keep the value, as the newest; not at all where it alone is more than the cache may hold."""
        self.forget(key)
        size = self._size(value)
        if size > self._most:
            return
        self._values[key] = value, size
        self._used += size
        while self._used > self._most:
            _, (_, freed) = self._values.popitem(last=False)
            self._used -= freed

    def forget(self, key: str) -> None:
        """Drop the value, if it is there."""
        if (found := self._values.pop(key, None)) is not None:
            self._used -= found[1]
