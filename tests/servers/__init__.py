"""Real servers for the tests: RabbitMQ, MongoDB, SSH servers and Alertmanager.

`python -m tests.servers` makes present what they need; the fixtures in `tests/conftest.py` start them.
All listen on 127.0.0.1 at free ports, in a temporary directory, and end with the process that started them.
"""
