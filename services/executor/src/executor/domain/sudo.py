"""Running a command as another user of a provider, by sudo: what it is called with, asks, and refuses.

The shell of the command is what sudo starts, so it answers as every shell does before anything is told to it. Until
then sudo may ask for the password, in words that nobody can have prepared for, and gets it by standard input: never
where it does not ask, and so never in place of the command's own input.
"""

from dataclasses import dataclass, field

from shared.contracts.provider import ConnectionReason

NOT_FOUND = 127


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


@dataclass(frozen=True)
class SudoRefusal:
    """Why sudo started no shell."""

    reason: ConnectionReason
    message: str


def refusal(sudo: Sudo, who: str, where: str, *, asked: int, said: str, exit_status: int | None) -> SudoRefusal:
    """What is told where sudo, called by ``who``, has ended or asked once more instead of starting a shell."""
    if asked and sudo.password is None:
        message = (
            f"sudo asks for the password of {who} on {where}: give the step's run_as a password, as {{secret: NAME}}, "
            f"or let sudoers there say: {who} ALL=({sudo.user}) NOPASSWD: ALL"
        )
        return SudoRefusal("authentication_failed", f"{message}.")
    if asked > 1:
        message = f"sudo does not take the password of {who} on {where}: put the right one into the secret of run_as."
        return SudoRefusal("authentication_failed", message)
    it_said = f' It said "{said}".' if said else ""
    if exit_status == NOT_FOUND:
        message = f"sudo was not found on {where}, which run_as needs: install it there.{it_said}"
        return SudoRefusal("misconfigured", message)
    message = (
        f"sudo on {where} does not let {who} run commands as {sudo.user}.{it_said} "
        f"Let sudoers there say: {who} ALL=({sudo.user}) ALL"
    )
    return SudoRefusal("not_allowed", f"{message}.")
