#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# A queue declared with x-delivery-limit as text, as a value from the environment or a quoted number in YAML is, is
# accepted and has no limit at all: a message that its handler always gives back goes round for ever. A negative one
# is accepted as well and buries at the first return. Other numbers (x-max-length, x-message-ttl) are checked.
# One would have guessed: PRECONDITION_FAILED, as for other arguments.
#
# Seen (a message that is always given back, at most 100 times):
#   x-delivery-limit 3:    delivered 4 times
#   x-delivery-limit '3':  delivered 100 times
#   x-delivery-limit -1:   delivered 1 times
#   x-max-length '3':      refused
#   x-message-ttl '3':     refused

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



async def deliveries(argument, value):
    connection, channel = await connected()
    title, name = f"{argument} {value!r}:", f"{argument}-{type(value).__name__}-{value}"
    try:
        queue = await channel.declare_queue(name, durable=True, arguments={**QUORUM, argument: value})
    except aio_pika.exceptions.ChannelPreconditionFailed:
        print(f"{title:22} refused")
        await connection.close()
        return 0
    await channel.default_exchange.publish(Message(b"poison"), name)
    times = missed = 0
    while times < 100 and missed < 10:
        if message := await queue.get(fail=False):
            times, missed = times + 1, 0
            await message.nack(requeue=True)
        else:
            missed += 1
            await asyncio.sleep(0.05)
    await connection.close()
    print(f"{title:22} delivered {times} times")
    return times


async def main():
    await deliveries("x-delivery-limit", 3)
    times = await deliveries("x-delivery-limit", "3")
    await deliveries("x-delivery-limit", -1)
    await deliveries("x-max-length", "3")
    await deliveries("x-message-ttl", "3")
    if times != 100:
        sys.exit("not seen any more: text is refused or limits")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
