"""What reading keeps in words, free text and labels, without the people in it.

A label is written by a machine, and machines write addresses into labels all the same: a queue per
telephone number, a page per customer, a status that quotes the mail. Labels travel further than
text, into every table and picture, so they are always masked; text only where a study keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.privacy import mask
from cxmining.schema import TABLES, Reading

__all__ = ["mask_labels", "mask_notes", "mask_texts", "names_of"]

_LABELS: Final = ("touchpoint", "queue", "owner_mined", "lifecycle")
# A column of numbers is left as numbers unless so many of them are telephones or the like.
_MOST: Final = 0.5
# A label is read by people, in tables and pictures: what is longer is a text in the wrong column.
_LONGEST: Final = 200
_MARGIN: Final = 200  # masked before it is cut, so that no half of an address stays


def names_of(readings: Iterable[Reading]) -> list[str]:
    """Return the names of people that any source delivered."""
    found: set[str] = set()
    for reading in readings:
        people = reading.identifiers
        found.update(people.loc[people["kind"] == "name", "value"].dropna().unique())
    return sorted(found)


def mask_texts(readings: Sequence[Reading], names: Sequence[str]) -> tuple[list[Reading], str]:
    """Mask free text of every source; say how much, per kind."""
    total: dict[str, int] = {}
    result = []
    for reading in readings:
        changed = {}
        for frame, column in (("events", "text"), ("responses", "comment")):
            rows: pd.DataFrame = getattr(reading, frame)
            text, counts = mask(rows[column], names)
            changed[frame] = rows.assign(**{column: text})
            _add(total, counts)
        result.append(replace(reading, events=changed["events"], responses=changed["responses"]))
    return result, "masked in free text: " + (_said(total) or "nothing")


def mask_labels(
    readings: Sequence[Reading], names: Sequence[str], own: Iterable[str] = ()
) -> tuple[list[Reading], list[str]]:
    """Mask the labels and attributes of events and customers, each distinct one once; cut overlong ones.

    Of names only full ones count: a given name alone is too often a product, a team or a month.

    Parameters
    ----------
    readings : sequence of Reading
        After the rules, before identities are dropped.
    names : sequence of str
        See `names_of`.
    own : iterable of str
        Labels that the study itself gives, which stay as they are.

    Returns
    -------
    readings : list of Reading
    notes : list of str
        How many distinct labels were masked, when any was.
    """
    columns = [
        (i, frame, column)
        for i, reading in enumerate(readings)
        for frame in ("events", "customers")
        for column in _columns(frame, getattr(reading, frame))
    ]
    seen: set[str] = set()
    for i, frame, column in columns:
        seen.update(getattr(readings[i], frame)[column].dropna().astype("str").unique())
    labels = pd.Series(sorted(seen - set(own)), dtype="str")
    masked, counts = mask(labels.str.slice(0, _LONGEST + _MARGIN), names, parts=False)
    long = masked.str.len() > _LONGEST
    masked = masked.where(~long, masked.str.slice(0, _LONGEST - 1) + "…")
    other = (labels != masked).to_numpy(bool)
    if not other.any():
        return list(readings), []
    new = dict(zip(labels[other], masked[other], strict=True))
    changed: dict[int, dict[str, pd.DataFrame]] = {}
    for i, frame, column in columns:
        rows = changed.setdefault(i, {}).get(frame, getattr(readings[i], frame))
        changed[i][frame] = _replaced(rows, column, new)
    result = []
    for i, reading in enumerate(readings):
        tables = {"events": reading.events, "customers": reading.customers, **changed.get(i, {})}
        result.append(replace(reading, events=tables["events"], customers=tables["customers"]))
    notes = [f"masked in {len(new):,} labels: {_said(counts)}"] if any(counts.values()) else []
    if long.any():
        notes.append(f"{int(long.sum()):,} labels are longer than {_LONGEST} characters and were cut")
    return result, notes


def mask_notes(notes: Iterable[str], names: Sequence[str]) -> list[str]:
    """Mask what notes quote from the files."""
    masked, _ = mask(pd.Series(list(notes), dtype="str"), names, parts=False)
    return [str(note) for note in masked]


def _columns(name: str, frame: pd.DataFrame) -> list[str]:
    declared = TABLES[name]
    return [
        str(c)
        for c in frame.columns
        if (c in _LABELS or (c not in declared and not str(c).startswith("raw_")))
        and (str(frame[c].dtype) == "str" or pd.api.types.is_integer_dtype(frame[c].dtype))
    ]


def _replaced(rows: pd.DataFrame, column: str, new: dict[str, str]) -> pd.DataFrame:
    codes, unique = pd.factorize(rows[column])
    labels = [str(v) for v in unique]
    hit = np.array([label in new for label in labels], dtype=bool)
    numbers = str(rows[column].dtype) != "str"
    if not hit.any() or (numbers and hit.mean() < _MOST):
        return rows
    lookup: Any = pd.array(
        [*(new.get(label, label) for label in labels), None], dtype="str"
    )  # -1, missing, is the last
    return rows.assign(**{column: pd.Series(lookup.take(codes), index=rows.index)})


def _add(total: dict[str, int], counts: dict[str, int]) -> None:
    for kind, n in counts.items():
        total[kind] = total.get(kind, 0) + n


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {kind}" for kind, n in sorted(counts.items()) if n)
