"""Shell scripts that find what is left of attempts on a provider, and end it.

What belongs to an attempt carries its marker in ``/proc/PID/environ``, descends from something that does, or is in a
process group whose leader does. A group with another leader is never touched: many SSH servers start all commands
in their own, the neighbours' and these scripts' included. Where the leader has ended, a group or session is the
attempt's whose id is that of the attempt's own shell, or that was seen to be the attempt's, for as long as it has
members: until then its id is not given anew. So what another user runs, whose environment cannot be read, is found
when its parents have gone. Any other group without its leader is nobody's.

Each script passes over whatever started it, and all that this has started: a step may itself have started the SSH
server that the next one comes through, which then carries its marker.

The scripts need a POSIX shell, grep, sleep and date; where grep stops at a NUL character (busybox), each environment
goes through tr first. A process is told TERM once: to many programs a second one means "at once". Before KILL all
that was found is stopped until nothing more is found: what is stopped begins nothing that would outlive it unseen.
"""

import math
import re
from collections.abc import Sequence
from functools import reduce

from executor.domain.command import MARKER, SELF, Findings, Shells
from shared.commands import NOT_RUN

KILLING = 5.0
"""Seconds after the first KILL in which the processes have to be gone."""

_ROUNDING = 2
"""Seconds by which an age that was told may be too small."""

_ID = re.compile(r"[A-Za-z0-9._-]+")
_REPORT = re.compile(r"^opsimate: (?:(unreadable)|left((?: \d+)*)); up (?:unknown|(\d+))\.$", re.MULTILINE)

# Fields behind the name in /proc/PID/stat: 1 state, 2 parent, 3 group, 4 session, 20 start. A process is known by its
# id together with its start (in hundredths of a second since the machine's), as ids are given anew.
# The age of the machine is rounded down, so that no restart is missed.
_UP = r"""
name='*) '
up=unknown
if { read -r seconds idle </proc/uptime; } 2>/dev/null; then
    up=${seconds%.*}
    if { read -r line </proc/1/stat; } 2>/dev/null; then
        set -- ${line##$name}
        up=$(($up - (${20} + 99) / 100))
        [ "$up" -ge 0 ] || up=0
    fi
fi
"""

_SURVEY = r"""
printf 'a\0b' | grep -qaF b 2>/dev/null && reads_past_nul=yes
carriers() {
    if [ "$reads_past_nul" ]; then
        grep -laF "$@" /proc/[0-9]*/environ 2>/dev/null
        return
    fi
    for file in /proc/[0-9]*/environ; do
        tr '\0' '\n' 2>/dev/null <"$file" | grep -qF "$@" && echo "$file"
    done
}
# Who cannot find itself (no grep), or other users' processes (hidepid), must not say that nothing is left.
case $(carriers -e @SELF@=) in *"/proc/$$/environ"*) sees=yes ;; *) sees= ;; esac
if ! [ "$sees" ] || ! [ -r /proc/1/stat ]; then
    echo "opsimate: unreadable; up $up."
    exit
fi
list_processes() {
    processes=
    for file in /proc/[0-9]*/stat; do
        { read -r line <"$file"; } 2>/dev/null || continue
        pid=${file#/proc/} pid=${pid%/stat}
        set -- ${line##$name}
        case $1 in Z | X) continue ;; esac
        processes="$processes $pid:$2:$3:$4:${20}"
    done
}
take_apart() {
    pid=${1%%:*} rest=${1#*:}
    parent=${rest%%:*} rest=${rest#*:}
    group=${rest%%:*} rest=${rest#*:}
    session=${rest%%:*} start=${rest#*:}
}
add_descendants() {
    before=
    while [ "$family" != "$before" ]; do
        before=$family
        for process in $processes; do
            take_apart "$process"
            case $spared$family in *" $pid "*) continue ;; esac
            case $family in *" $parent "*) family="$family$pid " ;; esac
        done
    done
}
find_spared() {
    spared=' ' family=' ' pid=$$
    while [ "$pid" -gt 1 ] && { read -r line <"/proc/$pid/stat"; } 2>/dev/null; do
        case $marked in *" $pid "*) family="$family$pid " ;; esac
        set -- ${line##$name}
        pid=$2
    done
    [ "$family" = ' ' ] && return
    add_descendants
    spared=$family
}
find_sessions() {
    sessions=' '
    for shell in $shells; do
        begun_ago=${shell#*/} shell=${shell%/*}
        [ "$up" = unknown ] || [ "$up" -ge "$begun_ago" ] || continue
        case $shared in *" $shell "*) continue ;; esac
        case $marked in *" $shell "*) readable= ;; *) readable="/proc/$shell/environ" ;; esac
        case $processes in *" $shell:"*) [ -r "$readable" ] && continue ;; esac
        sessions="$sessions$shell "
    done
}
find_groups() {
    shared=' ' living=' '
    for process in $processes; do
        take_apart "$process"
        case "$spared $$ " in *" $pid "*) shared="$shared$group $session " ;; esac
    done
    find_sessions
    for process in $processes; do
        take_apart "$process"
        case $shared in *" $group "*) continue ;; esac
        case $living in *" $group "*) continue ;; esac
        case "$groups$sessions" in *" $group "*) living="$living$group " && continue ;; esac
        [ "$pid" = "$group" ] && [ "$group" -gt 1 ] || continue
        case $marked in *" $pid "*) living="$living$group " ;; esac
    done
    groups=$living
}
# sudo stops itself together with its command, and nobody but root can make it go on: it would hold the output open.
note_watched() {
    name_of= && { read -r name_of <"/proc/$parent/comm"; } 2>/dev/null
    case $name_of in sudo*) watched="$watched$pid " ;; esac
}
groups=' ' known=' ' watched=' ' shells='@SHELLS@'
survey() {
    marked=' ' left=
    for file in $(carriers @MARKERS@); do
        file=${file#/proc/}
        marked="$marked${file%/environ} "
    done
    [ "$marked$known$groups$shells" = '   ' ] && return
    list_processes
    find_spared
    find_groups
    family=' '
    for process in $processes; do
        take_apart "$process"
        case $spared in *" $pid "*) continue ;; esac
        case "$marked:$known:$groups:$sessions" in
            *" $pid "*:*:*:* | *:*" $pid/$start "*:*:* | *:*:*" $group "*:* | *:*:*:*" $session "*)
                family="$family$pid "
                ;;
        esac
    done
    add_descendants
    known=' ' alone= watched=' '
    for process in $processes; do
        take_apart "$process"
        case $family in *" $pid "*) ;; *) continue ;; esac
        known="$known$pid/$start " left="$left $pid"
        case $family in *" $parent "*) ;; *) note_watched ;; esac
        case $groups in *" $group "*) ;; *) alone="$alone $pid" ;; esac
    done
}
"""

_END = r"""
signal_all() {
    for group in $groups; do kill "-$1" "-$group" 2>/dev/null; done
    for pid in $alone; do kill "-$1" "$pid" 2>/dev/null; done
}
is_in_time() {
    [ "$(date +%s)" -le "$deadline" ]
}
# A child that begins between a survey and KILL has no parent any more, by which the next survey would find it; one of
# a command that sudo watches has its marker still. So that is killed first, before it can go on to its next command.
freeze() {
    frozen=
    while [ "$known" != "$frozen" ] && is_in_time; do
        frozen=$known
        if [ "$watched" = ' ' ]; then
            signal_all STOP
        else
            for pid in $left; do
                case $watched in *" $pid "*) ;; *) kill -STOP "$pid" 2>/dev/null ;; esac
            done
        fi
        survey
    done
    for pid in $watched; do kill -KILL "$pid" 2>/dev/null; done
}
wait_until_gone() {
    deadline=$(($(date +%s) + $1))
    survey
    while [ "$left" ] && is_in_time; do
        if [ "$2" ]; then
            freeze
            signal_all "$2"
        fi
        sleep 0.2 2>/dev/null || sleep 1
        survey
    done
}
survey
signal_all TERM
wait_until_gone @GRACE@
wait_until_gone @KILLING@ KILL
"""

OTHER_BOOT = "opsimate: the machine was restarted before the command began, so nothing of it was run"
"""What a shell prints on standard error, as its last word, that was to begin a command on one start of it only."""
# In a container the kernel's id stays over a restart, and its first process is another one; that may be hidden.
_BOOT = (
    "{ read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null &&"
    " { { read -r first </proc/1/stat; } 2>/dev/null || first=;"
    " set -- ${first##*') '}; echo \"opsimate: boot $boot ${20-}.\"; }"
)
BOOT_SCRIPT = f"{_BOOT}\necho 'opsimate: no boot.'\n"
"""Says which start of the machine this is, if the machine tells."""
_BOOT_REPORT = re.compile(r"^opsimate: (?:no boot|boot ([0-9a-f-]+ [0-9]*))\.$", re.MULTILINE)


def boot_in(printed: str | None) -> str | None:
    """What that script said; none where it did not get to that, empty where the machine does not tell."""
    report = _BOOT_REPORT.search(printed or "")
    return None if report is None else report[1] or ""


def on_boot(boot: str, command: str) -> str:
    """The command, run on this start of the machine only."""
    if not boot:
        return command
    refuse = f'{{ echo "{OTHER_BOOT}" >&2;exit {NOT_RUN};}}'
    return f"[ \"$({_BOOT})\" = 'opsimate: boot {boot}.' ]||{refuse};{command}"


_TELL = 'echo "opsimate: left$left; up $up."\n'


def looking_script(attempt_ids: Sequence[str], shells: Shells) -> str:
    """A script that says what of the attempts, and of the shells that ran them, is running."""
    return _UP + _survey(attempt_ids, shells) + "survey\n" + _TELL


def ending_script(attempt_ids: Sequence[str], shells: Shells, grace: float) -> str:
    """A script that ends what of the attempts is running, TERM first and KILL after the grace, and says what is left.

    It is over at once where nothing runs, and after the grace and ``KILLING`` seconds at the latest.
    """
    end = _END.replace("@GRACE@", str(math.ceil(grace))).replace("@KILLING@", str(math.ceil(KILLING)))
    return _UP + _survey(attempt_ids, shells) + end + _TELL


def findings(printed: str | None) -> Findings:
    """What such a script reported; nothing could be seen where it did not get to that."""
    reports = list(_REPORT.finditer(printed or ""))
    if not reports:
        return Findings(readable=False)
    unreadable, left, up = reports[-1].groups()
    return Findings(
        readable=not unreadable,
        left=tuple(int(pid) for pid in (left or "").split()),
        up_for=None if up is None else float(up),
    )


def _survey(attempt_ids: Sequence[str], shells: Shells) -> str:
    known = " ".join(f"{pid:d}/{max(0, int(begun_ago) - _ROUNDING)}" for pid, begun_ago in shells.items())
    filled = {"@MARKERS@": _markers(attempt_ids), "@SHELLS@": known, "@SELF@": SELF}
    return reduce(lambda text, name: text.replace(name, filled[name]), filled, _SURVEY)


def _markers(attempt_ids: Sequence[str]) -> str:
    for attempt_id in attempt_ids:
        if not _ID.fullmatch(attempt_id):
            raise ValueError(f"{attempt_id!r} is no id of an attempt")
    return " ".join(f"-e {MARKER}={attempt_id}" for attempt_id in attempt_ids)
