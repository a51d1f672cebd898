"""What a provider that lets a user in may do instead of running a command, in words that say what to do."""

from executor.adapters.connection_failed import ConnectionFailedError
from executor.domain.command import Exit
from executor.domain.ended import NO_INPUT
from executor.domain.target import SshTarget


def no_session(target: SshTarget, told: str) -> ConnectionFailedError:
    """The server opens no session, or runs nothing in it."""
    message = (
        f"{target.address} let {target.user} in but opens no session ({told}): "
        "check MaxSessions and ForceCommand in its sshd_config, and the user's login shell."
    )
    return ConnectionFailedError("no_session", message)


def no_shell(target: SshTarget, banner: str, printed: str, exit_: Exit | None) -> ConnectionFailedError:
    """Something ended that was no shell of the command."""
    said = "; ".join(f'"{text}"' for text in (banner, printed) if text)
    instead = f"It said {said}, and ended {_how(exit_)}." if said else f"It printed nothing, and ended {_how(exit_)}."
    message = (
        f"The log-in of {target.user} on {target.address} runs no shell commands. {instead} "
        "Check the user's login shell and whether its start-up files turn into another one (exec), whether the account "
        "or its password has expired, and ForceCommand in sshd_config and command= in authorized_keys."
    )
    return ConnectionFailedError("no_session", message, is_lasting=True)


def no_input() -> ConnectionFailedError:
    """The shell of the command found its standard input at its end before it was told anything."""
    return ConnectionFailedError("no_session", NO_INPUT, is_lasting=True)


def terminal(target: SshTarget) -> ConnectionFailedError:
    """The shell is behind a terminal, which would repeat the script in the output and cut off its long lines."""
    message = (
        f"The log-in of {target.user} on {target.address} puts a terminal between (as script, screen and expect do), "
        "which alters what passes. Let commands run without one: check ForceCommand in sshd_config, command= in "
        "authorized_keys, and the start-up files of the user's login shell."
    )
    return ConnectionFailedError("no_session", message, is_lasting=True)


def slow_start(target: SshTarget, seconds: float, printed: str) -> ConnectionFailedError:
    """The shell of the command did not answer in time."""
    said = f' They printed "{printed}".' if printed else ""
    message = (
        f"The start-up files of the login shell of {target.user} on {target.address} took longer than {seconds:g} s, "
        f"or wait for input.{said} Make them end at once where nobody sits at a terminal."
    )
    return ConnectionFailedError("timed_out", message)


def lost_at_start(target: SshTarget, printed: str) -> ConnectionFailedError:
    """The connection went again and again while the shell of the command was starting."""
    said = f', after it had printed "{printed}"' if printed else ""
    message = (
        f"{target.address} ended the connection while the shell of {target.user} was starting{said}: "
        "look at the user's start-up files, and in the log of its SSH server."
    )
    return ConnectionFailedError("disconnected", message)


def _how(exit_: Exit | None) -> str:
    if exit_ is None:
        return "without an exit status"
    return f"by the signal {exit_.signal}" if exit_.signal else f"with exit status {exit_.status}"
