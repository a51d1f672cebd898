"""The ways a command ends, each in the words that people read."""

from collections.abc import Collection
from dataclasses import replace

from executor.domain.command import CommandRequest, Ended, Exit, Findings
from shared.contracts.attempt import Outcome, Reason
from shared.contracts.provider import ConnectionReason
from shared.contracts.values import duration_text

NOT_EXECUTABLE = 126
NOT_FOUND = 127
KILLED_FROM = 128
"""A shell tells of a program killed by signal n with the exit status 128 + n."""

_REASONS: dict[ConnectionReason, Reason] = {
    "host_not_found": "unreachable",
    "refused": "unreachable",
    "timed_out": "unreachable",
    "no_session": "unreachable",
    "disconnected": "unreachable",
    "authentication_failed": "authentication_failed",
    "host_key_changed": "host_key_changed",
    "not_allowed": "not_allowed",
    "misconfigured": "misconfigured",
}


def never_began(reason: ConnectionReason, message: str, *, is_lasting: bool = False) -> Ended:
    """The provider could not be reached, so nothing of the command was run; ``is_lasting``: nor will it next time."""
    text = f"{message} Nothing was run."
    return Ended(state="failed", reason=_REASONS[reason], reason_text=text, is_lasting=is_lasting)


NO_INPUT = (
    "Standard input does not reach the shell of a command. Let it through (no < /dev/null, no ssh -n): check "
    "ForceCommand in sshd_config, command= in authorized_keys, and the start-up files of the user's login shell."
)


def without_input() -> Ended:
    """The shell of the command did not get the script."""
    return never_began("no_session", NO_INPUT, is_lasting=True)


def told_too_late() -> Ended:
    """The shell of the command got the script when the attempt might have been over."""
    return never_began("timed_out", "The connection was so slow that the command was told to begin too late.")


def without_its_folder() -> Ended:
    """The shell of the command could not enter the folder that the command is to begin in."""
    message = "The step's working_directory is not there, or its user may not enter it: make it, or write another one."
    return never_began("misconfigured", message)


def on_another_boot() -> Ended:
    """The machine was restarted right before a command could begin that is to be begun on one start of it only."""
    message = "The machine was restarted by somebody else right before the command could begin."
    return never_began("disconnected", message)


def cancelled_before_it_began() -> Ended:
    """The cancel came while the connection was made."""
    return _kept_from_beginning("Cancelled")


def given_up_before_it_began() -> Ended:
    """It was no longer this executor's to begin."""
    return _kept_from_beginning("Given up")


def by_itself(exit_: Exit, shell_pid: int | None, *, has_printed: bool, success: Collection[int] = (0,)) -> Ended:
    """The command ran to its own end, good or bad; ``shell_pid`` is what its shell had told of itself, ``success`` the
    exit statuses that are good.
    """
    if exit_.signal is not None:
        text = (
            f"The command was ended by the signal {exit_.signal}, which OpsiMate did not send: "
            f"look in the provider's log for who did{_memory_hint(exit_.signal)}."
        )
        return Ended(state="failed", signal=exit_.signal, reason="signal", reason_text=text, shell_pid=shell_pid)
    if exit_.status in success:
        return Ended(state="succeeded", exit_status=exit_.status, shell_pid=shell_pid)
    return Ended(
        state="failed",
        exit_status=exit_.status,
        reason="exit_status",
        reason_text=_status_text(exit_.status or 0, has_printed=has_printed, success=success),
        shell_pid=shell_pid,
    )


def before_its_time(reason: Reason, request: CommandRequest, exit_: Exit | None, findings: Findings) -> Ended:
    """A time-out or a cancel ended the command, whatever exit status it then gave."""
    is_gone = findings.show_nothing_left
    return Ended(
        state="cancelled" if reason == "cancelled" else "failed",
        exit_status=exit_.status if exit_ else None,
        signal=exit_.signal if exit_ else None,
        reason=reason,
        reason_text=f"{_cause(reason, request)} {_what_is_left(findings, is_gone=is_gone)}",
        ending="confirmed" if is_gone else "unconfirmed",
    )


def lost(findings: Findings, *, seconds: float) -> Ended:
    """The connection went while the command ran, which had begun so long ago; the findings are from a look after."""
    if findings.show_a_restart_within(seconds):
        text = (
            "The provider's machine was restarted while the command ran, which ended the connection. "
            "How far the command came is not known: see there what it did before running it again."
        )
        return Ended(state="unknown", reason="lost", reason_text=text)
    return Ended(
        state="unknown",
        reason="lost",
        reason_text=f"The connection was lost while the command ran. {_what_was_seen(findings)}",
    )


def lost_again(how: Ended) -> Ended:
    """The attempt before was lost with its connection, too, perhaps by the command that both ran."""
    text = (
        f"{how.reason_text} The attempt before it lost its connection, too, so it is not run a third time: the command "
        "itself may end the connection, as a restart of the machine, its network or its SSH server does."
    )
    return replace(how, reason_text=text, is_lasting=True)


def without_saying_how(findings: Findings) -> Ended:
    """The server closed the command's channel without an exit status; the findings are from a look after that."""
    text = f"The SSH server closed the session, and the command ended without saying how. {_what_was_seen(findings)}"
    return Ended(state="unknown", reason="lost", reason_text=text)


def not_again(provider: str, findings: Findings) -> Ended:
    """An earlier attempt that nobody knows the end of may still run, so this one must not begin."""
    seen = f" Seen running: {_processes(findings.left)}." if findings.left else ""
    text = (
        f"It could not be made sure that the command of an earlier attempt of this step is gone from {provider}; "
        f"so it was not run again.{seen} Look there, then run the action again."
    )
    return Ended(state="unknown", reason="lost", reason_text=text, ending="unconfirmed", is_lasting=True)


def not_beside(provider: str, before: Outcome, findings: Findings) -> Ended:
    """Earlier attempts failed, the last one in this way, and left processes that run, so this one must not begin."""
    text = (
        f"{before.reason_text} It was not run again beside what an earlier attempt has left running on {provider} "
        f"({_processes(findings.left)}): let that end or end it there, then run the action again."
    )
    return Ended(state="failed", reason=before.reason, reason_text=text, is_lasting=True)


def not_after_a_restart(provider: str) -> Ended:
    """The machine was started since an earlier attempt began: perhaps by its very command."""
    text = (
        f"The machine of {provider} was restarted since an earlier attempt of this step was begun, so it was not run "
        "again: a command that restarts its machine would do so once more. See there what it did. A step that restarts "
        "its machine is written with on_lost: fail and on_failure: continue."
    )
    return Ended(state="unknown", reason="lost", reason_text=text, is_lasting=True)


def restarted(how: Ended | None) -> Ended:
    """The machine is back from the restart that the command asked for, or an earlier attempt's did."""
    if how is None:
        return Ended(state="succeeded")
    is_success = how.state == "succeeded"
    return Ended(state="succeeded", exit_status=how.exit_status if is_success else None, shell_pid=how.shell_pid)


def cancelled_before_it_was_back(how: Ended | None) -> Ended:
    """The cancel came while the machine was waited for."""
    text = "Cancelled while its machine was waited for. The command was run, so the machine may restart yet."
    return Ended(
        state="cancelled", reason="cancelled", reason_text=text, shell_pid=None if how is None else how.shell_pid
    )


def not_back(provider: str, how: Ended | None, within: float) -> Ended:
    """The machine went for its restart and did not answer again in time."""
    text = (
        f"{provider} did not answer again within the {duration_text(within)} of back_within, after the command that "
        "restarts its machine was run: look at the machine's console. It is not run again."
    )
    shell_pid = None if how is None else how.shell_pid
    return Ended(state="failed", reason="unreachable", reason_text=text, shell_pid=shell_pid)


def not_restarted(provider: str, how: Ended | None, within: float) -> Ended:
    """The machine answers, and was not restarted in time."""
    seen = f"{provider} answers, and its machine was not restarted within the {duration_text(within)} of back_within"
    if how is None or how.state == "unknown":
        text = f"{seen}. Whether the command ran to its end is not known: see there before running it again."
        shell_pid = None if how is None else how.shell_pid
        return Ended(state="unknown", reason="lost", reason_text=text, is_lasting=True, shell_pid=shell_pid)
    if how.state != "succeeded":
        return replace(how, reason_text=f"{how.reason_text} {seen}.")
    text = f"The command succeeded, but {seen}: its output may say why. It is not run again."
    return replace(how, state="failed", reason="timeout", reason_text=text)


def _what_was_seen(findings: Findings) -> str:
    if not findings.readable:
        return "Whether it still runs could not be seen: look for it on the provider before running it again."
    if findings.left:
        return (
            f"It was still running on the provider afterwards ({_processes(findings.left)}): "
            "let it end or end it there, and see what it did, before running it again."
        )
    return (
        "It was no longer running on the provider afterwards, and may have ended well or badly: "
        "see there what it did before running it again."
    )


def _kept_from_beginning(how: str) -> Ended:
    text = f"{how} before the command began; nothing was run."
    return Ended(state="cancelled", reason="cancelled", reason_text=text, ending="confirmed")


def _status_text(status: int, *, has_printed: bool, success: Collection[int]) -> str:
    if status == 0:
        codes = ", ".join(map(str, sorted(success)))
        return f"The command ended with exit status 0, and only {codes} counts as a success (success_exit_codes)."
    if status == NOT_FOUND:
        named = "the output names it" if has_printed else "it printed nothing"
        return f"Command not found (exit status 127): {named}. Install it on the provider, or write its full path."
    if status == NOT_EXECUTABLE:
        named = "the output names it" if has_printed else "it printed nothing"
        return (
            f"The command was found but could not be executed (exit status 126): {named}. "
            "Check its permissions and its first line (#!)."
        )
    if KILLED_FROM < status < KILLED_FROM + 65:
        killed_by = status - KILLED_FROM
        more = "Its output says more." if has_printed else "It printed nothing."
        return (
            f"The command failed with exit status {status}, as shells report a program that signal {killed_by} "
            f"ended{_memory_hint(str(killed_by))}. {more}"
        )
    if has_printed:
        return f"The command failed with exit status {status}. Its output says why."
    return (
        f"The command failed with exit status {status} and printed nothing. "
        "Run it by hand on the provider, or let it say more: set -x prints each command."
    )


def _memory_hint(signal: str) -> str:
    return "; often the provider ran out of memory" if signal in {"KILL", "9"} else ""


def _cause(reason: Reason, request: CommandRequest) -> str:
    ways = f"with TERM, or with KILL where that was not enough within {duration_text(request.grace)}"
    if reason == "timeout":
        limit = duration_text(request.timeout)
        return f"The command ran longer than its time-out of {limit} and was ended {ways}."
    return f"The command was cancelled and ended {ways}."


def _what_is_left(findings: Findings, *, is_gone: bool) -> str:
    if is_gone:
        return "No process of the command is left on the provider."
    if findings.left:
        return f"Some of it still runs on the provider: end {_processes(findings.left)} there."
    return "Whether all of it is gone could not be seen: look on the provider."


def _processes(pids: tuple[int, ...]) -> str:
    return f"process{'es' if len(pids) > 1 else ''} {', '.join(map(str, pids))}"
