#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# A consumer that asks to be the exclusive one gets its "ok" from a quorum queue and is not exclusive: a second one,
# exclusive too, is let in beside it and gets half of the messages. A classic queue refuses the second with 403. So
# a scheduler that uses an exclusive consumer as its lock has two leaders once its queue becomes a quorum queue.
# One would have guessed: the second is refused, or the first, since the kind of queue cannot do it.
#
# Seen:
#   classic: the second consumer was refused (ChannelAccessRefused); messages 10 and 0
#   quorum:  the second consumer was let in; messages 5 and 5

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



async def share(kind):
    connection, channel = await connected()
    other, other_channel = await connected()
    queue = await channel.declare_queue(f"leader-{kind}", durable=True, arguments={"x-queue-type": kind})
    counts = [0, 0]

    def counting(which):
        async def handle(message):
            counts[which] += 1
            await message.ack()

        return handle

    await queue.consume(counting(0), exclusive=True)
    try:
        await (await other_channel.get_queue(queue.name)).consume(counting(1), exclusive=True)
        second = "let in"
    except aio_pika.exceptions.ChannelClosed as error:
        second = f"refused ({type(error).__name__})"
    for _ in range(10):
        await channel.default_exchange.publish(Message(b"tick"), queue.name)
    for _ in range(50):
        if sum(counts) == 10:
            break
        await asyncio.sleep(0.1)
    print(f"{kind + ':':8} the second consumer was {second}; messages {counts[0]} and {counts[1]}")
    await connection.close()
    await other.close()
    return second


async def main():
    await share("classic")
    if await share("quorum") != "let in":
        sys.exit("not seen any more: the quorum queue has one exclusive consumer")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
