"""A survey as it will stand in a study: its items with their metrics, its comment and what it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from cxmining.ingest.survey.items import Recognised, recognise_items

__all__ = ["propose_survey"]

_REFERENCE: Final = re.compile(r"(?:^|[_\W])(?:contact_?)?ref(?:$|[_\W])|contactref|reference$|referentie|ticket|call_?id|order_?(?:id|nr|no|number)|bestelnummer|zaaknummer|case_?id", re.I)  # fmt: skip
_COMMENT: Final = 15  # letters on average; what is shorter is a choice
_TOGETHER: Final = 4


def propose_survey(
    name: str, frame: pd.DataFrame, questions: Mapping[str, str], asked: Sequence[str]
) -> tuple[dict[str, Any], list[str]]:
    """Propose the ``[[survey]]`` of a file.

    Parameters
    ----------
    name : str
    frame : DataFrame
        Its responses, as text.
    questions : mapping of str to str
        Column → text of its question.
    asked : sequence of str
        The columns that hold answers.

    Returns
    -------
    dict
        The values of the survey; under ``items`` pairs of an item's values and what was recognised.
    list of str
        What a person must decide.
    """
    reference, comment, longest = None, None, float(_COMMENT)
    columns = []
    for column in asked:
        if reference is None and _REFERENCE.search(column) and frame[column].dropna().nunique() > 1:
            reference = column
        else:
            columns.append(column)
    found = recognise_items(frame[columns], questions)
    items: list[tuple[dict[str, Any], Recognised]] = []
    spoken: Counter[Any] = Counter()
    for item in found:
        if item.metric:
            items.append((_entry(item, reference is not None), item))
            spoken.update(item.not_used)
        elif item.reason.endswith("no scores"):
            text = frame[item.column].dropna()
            length = float(text.str.len().mean()) if len(text) else 0.0
            if length > longest:
                comment, longest = item.column, length
    _share_touchpoints(items)
    survey: dict[str, Any] = {"name": name, "kind": "transactional" if reference else "relationship", "items": items}
    survey |= {k: v for k, v in (("comment", comment), ("reference", reference)) if v is not None}
    doubts = [
        f"does {word!r} ({n} {'item' if n == 1 else 'items'}) mean that this touchpoint was never met (not_used)?"
        for word, n in sorted(spoken.items(), key=str)
    ]
    doubts += _asked_together(items)
    doubts.append("kind: relationship (the whole relationship), journey, or transactional (one contact)?")
    doubts.append(
        "which touchpoint is each item about? Without touchpoint = … it is about the relationship as a whole"
        if reference is None
        else "is each item about the contact (contact), a touchpoint by its name, or the relationship as a whole (overall)?"
    )
    return survey, doubts


def _asked_together(items: list[tuple[dict[str, Any], Recognised]]) -> list[str]:
    """Ask once, not per column, what the columns are that say nothing about themselves."""
    silent = [i for i, (_, item) in enumerate(items) if item.metric == "other" and len(item.doubts) == 1 and item.doubts[0].startswith("what does ")]  # fmt: skip
    if len(silent) < _TOGETHER:
        return []
    for i in silent:
        items[i] = (items[i][0], replace(items[i][1], doubts=()))
    shown = ", ".join(repr(items[i][1].column) for i in silent[:4])
    return [f'what do {len(silent)} columns ({shown}, …) measure, and on which scale? They stand as metric = "other"']


def _entry(item: Recognised, of_contact: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"column": item.column, "metric": item.metric, "low": item.low, "high": item.high}
    if of_contact:
        entry["touchpoint"] = "(contact)"
    for key in ("not_used", "blank"):
        if values := getattr(item, key):
            entry[key] = list(values)
    if item.codes:
        entry["codes"] = dict(item.codes)
    return entry


def _share_touchpoints(items: Sequence[tuple[dict[str, Any], Recognised]]) -> None:
    """Give an expectation and its experience one touchpoint: they are compared by it."""
    by_column = {item.column: (entry, item) for entry, item in items}
    for entry, item in items:
        if not item.pair or item.pair not in by_column:
            continue
        other, theirs = by_column[item.pair]
        label = theirs.subject or item.subject or item.pair
        entry["touchpoint"] = other["touchpoint"] = label
