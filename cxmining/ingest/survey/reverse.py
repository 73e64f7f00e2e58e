"""Items that may be worded against the others: named, never turned round silently.

On a scale that measures one thing every item rises with the rest. One that falls as they rise (a corrected
item-total correlation below zero) was probably worded the other way: "I had to wait long". Whether that is so only
somebody who knows the question can say: then ``reverse = true`` turns it round when it is read.

Nunnally, J. C. & Bernstein, I. H. (1994), Psychometric Theory, 3rd edition, chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cxmining.study import SurveySettings

__all__ = ["Suspect", "reverse_notes", "suspected_items"]

_FEWEST_ITEMS: Final = 3  # of two that disagree neither is the odd one
_FEWEST: Final = 30
_ALPHA: Final = 0.05
_Z: Final = 1.959964
_NO_PART: Final = ("expectation", "resolved")
"""What need not rise with the rest: an expectation may be high where the experience was low."""


@dataclass(frozen=True)
class Suspect:
    """An item that falls as the others rise: corrected item-total correlation `r` with its interval, of `n` responses."""

    item: str
    r: float
    low: float
    high: float
    n: int


def suspected_items(answers: pd.DataFrame) -> list[Suspect]:
    """Return the items of one survey that may be worded against the others.

    Parameters
    ----------
    answers : DataFrame
        Table ``answers`` of one survey.

    Returns
    -------
    list of Suspect
        In the order of their names; empty where fewer than 3 items or 30 responses are there to tell.

    Notes
    -----
    Scores are put on 0 to 1 of their scale and turned so that higher is better as the study says. Each item is
    correlated with the mean of the other items that the respondent answered; the p-values of all items (Fisher's z)
    are corrected by Benjamini and Hochberg, and an item is named when it is below .05 and the correlation below 0.

    Examples
    --------
    >>> good = np.tile([0.0, 1, 2, 3, 4], 20)
    >>> rows = [("a", good), ("b", np.roll(good, 0)), ("c", 4 - good)]
    >>> frame = pd.concat([pd.DataFrame({"response_id": [f"r{i}" for i in range(100)], "item": item, "metric": "csat",
    ...     "score": s + 1, "scale_low": 1.0, "scale_high": 5.0, "higher_is_better": True}) for item, s in rows])
    >>> [(s.item, round(s.r, 2), s.n) for s in suspected_items(frame)][-1]
    ('c', -1.0, 100)
    """
    from cxmining.stats import benjamini_hochberg

    rows = answers[answers["score"].notna() & ~answers["metric"].isin(_NO_PART)]
    if rows["item"].nunique() < _FEWEST_ITEMS:
        return []
    width = (rows["scale_high"] - rows["scale_low"]).to_numpy(float)
    part = (rows["score"].to_numpy(dtype=float) - rows["scale_low"].to_numpy(float)) / width
    part = np.where(rows["higher_is_better"].to_numpy(bool), part, 1 - part)
    items, names = pd.factorize(rows["item"], sort=True)
    people, _ = pd.factorize(rows["response_id"], sort=True)
    grid = np.full((people.max() + 1, len(names)), np.nan)
    grid[people, items] = part
    there = ~np.isnan(grid)
    total, count = np.nansum(grid, axis=1), there.sum(axis=1)
    found: list[Suspect] = []
    tail: list[float] = []
    for j, name in enumerate(names):
        both = there[:, j] & (count - there[:, j] >= _FEWEST_ITEMS - 1)
        n = int(both.sum())
        if n < _FEWEST:
            continue
        mine = grid[both, j]
        rest = (total[both] - mine) / (count[both] - 1)
        if mine.std() == 0 or rest.std() == 0:
            continue
        r = float(np.clip(np.corrcoef(mine, rest)[0, 1], -1, 1))
        z, se = np.arctanh(np.clip(r, -0.999999, 0.999999)), 1 / np.sqrt(n - 3)
        found.append(Suspect(str(name), r, float(np.tanh(z - _Z * se)), float(np.tanh(z + _Z * se)), n))
        tail.append(_two_sided(float(z / se)))
    if not found:
        return []
    corrected = benjamini_hochberg(np.array(tail))
    return [s for s, q in zip(found, corrected, strict=True) if s.r < 0 and q < _ALPHA]


def _two_sided(z: float) -> float:
    from math import erfc, sqrt

    return erfc(abs(z) / sqrt(2))


def reverse_notes(answers: pd.DataFrame, survey: SurveySettings) -> list[str]:
    """Say which items may be worded against the others, and which were turned round."""
    turned = [i.column for i in survey.items if i.reverse]
    notes = []
    if turned:
        listed = ", ".join(repr(c) for c in turned)
        notes.append(f"survey {survey.name!r}: turned round as declared (reverse): {listed}")
    answers = answers[~answers["item"].isin([s.name for s in survey.scales])]  # a scale rises with its own items
    suspects = suspected_items(answers)
    if len(suspects) * 2 > len({*answers.loc[answers["score"].notna(), "item"]}):
        # with most of them against the rest the rest may as well be the odd ones
        listed = ", ".join(repr(s.item) for s in suspects)
        return [
            *notes,
            f"survey {survey.name!r}: its items do not rise together ({listed}); they may measure several things",
        ]
    notes += [
        f"survey {survey.name!r}: item {s.item!r} falls as the others rise (item-total correlation {s.r:.2f} "
        f"[{s.low:.2f}, {s.high:.2f}], n = {s.n:,}); if it is worded against them say reverse = true (or "
        "higher_is_better = false); it was left as it is"
        for s in suspects
    ]
    return notes
