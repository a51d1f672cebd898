"""Modules that a library takes in as it is loaded itself, and of which nothing is used here."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any

_loading = RLock()


class UnloadedModule(ModuleType):
    """A module that is loaded once something of it is used.

    What a library takes out of it as it is loaded itself are classes that stand for what they are named after, and load
    the module once they are called. All else that is asked for loads it at once. So a release of the library that uses
    more of it takes more memory, and works as it is meant to.
    """

    def __init__(self, name: str, loader: Loader, taken: Sequence[str]) -> None:
        super().__init__(name)
        self.__dict__.update({one: self._stand_in(one) for one in taken}, _loader=loader)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks at all modules asks for such, and wants nothing of this one
            raise AttributeError(name)
        _load(self)
        return ModuleType.__getattribute__(self, name)

    def _stand_in(self, name: str) -> type:
        def called(_class: type, *given: Any, **named: Any) -> Any:
            _load(self)
            return getattr(self, name)(*given, **named)

        return type(name, (), {"__new__": called, "__module__": self.__name__})


def _load(module: ModuleType) -> None:
    """Load a module, unless it is; it is like any other from then on."""
    with _loading:
        loader: Loader | None = module.__dict__.pop("_loader", None)
        if loader is not None:
            loader.exec_module(module)
            module.__class__ = ModuleType


class _Later(Loader):
    """Loads a module with what stands for it."""

    def __init__(self, loader: Loader, taken: Sequence[str]) -> None:
        self._loader = loader
        self._taken = taken

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return UnloadedModule(spec.name, self._loader, self._taken)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader


class _Finder(MetaPathFinder):
    """Finds modules where they are, and leaves them unloaded."""

    def __init__(self, taken: Mapping[str, Sequence[str]]) -> None:
        self._taken = taken

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in self._taken else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader, self._taken[name])
        return spec


def leave_unloaded(taken: Mapping[str, Sequence[str]]) -> None:
    """Leave modules unloaded until something of them is used, besides the names that libraries take out of each."""
    sys.meta_path.insert(0, _Finder(taken))


def load_without(library: str, taken: Mapping[str, Sequence[str]]) -> None:
    """Load a library that makes classes of its own out of what it takes from modules, and is not asked for them.

    Everybody else gets the modules themselves.
    """
    finder = _Finder(taken)
    sys.meta_path.insert(0, finder)
    try:
        import_module(library)
    finally:
        sys.meta_path.remove(finder)
        for name in taken:
            if isinstance(sys.modules.get(name), UnloadedModule):
                del sys.modules[name]
