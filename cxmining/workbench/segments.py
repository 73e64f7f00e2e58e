"""The values of an attribute of customers side by side: what each meets, and how each scores it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.samples import distinct
from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.metrics import answer_weights
from cxmining.i18n import counted
from cxmining.journeys import filters
from cxmining.privacy import suppress
from cxmining.repr_html import repr_html
from cxmining.stats import benjamini_hochberg, grouped_mean, wilson

if TYPE_CHECKING:
    from cxmining.workbench.explore import Exploration

__all__ = ["CHANNEL", "SegmentTable", "attributes", "compare_segments"]

CHANNEL: Final = "channel"
"""The channel of a customer's first contact, which makes an attribute of it."""
LEVEL: Final = 0.05
_REACH: Final = ("met", "reach", "reach_low", "reach_high")
_SCORE: Final = ("score_mean", "score_low", "score_high", "score_n")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SegmentTable:
    """Customers by the value of an attribute, touchpoint by touchpoint.

    Attributes
    ----------
    by : str
        The attribute; ``"channel"`` is the channel of a customer's first contact.
    values : tuple of str
    sizes : DataFrame
        ``value``, ``journeys``, ``customers``; missing where fewer customers than may be shown.
    summary : DataFrame
        One row per touchpoint and value: ``touchpoint``, ``value``, ``met`` (customers who met it), ``reach``,
        ``reach_low``, ``reach_high`` (of the customers with the value, 95%), ``score_mean``, ``score_low``,
        ``score_high`` (95%, by customer), ``score_n`` (scores).
    hidden : frozenset of (str, str, str)
        Touchpoint, value and ``"reach"`` or ``"score"`` of each figure that is known and not shown.
    without : int
        Customers without a value.
    metric : str or None
        What the scores are.
    notion : str
    filters : tuple of str
    """

    by: str
    values: tuple[str, ...]
    sizes: pd.DataFrame
    summary: pd.DataFrame
    hidden: frozenset[tuple[str, str, str]]
    without: int
    metric: str | None
    notion: str
    filters: tuple[str, ...]
    _met: Ints = field(repr=False)
    """Customers who met it, before any is hidden: touchpoints × values."""
    _all: Ints = field(repr=False)
    """Customers per value."""
    _scored: pd.DataFrame = field(repr=False)
    """``touchpoint``, ``value`` (places) and mean ``score`` of each customer who scored."""
    _least: int = field(repr=False)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """Where the values differ, tested over all touchpoints together.

        ``touchpoint``, ``measure`` (``reach`` or ``score``), ``groups`` (values that are compared), ``n`` (customers),
        ``p``, ``q`` (Benjamini and Hochberg 1995, reach and scores each a family), ``differs`` (q < 0.05), ``lowest`` and
        ``highest`` (values). Reach is tested by Pearson's chi-square of who met it, scores by Kruskal and Wallis (1952) on
        one mean per customer, unweighted. Only values whose figure is shown take part; a table whose expected counts are
        too small for the approximation (Cochran 1954) is not tested.
        """
        touchpoints = list(dict.fromkeys(self.summary["touchpoint"]))
        rows = []
        for t, name in enumerate(touchpoints):
            for measure, test in (("reach", self._reach_test), ("score", self._score_test)):
                found = test(t, name)
                if found is not None:
                    rows.append({"touchpoint": name, "measure": measure, **found})
        columns = ["touchpoint", "measure", "groups", "n", "p", "lowest", "highest"]
        frame = pd.DataFrame(rows, columns=columns)
        frame["q"] = np.nan
        for measure in ("reach", "score"):
            own = (frame["measure"] == measure).to_numpy()
            if own.any():
                frame.loc[own, "q"] = benjamini_hochberg(frame.loc[own, "p"].to_numpy(dtype=float))
        frame["differs"] = frame["q"].to_numpy(dtype=float) < LEVEL
        return frame.sort_values(["q", "touchpoint", "measure"], kind="stable", ignore_index=True)

    def _able(self, name: str, measure: str) -> list[int]:
        gone = {v for t, v, m in self.hidden if t == name and m == measure}
        small = set(self.sizes.loc[self.sizes["customers"].isna(), "value"])
        return [i for i, v in enumerate(self.values) if v not in gone and v not in small]

    def _reach_test(self, t: int, name: str) -> dict[str, Any] | None:
        able = self._able(name, "reach")
        if len(able) < 2:
            return None
        met, of = self._met[t, able], self._all[able]
        table = np.stack([met, of - met]).astype(float)
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        # Cochran's rule: none below 1, at most a fifth below 5
        if expected.min() < 1 or np.mean(expected < 5) > 0.2:
            return None
        from scipy.stats import chi2

        statistic = float(((table - expected) ** 2 / expected).sum())
        share = met / of
        return {
            "groups": len(able), "n": int(of.sum()), "p": float(chi2.sf(statistic, len(able) - 1)),
            "lowest": self.values[able[int(np.argmin(share))]], "highest": self.values[able[int(np.argmax(share))]],
        }  # fmt: skip

    def _score_test(self, t: int, name: str) -> dict[str, Any] | None:
        rows = self._scored[(self._scored["touchpoint"] == t).to_numpy()]
        able = [i for i in self._able(name, "score") if int((rows["value"] == i).sum()) >= max(2, self._least)]
        if len(able) < 2:
            return None
        parts = [rows.loc[(rows["value"] == i).to_numpy(), "score"].to_numpy(dtype=float) for i in able]
        means = [float(p.mean()) for p in parts]
        every = np.concatenate(parts)
        if every.min() == every.max():
            p = 1.0
        else:
            from scipy.stats import kruskal

            p = float(kruskal(*parts).pvalue)
        return {
            "groups": len(able), "n": len(every), "p": p,
            "lowest": self.values[able[int(np.argmin(means))]], "highest": self.values[able[int(np.argmax(means))]],
        }  # fmt: skip

    def _head(self) -> str:
        chain = "; ".join(self.filters) or "no filter"
        return f"SegmentTable({self.by}: {counted(len(self.values), 'value')}; {self.notion}; {chain})"

    def __repr__(self) -> str:
        return f"{self._head()}\n{self.sizes.to_string(index=False)}\n{self.summary.to_string(index=False)}"

    def _repr_html_(self) -> str:
        return repr_html(self.sizes, self.summary, head=self._head())


def attributes(x: Exploration) -> tuple[str, ...]:
    """Return the attributes whose values can be laid side by side: those of customers, and the channel they began with."""
    own = [f.removeprefix("segment:") for f in x.choices if f.startswith("segment:")]
    return (*own, *((CHANNEL,) if "channel" in x.choices and CHANNEL not in own else ()))


def compare_segments(x: Exploration, by: str) -> SegmentTable:
    """Lay the values of an attribute of customers side by side: reach and score of each touchpoint, with n and interval.

    Parameters
    ----------
    x : Exploration
        Its filters hold.
    by : str
        Of `attributes`: an attribute of customers (``"persona"``, ``"segment"`` …) or ``"channel"``, the channel of a
        customer's first contact.

    Returns
    -------
    SegmentTable

    Raises
    ------
    UnknownNameError
        When there is no such attribute.
    NotEnoughDataError
        When too few customers are left, or none has a value.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> from cxmining.workbench import explore
    >>> found = compare_segments(explore(small_example()), "segment")
    >>> found.sizes[["value", "customers"]].values.tolist()
    [['business', 30], ['home', 30]]
    >>> found.tests[["touchpoint", "measure", "differs"]].head(1).values.tolist()
    [['calls back', 'reach', True]]
    """
    offered = attributes(x)
    if by not in offered:
        raise UnknownNameError(f"compare_segments: by={by!r}; {nearest(str(by), offered)}")
    if x.counts.hidden:
        raise NotEnoughDataError(
            f"fewer than {x.min_cell} customers are left: figures about them are not shown; loosen or drop a filter"
        )
    ground, log = x._ground, x._ground.log
    values, value_of = _values(x, by)
    mask = np.ones(log.n_journeys, dtype=bool)
    for f in x.state.filters:
        mask &= ground.mask(f)
    inside = mask & (value_of >= 0)
    k, people = len(values), log.customer
    everyone = distinct(value_of[inside], people[inside], k)
    if not everyone.any():
        raise NotEnoughDataError(f"compare_segments: no customer that is left has a value of {by!r}")
    use = np.repeat(inside, np.diff(log.offsets))
    journey = np.repeat(np.arange(log.n_journeys), np.diff(log.offsets))[use]
    cell = log.touchpoint[use].astype(np.int64) * k + value_of[journey]
    names = list(ground.rated)  # those of the log by code, behind them those that were only scored
    met = np.zeros((len(names), k), dtype=np.int64)
    met[: len(log.touchpoints)] = distinct(cell, people[journey], len(log.touchpoints) * k).reshape(-1, k)
    reach = wilson(met, np.maximum(everyone, 1)[None, :].repeat(len(names), axis=0))
    frame = pd.DataFrame(
        {
            "touchpoint": np.repeat(np.array(names, dtype=object), k), "value": np.tile(np.array(values, dtype=object), len(names)),
            "met": met.ravel(), "reach": reach.value.ravel(), "reach_low": reach.low.ravel(), "reach_high": reach.high.ravel(),
        }
    )  # fmt: skip
    scored, frame = _with_scores(x, frame, value_of, inside, k)
    # a value of which there is nobody left has no reach
    frame.loc[np.tile(everyone == 0, len(names)), list(_REACH[1:])] = np.nan
    frame, hidden = _hide(frame, everyone, values, x.min_cell)
    seen = np.zeros(len(names), dtype=bool)
    seen[met.any(axis=1)] = True
    seen[np.unique(scored["touchpoint"].to_numpy(dtype=np.int64))] = True
    at = np.repeat(seen, k)
    sizes = pd.DataFrame(
        {"value": list(values), "journeys": np.bincount(value_of[inside], minlength=k), "customers": everyone}
    ).astype({"journeys": "Int64", "customers": "Int64"})
    sizes.loc[_small(everyone, x.min_cell), ["journeys", "customers"]] = pd.NA
    place = np.cumsum(seen) - 1
    scored = scored.assign(touchpoint=place[scored["touchpoint"].to_numpy(dtype=np.int64)])
    lacking = len(np.unique(people[mask & (value_of < 0)]))
    return SegmentTable(
        by, values, sizes, frame[at].reset_index(drop=True), frozenset(hidden), lacking,
        None if ground.lived is None else ground.lived.metric, str(ground.journeys.notion),
        tuple(chip.label for chip in x.chips), met[seen], everyone, scored, x.min_cell,
    )  # fmt: skip


def _values(x: Exploration, by: str) -> tuple[tuple[str, ...], Ints]:
    """Return the values, and which one the customer of each journey has (−1 none)."""
    ground, log = x._ground, x._ground.log
    if f"segment:{by}" in x.choices:
        values = x.choices[f"segment:{by}"]
        of = np.full(log.n_journeys, -1, dtype=np.int64)
        for i, value in enumerate(values):
            of[ground.mask(filters.segment(by, value))] = i
        return values, of
    # journeys of one customer stand together, in the order of time
    first = np.flatnonzero(np.diff(log.customer, prepend=-1))
    code = log.channel[log.offsets[first]].astype(np.int64)
    there, codes = np.unique(code, return_inverse=True)
    return tuple(log.channels[c] for c in there.tolist()), codes[np.cumsum(np.diff(log.customer, prepend=-1) != 0) - 1]


def _with_scores(
    x: Exploration, frame: pd.DataFrame, value_of: Ints, inside: npt.NDArray[np.bool_], k: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one mean per customer, and the table with the scores of its cells and who gave them."""
    scores = x._ground.scores
    empty = pd.DataFrame({"touchpoint": [], "value": [], "score": []}).astype({"touchpoint": "int64", "value": "int64"})
    if scores is None:
        return empty, frame.assign(score_mean=np.nan, score_low=np.nan, score_high=np.nan, score_n=0, givers=0)
    rows = scores.of(inside)
    journey = scores.journey[np.append(inside, False)[scores.journey]]
    if not len(rows):
        return empty, frame.assign(score_mean=np.nan, score_low=np.nan, score_high=np.nan, score_n=0, givers=0)
    rows = rows.assign(
        cell=rows["touchpoint"].to_numpy() * k + value_of[journey], who=x._ground.log.customer[journey]
    ).reset_index(drop=True)
    weight = answer_weights(rows) if "weight" in rows else None
    weighed = rows if weight is None else rows.assign(weight=weight)
    found = grouped_mean(weighed, "cell", "value", None if weight is None else "weight", "customer", scale=scores.scale)
    found = found.reindex(range(len(frame)))
    givers = distinct(rows["cell"].to_numpy(), rows["who"].to_numpy(), len(frame))
    means = rows.groupby(["cell", "who"], as_index=False)["value"].mean()
    cell = means["cell"].to_numpy(dtype=np.int64)
    scored = pd.DataFrame({"touchpoint": cell // k, "value": cell % k, "score": means["value"].to_numpy(dtype=float)})
    columns = {f"score_{end}": found[end].to_numpy() for end in ("mean", "low", "high")}
    n = found["n"].fillna(0).to_numpy(dtype=np.int64)
    return scored, frame.assign(**columns, score_n=n, givers=givers)


def _small(everyone: Ints, least: int) -> npt.NDArray[np.bool_]:
    """Which values have too few customers, and the next smallest where one alone could be had by subtraction."""
    few = (everyone > 0) & (everyone < least)
    if few.sum() == 1 and (~few & (everyone > 0)).any():
        left = np.where(few | (everyone == 0), np.iinfo(np.int64).max, everyone)
        few[int(np.argmin(left))] = True
    return few


def _hide(
    frame: pd.DataFrame, everyone: Ints, values: tuple[str, ...], least: int
) -> tuple[pd.DataFrame, set[tuple[str, str, str]]]:
    """Hide what is about too few customers, and what would give that away: the values add up to figures shown elsewhere."""
    hidden: set[tuple[str, str, str]] = set()
    for measure, n, columns in (("reach", "met", _REACH), ("score", "givers", (*_SCORE, "givers"))):
        frame, _ = suppress(frame, columns, n, least, "", ["touchpoint", "value"], total_by=["touchpoint"])
        off = frame[n].isna()
        hidden |= {
            (str(t), str(v), measure)
            for t, v in zip(frame.loc[off, "touchpoint"], frame.loc[off, "value"], strict=True)
        }
    # who knows what share of a value met a touchpoint, and how sure that is, knows how many there are of it
    small = frame["value"].isin([v for v, gone in zip(values, _small(everyone, least), strict=True) if gone])
    for measure, n, columns in (("reach", "met", _REACH), ("score", "score_n", _SCORE)):
        known = small if measure == "reach" else small & frame[n].fillna(0).ne(0).astype(bool)
        for column in columns:
            frame[column] = frame[column].mask(known)
        hidden |= {
            (str(t), str(v), measure)
            for t, v in zip(frame.loc[known, "touchpoint"], frame.loc[known, "value"], strict=True)
        }
    return frame.drop(columns="givers"), hidden
