#!/usr/bin/env bash
# Debian's etcd-client and etcd-server 3.4.23-4+b4.
#
# `etcdctl lock NAME -- COMMAND` runs a command under a lock, which hangs on a lease of ten seconds (`--ttl`). Where the
# lease runs out meanwhile, as when the way to etcd is cut for longer, somebody else gets the lock and runs the same
# command at the same time. The first command goes on to its end, nothing is said, and etcdctl exits with 0. (It also
# makes 1 of every failure's status.) Here the way is a relay that passes nothing on for a while.
# One would have guessed: the command is ended, as by `consul lock`, or at least the status tells of it.
#
# Seen:
#   first   begins
#   second  begins
#   second  ends
#   second  status 0, stderr: -
#   first   ends
#   first   status 0, stderr: -

set -euo pipefail
work=$(mktemp -d)
clean_up() {
  touch "$work/end-first" "$work/end-second"
  kill -CONT $(jobs -p) 2>/dev/null || true
  kill $(jobs -p) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
await_word() { # $1 the words that the log is to hold
  for _ in {1..300}; do ! grep -qs "$1" "$work/log" || return 0; sleep 0.1; done
  echo "nobody says '$1'" >&2; exit 2
}
(
  cd "$work"
  apt-get download etcd-client=3.4.23-4+b4 etcd-server=3.4.23-4+b4 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)
clients=$(free_port)
peers=$(free_port)
"$work/unpacked/usr/bin/etcd" --data-dir "$work/data" \
  --listen-client-urls "http://127.0.0.1:$clients" --advertise-client-urls "http://127.0.0.1:$clients" \
  --listen-peer-urls "http://127.0.0.1:$peers" --initial-advertise-peer-urls "http://127.0.0.1:$peers" \
  --initial-cluster "default=http://127.0.0.1:$peers" > "$work/etcd.log" 2>&1 &
await_port "$clients"

cat > "$work/relay.py" <<'END_OF_PYTHON'
import asyncio
import sys


async def pass_on(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve():
    async def relay(reader, writer):
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
        await asyncio.gather(pass_on(reader, to_writer), pass_on(to_reader, writer), return_exceptions=True)

    server = await asyncio.start_server(relay, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(serve())
END_OF_PYTHON
cut=$(free_port)
python3 "$work/relay.py" "$cut" "$clients" &
relay=$!
await_port "$cut"

cat > "$work/job" <<'END_OF_JOB'
#!/bin/sh
# Ends as soon as the file appears that its second argument names.
echo "$1 begins" >> log
until [ -e "$2" ]; do sleep 0.1; done
echo "$1 ends" >> log
END_OF_JOB
chmod 755 "$work/job"
lock() { # $1 the port, $2 the name, $3 the file that ends the job
  local status=0
  (cd "$work" && ETCDCTL_API=3 unpacked/usr/bin/etcdctl --endpoints="127.0.0.1:$1" lock --ttl 3 deployment -- \
    ./job "$2" "$3" 2> "stderr-$2" > /dev/null) || status=$?
  echo "$2 status $status, stderr: $(grep . "$work/stderr-$2" || echo -)" >> "$work/log"
}
lock "$cut" first end-first &
await_word 'first begins'
kill -STOP "$relay"
lock "$clients" second end-second &
await_word 'second begins'
kill -CONT "$relay"
touch "$work/end-second"
await_word 'second status'
touch "$work/end-first"
await_word 'first status'
sed -E 's/^(first|second) /\1        /; s/^(.{8}) */\1/' "$work/log" | tee "$work/told"
printf '%s\n' 'first begins' 'second begins' 'second ends' | cmp -s - <(head -3 "$work/log") &&
  grep -q '^first status 0' "$work/log" ||
  { echo 'not seen any more: the lock and the command end together, or the status tells' >&2; exit 1; }
