#!/usr/bin/env bash
# Debian's ruby-sshkit 1.21.2-1 (what Capistrano runs commands with) and ruby-net-ssh 1:7.0.1-1, with openssh-server as
# the server.
#
# `execute` raises where a command fails, and `capture` too: a deployment stops there. Not where a signal ended the
# command: `execute` returns false, which a deployment's steps do not look at, and `capture` returns what the command
# had printed until then, as if it was all. A migration that the kernel killed for lack of memory is followed by the
# next step. It goes for commands that the login shell replaces itself by, as bash does with the last of a line; where
# `with` puts variables in front, a shell lives on and tells of 137.
# One would have guessed: an error for everything that does not end with 0.
#
# Seen:
#                             migrate: exit 3   migrate: kill -KILL $$
#   execute                   raises            false
#   execute, within           raises            false
#   execute, with             raises            raises
#   capture                   raises            "1 of 9 done"
#   the step after it         not run           run

set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await_port() {
  for _ in {1..150}; do (: < "/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.2; done
  echo "nothing listens on port $1" >&2; return 2
}
command -v ruby > /dev/null || apt-get install -y -qq ruby > /dev/null
(
  cd "$work"
  apt-get download ruby-sshkit=1.21.2-1 ruby-net-ssh=1:7.0.1-1 ruby-net-scp=4.0.0-1 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)
[[ -x /usr/sbin/sshd ]] || apt-get install -y -qq openssh-server > /dev/null
[[ $EUID -ne 0 ]] || mkdir -p /run/sshd
# Of the kinds that net-ssh knows without a further gem.
for key in host id; do ssh-keygen -q -t ecdsa -m PEM -N '' -f "$work/$key"; done
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
for ending in 'exit 3' 'kill -KILL $$'; do
  printf '#!/bin/sh\necho 1 of 9 done\n%s\n' "$ending" > "$work/migrate-${ending%% *}"
  chmod 755 "$work/migrate-${ending%% *}"
done

cat > "$work/deploy.rb" <<'END_OF_RUBY'
require 'sshkit'
require 'sshkit/dsl'
include SSHKit::DSL

work, port, user = ARGV
SSHKit.config.output_verbosity = :fatal
SSHKit::Backend::Netssh.configure do |ssh|
  ssh.ssh_options = {
    keys: ["#{work}/id"], keys_only: true, config: false, verify_host_key: :never, port: port, user: user
  }
end

def row(name, *steps)
  printf("%-25s %-17s %s\n", name, *steps)
end

def told(&step)
  told = nil
  on('127.0.0.1', in: :sequence) do
    told = instance_exec(&step).inspect
  rescue SSHKit::Command::Failed
    told = 'raises'
  end
  told
end

programs = %w[exit kill].map { |ending| "#{work}/migrate-#{ending}" }
row('', 'migrate: exit 3', 'migrate: kill -KILL $$')
row('execute', *programs.map { |program| told { execute program } })
row('execute, within', *programs.map { |program| told { within('/') { execute program } } })
row('execute, with', *programs.map { |program| told { with(stage: 'x') { execute program } } })
row('capture', *programs.map { |program| told { capture program } })
went_on = programs.map do |program|
  ran = false
  told { execute program; ran = true }
  ran ? 'run' : 'not run'
end
row('the step after it', *went_on)
END_OF_RUBY
unpacked=$work/unpacked/usr
gems=$unpacked/share/rubygems-integration/all/gems
RUBYLIB=$unpacked/lib/ruby/vendor_ruby:$gems/net-ssh-7.0.1/lib:$gems/net-scp-4.0.0/lib \
  ruby "$work/deploy.rb" "$work" "$port" "$(id -un)" | tee "$work/told"
grep -q '^the step after it *not run *run$' "$work/told" ||
  { echo 'not seen any more: a killed command raises' >&2; exit 1; }
