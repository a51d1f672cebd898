#!/usr/bin/env bash
# npm's @datasert/cronjs-matcher 1.4.0, compared with cron-parser 5.10.6.
#
# `0 9 * * 5#5`, the fifth Friday, does not come where that is the 31st, as in July 2026 and December 2027. A range to
# 7 (`5-7`, `1-7`) leaves Sunday out, though 7 alone is Sunday. Neither is refused, and cronstrue 3.39.0, which a
# preview would show, says "fifth Friday" and "Friday through Sunday".
# One would have guessed: a library with the extensions of Quartz (L, W, #) counts the last day of a month.
#
# Seen (days of 2026 and 2027):
#   0 9 * * 5#5  cronjs-matcher  01-30 05-29 10-30 01-29 04-30 07-30 10-29
#                cron-parser     01-30 05-29 07-31 10-30 01-29 04-30 07-30
#                cronstrue       At 09:00 AM, on the fifth Friday of the month
#   0 9 * * 5-7  cronjs-matcher  01-02 01-03 01-09 01-10 01-16 01-17 01-23
#                cron-parser     01-02 01-03 01-04 01-09 01-10 01-11 01-16
#                cronstrue       At 09:00 AM, Friday through Sunday

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" \
  @datasert/cronjs-matcher@1.4.0 cron-parser@5.10.6 cronstrue@3.39.0 > /dev/null

cat > "$work/days.js" <<'END'
const { getFutureMatches } = require('@datasert/cronjs-matcher');
const { CronExpressionParser } = require('cron-parser');
const cronstrue = require('cronstrue');

const begin = new Date('2026-01-01T00:00:00Z');
const days = (times) => times.map((time) => time.slice(5, 10)).join(' ');
for (const text of ['0 9 * * 5#5', '0 9 * * 5-7']) {
  const times = CronExpressionParser.parse(text, { currentDate: begin, tz: 'UTC' });
  const rows = {
    'cronjs-matcher': days(getFutureMatches(text, { timezone: 'UTC', matchCount: 7, startAt: begin.toISOString() })),
    'cron-parser': days(Array.from({ length: 7 }, () => times.next().toISOString())),
    cronstrue: cronstrue.toString(text),
  };
  Object.entries(rows).forEach(([name, told], index) => {
    console.log(`${(index ? '' : text).padEnd(12)} ${name.padEnd(15)} ${told}`);
  });
}
END
(cd "$work" && node days.js) | tee "$work/told"
[[ $(sed -n 1p "$work/told") != *07-31* ]] ||
  { echo 'not seen any more: the fifth Friday of July 2026 comes' >&2; exit 1; }
