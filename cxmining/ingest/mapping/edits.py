"""Touchpoints renamed, merged and split by a catalogue, on a log that was read already.

Edits always start from what the rules left (column ``touchpoint_as_read``, which is there once a
catalogue changed a name), never from each other: applying a catalogue twice, or another one after it, gives what reading
with the last one gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.catalogue import Edit, load_catalogue, load_edits
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.ingest.mapping.rules import match_rules, parse_rule
from cxmining.schema import Dataset

__all__ = ["apply_catalogue", "edit_touchpoints"]

LABEL: Final = "touchpoint_as_read"
"""Column of events: the touchpoint before a catalogue renamed it."""
_ASKED: Final = "touchpoint_as_asked"
"""The same, of answers."""
_RAW: Final = ("subject", "topic", "event", "url", "status", "tags")


def apply_catalogue(data: Dataset, catalogue: str | Path) -> Dataset:
    r"""Name the touchpoints of a log by another catalogue, without reading again.

    Parameters
    ----------
    data : Dataset
    catalogue : path-like
        A ``touchpoints.toml``; its keys ``rename``, ``merge`` and ``split`` are applied, see `cxmining.catalogue`.

    Returns
    -------
    Dataset
        What `read` gives with this catalogue.

    Raises
    ------
    UnknownNameError
        When it names a touchpoint that is not in the log; the message names the nearest.
    StudyError
        When the catalogue is wrong, or a split looks at what this log does not hold.

    Examples
    --------
    >>> import tempfile
    >>> from cxmining.ingest import from_frame
    >>> log = from_frame(pd.DataFrame({"who": ["a", "b"], "what": ["mail", "mial"], "at": ["2024-01-01T00:00Z"] * 2}),
    ...                  customer="who", touchpoint="what", timestamp="at")
    >>> file = Path(tempfile.mkdtemp()) / "touchpoints.toml"
    >>> _ = file.write_text('[[touchpoint]]\nname = "mail"\nmerge = ["mial"]\n')
    >>> apply_catalogue(log, file).events["touchpoint"].tolist()
    ['mail', 'mail']
    """
    path = Path(catalogue)
    return edit_touchpoints(replace(data, catalogue=load_catalogue(path)), load_edits(path), path.name)


def edit_touchpoints(data: Dataset, edits: Sequence[Edit], where: str) -> Dataset:
    """Apply edits to events and answers; `where` is named in errors.

    Raises
    ------
    UnknownNameError, StudyError
        See `apply_catalogue`.
    """
    events, answers = data.events, data.answers
    was = LABEL in events or _ASKED in answers
    if not edits and not was:
        return data
    base = (events[LABEL] if LABEL in events else events["touchpoint"]).astype("str")
    asked = (answers[_ASKED] if _ASKED in answers else answers["touchpoint"]).astype("str")
    _known(edits, [*base.unique(), *asked.unique()], where)
    codes, unique = pd.factorize(base)
    labels = np.asarray(unique, dtype=object)
    moved = {label: edit.name for edit in edits if edit.conditions is None for label in edit.of}
    named = np.array([moved.get(label, label) for label in labels], dtype=object)[codes] if len(base) else base.array
    touchpoint = np.asarray(named, dtype=object).copy()
    splits = [edit for edit in edits if edit.conditions is not None]
    if splits:
        found = _split(data, splits, base, where)
        hit = found >= 0
        touchpoint[hit] = np.array([edit.name for edit in splits], dtype=object)[found[hit]]
    about = asked.map(lambda label: moved.get(label, label)).astype("str") if len(asked) else asked
    return replace(
        data,
        events=_with(events, LABEL, base, pd.Series(touchpoint, index=events.index, dtype="str")),
        answers=_with(answers, _ASKED, asked, about),
    )


def _with(frame: pd.DataFrame, kept: str, base: pd.Series[Any], now: pd.Series[Any]) -> pd.DataFrame:
    """Put the new names in, and the former ones beside them where they differ."""
    plain = frame.drop(columns=[kept]) if kept in frame else frame
    if now.array.equals(base.array):
        return plain.assign(touchpoint=base)
    wide = plain.assign(touchpoint=now, **{kept: base})
    declared = [c for c in plain.columns if c in _declared(plain, kept)]
    return wide[[*declared, *sorted(c for c in wide.columns if c not in declared)]]


def _declared(frame: pd.DataFrame, kept: str) -> tuple[str, ...]:
    from cxmining.schema import TABLES

    return tuple(TABLES["events" if kept == LABEL else "answers"])


def _known(edits: Sequence[Edit], labels: Sequence[str], where: str) -> None:
    there = set(labels)
    for edit in edits:
        for label in edit.of:
            if label not in there:
                raise UnknownNameError(
                    f"{where}: touchpoint {edit.name!r}: {edit.key} names {label!r}, which is not in the log; "
                    f"{nearest(label, sorted(there))} Take it out when it no longer happens"
                )


def _split(data: Dataset, splits: Sequence[Edit], base: pd.Series[Any], where: str) -> np.ndarray[Any, Any]:
    """Return per event the first split that takes it, -1 for none."""
    frame = data.events.assign(touchpoint=base)
    wanted = {key for edit in splits for key in edit.conditions or {}}
    if wanted & {*_RAW}:
        frame = _beside(frame, data.raw)
    found = np.full(len(frame), -1, dtype=np.int64)
    for i, edit in enumerate(splits):
        conditions = dict(edit.conditions or {})
        rule = parse_rule({**conditions, "touchpoint": edit.name}, f"{where}: touchpoint {edit.name!r}: split")
        if rule.channel_to is not None:
            raise StudyError(
                f"{where}: touchpoint {edit.name!r}: split: channel_to is for rules; a split keeps channels"
            )
        _there(frame, conditions, f"{where}: touchpoint {edit.name!r}: split")
        at = np.flatnonzero((found < 0) & base.isin(edit.of).to_numpy(bool))
        found[at[match_rules(frame.iloc[at], [rule]) == 0]] = i
    return found


def _beside(events: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    if not len(raw):
        return events
    at = pd.Index(raw["event_id"]).get_indexer(events["event_id"])
    columns = {f"raw_{c}": raw[c].astype("str").array.take(at, allow_fill=True) for c in raw.columns if c != "event_id"}
    return events.assign(**columns)


def _there(frame: pd.DataFrame, conditions: dict[str, str], where: str) -> None:
    for key in conditions:
        column = {"label": "touchpoint"}.get(key, f"raw_{key}" if key in _RAW else key)
        also = ("wrap_up", "raw_tags") if key == "topic" else ()
        if not any(c in frame.columns and frame[c].notna().any() for c in (column, *also)):
            held = [k for k in _RAW if f"raw_{k}" in frame.columns]
            raise StudyError(
                f"{where}: no event of this log holds a {key}; it holds channel, direction, source"
                + (", queue" if frame["queue"].notna().any() else "")
                + ("" if not held else ", " + ", ".join(held))
                + ". A run folder keeps no subjects and texts: apply the catalogue to the log that `read` gives"
            )
