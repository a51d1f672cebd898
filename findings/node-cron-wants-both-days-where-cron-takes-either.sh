#!/usr/bin/env bash
# npm's node-cron 4.6.0, compared with cron-parser 5.10.6, croner 11.0.1, cron 4.4.0 and PyPI's cronsim 2.8; in
# words by npm's cronstrue 3.39.0 and PyPI's cron-descriptor 2.2.1.
#
# A cron text with both day fields means "either day" to crontab. node-cron means "both": `0 9 13 * 5` runs on
# Friday the 13th only, one to three times a year instead of five times a month, and nothing tells. With a step
# (`*/10`), where cronsim wants both, the other three JavaScript libraries take either. What puts cron texts into
# words says "and" or "or" for all of them alike, so a preview is true for one scheduler and false for the next.
# One would have guessed: node-cron does as cron does, and the libraries agree.
#
# Seen (days of December 2026):
#   0 9 13 * 5
#     cronsim          04 11 13 18 25
#     cron-parser      04 11 13 18 25
#     croner           04 11 13 18 25
#     cron             04 11 13 18 25
#     node-cron        -
#     cronstrue        At 09:00 AM, on day 13 of the month, and on Friday
#     cron-descriptor  At 09:00 AM, on day 13 of the month, or on Friday
#   0 9 */10 * 5
#     cronsim          11
#     cron-parser      01 04 11 18 21 25 31
#     croner           01 04 11 18 21 25 31
#     cron             01 04 11 18 21 25 31
#     node-cron        11
#     cronstrue        At 09:00 AM, every 10 days in a month, and on Friday
#     cron-descriptor  At 09:00 AM, every 10 days, or on Friday

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check \
  cronsim==2.8 cron-descriptor==2.2.1
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" \
  node-cron@4.6.0 cron-parser@5.10.6 croner@11.0.1 cron@4.4.0 cronstrue@3.39.0 > /dev/null

cat > "$work/days.js" <<'EOF'
process.env.TZ = 'UTC';
const begin = new Date('2026-11-30T23:59:00Z');
const end = new Date('2027-01-01T00:00:00Z');
require('node:test').mock.timers.enable({ apis: ['Date'], now: begin }); // node-cron counts from now only
const { CronExpressionParser } = require('cron-parser');
const { Cron } = require('croner');
const { CronTime } = require('cron');
const nodeCron = require('node-cron');
const cronstrue = require('cronstrue');

const text = process.argv[2];
const next = {
  'cron-parser': (count) => {
    const times = CronExpressionParser.parse(text, { currentDate: begin, tz: 'UTC' });
    return Array.from({ length: count }, () => times.next().toDate());
  },
  croner: (count) => new Cron(text, { timezone: 'UTC', paused: true }).nextRuns(count, begin),
  cron: (count) => new CronTime(text, 'UTC').sendAt(count).map((time) => time.toJSDate()),
  'node-cron': (count) => nodeCron.createTask(text, () => {}, { timezone: 'UTC' }).getNextRuns(count),
};
const row = (name, told) => console.log(`  ${name.padEnd(16)} ${told}`);
for (const [name, times] of Object.entries(next)) {
  const days = times(31).filter((at) => at < end).map((at) => at.toISOString().slice(8, 10));
  row(name, days.join(' ') || '-');
}
row('cronstrue', cronstrue.toString(text));
process.exit(0);
EOF
cat > "$work/days.py" <<'EOF'
import sys
from datetime import datetime, timezone

from cron_descriptor import get_description
from cronsim import CronSim

text, what = sys.argv[1:]
days = []
for due in CronSim(text, datetime(2026, 11, 30, 23, 59, tzinfo=timezone.utc)):
    if due.year > 2026:
        break
    days.append(f"{due.day:02}")
print("  cronsim         ", *days) if what == "days" else print("  cron-descriptor ", get_description(text))
EOF
for text in '0 9 13 * 5' '0 9 */10 * 5'; do
  echo "$text"
  "$work/venv/bin/python" "$work/days.py" "$text" days
  (cd "$work" && node days.js "$text")
  "$work/venv/bin/python" "$work/days.py" "$text" words
done | tee "$work/told"
[[ $(sed -n '/node-cron/{p;q}' "$work/told") == *'-' ]] ||
  { echo 'not seen any more: node-cron takes either day' >&2; exit 1; }
