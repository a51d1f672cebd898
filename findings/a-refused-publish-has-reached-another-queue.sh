#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# A message to an exchange with several queues behind it, one of which is full (x-overflow reject-publish), is
# answered by a negative confirm, although the other queues have taken it. The publisher that does what a nack asks
# for, and publishes again, gives every other queue one more copy each time.
# One would have guessed: a nack means that nobody has the message; or it is published to all queues or none.
#
# Seen (one message, published until it is confirmed, five times at most):
#   confirms: nack nack nack nack nack
#   the queue of the audit log has 5 copies

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



async def main():
    connection, channel = await connected()
    exchange = await channel.declare_exchange("events", aio_pika.ExchangeType.FANOUT)
    full = await channel.declare_queue("mail", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    await channel.default_exchange.publish(Message(b"older"), full.name)
    audit = await channel.declare_queue("audit", durable=True, arguments=QUORUM)
    for queue in full, audit:
        await queue.bind(exchange)
    confirms = []
    for _ in range(5):
        try:
            await exchange.publish(Message(b"run 7 failed", message_id="7"), "")
            confirms.append("ack")
            break
        except aio_pika.exceptions.DeliveryError:
            confirms.append("nack")
    copies = 0
    for _ in range(10):
        while await audit.get(fail=False, no_ack=True):
            copies += 1
        await asyncio.sleep(0.05)
    print("confirms:", *confirms)
    print(f"the queue of the audit log has {copies} copies")
    await connection.close()
    if "ack" in confirms or copies != 5:
        sys.exit("not seen any more: a refused message is in no queue")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
