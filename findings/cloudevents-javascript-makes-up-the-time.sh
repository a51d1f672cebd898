#!/usr/bin/env bash
# npm's cloudevents 10.0.0 (the JavaScript SDK), HTTP binding.
#
# An event that is received without `time`, which is optional, has one afterwards: the moment of receipt, as if its
# sender had said so, and another one for each redelivery of the same bytes. A time that was sent is cut to
# milliseconds, data that is null is left out, and text as data goes out bare under application/json, where no
# receiver can parse it.
# One would have guessed: what was not sent stays absent, and an event that is passed on is the one that came.
#
# Seen:
#   received without a time, twice:   2 different times
#   received 12:00:00.123456789Z:     2026-11-28T12:00:00.123Z
#   received "data": null:            no data
#   sent data "disk full" as JSON:    disk full

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" \
  cloudevents@10.0.0 > /dev/null

cat > "$work/events.js" <<'EOF'
const { CloudEvent, HTTP } = require('cloudevents');

const headers = { 'content-type': 'application/cloudevents+json' };
const whole = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const received = (more) =>
  HTTP.toEvent({ headers, body: JSON.stringify({ ...whole, ...more }) }).toJSON();
const row = (title, told) => console.log(`${title.padEnd(33)} ${told}`);

(async () => {
  const times = new Set();
  for (let i = 0; i < 2; i += 1) {
    times.add(received({}).time);
    await new Promise((done) => setTimeout(done, 20));
  }
  row('received without a time, twice:', `${times.size} different times`);
  row('received 12:00:00.123456789Z:', received({ time: '2026-11-28T12:00:00.123456789Z' }).time);
  row('received "data": null:', received({ data: null }).data === null ? 'null' : 'no data');
  const alert = new CloudEvent({ source: '/s', type: 't', datacontenttype: 'application/json', data: 'disk full' });
  row('sent data "disk full" as JSON:', HTTP.binary(alert).body);
  if (times.has(undefined) || times.size !== 2) {
    console.error('not seen any more: a time that was not sent stays absent');
    process.exit(1);
  }
})();
EOF
(cd "$work" && node events.js)
