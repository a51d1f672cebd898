#!/usr/bin/env bash
# Debian's msmtp 1.8.23-1, which is what stands for sendmail in many containers and on many hosts without a mail server,
# compared with Python's smtplib; the server is PyPI's aiosmtpd 1.4.6.
#
# Where the server refuses one recipient of several, msmtp ends the connection before the text, and nobody gets the
# mail: one colleague who has left takes the alert from the whole list. A refusal for a while (451, as by greylisting)
# does the same. Only its status and stderr tell, which cron and most scripts throw away: it keeps no queue and tries
# nothing again.
# One would have guessed: the others get it, as by any sendmail and by smtplib, which returns who was refused.
#
# Seen:
#                                      status  who got the mail
#   msmtp    on-call@                       0  on-call@
#   msmtp    on-call@ left@ (550)          65  -
#   msmtp    on-call@ busy@ (451)          69  -
#   smtplib  on-call@ left@ (550)           0  on-call@
#   smtplib  on-call@ busy@ (451)           0  on-call@

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check aiosmtpd==1.4.6
(
  cd "$work"
  apt-get download msmtp=1.8.23-1 libgsasl18 libsecret-1-0 libntlm0 libidn12 libgssglue1 libglib2.0-0 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)
export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu

cat > "$work/server.py" <<'END'
import asyncio
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP

work = Path(sys.argv[1])


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("left"):
            return "550 5.1.1 No such user"
        if address.startswith("busy"):
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        names = (address.split("@")[0] + "@" for address in envelope.rcpt_tos)
        (work / "got").write_text(" ".join(names))
        return "250 OK"


async def serve():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    (work / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (work / "port.part").rename(work / "port")
    await server.serve_forever()


asyncio.run(serve())
END
"$work/venv/bin/python" "$work/server.py" "$work" &
for _ in $(seq 100); do
  [[ -s $work/port ]] && break
  sleep 0.2
done
[[ -s $work/port ]] || { echo 'the mail server does not answer' >&2; exit 2; }
port=$(< "$work/port")

by_msmtp() {
  printf 'Subject: Disk full\n\nOn db-1.\n' |
    "$work/unpacked/usr/bin/msmtp" --file=/dev/null --host=127.0.0.1 --port="$port" --from=cron@example.org "$@"
}
by_smtplib() {
  python3 - "$port" "$@" <<'END'
import smtplib
import sys

with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
    server.sendmail("cron@example.org", sys.argv[2:], "Subject: Disk full\r\n\r\nOn db-1.\r\n")
END
}
row() { # $1 the program, $2 the title, then the recipients
  local program=$1 title=$2 status=0
  shift 2
  rm -f "$work/got"
  "by_$program" "${@/%/@example.org}" 2> /dev/null || status=$?
  printf '%-8s %-26s %7s  %s\n' "$program" "$title" "$status" "$(cat "$work/got" 2> /dev/null || echo -)"
}
printf '%-35s %7s  %s\n' '' status 'who got the mail'
{
  row msmtp 'on-call@' on-call
  row msmtp 'on-call@ left@ (550)' on-call left
  row msmtp 'on-call@ busy@ (451)' on-call busy
  row smtplib 'on-call@ left@ (550)' on-call left
  row smtplib 'on-call@ busy@ (451)' on-call busy
} | tee "$work/told"
[[ $(grep -Ec '^msmtp .* (65|69)  -$' "$work/told") == 2 ]] ||
  { echo 'not seen any more: the others get the mail' >&2; exit 1; }
