"""What `opsimate actions …` and `opsimate favourites …` have besides the verbs of all kinds."""

from typing import Any

import click

from opsimate.cli.action_picture import last_run, success
from opsimate.cli.definition_looks import MAKE_ONE
from opsimate.cli.definitions import add_with_alias
from opsimate.cli.printing import output_option, show_items, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.errors import OpsimateError
from opsimate.terminal_text import length

NO_ACTION = f"There is no action yet. {MAKE_ONE}"
NO_SUCH_ACTION = "No action matches. See all of them with: opsimate actions list"
NO_FAVOURITE = "You have no favourite yet. Mark an action with: opsimate favourites add NAME"
OUTCOMES = ("succeeded", "failed", "cancelled", "rejected", "expired", "skipped", "unknown")
EXAMPLE = """
\b
Example:  opsimate actions list --category Recovery --last-outcome failed --sort -last_run
"""


@click.command("list", epilog=EXAMPLE)
@click.option("--category", metavar="NAME", help="Of this category; see `opsimate actions categories`.")
@click.option("--tag", metavar="TAG", help="With this tag.")
@click.option("--text", metavar="WORDS", help="With all these words in name, title, tags or description.")
@click.option("--favourite", "only_favourites", is_flag=True, help="Your favourites.")
@click.option("--last-outcome", type=click.Choice(OUTCOMES), help="Whose last run ended so.")
@click.option(
    "--sort",
    type=click.Choice(["name", "-name", "last_run", "-last_run"]),
    help="By name, or by when the last run ended; with a minus the other way round.",
)
@output_option
@with_api
def list_actions(api: ApiClient, *, only_favourites: bool, as_json: bool, **given: str | None) -> None:
    """List actions, each with how it went lately."""
    filters: dict[str, Any] = {**given, "favourite": "true" if only_favourites else None}
    items = api.items(f"{API}/actions", **filters)
    if as_json:
        show_items(items)
        return
    is_filtered = any(value for name, value in filters.items() if name != "sort")
    columns = ("name", "title", "category", "parameters", "last run", "success", "takes")
    nothing = NO_SUCH_ACTION if is_filtered else NO_ACTION
    spare = ("parameters", "category", "takes", "success", "title")
    show_table(columns, [_row(item) for item in items], nothing=nothing, spare=spare)


def _row(action: dict[str, Any]) -> tuple[object, ...]:
    parameters = action["parameters"]
    names = ", ".join(parameter["name"] + (" (code)" if parameter["code"] else "") for parameter in parameters)
    lately = (success(action["success_rate"]), length(action["usual_duration"]))
    return (action["name"], action["title"], action["category"], names, last_run(action), *lately)


@click.command("categories")
@output_option
@with_api
def categories(api: ApiClient, *, as_json: bool) -> None:
    """List the categories, and how many actions are in each."""
    found = api.get(f"{API}/categories")
    if as_json:
        show_items(found["items"])
    else:
        show_table(("name", "actions"), [(item["name"], item["count"]) for item in found["items"]], nothing="")


VERBS = (list_actions, categories)


@click.group()
def favourites() -> None:
    """Favourites: the actions that you marked, for whoever holds your token only."""


@favourites.command("list")
@output_option
@with_api
def list_favourites(api: ApiClient, *, as_json: bool) -> None:
    """List your favourites, each with its last run."""
    found = api.get(f"{API}/quick-access")
    if as_json:
        show_items(found["items"])
    else:
        rows = [(item["action"], item["title"], last_run(item)) for item in found["items"]]
        show_table(("name", "title", "last run"), rows, nothing=NO_FAVOURITE, spare=("title",))


@favourites.command("add")
@click.argument("name")
@with_api
def add(api: ApiClient, *, name: str) -> None:
    """Mark an action."""
    api.send("PUT", definition_path("favourites", name))
    click.echo(f"The action '{name}' is among your favourites.")


@click.command()
@click.argument("name")
@with_api
def remove(api: ApiClient, *, name: str) -> None:
    """Mark an action no more."""
    marked = {item["action"] for item in api.get(f"{API}/quick-access")["items"]}
    # A favourite whose action is deleted is listed no more, and is removed all the same.
    api.send("DELETE", definition_path("favourites", name))
    if name not in marked:
        raise OpsimateError(
            f"There was no action '{name}' among your favourites.", hint="List them with: opsimate favourites list"
        )
    click.echo(f"The action '{name}' is removed from your favourites.")


add_with_alias(favourites, remove, "remove", alias="delete")
