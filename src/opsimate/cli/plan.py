"""`opsimate plan`, and the confirmation of a plan before it is carried out."""

import sys
from typing import Any

import click

from opsimate.cli.parameters import parameter_options, parameters_of, with_options
from opsimate.cli.printing import output_option, show_fields, show_json, styled
from opsimate.cli.session import with_api
from opsimate.client import ApiClient, definition_path
from opsimate.errors import OpsimateError, RefusedError, WrongUsageError
from opsimate.terminal_text import length, one_line, readable

EXAMPLE = """
\b
Example:  opsimate plan restart-nginx -p host=web-1 --check-reachable
"""
MOST_PROVIDERS = 10
"""Of a step, that are shown by name."""
MOST_BATCHES = 10
"""Of a step, that are shown by their sizes."""


@click.command("plan", epilog=EXAMPLE)
@click.argument("action")
@parameter_options
@click.option("--check-reachable", is_flag=True, help="Log in to the providers, 50 at most, and say how that went.")
@output_option
@with_api
def plan(
    api: ApiClient,
    *,
    action: str,
    typed: dict[str, str],
    files: dict[str, str],
    check_reachable: bool,
    as_json: bool,
) -> None:
    """Show what a run of ACTION would do now: the exact commands and where they run. Nothing is run.

    The digest names the plan: `opsimate run` with --plan-digest does exactly that, or refuses.
    """
    found = _planned(api, action, parameters_of(api, action, typed, files), check_reachable=check_reachable)
    if as_json:
        show_json(found)
        return
    show_plan(found)
    click.echo(f"Carry it out as it is with --plan-digest {found['digest']}", err=True)


def _planned(
    api: ApiClient, action: str, parameters: dict[str, Any], *, check_reachable: bool = False
) -> dict[str, Any]:
    body = {"parameters": parameters, "check_reachable": check_reachable}
    try:
        # It changes nothing, so a lost answer may be asked for again.
        answer = api.send("POST", definition_path("actions", action, "plan"), body, repeatable=True).json()
    except RefusedError as error:
        raise with_options(error) from error
    if not isinstance(answer, dict):
        raise OpsimateError("The answer is no plan.")
    return answer


def show_plan(found: dict[str, Any]) -> None:
    """Print a plan, step by step."""
    action, condition = found["action"], found["condition"]
    starts = (
        None if condition is None else f"{'starts' if condition['holds'] else 'does not start'}: {condition['reason']}"
    )
    show_fields(
        [
            ("action", f"{action['name']}, version {action['version']}"),
            ("run", starts),
            ("approval", found.get("approval") and _approval(found["approval"])),
        ]
    )
    for number, step in enumerate(found["steps"], start=1):
        shown = step["invocations"][:MOST_PROVIDERS]
        more = f" and {step['providers'] - len(shown)} more" if step["providers"] > len(shown) else ""
        names = ", ".join(invocation["provider"] for invocation in shown)
        who = f" as {step['run_as']}" if step["run_as"] else ""
        click.echo(f"\n{number}. {step['name']} on {names}{more}{who}: {step['reason']}")
        if step.get("approval"):
            click.echo(f"   waits for approval: {_approval(step['approval'])}")
        if step["rollout"]:
            click.echo(f"   {_rolled_out(step['rollout'])}")
        if step["setup"]:
            click.echo(f"   set up: {one_line(step['setup'])}")
        click.echo(_indented(shown[0]["command"]))
        for invocation in step["invocations"]:
            if invocation["reachable"] is False:
                text = one_line(invocation["reachable_text"])
                click.echo(f"   {invocation['provider']}: {styled('unreachable')}: {text}")
        if all(invocation["reachable"] for invocation in shown):
            click.echo("   reachable")
    click.echo()


def _approval(approval: dict[str, Any]) -> str:
    """``2 of role:operator, user:ann, within 30m, else it ends as expired``."""
    who = ", ".join(approval["approvers"])
    many = "" if approval["needed"] == 1 else f"{approval['needed']} of "
    itself = ", also who asks for it" if approval["allow_requester"] else ""
    after = "ends as expired" if approval["on_expiry"] == "reject" else "goes on"
    return f"{many}{who}{itself}, within {length(approval['expires_after'])}, else it {after}"


def _rolled_out(rollout: dict[str, Any]) -> str:
    """How a step goes through its providers: ``in 4 batches of 1, 2, 5, 5; a failure more than 1 ends it``."""
    sizes, many = rollout["batch_sizes"][:MOST_BATCHES], rollout["batches"]
    parts = []
    if many > 1:
        more = f" and {many - len(sizes)} more" if many > len(sizes) else ""
        parts.append(f"in {many} batches of {', '.join(map(str, sizes))}{more}")
    if rollout["max_parallel"] is not None:
        parts.append(f"on {rollout['max_parallel']} at a time")
    if rollout["check"] is not None:
        parts.append(f"'{rollout['check']}' after each batch")
    failures = rollout["max_failures"]
    parts.append("stops with the first failure" if failures == 0 else f"stops with more than {failures} failures")
    return "; ".join(parts)


def _indented(command: str) -> str:
    return "\n".join(
        f"   $ {line}" if at == 0 else f"     {line}" for at, line in enumerate(readable(command).split("\n"))
    )


def confirmed_plan(api: ApiClient, action: str, parameters: dict[str, Any], *, is_sure: bool) -> str | None:
    """The digest of the plan that somebody has confirmed; none where the action asks for nothing.

    ``WrongUsageError`` where nobody is there who could confirm, `click.Abort` where somebody does not.
    """
    if is_sure:
        return None
    wanted = api.get(definition_path("actions", action))["confirm"]
    if wanted == "none":
        return None
    if not sys.stdin.isatty():
        raise WrongUsageError(f"'{action}' asks for a confirmation, and nobody is there to give it: add --yes")
    found = _planned(api, action, parameters)
    show_plan(found)
    if wanted == "type_name":
        click.prompt(
            f"Type {action} to run this, or press Ctrl-C to leave it", type=click.Choice([action]), show_choices=False
        )
    else:
        click.confirm("Run this?", abort=True)
    return str(found["digest"])
