#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# Where a message that is given back (basic.nack with requeue) comes again depends on an argument that speaks of
# something else: in a quorum queue without x-delivery-limit it goes behind all that wait, with one it goes back to
# its old place, as in a classic queue. A message that is returned because its consumer ended keeps its place in all
# three.
# One would have guessed: its old place, whatever the limit.
#
# Seen (five messages, the first is given back):
#   classic:                     0 1 2 3 4
#   quorum, x-delivery-limit 5:  0 1 2 3 4
#   quorum:                      1 2 3 4 0
#   quorum, the consumer ended:  0 1 2 3 4

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



async def order(title, arguments, by_ending=False):
    connection, channel = await connected()
    queue = await channel.declare_queue(f"order {title}", durable=True, arguments=arguments)
    for number in range(5):
        await channel.default_exchange.publish(Message(b"%d" % number), queue.name)
    own, fetching = await connected()
    first = await (await fetching.get_queue(queue.name)).get()
    if not by_ending:
        await first.nack(requeue=True)
    await own.close()
    await asyncio.sleep(0.5)
    came = []
    for _ in range(50):
        while message := await queue.get(fail=False):
            came.append(message.body.decode())
        if len(came) == 5:
            break
        await asyncio.sleep(0.1)
    await connection.close()
    print(f"{title + ':':28} {' '.join(came)}")
    return came


async def main():
    await order("classic", {"x-queue-type": "classic"})
    await order("quorum, x-delivery-limit 5", {**QUORUM, "x-delivery-limit": 5})
    came = await order("quorum", QUORUM)
    await order("quorum, the consumer ended", QUORUM, by_ending=True)
    if came != ["1", "2", "3", "4", "0"]:
        sys.exit("not seen any more: the message keeps its place without a limit, too")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
