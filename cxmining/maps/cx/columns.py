"""Which touchpoints stand on a map, in which order, what they are called, and how they fall apart into pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

__all__ = ["chosen", "labels_of", "parts_of", "words_of"]


def chosen(cells: pd.DataFrame, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the touchpoints that may be shown, and of these the ones that most customers meet, in their order."""
    reach = cells[(cells["row"] == "touchpoint") & (cells["key"] == "reach")]
    shown = reach[~reach["hidden"]]
    kept = shown.sort_values(["value", "touchpoint"], ascending=[False, True]).head(most).sort_values("place")
    stage = {s: i for i, s in enumerate(dict.fromkeys(kept["stage"]))}
    return shown, kept.sort_values("stage", key=lambda s: s.map(stage), kind="stable")


def labels_of(cells: pd.DataFrame, language: str) -> dict[str, str]:
    """Return what each touchpoint is called in a language: its label there, else its name."""
    own = cells[(cells["row"] == "touchpoint") & (cells["key"] == f"label_{language}") & (cells["text"] != "")]
    named = dict(zip(own["touchpoint"], own["text"], strict=True))
    return {t: named.get(t, t) for t in cells["touchpoint"].unique() if t}


def words_of(cells: pd.DataFrame, language: str) -> dict[str, str]:
    """Return what words of the catalogue (tasks, elements) are called in a language.

    Examples
    --------
    >>> cells = pd.DataFrame({"row": ["word"], "key": ["nl pay"], "text": ["betalen"]})
    >>> words_of(cells, "nl"), words_of(cells, "en")
    ({'pay': 'betalen'}, {})
    """
    own = cells[(cells["row"] == "word") & cells["key"].str.startswith(f"{language} ")]
    return dict(zip(own["key"].str.slice(len(language) + 1), own["text"], strict=True))


def parts_of(touchpoints: Sequence[str], stage: Mapping[Any, Any] | pd.Series[Any], columns: int) -> list[list[str]]:
    """Cut the columns into pages of at most `columns`; a stage only where it alone is wider than a page.

    Examples
    --------
    >>> parts_of(["a", "b", "c"], {"a": "x", "b": "y", "c": "y"}, 2)
    [['a'], ['b', 'c']]
    """
    parts: list[list[str]] = [[]]
    for s in dict.fromkeys(stage[t] for t in touchpoints):
        mine = [t for t in touchpoints if stage[t] == s]
        if parts[-1] and len(parts[-1]) + len(mine) > columns:
            parts.append([])
        for t in mine:
            if len(parts[-1]) == columns:
                parts.append([])
            parts[-1].append(t)
    return parts
