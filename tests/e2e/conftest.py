"""The product in both its forms, with a provider to run commands on; the same tests run against each."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.machines import Fleet, Machines
from tests.product import Product, distributed, embedded
from tests.servers.machine import remove_control_groups
from tests.servers.mongo import MongoServer
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.sshd import SshServer
from tests.stage import set_stage


@pytest.fixture(scope="session", params=["embedded", "distributed"])
def product(request: pytest.FixtureRequest, sshd: SshServer) -> Iterator[Product]:
    """A running product that knows the provider ``web-1``."""
    if request.param == "embedded":
        yield from _on_stage(embedded(), sshd)
        return
    mongo: MongoServer = request.getfixturevalue("mongo")
    broker: RabbitMQ = request.getfixturevalue("our_rabbitmq")
    yield from _on_stage(
        distributed(
            mongo.database_url(), broker.virtual_host(), executors=2, catalogs=2, public_url="https://opsimate.example"
        ),
        sshd,
    )


def _on_stage(product: Product, sshd: SshServer) -> Iterator[Product]:
    try:
        set_stage(product.start(), sshd)
        yield product
    finally:
        product.discard()


@pytest.fixture(params=["embedded", "distributed"])
def own_product(request: pytest.FixtureRequest) -> Iterator[Product]:
    """A running product that no other test uses."""
    if request.param == "embedded":
        new = embedded()
    else:
        mongo, broker = request.getfixturevalue("mongo"), request.getfixturevalue("our_rabbitmq")
        new = distributed(mongo.database_url(), broker.virtual_host())
    try:
        yield new.forked().start()
    finally:
        new.discard()


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    """A product in one process that can be made to know machines."""
    product = embedded().forked()
    try:
        yield Fleet(product.start())
    finally:
        product.discard()


@pytest.fixture
def machines(fleet: Fleet) -> Iterator[Machines]:
    """Machines of several kinds, which nobody has used before, and a product that knows them."""
    with ExitStack() as running:
        running.callback(remove_control_groups)
        yield Machines(fleet, running)


@pytest.fixture
def left_as_it_was(product: Product) -> Iterator[None]:
    """What a test makes by names that are a guide's is deleted after it, as other guides have the same."""
    before = {kind: _names(product, kind) for kind in ("actions", "provider-groups", "providers", "secrets")}
    yield
    for kind, names in before.items():
        for _ in range(3):  # those that others lead through go last
            for name in _names(product, kind) - names:
                product.http.delete(f"/api/v1/{kind}/{name}")


def _names(product: Product, kind: str) -> set[str]:
    answer = product.http.get(f"/api/v1/{kind}", params={"limit": 200}).raise_for_status()
    return {item["name"] for item in answer.json()["items"]}
