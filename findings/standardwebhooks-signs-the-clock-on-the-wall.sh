#!/usr/bin/env bash
# PyPI's standardwebhooks 1.1.0 (and so svix 2.9.1, whose Webhook hands on to it), signing; checked by itself and by
# npm's standardwebhooks 1.1.1.
#
# sign() takes the moment as a datetime, and replaces its zone by UTC instead of converting it: what is signed is the
# number of seconds that the clock on the wall would be in UTC. With the header set from the same datetime, as
# `int(moment.timestamp())`, every delivery that was signed in another zone is refused by every receiver, as "No
# matching signature found", which sends one looking at secrets. A naive datetime.now() is signed well on servers whose
# zone is UTC, as those of CI are, and badly on others. A Date of JavaScript has no zone, so there it cannot happen.
# One would have guessed: an aware datetime is a moment, whatever its zone, as for timestamp(), isoformat() and ==.
#
# Seen (header by timestamp(), verified in Python and in JavaScript):
#   datetime.now(timezone.utc)              TZ=UTC           accepted  accepted
#   datetime.now(ZoneInfo("Europe/Berlin")) TZ=UTC           refused   refused
#   datetime.now().astimezone()             TZ=Europe/Berlin refused   refused
#   datetime.now()                          TZ=UTC           accepted  accepted
#   datetime.now()                          TZ=Europe/Berlin refused   refused

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check standardwebhooks==1.1.0 tzdata==2026.6
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" standardwebhooks@1.1.1 > /dev/null

cat > "$work/sign.py" <<'END'
import json
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook, WebhookVerificationError

moment = eval(sys.argv[1], {"datetime": datetime, "timezone": timezone, "ZoneInfo": ZoneInfo})
webhook = Webhook("whsec_" + "c2VjcmV0IG9mIGEgdGVzdCB0aGF0IGlzIGxvbmc=")
body = '{"run":"42","state":"failed"}'
headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": str(int(moment.timestamp())),
    "webhook-signature": webhook.sign("msg_1", moment, body),
}
try:
    webhook.verify(body, headers)
    told = "accepted"
except WebhookVerificationError:
    told = "refused"
print(json.dumps({"headers": headers, "body": body, "told": told}))
END
cat > "$work/verify.js" <<'END'
const { Webhook } = require('standardwebhooks');
const { headers, body, told } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
let here = 'accepted';
try {
  new Webhook('whsec_' + 'c2VjcmV0IG9mIGEgdGVzdCB0aGF0IGlzIGxvbmc=').verify(body, headers);
} catch {
  here = 'refused';
}
console.log(told.padEnd(9), here);
END
row() {
  printf '%-39s TZ=%-13s %s\n' "$1" "$2" \
    "$(TZ=$2 "$work/venv/bin/python" "$work/sign.py" "$1" | (cd "$work" && node verify.js))"
}
{
  row 'datetime.now(timezone.utc)' UTC
  row 'datetime.now(ZoneInfo("Europe/Berlin"))' UTC
  row 'datetime.now().astimezone()' Europe/Berlin
  row 'datetime.now()' UTC
  row 'datetime.now()' Europe/Berlin
} | tee "$work/told"
[[ $(grep -c 'accepted  accepted' "$work/told") == 2 && $(grep -c 'refused   refused' "$work/told") == 3 ]] ||
  { echo 'not seen any more: an aware datetime of another zone signs the moment that it is' >&2; exit 1; }
