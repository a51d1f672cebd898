"""The analysis of actions' commands, beside everything else that the process does."""

import asyncio
import time

import structlog
from pydantic import ValidationError

from catalog.domain.checks import ActionAnalysis
from catalog.domain.shell.analysis import ANALYSIS
from shared.contracts.action import ActionDefinition
from shared.contracts.command import CompiledAction
from shared.contracts.problem import FieldError, sentence_of
from shared.definitions import compiled_keys, parsed
from shared.kinds import ACTION
from shared.store.port import Absent, Changes, Collection, Condition, DocumentStore, Range, pages

LONGEST_ANALYSIS = 10.0
"""Seconds for all commands of an action: a hundred times what the longest ones of people take."""
PAGE = 50

log = structlog.get_logger()


async def analysed(action: ActionDefinition) -> ActionAnalysis:
    """The compiled commands of an action, and what is wrong with them.

    A thread does the work, a step at a time, so that whoever else this process serves waits for moments only.
    """
    analysis, began = ActionAnalysis(action), time.monotonic()
    for index in range(len(action.steps)):
        if time.monotonic() - began > LONGEST_ANALYSIS:
            message = (
                f"the commands up to here took more than {LONGEST_ANALYSIS:.0f} s to analyse, which is too long: make "
                "them shorter, or keep long ones in script files that get the values as arguments"
            )
            analysis.errors.append(FieldError(field=f"steps.{index}.command", message=message))
            break
        await asyncio.to_thread(analysis.add, index)
    return analysis


async def analyse_stored(store: DocumentStore) -> None:
    """Analyse what another release has stored: versions first, then the actions that point to them.

    What this analysis refuses is marked with the reason, and not run.
    """
    for collection in (ACTION.versions, ACTION.collection):
        for condition in (Absent(), Range(below=ANALYSIS)):
            await _analyse_all(store, collection, condition)


async def _analyse_all(store: DocumentStore, collection: Collection, condition: Condition) -> None:
    async for page in pages(store, collection, {"analysis": condition}, size=PAGE):
        for document in page:
            where = {"id": document["id"], "version": document["version"]}
            if "definition" not in document:  # a deletion
                await store.change(collection, where, Changes(set={"analysis": ANALYSIS}))
                continue
            compiled = await _compiled(document["definition"])
            if compiled.refusal:
                log.warning("action.refused_now", collection=collection.name, id=document["id"], why=compiled.refusal)
            await store.change(collection, where, Changes(set=compiled_keys(compiled)))


async def _compiled(text: str) -> CompiledAction:
    """What this analysis makes of a stored action, or why it may not be run."""
    try:
        analysis = await analysed(parsed(ActionDefinition, text))
    except ValidationError as error:
        refusal = "; ".join(sentence_of(detail) for detail in error.errors(include_url=False))
        return CompiledAction(analysis=ANALYSIS, refusal=f"this release cannot read it: {refusal}")
    if not analysis.errors:
        return analysis.compiled
    refusal = "; ".join(f"{error.field}: {error.message}" for error in analysis.errors)
    return CompiledAction(analysis=ANALYSIS, refusal=refusal)
