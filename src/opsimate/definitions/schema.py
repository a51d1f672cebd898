"""The JSON Schema of the documents that files hold: an editor completes and checks them by it."""

from typing import Any

from pydantic.json_schema import models_json_schema

from opsimate.definitions.file_references import SUFFIX_OF_CREDENTIAL
from shared.contracts.approval import REQUIRED
from shared.kinds import KINDS

_FILE = {
    "type": "object",
    "description": "A file, relative to this one, whose content is stored as a secret when it is applied.",
    "properties": {"file": {"type": "string", "minLength": 1}},
    "required": ["file"],
    "additionalProperties": False,
}


def definitions_schema() -> dict[str, Any]:
    """The schema of one document of whatever kind."""
    models = {word: kind.model for word, kind in KINDS.items()}
    references, schema = models_json_schema(
        [(model, "validation") for model in models.values()], ref_template="#/$defs/{model}"
    )
    parts = schema["$defs"]
    _add_short_forms(parts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A definition of OpsiMate Actions",
        "type": "object",
        "properties": {"kind": {"enum": list(KINDS)}, "name": {"type": "string"}},
        "required": ["kind", "name"],
        # An editor tells what is wrong with the kind that is meant, where a choice would tell of all of them.
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": word}}, "required": ["kind"]},
                "then": references[(model, "validation")],
            }
            for word, model in models.items()
        ],
        "$defs": parts,
    }


def _add_short_forms(parts: dict[str, Any]) -> None:
    """What the command line reads is more than what it sends, and a word or a number is short for some objects."""
    parts["SecretDefinition"]["properties"]["value"]["oneOf"].append(_FILE)
    for credential in SUFFIX_OF_CREDENTIAL:
        parts["SshConnection"]["properties"][credential]["anyOf"].append(_FILE)
    for holder in ("Step", "Execution", "Response"):
        parts[holder]["properties"]["approval"]["anyOf"].insert(0, {"const": REQUIRED})
    retries, count = parts["Step"]["properties"]["retries"], parts["Retries"]["properties"]["count"]
    parts["Step"]["properties"]["retries"] = {"anyOf": [count, {"$ref": retries.pop("$ref")}], **retries}
