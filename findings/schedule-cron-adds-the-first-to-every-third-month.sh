#!/usr/bin/env bash
# Debian's libschedule-cron-perl 1.05-1 (Perl's Schedule::Cron), compared with PyPI's cronsim 2.8.
#
# With a step behind an asterisk it takes the multiples of the step, and the first value as well: `*/3` are the months 1,
# 3, 6, 9 and 12, so that what is due each quarter comes five times a year, and `*/2` are the days 1, 2, 4, 6. Minutes
# and hours are right, since they begin with 0, and so is a range with a step, `1-12/3`.
# One would have guessed: 1, 4, 7, 10 and 1, 3, 5, 7, as by cron, all of whose extensions its manual says it knows.
#
# Seen (in 2026):
#   0 9 1 */3 *      Schedule::Cron   01-01 03-01 06-01 09-01 12-01
#                    cronsim          01-01 04-01 07-01 10-01
#   0 9 1 1-12/3 *   Schedule::Cron   01-01 04-01 07-01 10-01
#                    cronsim          01-01 04-01 07-01 10-01
#   0 9 */10 1 *     Schedule::Cron   01-01 01-10 01-20 01-30
#                    cronsim          01-01 01-11 01-21 01-31

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install --disable-pip-version-check cronsim==2.8
(
  cd "$work"
  apt-get download libschedule-cron-perl=1.05-1 libtime-parsedate-perl=2015.103-4 > /dev/null 2>&1
  for package in *.deb; do dpkg -x "$package" unpacked; done
)

cat > "$work/times.pl" <<'END'
use strict;
use warnings;
use POSIX qw(strftime);
use Schedule::Cron;

my $begin = 1767225600;    # 2026-01-01 in UTC
my $cron  = Schedule::Cron->new(sub { });
my @told;
for (my $at = $cron->get_next_execution_time($ARGV[0], $begin - 1);
    $at < $begin + 365 * 86400;
    $at = $cron->get_next_execution_time($ARGV[0], $at))
{
    push @told, strftime('%m-%d', gmtime $at);
}
print "@told\n";
END
cat > "$work/times.py" <<'END'
import itertools
import sys
from datetime import datetime

from cronsim import CronSim

times = CronSim(sys.argv[1], datetime(2026, 1, 1))
print(*(f"{at:%m-%d}" for at in itertools.takewhile(lambda at: at.year == 2026, times)))
END
export TZ=UTC
for text in '0 9 1 */3 *' '0 9 1 1-12/3 *' '0 9 */10 1 *'; do
  printf '%-16s Schedule::Cron   %s\n' "$text" \
    "$(PERL5LIB=$work/unpacked/usr/share/perl5 perl "$work/times.pl" "$text")"
  printf '%-16s cronsim          %s\n' '' "$("$work/venv/bin/python" "$work/times.py" "$text")"
done | tee "$work/told"
grep -Fq '0 9 1 */3 *      Schedule::Cron   01-01 03-01 06-01' "$work/told" ||
  { echo 'not seen any more: every third month is that of cron' >&2; exit 1; }
