#!/usr/bin/env bash
# Debian's restic 0.14.0-1+b5, compared with tar.
#
# restic's guide has the status 3 for a backup that lacks something. A path that is not there at all, as of a disk that
# is not mounted or a folder that was renamed, does not count: as long as another one is there, it is a line on stderr
# and 0. A restore that finds nothing under `--include` exits with 0 as well, and so do `tag` and `forget` with the id
# of a snapshot that does not exist.
# One would have guessed: 3, and 1 for what is not found, as tar has 2 for both.
#
# Seen:
#   restic backup there not-there           exits with 0
#   restic restore latest --include /typo   exits with 0   restored: 0 files
#   restic tag --add keep 12345678          exits with 0
#   restic forget 12345678                  exits with 0
#   tar -cf archive there not-there         exits with 2
#   tar -xf archive typo                    exits with 2   restored: 0 files

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download restic=0.14.0-1+b5 > /dev/null 2>&1
dpkg -x ./*.deb unpacked
PATH=$work/unpacked/usr/bin:$PATH
export RESTIC_REPOSITORY=$work/repository RESTIC_PASSWORD=of-no-use RESTIC_CACHE_DIR=$work/cache
restic init > /dev/null
mkdir there restored
echo 1 > there/file

row() { # the folder to work in, then the command
  local folder=$1 status=0 restored=''
  shift
  (cd "$folder" && "$@") > /dev/null 2>&1 || status=$?
  [[ $* != *typo* ]] || restored="   restored: $(find restored -type f | wc -l) files"
  printf '%-39s exits with %s%s\n' "$(sed -E 's/ --target \S+//; s# \.\./# #' <<< "$*")" "$status" "$restored"
}
{
  row . restic backup there not-there
  row . restic restore latest --include /typo --target "$work/restored"
  row . restic tag --add keep 12345678
  row . restic forget 12345678
  row . tar -cf archive there not-there
  row restored tar -xf ../archive typo
} | tee told
[[ $(grep -c '^restic .* exits with 0' told) == 4 ]] ||
  { echo 'not seen any more: what is not there is no success' >&2; exit 1; }
