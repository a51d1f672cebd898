"""A product of a test's own, whose processes may be killed."""

from collections.abc import Iterator

import pytest

from tests.product import Product, distributed, embedded
from tests.servers.mongo import MongoServer
from tests.servers.sshd import SshServer
from tests.stage import set_stage

LEASE = "6s"
"""Short, so that what is lost is soon known to be."""


@pytest.fixture(params=["embedded", "distributed"])
def own_product(request: pytest.FixtureRequest, sshd: SshServer) -> Iterator[Product]:
    """A product of the test's own, in each form, with its provider."""
    if request.param == "embedded":
        product = embedded(lease=LEASE)
    else:
        mongo: MongoServer = request.getfixturevalue("mongo")
        product = distributed(mongo.database_url(), request.getfixturevalue("virtual_host"), lease=LEASE)
    try:
        set_stage(product.forked().start(), sshd)
        yield product
    finally:
        product.discard()
