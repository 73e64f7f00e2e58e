"""How much of the planted is found, and how much of what is found was planted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from cxmining.simulate.planted.people import TOWNS
from cxmining.simulate.planted.text import Planted
from cxmining.stats import wilson

__all__ = ["Verdict", "judge"]

Finder = Callable[[str], Sequence[Any]]  # returns things with start, end and kind

_TOKEN: Final = re.compile(r"[^\W_]+")
# What may stay of a value: it says what stood there and names nobody.
_MAY_STAY: Final = frozenset((
    "mevrouw", "mevr", "mw", "dhr", "heer", "de", "meneer", "en", "familie", "fam", "erven", "mr", "mrs",
    "ms", "jr", "mijn", "man", "postcode", "postal", "code", "pc", "huisnummer", "huisnr", "hnr", "nr",
    "house", "number", "te", "in", "iban", "mailto", "e", "mail", "nl", "s",
    *(word.lower() for town in TOWNS for word in town.split()),
))  # fmt: skip


@dataclass(frozen=True, eq=False)
class Verdict:
    """Recall and precision, per kind and over all, with 95% intervals, and what went wrong.

    Attributes
    ----------
    summary : DataFrame
        Per kind and ``all``: ``planted``, ``found`` (of the planted, wholly covered by whatever kind),
        ``recall`` with ``recall_low`` and ``recall_high``; ``marked`` (what was masked as that kind),
        ``right`` (of it, what touches planted data), ``precision`` with its interval.
    missed : list of tuple
        Kind, form, what was left readable, text.
    wrong : list of tuple
        Kind, what was masked, text.
    """

    summary: pd.DataFrame
    missed: list[tuple[str, int, str, str]]
    wrong: list[tuple[str, str, str]]


def judge(texts: Sequence[Planted], find: Finder) -> Verdict:
    """Hold a finder against planted texts.

    A planted value is found when no word of it stays readable but those that name nobody (a title, the
    town, "huisnummer"). What is masked is right when it touches a planted value and takes nothing of a
    look-alike along.

    Examples
    --------
    >>> from cxmining.simulate.planted import OPEN, plant
    >>> judge(plant(50, OPEN), lambda text: []).summary.loc["all", "recall"].item()
    0.0
    """
    planted: dict[str, list[int]] = {}
    marked: dict[str, list[int]] = {}
    missed, wrong = [], []
    for one in texts:
        found = list(find(one.text))
        for span in one.spans:
            left = [
                token.group()
                for token in _TOKEN.finditer(one.text, span.start, span.end)
                if token.group().lower() not in _MAY_STAY
                and not any(f.start <= token.start() and token.end() <= f.end for f in found)
            ]
            count = planted.setdefault(span.kind, [0, 0])
            count[0] += 1
            count[1] += not left
            if left:
                missed.append((span.kind, span.form, " ".join(left), one.text))
        for f in found:
            touches = any(f.start < s.end and s.start < f.end for s in one.spans)
            takes = any(f.start < d.end and d.start < f.end for d in one.decoys)
            count = marked.setdefault(f.kind, [0, 0])
            count[0] += 1
            count[1] += touches and not takes
            if not touches or takes:
                wrong.append((f.kind, one.text[f.start : f.end], one.text))
    rows = {}
    for kind in [*sorted(planted.keys() | marked.keys()), "all"]:
        n, k = planted.get(kind, [0, 0]) if kind != "all" else [sum(x) for x in zip(*planted.values(), strict=True)]
        m, r = (
            marked.get(kind, [0, 0]) if kind != "all" else [sum(x) for x in zip([0, 0], *marked.values(), strict=True)]
        )
        recall, precision = wilson(k, n), wilson(r, m)
        rows[kind] = {
            "planted": n, "found": k, "recall": k / n if n else float("nan"), "recall_low": recall.low, "recall_high": recall.high,
            "marked": m, "right": r, "precision": r / m if m else float("nan"), "precision_low": precision.low,
            "precision_high": precision.high,
        }  # fmt: skip
    return Verdict(pd.DataFrame.from_dict(rows, orient="index"), missed, wrong)
