#!/usr/bin/env bash
# Go's github.com/appleboy/easyssh-proxy v1.5.0, which ssh steps of CI systems are built on, with openssh-server as the
# server.
#
# What Run() returns is not what the command printed: empty lines are left out, and from a line of more than 64 KiB on
# all is gone, as for JSON on one line, with no error. A runbook that looks for something in an inventory or a list of
# containers finds nothing, on the large hosts only.
# One would have guessed: all of it, or an error, as Session.Output() of golang.org/x/crypto/ssh has it.
#
# Seen (how many characters arrive, and the error or the exit status):
#                                   x/crypto/ssh       easyssh
#   two lines, an empty one between 5   <nil>          4   <nil>
#   one line of 60,000              60001   <nil>      60001   <nil>
#   one line of 70,000              70001   <nil>      0   <nil>
#   1, 70,000 and 1 on three lines  70005   <nil>      2   <nil>
#   exit 3                          0   3              0   3

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
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
mkdir "$work/module"
cd "$work/module"
go mod init example.org/lines > /dev/null 2>&1
go get github.com/appleboy/easyssh-proxy@v1.5.0 > /dev/null 2>&1

cat > main.go <<'END_OF_GO'
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/appleboy/easyssh-proxy"
	"golang.org/x/crypto/ssh"
)

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func told(output string, err error) string {
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return fmt.Sprintf("%d   %d", len(output), exit.ExitStatus())
	}
	return fmt.Sprintf("%d   %v", len(output), err)
}

func main() { // the port, the user and the file of the key
	port, user, file := os.Args[1], os.Args[2], os.Args[3]
	text, err := os.ReadFile(file)
	fail(err)
	key, err := ssh.ParsePrivateKey(text)
	fail(err)
	client, err := ssh.Dial("tcp", "127.0.0.1:"+port, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	fail(err)
	easy := &easyssh.MakeConfig{User: user, Server: "127.0.0.1", Port: port, KeyPath: file}

	fmt.Printf("%-31s %-18s %s\n", "", "x/crypto/ssh", "easyssh")
	for _, row := range [][2]string{
		{"two lines, an empty one between", `printf '1\n\n2\n'`},
		{"one line of 60,000", `printf '%060000d\n' 1`},
		{"one line of 70,000", `printf '%070000d\n' 1`},
		{"1, 70,000 and 1 on three lines", `printf '1\n%070000d\n2\n' 1`},
		{"exit 3", "exit 3"},
	} {
		session, err := client.NewSession()
		fail(err)
		output, err := session.Output(row[1])
		easily, _, _, easyErr := easy.Run(row[1])
		fmt.Printf("%-31s %-18s %s\n", row[0], told(string(output), err), told(easily, easyErr))
	}
}
END_OF_GO
go mod tidy > /dev/null 2>&1
go run . "$port" "$(id -un)" "$work/id" | tee told
grep -Eq '^one line of 70,000 +70001 +<nil> +0 +<nil>$' told ||
  { echo 'not seen any more: a long line arrives, or there is an error' >&2; exit 1; }
