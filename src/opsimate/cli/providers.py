"""`opsimate providers …`."""

from pathlib import Path
from typing import Any

import click

from opsimate.cli.definitions import note_option
from opsimate.cli.printing import output_option, show_fields, show_items, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.provider_adding import NewProvider, SshAddress, add_provider, remove_provider, ssh_address
from opsimate.terminal_text import length, readable


def _address(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> SshAddress | None:
    try:
        return None if value is None else ssh_address(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _labels(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    labels = dict(value.partition("=")[::2] for value in values)
    if any("=" not in value for value in values):
        raise click.BadParameter("write it as KEY=VALUE")
    return labels


EXAMPLES = """
\b
Examples:  opsimate providers add web-1 --ssh deploy@10.0.0.11:22 --key ~/.ssh/deploy
           opsimate providers add here --local
"""


@click.command("add", epilog=EXAMPLES)
@click.argument("name")
@click.option("--ssh", callback=_address, metavar="USER@HOST[:PORT]", help="Reach it over SSH; IPv6 as [::1]:22.")
@click.option("--local", is_flag=True, help="It is the machine that the executor runs on.")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The private key to log in with.")
@click.option("--key-secret", metavar="SECRET", help="The same, as a secret that is stored already.")
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The key's certificate, mostly FILE-cert.pub.",
)
@click.option("--passphrase-stdin", is_flag=True, help="Read the private key's passphrase from standard input.")
@click.option("--password-stdin", is_flag=True, help="Read the password to log in with from standard input.")
@click.option("--password-secret", metavar="SECRET", help="The same, as a secret that is stored already.")
@click.option(
    "--host-key",
    metavar="SHA256:…",
    help="The fingerprint or the public key it has to show, or a file with that; otherwise pinned on first use.",
)
@click.option(
    "--host-ca",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The public keys of those who may sign its host key.",
)
@click.option("--jump", metavar="PROVIDER", help="The provider that leads to it.")
@click.option("--label", "labels", multiple=True, callback=_labels, metavar="KEY=VALUE", help="May be given often.")
@click.option("--pool", default="default", show_default=True, help="The executors that may reach it.")
@click.option("--description", default="", help="What it is.")
@click.option("--replace", is_flag=True, help="Put it in place of the provider NAME and of what that logged in with.")
@with_api
def add(api: ApiClient, *, name: str, replace: bool, **given: Any) -> None:
    """Add the machine NAME.

    The key or the password is stored as the secret NAME-key or NAME-password.
    """
    provider = NewProvider(name=name, **given)
    if complaint := provider.misuse():
        raise click.UsageError(complaint)
    for said in add_provider(api, provider, replace=replace):
        click.echo(readable(said))
    done = "stored" if replace else "added"
    click.echo(f"The provider '{name}' is {done}. Try the connection with: opsimate providers test {name}")


@click.command("remove")
@click.argument("name")
@click.option("--keep-secrets", is_flag=True, help="Leave what was stored to log in to it.")
@note_option
@with_api
def remove(api: ApiClient, *, name: str, keep_secrets: bool, note: str | None) -> None:
    """Remove a provider, unless something uses it.

    The secrets NAME-key, NAME-password and NAME-passphrase that were made for it go with it, unless something else
    uses them.
    """
    said = remove_provider(api, name, keep_secrets=keep_secrets, note=note)
    for sentence in [f"The provider '{name}' is removed.", *said]:
        click.echo(readable(sentence))


@click.command("test")
@click.argument("name")
@output_option
@click.pass_context
@with_api
def test(api: ApiClient, ctx: click.Context, *, name: str, as_json: bool) -> None:
    """Connect to a provider and say how it went.

    The exit status is 1 if it did not work.
    """
    report = api.send("POST", definition_path("providers", name, "test")).json()
    if as_json:
        show_json(report)
    else:
        show_report(name, report)
    ctx.exit(0 if report["ok"] else 1)


def show_report(name: str, report: dict[str, Any]) -> None:
    """Print how the test of a connection went: a success to stdout, a failure to stderr."""
    if not report["ok"]:
        reason = f" ({report['reason']})" if report.get("reason") else ""
        click.echo(readable(f"{name}: cannot be used{reason}. {report['message']}"), err=True)
        return
    milliseconds = report.get("latency_ms")
    show_fields(
        [
            (name, "ok"),
            ("latency", None if milliseconds is None else f"{milliseconds:.1f}ms"),
            ("connecting", length(report["connect_ms"] / 1000) if report.get("connect_ms") else None),
            ("host key", report.get("host_key")),
            ("", report["message"]),
        ]
    )


VERBS = (add, test, remove)


@click.group("pools", invoke_without_command=True)
@output_option
@click.pass_context
def pools(ctx: click.Context, *, as_json: bool) -> None:
    """List pools: how many providers belong to each, and which executors serve it."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_pools, as_json=as_json)


@pools.command("list")
@output_option
@with_api
def list_pools(api: ApiClient, *, as_json: bool) -> None:
    """List all pools, as `opsimate pools` does."""
    found = api.items(f"{API}/pools")
    if as_json:
        show_items(found)
        return
    rows = [(pool["name"], pool["providers"], _served_by(pool["executors"])) for pool in found]
    show_table(("pool", "providers", "executors"), rows, nothing="There is no provider and no executor yet.")


def _served_by(executors: list[dict[str, Any]]) -> str:
    if not executors:
        return "none: steps on its providers wait for one"
    busy, slots = (sum(executor[field] for executor in executors) for field in ("under_way", "concurrency"))
    return f"{len(executors)}, {busy} of {slots} attempts under way"
