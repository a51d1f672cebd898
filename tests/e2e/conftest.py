"""The product in both its forms, with a provider to run commands on; the same tests run against each."""

from collections.abc import Iterator

import pytest

from tests.product import Product, distributed, embedded
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
    yield from _on_stage(distributed(mongo.database_url(), broker.virtual_host(), executors=2, catalogs=2), sshd)


def _on_stage(product: Product, sshd: SshServer) -> Iterator[Product]:
    try:
        set_stage(product.start(), sshd)
        yield product
    finally:
        product.discard()
