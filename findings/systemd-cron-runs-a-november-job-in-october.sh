#!/usr/bin/env bash
# Debian's systemd-cron 1.15.19-5, which makes timers of systemd of crontabs and stands in for cron.
#
# Its list of the months' names lacks October: `nov` runs in October, `dec` in November, and `oct` is never. A range of
# weekdays that ends with 7 loses its days, which makes it every day. (Of `oct` and such a range a line in the kernel's
# log tells, at boot.) Blanks in a command are brought to one, also between quotes, so that another text is searched
# for or written.
# One would have guessed: what cron's own manual allows runs as by cron, or not at all.
#
# Seen:
#   0 9 1 sep * job          *-9-1 9:0:00
#   0 9 1 oct * job          (no timer)
#   0 9 1 nov * job          *-10-1 9:0:00
#   0 9 1 dec * job          *-11-1 9:0:00
#   0 9 1 11 * job           *-11-1 9:0:00
#   0 9 * * 5-7 job          *-*-* 9:0:00
#   0 9 * * 5,6,7 job        Sun,Fri,Sat *-*-* 9:0:00
#   0 9 * * * grep "a  b" f  *-*-* 9:0:00               grep "a b" f

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(
  cd "$work"
  apt-get download systemd-cron=1.15.19-5 > /dev/null 2>&1
  dpkg -x ./*.deb unpacked
)

python3 -W ignore - "$work" <<'END' 2> /dev/null | tee "$work/told"
import importlib.machinery
import importlib.util
import itertools
import re
import sys
from pathlib import Path

work = Path(sys.argv[1])
file = work / "unpacked/lib/systemd/system-generators/systemd-crontab-generator"
# The generator's own two steps, on a crontab and in folders of ours: alone it takes those of the system.
loader = importlib.machinery.SourceFileLoader("generator", str(file))
generator = importlib.util.module_from_spec(importlib.util.spec_from_loader("generator", loader))
loader.exec_module(generator)


def timers(line):
    units = Path(work, "units")
    (units / "timers").mkdir(parents=True, exist_ok=True)
    generator.TARGET_DIR, generator.TIMERS_DIR = str(units), str(units / "timers")
    crontab = work / "root"
    crontab.write_text(line + "\n")
    for job in generator.parse_crontab(str(crontab), withuser=False):
        name = generator.generate_timer_unit(job, seq=itertools.count())
        if name is None:
            yield "(no timer)", ""
            continue
        calendar = re.search("^OnCalendar= *(.*)$", (units / name).read_text(), re.MULTILINE)
        yield calendar[1], (units / name).with_suffix(".sh").read_text()


for line in (
    "0 9 1 sep * job",
    "0 9 1 oct * job",
    "0 9 1 nov * job",
    "0 9 1 dec * job",
    "0 9 1 11 * job",
    "0 9 * * 5-7 job",
    "0 9 * * 5,6,7 job",
    '0 9 * * * grep "a  b" f',
):
    for calendar, command in timers(line):
        changed = command if command and not line.endswith(command) else ""
        print(f"{line:24} {calendar:26} {changed}".rstrip())
END
grep -Eq '^0 9 1 nov .*\*-10-1 ' "$work/told" ||
  { echo 'not seen any more: a job of November is not one of October' >&2; exit 1; }
