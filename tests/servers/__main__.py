"""`python -m tests.servers` makes present what the servers of the tests need."""

from tests.servers.prepare import prepare

prepare()
