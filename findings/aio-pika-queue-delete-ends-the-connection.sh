#!/usr/bin/env bash
# aio-pika 10.2.1 (aiormq 7.2.4) with rabbitmq-server 3.10.8 (Debian).
#
# `await queue.delete()` asks with if_unused and if_empty by default. A quorum queue knows neither, and RabbitMQ
# answers not with an error of the channel but by closing the whole connection (540, NOT_IMPLEMENTED): every other
# channel and consumer of the process goes with it, and the queue stays.
# One would have guessed: the queue is deleted, or that one call fails.
#
# Seen:
#   queue.delete():                    ConnectionNotImplemented
#   another channel, a publish on it:  ChannelInvalidStateError
#   the queue afterwards:              there
#   queue.delete(if_unused=False, if_empty=False): deleted

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



async def outcome(call, good):
    try:
        await asyncio.wait_for(call, 10)
    except Exception as error:
        return type(error).__name__
    return good


async def main():
    connection, channel = await connected()
    bystander = await connection.channel()
    queue = await channel.declare_queue("work", durable=True, arguments=QUORUM)
    first = await outcome(queue.delete(), "deleted")
    print("queue.delete():                   ", first)
    second = await outcome(bystander.default_exchange.publish(Message(b"x"), "work"), "published")
    print("another channel, a publish on it: ", second)
    connection, channel = await connected()
    print("the queue afterwards:             ", await outcome(channel.get_queue("work"), "there"))
    queue = await channel.get_queue("work", ensure=False)
    third = await outcome(queue.delete(if_unused=False, if_empty=False), "deleted")
    print("queue.delete(if_unused=False, if_empty=False):", third)
    await connection.close()
    if first == "deleted" or second == "published":
        sys.exit("not seen any more: the connection survives")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
