#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# A consumer of a single-active-consumer queue that shuts down as it should, cancelling first and then finishing
# what it holds, is not alone while it finishes: the next consumer becomes active with the cancel and is sent later
# messages although the earlier ones are unacknowledged. Both work at the same time, and out of order.
# One would have guessed: the next one becomes active when the messages of the one before are settled.
#
# Seen:
#   before the cancel: old has 0 1 2, new has nothing
#   after the cancel:  old has 0 1 2 in its hands, new has handled 3 4 5

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
    queue = await channel.declare_queue("jobs", durable=True, arguments={**QUORUM, "x-single-active-consumer": True})
    held, handled = [], []

    async def hold(message):
        held.append(message.body.decode())

    async def handle(message):
        handled.append(message.body.decode())
        await message.ack()

    consuming = []
    for callback in hold, handle:
        own, fetching = await connected()
        await fetching.set_qos(prefetch_count=3)
        mine = await fetching.get_queue(queue.name)
        consuming.append((own, mine, await mine.consume(callback)))
    for number in range(6):
        await channel.default_exchange.publish(Message(b"%d" % number), queue.name)
    await asyncio.sleep(1)
    print(f"before the cancel: old has {' '.join(held)}, new has {' '.join(handled) or 'nothing'}")
    own, mine, tag = consuming[0]
    await mine.cancel(tag)
    await asyncio.sleep(1)
    overlapped = list(handled)
    later = " ".join(overlapped) or "nothing"
    print(f"after the cancel:  old has {' '.join(held)} in its hands, new has handled {later}")
    for each in connection, consuming[0][0], consuming[1][0]:
        await each.close()
    if overlapped != ["3", "4", "5"]:
        sys.exit("not seen any more: the new consumer waits for the old one")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
