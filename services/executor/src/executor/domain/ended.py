"""The ways a command ends, each in the words that people read."""

from executor.domain.command import CommandRequest, Ended, Exit, Findings
from shared.contracts.attempt import Reason
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


def never_began(reason: ConnectionReason, message: str) -> Ended:
    """The provider could not be reached, so nothing of the command was run."""
    return Ended(state="failed", reason=_REASONS[reason], reason_text=f"{message} Nothing was run.")


def cancelled_before_it_began() -> Ended:
    """The cancel came while the connection was made."""
    return _kept_from_beginning("Cancelled")


def given_up_before_it_began() -> Ended:
    """It was no longer this executor's to begin."""
    return _kept_from_beginning("Given up")


def by_itself(exit_: Exit) -> Ended:
    """The command ran to its own end, good or bad."""
    if exit_.signal is not None:
        text = (
            f"The command was ended by the signal {exit_.signal}, which OpsiMate did not send: "
            f"look in the provider's log for who did{_memory_hint(exit_.signal)}."
        )
        return Ended(state="failed", signal=exit_.signal, reason="signal", reason_text=text)
    if exit_.status == 0:
        return Ended(state="succeeded", exit_status=0)
    return Ended(
        state="failed", exit_status=exit_.status, reason="exit_status", reason_text=_status_text(exit_.status or 0)
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


def lost(findings: Findings) -> Ended:
    """The connection went while the command ran; the findings are from a look after that."""
    if not findings.readable:
        seen = "Whether it still runs could not be seen: look for it on the provider before running it again."
    elif findings.left:
        seen = (
            f"It was still running on the provider afterwards ({_processes(findings.left)}): "
            "let it end or end it there, and see what it did, before running it again."
        )
    else:
        seen = (
            "It was no longer running on the provider afterwards, and may have ended well or badly: "
            "see there what it did before running it again."
        )
    return Ended(state="unknown", reason="lost", reason_text=f"The connection was lost while the command ran. {seen}")


def _kept_from_beginning(how: str) -> Ended:
    text = f"{how} before the command began; nothing was run."
    return Ended(state="cancelled", reason="cancelled", reason_text=text, ending="confirmed")


def _status_text(status: int) -> str:
    if status == NOT_FOUND:
        return (
            "Command not found (exit status 127): the output names it. "
            "Install it on the provider, or write its full path."
        )
    if status == NOT_EXECUTABLE:
        return (
            "The command was found but could not be executed (exit status 126): the output names it. "
            "Check its permissions and its first line (#!)."
        )
    if KILLED_FROM < status < KILLED_FROM + 65:
        killed_by = status - KILLED_FROM
        return (
            f"The command failed with exit status {status}, as shells report a program that signal {killed_by} "
            f"ended{_memory_hint(str(killed_by))}. Its output says more."
        )
    return f"The command failed with exit status {status}. Its output says why."


def _memory_hint(signal: str) -> str:
    return "; often the provider ran out of memory" if signal in {"KILL", "9"} else ""


def _cause(reason: Reason, request: CommandRequest) -> str:
    ways = f"with TERM, and what was left of it {duration_text(request.grace)} later with KILL"
    if reason == "timeout":
        limit = duration_text(request.timeout)
        return f"The command ran longer than its time-out of {limit} and was ended {ways}."
    return f"The command was cancelled and ended {ways}."


def _what_is_left(findings: Findings, *, is_gone: bool) -> str:
    if is_gone:
        return "Nothing of it runs any more."
    if findings.left:
        return f"Some of it still runs on the provider: end {_processes(findings.left)} there."
    return "Whether all of it is gone could not be seen: look on the provider."


def _processes(pids: tuple[int, ...]) -> str:
    return f"process{'es' if len(pids) > 1 else ''} {', '.join(map(str, pids))}"
