#!/usr/bin/env bash
# Go's github.com/containrrr/shoutrrr v0.8.0 (in Watchtower and others), its smtp service; the server is PyPI's
# aiosmtpd 1.4.6.
#
# It sends each recipient a mail of its own, in the order of the address, and gives up at the first that the server
# refuses: who stands before that one has the mail, who stands behind has not. The error is the same in all cases, so
# that a sender cannot tell whether nobody was reached or all but one, and sending again reaches the first ones twice.
# One would have guessed: everybody else gets it, and the error tells of the one.
#
# Seen:
#   to=ann,bob,left   error   got it: ann bob
#   to=ann,left,bob   error   got it: ann
#   to=left,ann,bob   error   got it: -
#   to=ann,bob        nil     got it: ann bob

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check aiosmtpd==1.4.6
mkdir "$work/module"
cd "$work/module"
go mod init example.org/send > /dev/null 2>&1
go get github.com/containrrr/shoutrrr@v0.8.0 > /dev/null 2>&1
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/containrrr/shoutrrr"
)

func main() { // the address
	if shoutrrr.Send(os.Args[1], "Disk full on db-1") == nil {
		fmt.Println("nil")
	} else {
		fmt.Println("error")
	}
}
END
go mod tidy > /dev/null 2>&1
go build -o send .

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
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with (work / "got").open("a") as got:
            print(*(address.split("@")[0] for address in envelope.rcpt_tos), file=got)
        return "250 OK"


async def serve():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
    (work / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
    (work / "port.part").rename(work / "port")
    await server.serve_forever()


asyncio.run(serve())
END
"$work/venv/bin/python" -W ignore "$work/server.py" "$work" &
for _ in $(seq 100); do
  [[ -s $work/port ]] && break
  sleep 0.2
done
[[ -s $work/port ]] || { echo 'the mail server does not answer' >&2; exit 2; }

for names in ann,bob,left ann,left,bob left,ann,bob ann,bob; do
  : > "$work/got"
  to=$(sed 's/,/@example.org,/g; s/$/@example.org/' <<< "$names")
  answer=$(./send "smtp://127.0.0.1:$(< "$work/port")/?from=cron@example.org&to=$to&auth=None&useStartTLS=no")
  got=$(tr '\n' ' ' < "$work/got")
  printf 'to=%-14s %-7s got it: %s\n' "$names" "$answer" "$(sed 's/ $//' <<< "${got:--}")"
done | tee told
grep -q '^to=left,ann,bob .* got it: -$' told ||
  { echo 'not seen any more: the others get the mail' >&2; exit 1; }
