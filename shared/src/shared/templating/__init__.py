"""Templates: `{{ name }}` in shell commands and in plain texts. Pure, standard library only.

A value is never pasted into shell code. It travels as an exported variable (`prelude`), and the compiled command holds
a reference to it, quoted for the place where the placeholder stood.
"""

from shared.templating.altered import AlteredValue, altered_values
from shared.templating.command import check_command, compile_command, display_command
from shared.templating.placeholders import (
    TemplateError,
    placeholder_names,
    refuse_unclosed,
    render_text,
    unknown_names,
)
from shared.templating.variables import prelude, variable_name

__all__ = [
    "AlteredValue",
    "TemplateError",
    "altered_values",
    "check_command",
    "compile_command",
    "display_command",
    "placeholder_names",
    "prelude",
    "refuse_unclosed",
    "render_text",
    "unknown_names",
    "variable_name",
]
