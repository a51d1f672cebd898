#!/usr/bin/env bash
# rabbitmq-server 3.10.8 (Debian), seen with aio-pika 10.2.1.
#
# A quorum queue counts every return of a message towards x-delivery-limit, also when a consumer merely ends while
# it holds messages that it fetched ahead and never looked at. With a prefetch of 20 and a limit of 2 three restarts
# of the consumer send 20 good messages, which no handler ever saw, to the dead letters.
# One would have guessed: only a message that was rejected or negatively acknowledged counts, or the one being
# handled.
#
# Seen:
#   consumer 1 was sent 20 messages, handled 0, rejected 0, and ended
#   consumer 2 was sent 20 messages, handled 0, rejected 0, and ended
#   consumer 3 was sent 20 messages, handled 0, rejected 0, and ended
#   dead letters: 20, reason delivery_limit

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
    dead = await channel.declare_queue("dead", durable=True)
    limits = {"x-delivery-limit": 2, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}
    await channel.declare_queue("work", durable=True, arguments={**QUORUM, **limits})
    for number in range(20):
        await channel.default_exchange.publish(Message(b"%d" % number), "work")
    for consumer in range(1, 4):
        own, fetching = await connected()
        await fetching.set_qos(prefetch_count=20)
        fetched, all_fetched = [], asyncio.Event()

        async def keep(message):
            fetched.append(message)
            if len(fetched) == 20:
                all_fetched.set()

        await (await fetching.get_queue("work")).consume(keep)
        await asyncio.wait_for(all_fetched.wait(), 20)
        await own.close()
        print(f"consumer {consumer} was sent {len(fetched)} messages, handled 0, rejected 0, and ended")
    buried = []
    for _ in range(50):
        while message := await dead.get(fail=False):
            buried.append(message.headers["x-death"][0]["reason"])
        if len(buried) == 20:
            break
        await asyncio.sleep(0.2)
    print(f"dead letters: {len(buried)}, reason {', '.join(set(buried))}")
    await connection.close()
    if len(buried) != 20:
        sys.exit("not seen any more: messages that nobody handled are not buried")


asyncio.run(main())
EOF
"$work/venv/bin/python" "$work/see.py" "amqp://guest:guest@127.0.0.1:$amqp/" 2> "$work/client.log" ||
  { tail -n 3 "$work/client.log" >&2; exit 1; }
