"""A category that is probably another one misspelt is known as such, and a new one is left alone."""

import pytest

from catalog.domain.categories import meant_category
from shared.contracts.category import CATEGORIES

OWN = ("Night shift", "Networking", "Site East", "Team 1", "Network A", "DB")


@pytest.mark.parametrize(
    ("new", "meant"),
    [
        ("Maintenence", "Maintenance"),
        ("Maintainance", "Maintenance"),
        ("diagnostic", "Diagnostics"),
        ("Recvoery", "Recovery"),
        ("Securty", "Security"),
        ("Customs", "Custom"),
        ("night Shift", "Night shift"),
        ("Nightshift", "Night shift"),
        ("Netwroking", "Networking"),
    ],
)
def test_a_misspelt_category_is_known_by_the_one_it_is_like(new: str, meant: str) -> None:
    assert meant_category(new, [*CATEGORIES, *OWN]) == meant


@pytest.mark.parametrize(
    "new",
    ["Deployment", "Site West", "Team 2", "Network B", "DC", "Networking in the south", "Kubernetes", "Sicherheit"],
)
def test_another_category_is_none(new: str) -> None:
    assert meant_category(new, [*CATEGORIES, *OWN]) is None


def test_where_nothing_is_known_nothing_is_meant() -> None:
    assert meant_category("Maintenence", []) is None
