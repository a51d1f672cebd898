"""Shell scripts that find what is left of attempts on a provider, and end it.

What belongs to an attempt carries its marker in ``/proc/PID/environ``, or is in the process group of something
that does. The scripts need a POSIX shell, grep, sleep and date; where grep stops at a NUL character (busybox),
each environment goes through tr first. A process is told TERM once: to many programs a second one means "at once".
"""

import math
import re
from collections.abc import Sequence

from executor.domain.command import Findings
from executor.domain.script import MARKER

KILLING = 5.0
"""Seconds after the first KILL in which the processes have to be gone."""

_ID = re.compile(r"[A-Za-z0-9._-]+")
_REPORT = re.compile(r"^opsimate: (unreadable|left)((?: \d+)*)$", re.MULTILINE)

_SURVEY = r"""
if ! [ -r /proc/self/environ ] || ! [ -r /proc/self/stat ]; then
    echo 'opsimate: unreadable'
    exit
fi
printf 'a\0b' | grep -qaF b 2>/dev/null && reads_past_nul=yes
carriers() {
    if [ "$reads_past_nul" ]; then
        grep -laF @MARKERS@ /proc/[0-9]*/environ 2>/dev/null
        return
    fi
    for file in /proc/[0-9]*/environ; do
        tr '\0' '\n' 2>/dev/null <"$file" | grep -qF @MARKERS@ && echo "$file"
    done
}
state_and_group() {
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    set -- ${line##*) }
    state=$1 group=$3
    case $state in Z | X) return 1 ;; esac
    [ "$group" -gt 1 ] 2>/dev/null
}
groups=' '
survey() {
    for file in $(carriers); do
        pid=${file#/proc/}
        state_and_group "${pid%/environ}" || continue
        case $groups in *" $group "*) ;; *) groups="$groups$group " ;; esac
    done
    left=
    [ "$groups" = ' ' ] && return
    for file in /proc/[0-9]*; do
        state_and_group "${file#/proc/}" || continue
        case $groups in *" $group "*) left="$left ${file#/proc/}" ;; esac
    done
}
"""

_END = r"""
signal_groups() {
    for group in $groups; do kill "-$1" "-$group" 2>/dev/null; done
}
wait_until_gone() {
    deadline=$(($(date +%s) + $1))
    survey
    while [ "$left" ] && [ "$(date +%s)" -le "$deadline" ]; do
        [ "$2" ] && signal_groups "$2"
        sleep 0.2 2>/dev/null || sleep 1
        survey
    done
}
survey
signal_groups TERM
wait_until_gone @GRACE@
wait_until_gone @KILLING@ KILL
"""

_TELL = 'echo "opsimate: left$left"\n'


def looking_script(attempt_ids: Sequence[str]) -> str:
    """A script that says what of the attempts is running."""
    return _SURVEY.replace("@MARKERS@", _markers(attempt_ids)) + "survey\n" + _TELL


def ending_script(attempt_ids: Sequence[str], grace: float) -> str:
    """A script that ends what of the attempts is running, TERM first and KILL after the grace, and says what is left.

    It is over at once where nothing runs, and after the grace and ``KILLING`` seconds at the latest.
    """
    end = _END.replace("@GRACE@", str(math.ceil(grace))).replace("@KILLING@", str(math.ceil(KILLING)))
    return _SURVEY.replace("@MARKERS@", _markers(attempt_ids)) + end + _TELL


def findings(printed: str | None) -> Findings:
    """What such a script reported; nothing could be seen where it did not get to that."""
    reports = _REPORT.findall(printed or "")
    if not reports or reports[-1][0] == "unreadable":
        return Findings(readable=False)
    return Findings(readable=True, left=tuple(int(pid) for pid in reports[-1][1].split()))


def _markers(attempt_ids: Sequence[str]) -> str:
    for attempt_id in attempt_ids:
        if not _ID.fullmatch(attempt_id):
            raise ValueError(f"{attempt_id!r} is no id of an attempt")
    return " ".join(f"-e {MARKER}={attempt_id}" for attempt_id in attempt_ids)
