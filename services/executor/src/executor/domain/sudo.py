"""Running a command as another user of a provider, by sudo: what it is called with, asks, and refuses.

The shell of the command is what sudo starts, so it answers as every shell does before anything is told to it. Until
then sudo may ask for the password, in words that nobody can have prepared for, and gets it by standard input: never
where it does not ask, and so never in place of the command's own input.
"""

from dataclasses import dataclass, field

from executor.domain.provider import ConnectionFailedError

NOT_FOUND = 127
_UNKNOWN = "opsimate: no such user"


@dataclass(frozen=True)
class Sudo:
    """As whom a command runs."""

    user: str
    password: str | None = field(default=None, repr=False)
    """Of the user who logs in."""

    def words(self, nonce: int) -> list[str]:
        """What stands before the command; plain words for every shell.

        What is written with two percent signs is printed with one, so that no echo of the line is taken for a prompt.
        """
        return ["sudo", "-S", "-H", "-p", f"opsimate-%%{nonce}:", "-u", self.user, "--"]

    def prompt(self, nonce: int) -> bytes:
        """What sudo prints where it asks for the password."""
        return f"opsimate-%{nonce}:".encode()

    @property
    def answer(self) -> bytes | None:
        """What it is told then."""
        return None if self.password is None else f"{self.password}\n".encode()

    @property
    def script(self) -> str:
        """Asks a machine whether it has the user: sudo says so in the language of whoever logs in."""
        return f"id >/dev/null 2>&1 && {{ id -u {self.user} >/dev/null 2>&1 || echo '{_UNKNOWN}'; }}"


class SudoRefusedError(ConnectionFailedError):
    """Sudo refuses what it is asked for, in its own words, of which nobody knows the language."""

    def __init__(self, sudo: Sudo, who: str, where: str, said: str) -> None:
        """``who`` has called it, and it said that."""
        self.sudo = sudo
        self._where, self._it_said = where, f' It said "{said}".' if said else ""
        message = (
            f"sudo on {where} does not let {who} run commands as {sudo.user}.{self._it_said} "
            f"Let sudoers there say: {who} ALL=({sudo.user}) ALL."
        )
        super().__init__("not_allowed", message, is_lasting=True)

    def in_view_of(self, answer: str | None) -> ConnectionFailedError:
        """The refusal, once the machine has answered the script, if it has."""
        if answer is None or _UNKNOWN not in answer:
            return self
        message = (
            f"There is no user '{self.sudo.user}' on {self._where}, as whom the step is to run (run_as)."
            f"{self._it_said} Make that user there, or name another one in run_as."
        )
        return ConnectionFailedError("misconfigured", message, is_lasting=True)


def refusal(
    sudo: Sudo, who: str, where: str, *, asked: int, said: str, exit_status: int | None
) -> ConnectionFailedError:
    """What is told where sudo, called by ``who``, has ended or asked once more instead of starting a shell."""
    if asked and sudo.password is None:
        message = (
            f"sudo asks for the password of {who} on {where}: give the step's run_as a password, as {{secret: NAME}}, "
            f"or let sudoers there say: {who} ALL=({sudo.user}) NOPASSWD: ALL"
        )
        return ConnectionFailedError("authentication_failed", f"{message}.", is_lasting=True)
    if asked > 1:
        message = f"sudo does not take the password of {who} on {where}: put the right one into the secret of run_as."
        return ConnectionFailedError("authentication_failed", message, is_lasting=True)
    if exit_status == NOT_FOUND:
        it_said = f' It said "{said}".' if said else ""
        message = f"sudo was not found on {where}, which run_as needs: install it there.{it_said}"
        return ConnectionFailedError("misconfigured", message, is_lasting=True)
    return SudoRefusedError(sudo, who, where, said)
