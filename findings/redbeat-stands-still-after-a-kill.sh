#!/usr/bin/env bash
# PyPI's celery-redbeat 2.4.2 with celery 5.7.0 and Debian's redis 7.0.15.
#
# RedBeat holds a lock in Redis, so that one beat of several sends. A beat that was killed, or whose node was lost,
# leaves the lock for 25 minutes (five times the longest pause between two looks, which is five minutes), and the one
# that is started in its place, or waits beside it, sends nothing until then. At the level INFO its last words are
# "beat: Starting...", and the process lives, so that supervisors and probes are content. A beat that is asked to
# end gives the lock back, so that no rolling restart shows it. `redbeat_lock_timeout` shortens it.
# One would have guessed: a lock that is kept up for as long as its holder lives ends seconds after it, as leases do.
#
# Seen (a task every 2 s, 20 s after the second beat was started):
#                   lock left for  sent since  last words
#   after SIGTERM             0 s         yes  Scheduler: Sending due task often (jobs.run)
#   after SIGKILL          1500 s          no  beat: Starting...

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  celery-redbeat==2.4.2 celery==5.7.0 redis==8.1.0 packaging==26.4
(
  cd "$work"
  apt-get download redis-server redis-tools liblzf1 libjemalloc2 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)
libraries=$(echo "$work"/unpacked/usr/lib/*-linux-gnu)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
LD_LIBRARY_PATH=$libraries "$work/unpacked/usr/bin/redis-server" --port "$port" --bind 127.0.0.1 --save '' \
  --dir "$work" > "$work/redis.log" &
ask() { LD_LIBRARY_PATH=$libraries "$work/unpacked/usr/bin/redis-cli" -p "$port" "$@"; }

cat > "$work/jobs.py" <<END
from celery import Celery

app = Celery("jobs", broker="redis://127.0.0.1:$port/0")
app.conf.beat_scheduler = "redbeat.RedBeatScheduler"
app.conf.redbeat_redis_url = "redis://127.0.0.1:$port/1"
app.conf.beat_schedule = {"often": {"task": "jobs.run", "schedule": 2.0}}


@app.task
def run():
    pass
END
cd "$work"
beat() {
  "$work/venv/bin/celery" -A jobs beat --loglevel=INFO --pidfile= > "$work/beat.log" 2>&1 &
  pid=$!
}
until_it_sends() {
  for _ in $(seq 120); do
    grep -q 'Sending due task' "$work/beat.log" && return
    sleep 0.5
  done
  echo 'beat does not send at all' >&2
  exit 2
}
row() {
  local left sent=no
  ask -n 1 flushdb > /dev/null
  beat
  until_it_sends
  kill -s "$1" "$pid"
  wait "$pid" 2> /dev/null || true
  left=$(ask -n 1 pttl redbeat::lock)
  beat
  for _ in $(seq 120); do
    grep -q Starting "$work/beat.log" && break
    sleep 0.5
  done
  sleep 20
  grep -q 'Sending due task' "$work/beat.log" && sent=yes
  # To the nearest ten seconds; -2 is no lock.
  printf '%-15s %11s s %11s  %s\n' "after SIG$1" "$((left < 0 ? 0 : (left + 5000) / 10000 * 10))" "$sent" \
    "$(grep MainProcess "$work/beat.log" | tail -n 1 | sed 's/.*MainProcess\] //')"
  kill -s KILL "$pid"
  wait "$pid" 2> /dev/null || true
}
for _ in $(seq 50); do
  ask ping > /dev/null 2>&1 && break
  sleep 0.2
done
printf '%-15s %13s %11s  %s\n' '' 'lock left for' 'sent since' 'last words'
{
  row TERM
  row KILL
} | tee "$work/told"
grep -Eq '^after SIGKILL .* no  beat: Starting' "$work/told" ||
  { echo 'not seen any more: the second beat sends' >&2; exit 1; }
