"""What came before an attempt: nothing is begun beside what is left of it, and nothing is lost a third time."""

from collections.abc import Sequence
from datetime import datetime

from executor.domain import outcomes
from executor.domain.command import Ended, Shells
from executor.handlers.leases import Attempts
from executor.handlers.persistence import retry_until_available
from executor.ports import Host
from shared.contracts.attempt import Attempt, AttemptState, Outcome


async def earlier_attempts(attempts: Attempts, attempt: Attempt) -> list[Attempt]:
    """The earlier attempts of the step whose command may have begun, in their order."""
    ids = attempt.earlier_attempts or attempt.lost_attempts
    return await retry_until_available(lambda: attempts.read(ids), "earlier attempts") if ids else []


async def what_keeps_from_beginning(
    host: Host, attempt: Attempt, earlier: Sequence[Attempt], now: datetime
) -> Ended | None:
    """What keeps an attempt from being begun after these, if anything does.

    Nothing is run beside what is known, or not known not, to run. Where nobody knows how an attempt ended, the next
    one is there only because the step says ``on_lost: rerun``: it first ends what is left. After any other, it only
    looks.
    """
    ids, shells = [each.id for each in earlier], _shells(earlier, now)
    last, provider = earlier[-1].outcome, attempt.provider
    uncertain = [each for each in earlier if _is_uncertain(each)]
    findings = await (host.end_leftovers(ids, shells) if attempt.lost_attempts else host.find_leftovers(ids, shells))
    if findings.left and last and not attempt.lost_attempts:
        return outcomes.not_beside(provider, last, findings)
    if findings.left or (uncertain and not findings.readable):
        return outcomes.not_again(provider, findings)
    since = max(((now - each.started_at).total_seconds() for each in uncertain if each.started_at), default=0.0)
    return outcomes.not_after_a_restart(provider) if findings.show_a_restart_within(since) else None


def with_regard_to(earlier: Sequence[Attempt], how: Ended) -> Ended:
    """How an attempt ended, and whether that calls for no other after these.

    A command that takes its connection away is run twice at most, as nobody can tell it from a bad line before.
    """
    before = earlier[-1] if earlier else None
    if before is None or before.outcome is None or not _lost_its_connection(before.state, before.outcome):
        return how
    return outcomes.lost_again(how) if _lost_its_connection(how.state, how) else how


def _lost_its_connection(state: AttemptState, how: Outcome | Ended) -> bool:
    """An executor that stops has ended the command itself, and one that dies has told no shell."""
    return state == "unknown" and how.shell_pid is not None and how.ending is None


def _is_uncertain(attempt: Attempt) -> bool:
    """Whether more of it than its shell may be there, or its machine may have been restarted under it."""
    outcome = attempt.outcome
    is_open = attempt.state == "unknown" or outcome is None or outcome.ending == "unconfirmed"
    return is_open or (outcome is not None and outcome.reason == "signal")


def _shells(attempts: Sequence[Attempt], now: datetime) -> Shells:
    return {
        attempt.outcome.shell_pid: (now - attempt.command_started_at).total_seconds()
        for attempt in attempts
        if attempt.outcome and attempt.outcome.shell_pid and attempt.command_started_at
    }
