#!/usr/bin/env bash
# aio-pika 10.2.1 (aiormq 7.2.4) with rabbitmq-server 3.10.8 (Debian).
#
# A publish with mandatory=True, the default, and with publisher confirms, the default, of a message that no queue
# takes returns normally: not with the usual Ack but with the returned message itself, and with a warning in the
# log. Only a channel made with on_return_raises=True raises. Code that awaits the publish and looks at nothing
# loses messages to a queue that is misspelt or not declared yet.
# One would have guessed: what `mandatory` and confirms are for, an exception.
#
# Seen:
#   channel():                       returned DeliveredMessage
#   channel(on_return_raises=True):  raised PublishError
#   a queue that is there:           returned Ack

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
[[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]] || apt-get install -y -qq rabbitmq-server > /dev/null
amqp=$(free_port) epmd=$(free_port)
echo "listeners.tcp.default = 127.0.0.1:$amqp" > "$work/rabbitmq.conf"
echo '[].' > "$work/plugins"
epmd -port "$epmd" -address 127.0.0.1 > "$work/epmd.log" 2>&1 &
env HOME="$work" RABBITMQ_NODENAME="finding$$@localhost" RABBITMQ_PID_FILE="$work/pid" \
  RABBITMQ_MNESIA_BASE="$work/data" RABBITMQ_LOG_BASE="$work/log" \
  RABBITMQ_CONFIG_FILE="$work/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$work/plugins" \
  RABBITMQ_DIST_PORT="$(free_port)" ERL_EPMD_PORT="$epmd" ERL_EPMD_ADDRESS=127.0.0.1 \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
  /usr/lib/rabbitmq/bin/rabbitmq-server > "$work/broker.log" 2>&1 &
await_port "$amqp"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  aio-pika==10.2.1 aiormq==7.2.4
cat > "$work/see.py" <<'EOF'
import asyncio
import sys

import aio_pika
from aio_pika import Message

QUORUM = {"x-queue-type": "quorum"}


async def connected():
    connection = await aio_pika.connect(sys.argv[1])
    return connection, await connection.channel()



async def publish(title, channel, key):
    try:
        told = f"returned {type(await channel.default_exchange.publish(Message(b'x'), key)).__name__}"
    except aio_pika.exceptions.DeliveryError as error:
        told = f"raised {type(error).__name__}"
    print(f"{title:32} {told}")
    return told


async def main():
    connection, channel = await connected()
    told = await publish("channel():", channel, "no-such-queue")
    strict = await connection.channel(on_return_raises=True)
    await publish("channel(on_return_raises=True):", strict, "no-such-queue")
    queue = await channel.declare_queue("there", durable=True, arguments=QUORUM)
    await publish("a queue that is there:", channel, queue.name)
    await connection.close()
    if told.startswith("raised"):
        sys.exit("not seen any more: an unroutable message raises")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
