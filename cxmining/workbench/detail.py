"""Everything that is known about one touchpoint among the journeys that are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.i18n import number, speaking
from cxmining.maps.facts import Facts
from cxmining.maps.tables import label_of, records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.maps.words import say as on_map
from cxmining.workbench.ground import Ground
from cxmining.workbench.shown import Shown

__all__ = ["TouchpointDetail", "detail_of"]

say = speaking("workbench")
_QUOTES: Final = 4
_LONGEST: Final = 280
Fact = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class TouchpointDetail:
    """One touchpoint.

    Attributes
    ----------
    touchpoint, label : str
    row : Series
        Of the table of touchpoints, with waits and sentiment.
    facts : tuple of (str, str, str)
        What people read: name, figure, and its interval, n or source.
    quotes : tuple of str
        Masked; empty where they are off or too few customers wrote.
    quotes_said : str
        Why there are none; empty when there are.
    before, after : DataFrame
        The transitions to and from it, the most walked first.
    """

    touchpoint: str
    label: str
    row: pd.Series
    facts: tuple[Fact, ...]
    quotes: tuple[str, ...]
    quotes_said: str
    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """The facts: columns `fact`, `value`, `more`."""
        return pd.DataFrame(list(self.facts), columns=["fact", "value", "more"])

    def __repr__(self) -> str:
        facts = "\n".join(f"  {name}: {value} {more}".rstrip() for name, value, more in self.facts)
        quotes = "\n".join(f"  “{q}”" for q in self.quotes) or f"  {self.quotes_said}"
        return f"TouchpointDetail({self.label})\n{facts}\n{quotes}"


def detail_of(ground: Ground, shown: Shown, touchpoint: str, language: str, text: str) -> TouchpointDetail:
    """Gather what is known about a touchpoint of the log."""
    table = shown.detailed
    row = table[table["touchpoint"] == touchpoint]
    quotes, why = (
        _quotes(ground, shown, touchpoint, language) if text == "masked" else ((), say("quotes_off", language))
    )
    edges = shown.timed_edges
    if not len(row):  # no journey that is left meets it
        empty = pd.Series({"touchpoint": touchpoint})
        label = ground.labels[language].get(touchpoint, touchpoint)
        return TouchpointDetail(touchpoint, label, empty, (), (), "", edges.head(0), edges.head(0))
    record = records(row)[0]
    facts = Facts(record, language, shown.hidden).all()
    facts += [(on_map(name, language), *_moment(record, f"{name}_n", shown, language)) for name in ("wow", "pain")]
    return TouchpointDetail(
        touchpoint, label_of(record, language), row.iloc[0], tuple(facts), quotes, why,
        edges[edges["target"] == touchpoint].reset_index(drop=True), edges[edges["source"] == touchpoint].reset_index(drop=True),
    )  # fmt: skip


def _moment(row: dict[str, Any], column: str, shown: Shown, language: str) -> tuple[str, str]:
    if (row["touchpoint"], column) in shown.hidden:
        return HIDDEN, ""
    n, of = row.get(column), row.get("gap_n")
    if not known(n) or not known(of) or not of:
        return (HIDDEN if (row["touchpoint"], "gap_mean") in shown.hidden else MISSING), ""
    return number(n, language), f"n = {number(of, language)}"


def _quotes(ground: Ground, shown: Shown, touchpoint: str, language: str) -> tuple[tuple[str, ...], str]:
    """Return the lowest and the highest scored comments about a touchpoint, masked."""
    if ground.lived is None or not len(ground.lived.links):
        return (), say("quotes_none", language)
    links, owner = ground._linked
    at = (links["touchpoint"] == touchpoint).to_numpy(dtype=bool) & (owner >= 0)
    if shown.mask is not None:
        at &= np.append(shown.mask, False)[owner]
    comments = ground.journeys.data.responses.set_index("response_id")["comment"].dropna()
    mine = links[at].assign(comment=links.loc[at, "response_id"].map(comments)).dropna(subset="comment")
    if not len(mine):
        return (), say("quotes_none", language)
    if mine["customer_id"].nunique() < shown.least:
        return (), say("quotes_few", language, sign=HIDDEN, least=shown.least)
    from cxmining.privacy import mask

    scored = mine[mine["metric"] != "expectation"] if (mine["metric"] != "expectation").any() else mine
    rows = scored.sort_values(["score", "response_id"], kind="stable").drop_duplicates("response_id")
    # one who writes much is one voice, and the same words twice say no more
    rows = rows.drop_duplicates("customer_id").drop_duplicates("comment")
    ends = rows if len(rows) <= _QUOTES else pd.concat([rows.head(_QUOTES // 2), rows.tail(_QUOTES // 2)])
    masked, _ = mask(ends["comment"].astype("str"))
    return tuple(t if len(t) <= _LONGEST else t[: _LONGEST - 1] + "…" for t in masked.tolist()), ""
