#!/usr/bin/env bash
# npm's node-ssh 13.2.1, ssh2-promise 1.0.3 and simple-ssh 1.1.1, with openssh-server as the server.
#
# `exec()` of the first two gives a promise, which does not go by the command's status: it is kept for a command that
# failed or was killed without a word, and broken for one that succeeded with a warning on stderr. (node-ssh's
# `execCommand()` gives the status, and null with a signal.) simple-ssh's `exit` callback, which is for the status, gets
# 0 for a killed command.
# One would have guessed: rejected where the command failed, as by Node's own child_process in its promised form.
#
# Seen:
#                                 exit 3      kill -KILL $$   echo Careful >&2
#   node-ssh exec()               resolves    resolves        rejects
#   ssh2-promise exec()           resolves    resolves        rejects
#   simple-ssh exit callback      3           0               0
#   child_process.exec promised   rejects     rejects         resolves

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
# npm trusts what the system trusts
export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
npm install --silent --no-audit --no-fund --prefix "$work" \
  node-ssh@13.2.1 ssh2-promise@1.0.3 simple-ssh@1.1.1 > /dev/null
[[ -x /usr/sbin/sshd ]] || apt-get install -y -qq openssh-server > /dev/null
[[ $EUID -ne 0 ]] || mkdir -p /run/sshd
for key in host id; do ssh-keygen -q -t ed25519 -N '' -f "$work/$key"; done
port=$(free_port)
cat > "$work/sshd_config" <<EOF
Port $port
ListenAddress 127.0.0.1
HostKey $work/host
AuthorizedKeysFile $work/id.pub
PidFile none
StrictModes no
UsePAM no
EOF
/usr/sbin/sshd -D -f "$work/sshd_config" -E "$work/sshd.log" &
await_port "$port"

cat > "$work/judge.js" <<'END_OF_JS'
const fs = require('fs');
const { promisify } = require('util');
const { NodeSSH } = require('node-ssh');
const SSH2Promise = require('ssh2-promise');
const SimpleSSH = require('simple-ssh');

const [port, username] = process.argv.slice(2);
const host = '127.0.0.1';
const key = fs.readFileSync('id', 'utf8');
const endings = ['exit 3', 'kill -KILL $$', 'echo Careful >&2'];
const judged = (promise) => promise.then(() => 'resolves', () => 'rejects');

(async () => {
  const nodeSsh = await new NodeSSH().connect({ host, port, username, privateKey: key });
  const ssh2Promise = new SSH2Promise({ host, port, username, identity: 'id' });
  await ssh2Promise.connect();
  const simply = (text) => new Promise((resolve, reject) => {
    new SimpleSSH({ host, port, user: username, key })
      .exec(text, { exit: (status) => resolve(status) })
      .on('error', reject)
      .start();
  });
  const rows = {
    'node-ssh exec()': (text) => judged(nodeSsh.exec('sh', ['-c', text])),
    'ssh2-promise exec()': (text) => judged(ssh2Promise.exec(text)),
    'simple-ssh exit callback': simply,
    'child_process.exec promised': (text) => judged(promisify(require('child_process').exec)(text)),
  };
  console.log(`${''.padEnd(29)} ${endings.map((text) => text.padEnd(16)).join('')}`);
  for (const [name, run] of Object.entries(rows)) {
    const told = [];
    for (const text of endings) told.push(String(await run(text)).padEnd(16));
    console.log(`${name.padEnd(29)} ${told.join('')}`);
  }
  process.exit();
})();
END_OF_JS
(cd "$work" && timeout 60 node judge.js "$port" "$(id -un)") | tee "$work/told"
[[ $(grep -Ec '^(node|simple)-ssh .* (resolves +resolves +rejects|3 +0 +0) *$' "$work/told") == 2 ]] ||
  { echo 'not seen any more: the status of the command counts' >&2; exit 1; }
