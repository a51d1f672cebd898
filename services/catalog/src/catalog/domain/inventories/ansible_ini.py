"""An Ansible inventory in its INI form."""

import ast
import re
import shlex
import warnings

from catalog.domain.inventories.ansible_inventory import IN_PARTS, UNGROUPED, Inventory, InventoryError, NoText, Value

MOST_LINES = 200_000
LONGEST_LINE = 65_536
"""In characters."""

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_CHILD = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_KINDS = ("hosts", "children", "vars")


def read_ini(text: str, source: str) -> Inventory:
    """The inventory that the text is; ``InventoryError``."""
    reading = _IniReading(source)
    for number, line in enumerate(text.splitlines(), start=1):
        if number > MOST_LINES:
            raise InventoryError(f"{source}:{number}: there are more than {MOST_LINES} lines; {IN_PARTS}")
        stripped = line.strip()
        if len(stripped) > LONGEST_LINE:
            raise InventoryError(f"{source}:{number}: a line has at most {LONGEST_LINE} characters")
        if stripped and stripped[0] not in ";#":
            reading.take(stripped, number)
    return reading.finished()


class _IniReading:
    def __init__(self, source: str) -> None:
        self._source = source
        self._inventory = Inventory()
        self._group, self._kind = UNGROUPED, "hosts"
        self._declared = {"all", UNGROUPED}
        self._named: dict[str, tuple[int, str]] = {}
        """Groups that are yet to be declared: where one is named, and as what."""

    def take(self, line: str, number: int) -> None:
        place = f"{self._source}:{number}"
        if line.startswith("[") and (section := _SECTION.fullmatch(line)):
            self._begin(section[1], section[2] or "hosts", number)
        elif line.startswith("[") and line.endswith("]"):
            message = f"{line[:80]} is no section: write it as [group], [group:children], [group:vars]"
            raise InventoryError(f"{place}: {message}")
        elif self._kind == "hosts":
            self._hosts(line, place)
        elif self._kind == "vars":
            self._inventory.group(self._group).variables |= _assigned(line, place)
        else:
            self._child(line, number)

    def finished(self) -> Inventory:
        for name, (number, said) in self._named.items():
            if name not in self._declared:
                raise InventoryError(f"{self._source}:{number}: {said}, and there is no section [{name}]")
        self._inventory.refuse_circles(self._source)
        return self._inventory

    def _begin(self, group: str, kind: str, number: int) -> None:
        if kind not in _KINDS:
            raise InventoryError(f"{self._source}:{number}: a section holds one of: {', '.join(_KINDS)}; not {kind}")
        self._group, self._kind = group, kind
        self._inventory.group(group, f"{self._source}:{number}")
        if kind == "vars":
            self._named.setdefault(group, (number, f"[{group}:vars] gives variables to the group {group}"))
        else:
            self._declared.add(group)

    def _child(self, line: str, number: int) -> None:
        found = _CHILD.fullmatch(line)
        if found is None:
            message = f"below [{self._group}:children] stand names of groups, one a line"
            raise InventoryError(f"{self._source}:{number}: {message}")
        self._named.setdefault(found[1], (number, f"{found[1]} is to be below {self._group}"))
        self._inventory.group(found[1], f"{self._source}:{number}")
        self._inventory.group(self._group).children[found[1]] = None

    def _hosts(self, line: str, place: str) -> None:
        try:
            pattern, *given = shlex.split(line, comments=True)
        except ValueError as error:
            raise InventoryError(f"{place}: a quotation mark is not closed") from error
        if pattern.endswith(":"):
            raise InventoryError(f"{place}: a port has to stand behind the colon of {pattern[:80]}")
        if pattern == "---":
            raise InventoryError(f"{place}: this is YAML, as --- says; give the file a name that ends in .yaml")
        variables: dict[str, Value] = {}
        for one in given:
            variables |= _assigned(one, place)
        self._inventory.add_hosts(pattern, variables, self._group, place)


def _assigned(text: str, place: str) -> dict[str, Value]:
    name, equals, value = text.partition("=")
    if not equals:
        hint = "; what has spaces in it has to stand in quotes, as in name='a b'"
        raise InventoryError(f"{place}: a variable is written as name=value; this is {text[:40]!r}{hint}")
    return {name.strip(): _value(value.strip())}


def _value(written: str) -> Value:
    """The text; Ansible reads what looks like Python as such, and quotes round a text fall away by that."""
    if written[:1] not in ("'", '"', "[", "{", "("):
        return written
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            value = ast.literal_eval(written)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return written
    if isinstance(value, str):
        return value
    return NoText.NESTED if isinstance(value, list | tuple | set | dict) else written
