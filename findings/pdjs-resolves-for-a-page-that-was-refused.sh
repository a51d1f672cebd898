#!/usr/bin/env bash
# npm's @pagerduty/pdjs 2.2.4 (PagerDuty's own client), its event functions and its REST client, against a server on
# 127.0.0.1 in PagerDuty's place.
#
# The promise of `trigger()`, `event()` and `api()` is kept whatever the answer's status is. Its guide has `.then()` and
# `.catch(console.error)`, and the latter hears of a lost connection only: a page refused for a wrong routing key (400),
# or met by a server error, which PagerDuty wants to be tried again, passes for sent. `response.status` has to be looked
# at, which the guide does not say.
# One would have guessed: rejected for 4xx and 5xx, as PagerDuty's clients for Python raise.
#
# Seen (what the promise does, and how often was tried):
#                         202        400        403        500        503        connection lost
#   trigger()             resolves 1 resolves 1 resolves 1 resolves 1 resolves 1 rejects 1
#   api().put(incident)   resolves 1 resolves 1 resolves 1 resolves 1 resolves 1 rejects 1

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The client takes https:// only.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/key.pem" -out "$work/certificate.pem" 2> /dev/null
# npm trusts what the system trusts
NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
  npm install --silent --no-audit --no-fund --prefix "$work" @pagerduty/pdjs@2.2.4 > /dev/null

cat > "$work/page.js" <<'END_OF_JS'
const fs = require('fs');
const https = require('https');
const { api, trigger } = require('@pagerduty/pdjs');

const files = { key: fs.readFileSync('key.pem'), cert: fs.readFileSync('certificate.pem') };
const answers = [202, 400, 403, 500, 503, 'connection lost'];

async function told(answer, call) {
  let tries = 0;
  const server = https.createServer(files, (request, response) => {
    request.resume().on('end', () => {
      tries += 1;
      if (answer === 'connection lost') return request.socket.destroy();
      response.writeHead(answer, { 'Content-Type': 'application/json', Connection: 'close' });
      return response.end(JSON.stringify({ status: answer === 202 ? 'success' : 'invalid event' }));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const did = await call(`127.0.0.1:${server.address().port}`).then(() => 'resolves', () => 'rejects');
  server.close();
  return `${did} ${tries}`;
}

const rows = {
  'trigger()': (server) => trigger({
    server,
    data: { routing_key: '0'.repeat(32), payload: { summary: 'Run failed', source: 'db-1', severity: 'critical' } },
  }),
  'api().put(incident)': (server) => api({ token: 'of-no-use', server }).put('/incidents/P1', {
    data: { incident: { type: 'incident_reference', status: 'acknowledged' } },
  }),
};
(async () => {
  console.log(`${''.padEnd(21)} ${answers.map((answer) => String(answer).padEnd(11)).join('')}`);
  for (const [name, call] of Object.entries(rows)) {
    const row = [];
    for (const answer of answers) row.push((await told(answer, call)).padEnd(11));
    console.log(`${name.padEnd(21)} ${row.join('')}`.trimEnd());
  }
})();
END_OF_JS
(cd "$work" && NODE_EXTRA_CA_CERTS=certificate.pem timeout 60 node page.js) | tee "$work/told"
grep -Eq '^trigger\(\) +(resolves 1 ){5}rejects 1$' "$work/told" ||
  { echo 'not seen any more: a refused page rejects' >&2; exit 1; }
