"""`opsimate console`: the way into the console without typing a token."""

import click

from opsimate.cli.printing import output_option, show_json
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient
from opsimate.terminal_text import one_line

EXAMPLE = """
\b
Example:  opsimate console
          open "$(opsimate console 2>/dev/null)"       (or xdg-open)
"""


@click.command(epilog=EXAMPLE)
@output_option
@with_api
def console(api: ApiClient, *, as_json: bool) -> None:
    """Print a link that opens the console, signed in with the token of the command line.

    It works once, and for ten minutes: until then it is as good as the token, so give it to nobody.
    """
    made = api.send("POST", f"{API}/session/links").json()
    url = f"{api.credentials.url}{one_line(made['path'])}"
    if as_json:
        show_json({"url": url, **made})
    else:
        click.echo("It signs in once, within ten minutes:", err=True)
        click.echo(url)
