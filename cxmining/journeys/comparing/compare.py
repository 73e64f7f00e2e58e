"""Two groups of journeys compared: what they meet, where they go, how long it takes, how they score it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.journeys.build import Journeys
from cxmining.journeys.comparing.pair import Pair, lay_out
from cxmining.journeys.comparing.permutation import TravelTest, permute
from cxmining.journeys.comparing.ranks import compare_values
from cxmining.journeys.comparing.rates import compare_shares
from cxmining.journeys.comparing.sides import split_by
from cxmining.journeys.rows import rows_of
from cxmining.journeys.scored import Scored, journeys_of
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.repr_html import repr_html
from cxmining.schema import STAGES
from cxmining.stats import benjamini_hochberg

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["GroupComparison", "compare_groups"]

FEWEST: Final = 10
_COLUMNS: Final = (
    "measure", "a", "b", "difference", "low", "high", "effect", "effect_low", "effect_high", "odds_ratio", "n_a", "n_b",
    "customers_a", "customers_b", "p", "q", "tested", "shown",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """How two groups of journeys differ; everything is a minus b.

    Attributes
    ----------
    names : tuple of str
        What group a and group b are called.
    cells : DataFrame
        One row per touchpoint or edge and `measure`: ``share`` (of journeys that have it), ``count`` (mean number
        of times in journeys that have it), ``wait_s`` (median wait there), ``time_s`` (median time between the two),
        ``score`` (mean score of the journeys that have it). ``a``, ``b``, ``difference`` with ``low`` to ``high``;
        ``effect``: Cohen's h for shares, Cliff's delta (with interval) for the others; ``odds_ratio`` for shares;
        ``n_*`` journeys (waits and walks for ``wait_s`` and ``time_s``), ``customers_*``; ``p``, ``q``, ``tested``,
        ``shown``: whether the difference survives correction.
    overall : DataFrame
        One row per measure of whole journeys, with the rank test and the permutation test of the distribution.
    test : TravelTest
        Whether they travel differently at all.
    sizes : DataFrame
        Journeys, customers and events per group.
    shared_customers, shared_journeys : int
        In both groups.
    level : float
        Of confidence; ``shown`` holds at a false discovery rate of one minus it.
    metric : str or None
        What the scores are.
    notion : str
        What a journey is.
    chains : tuple of tuple of str
        The filters that made each group.
    notes : tuple of str
        What a reader must know.
    places : DataFrame
        Stage and mean place in the journey (0 to 1) per touchpoint, for the picture.
    """

    names: tuple[str, str]
    cells: pd.DataFrame
    overall: pd.DataFrame
    test: TravelTest
    sizes: pd.DataFrame
    shared_customers: int
    shared_journeys: int
    level: float
    metric: str | None
    notion: str
    chains: tuple[tuple[str, ...], tuple[str, ...]]
    notes: tuple[str, ...]
    places: pd.DataFrame

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """The rows about touchpoints: `touchpoint`, then as `cells`."""
        rows = self.cells[self.cells["kind"] == "touchpoint"]
        return rows[["touchpoint", *_COLUMNS]].reset_index(drop=True)

    @cached_property
    def edges(self) -> pd.DataFrame:
        """The rows about edges: `source`, `target` (with ``(start)`` and ``(end)``), then as `cells`."""
        rows = self.cells[self.cells["kind"] == "edge"]
        return rows[["source", "target", *_COLUMNS]].reset_index(drop=True)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Every tested difference, those that survive correction first, then by size of the effect."""
        rows = self.cells[self.cells["tested"]]
        what = rows["touchpoint"].where(rows["kind"] == "touchpoint", rows["source"] + " → " + rows["target"])
        rows = rows.assign(what=what.astype("str"), size=rows["effect"].abs().round(9))
        rows = rows.sort_values(["shown", "size", "what", "measure"], ascending=[False, False, True, True])
        columns = [
            "kind",
            "what",
            "measure",
            "a",
            "b",
            "difference",
            "low",
            "high",
            "effect",
            "n_a",
            "n_b",
            "q",
            "shown",
        ]
        return rows[columns].reset_index(drop=True)

    def figure(self) -> go.Figure:
        """Draw the strongest differences with their intervals: of shares, and below of times, counts and scores.

        :func:`cxmining.difference_map` lays them over the journey map.

        Returns
        -------
        plotly.graph_objects.Figure
        """
        from cxmining.journeys.comparing.forest import difference_forest

        return difference_forest(self).figure()

    def __repr__(self) -> str:
        a, b = self.names
        first, second = rows_of(self.sizes)
        head = (
            f"GroupComparison({a}: {first.journeys:,} journeys of {first.customers:,} customers; "
            f"{b}: {second.journeys:,} of {second.customers:,}; {self.notion})"
        )
        lines = [head, f"  {self.test}"]
        for kind, word in (("touchpoint", "touchpoints"), ("edge", "edges")):
            for measure, rows in self.cells[self.cells["kind"] == kind].groupby("measure", sort=False):
                tested = int(rows["tested"].sum())
                lines.append(f"  {measure} of {word}: {int(rows['shown'].sum())} of {tested} tested differ")
        found = self.summary[self.summary["shown"]]
        lines += [
            f"    {r.what}: {r.measure} {r.a:.3g} against {r.b:.3g}, "
            f"difference {r.difference:+.3g} [{r.low:.3g}, {r.high:.3g}], q = {r.q:.2g}"
            for r in rows_of(found.head(8))
        ]
        lines += [f"  {n} made by: {'; '.join(c)}" for n, c in zip(self.names, self.chains, strict=True) if c]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).splitlines(), most=25)


def compare_groups(
    a: Journeys | Scored,
    b: Journeys | Scored | None = None,
    *,
    by: str | None = None,
    names: tuple[str, str] | None = None,
    metric: str | None = None,
    level: float = 0.95,
    fewest: int = FEWEST,
    resamples: int = 999,
    seed: int = 1,
) -> GroupComparison:
    """Compare two groups of journeys: what they meet, where they go, how long it takes, how they score it.

    Everything is clustered by customer, also where one customer has journeys in both groups. Shares of all
    touchpoints and edges are one family of tests, times (waits and times between) a second, counts a third and
    scores a fourth; in each the false discovery rate is held over all touchpoints and edges together (Benjamini and
    Hochberg 1995). Scores have a family of their own because groups that were made by score differ in it everywhere,
    which would lend credit to all else. A touchpoint or edge that fewer than `fewest` customers of the two groups
    have is not tested, and its times, counts and scores not unless each group has as many.

    Parameters
    ----------
    a : Journeys or Scored
        Group a, or with `by` all journeys.
    b : Journeys or Scored, optional
        Group b: of the same dataset and case notion. Journeys may be in both.
    by : str, optional
        Split `a` by this (see :func:`split_by`).
    names : tuple of str, optional
        What to call the groups; with `by`, which two to compare (default: the only two, or promoters and detractors).
    metric : str, optional
        Of the scores; default the overall metric that most journeys have.
    level : float, default 0.95
        Of confidence.
    fewest : int, default 10
        Customers, see above.
    resamples : int, default 999
        Permutations.
    seed : int, default 1

    Returns
    -------
    GroupComparison

    Raises
    ------
    StudyError
        When the groups are not of one dataset and notion, are the same, or a number makes no sense.
    NotEnoughDataError
        When a group has fewer than `fewest` customers.

    Notes
    -----
    What differs between groups is associated with them, not caused by what tells them apart.

    Examples
    --------
    >>> from cxmining.ingest import from_frame
    >>> from cxmining.journeys import build_journeys
    >>> rows = [(f"c{i}", s) for i in range(40) for s in (("buy", "call") if i < 20 else ("buy",))]
    >>> frame = pd.DataFrame(rows, columns=["customer", "touchpoint"])
    >>> frame["timestamp"] = pd.date_range("2025-01-01", periods=len(frame), tz="UTC")
    >>> journeys = build_journeys(
    ...     from_frame(frame, customer="customer", touchpoint="touchpoint", timestamp="timestamp")
    ... )
    >>> found = compare_groups(journeys, by=[i < 20 for i in range(40)], names=("True", "False"), resamples=99)
    >>> found.nodes.query("measure == 'share' and shown")[["touchpoint", "a", "b"]].values.tolist()
    [['call', 1.0, 0.0]]
    """
    if not 0.5 <= level < 1:
        raise StudyError(f"level={level}: a confidence level lies between 0.5 and 1, for example 0.95")
    if resamples < 19 or fewest < 2:
        raise StudyError(f"resamples={resamples}, fewest={fewest}: at least 19 permutations and 2 customers are needed")
    if by is not None:
        if b is not None:
            raise StudyError("give either two groups, or one source with by=…, not both")
        names, a, b = _chosen(a, by, names, metric)
    if b is None:
        raise StudyError("one group alone cannot be compared: give group b, or by=… to split the journeys")
    names = names or ("a", "b")
    if len(names) != 2 or names[0] == names[1]:
        raise StudyError(f"names={names!r}: two different names are needed")
    pair = lay_out(a, b, metric)
    for name, n in zip(names, pair.customers, strict=True):
        if n < fewest:
            raise NotEnoughDataError(
                f"group {name!r} has {n} customer{'s' * (n != 1)}; at least {fewest} are needed to compare"
            )
    left, right = journeys_of(a), journeys_of(b)
    overall, test, notes = _overall(pair, level, resamples, seed, fewest)
    if (overall.loc[overall["measure"] == "score", "delta"].abs() > 1 - 1e-9).any():
        # Groups that were made by score differ in it everywhere: that is no finding.
        pair = replace(pair, score=None)
        notes.append(
            "the groups do not overlap in score, so scores per touchpoint and edge say nothing and are left out"
        )
    cells = _cells(pair, left, level, fewest)
    return GroupComparison(
        (str(names[0]), str(names[1])), cells, overall, test, _sizes(pair, names), pair.shared_customers,
        pair.shared_journeys, level, pair.metric, str(left.notion), (left.chain, right.chain),
        (*_notes(pair, cells, fewest), *notes), _places(pair, left, right),
    )  # fmt: skip


def _chosen(
    source: Journeys | Scored, by: str, names: tuple[str, str] | None, metric: str | None
) -> tuple[tuple[str, str], Journeys | Scored, Journeys | Scored]:
    groups = split_by(source, by, metric=metric)
    if names is None:
        found = tuple(groups)
        if {"promoter", "detractor"} <= set(found):
            names = ("promoter", "detractor")
        elif len(found) == 2:
            names = (found[0], found[1])
        else:
            sizes = ", ".join(f"{k!r} ({len(journeys_of(v)):,})" for k, v in groups.items())
            raise StudyError(f"by={by!r} makes {len(found)} groups: {sizes}; name two, e.g. names={found[:2]!r}")
    for name in names:
        if name not in groups:
            raise StudyError(f"names: by={by!r} makes no group {name!r}; {nearest(str(name), groups)}")
    return names, groups[names[0]], groups[names[1]]


def _cells(pair: Pair, journeys: Journeys, level: float, fewest: int) -> pd.DataFrame:
    names = pair.names()
    shares = compare_shares(pair, level=level)
    shares = shares.rename(columns={"cohens_h": "effect"}).assign(
        measure="share", effect_low=np.nan, effect_high=np.nan, cell=np.arange(len(shares))
    )
    shares["tested"] = (shares["customers"] >= fewest) & shares["p"].notna()
    parts = [shares]
    k = len(pair.touchpoints)
    c = pair.cells
    who, group = pair.customer[c.journey], pair.group[c.journey]
    node = c.cell < k
    parts.append(
        _values("count", c.cell[node], group[node], who[node], c.times[node].astype(float), pair, level, fewest)
    )
    wait = journeys.data.events["wait_s"].to_numpy(dtype=float, na_value=np.nan)[pair.rows]
    known = np.flatnonzero(~np.isnan(wait))
    of = pair.journey[known]
    parts.append(
        _values("wait_s", pair.touchpoint[known], pair.group[of], pair.customer[of], wait[known], pair, level, fewest)
    )
    inner = np.flatnonzero(pair.walks[2] >= 0)
    of = pair.walks[0][inner]
    parts.append(
        _values(
            "time_s", k + pair.edges[1][inner], pair.group[of], pair.customer[of], pair.walks[2][inner] / 1e6, pair,
            level, fewest,
        )
    )  # fmt: skip
    if pair.score is not None:
        score = pair.score[c.journey]
        some = ~np.isnan(score)
        parts.append(_values("score", c.cell[some], group[some], who[some], score[some], pair, level, fewest))
    frame = pd.concat(parts, ignore_index=True)
    frame["q"] = np.nan
    for family in _FAMILIES:
        rows = frame["measure"].isin(family) & frame["tested"]
        frame.loc[rows, "q"] = benjamini_hochberg(frame.loc[rows, "p"])
    frame.loc[~frame["tested"], "p"] = np.nan
    frame["shown"] = frame["q"] <= 1 - level + 1e-12
    frame["measure"] = frame["measure"].astype("str")
    return names.iloc[frame["cell"].to_numpy()].reset_index(drop=True).join(frame[list(_COLUMNS)])


_FAMILIES: Final = (("share",), ("wait_s", "time_s"), ("count",), ("score",))


def _values(
    measure: str, cell: np.ndarray, group: np.ndarray, who: np.ndarray, value: np.ndarray, pair: Pair, level: float,
    fewest: int,
) -> pd.DataFrame:  # fmt: skip
    found = compare_values(cell, group, who, value, pair.n_cells, level=level)
    which = "median" if measure.endswith("_s") else "mean"
    frame = pd.DataFrame(
        {
            "cell": np.arange(pair.n_cells),
            "measure": measure,
            "a": found[f"{which}_a"],
            "b": found[f"{which}_b"],
            "difference": found[f"{which}_a"] - found[f"{which}_b"],
            "low": found[f"{which}_low"],
            "high": found[f"{which}_high"],
            "effect": found["delta"],
            "effect_low": found["delta_low"],
            "effect_high": found["delta_high"],
            "odds_ratio": np.nan,
            "n_a": found["n_a"],
            "n_b": found["n_b"],
            "customers_a": found["customers_a"],
            "customers_b": found["customers_b"],
            "p": found["p"],
        }
    )
    enough = (found[["customers_a", "customers_b"]] >= fewest).all(axis=1)
    frame["tested"] = enough & found["p"].notna()
    return frame[found["n_a"] + found["n_b"] > 0]


def _overall(
    pair: Pair, level: float, resamples: int, seed: int, fewest: int
) -> tuple[pd.DataFrame, TravelTest, list[str]]:
    contacts = np.diff(pair.offsets).astype(float)
    last = pair.offsets[1:] - 1
    width = int(pair.channel.max()) + 1
    used = np.unique(pair.journey * width + pair.channel) // width
    measures = {
        "duration_s": (pair.time[last] - pair.time[pair.offsets[:-1]]) / 1e6,
        "contacts": contacts,
        "channels": np.bincount(used, minlength=len(pair.group)).astype(float),
    }
    test, gaps, notes = permute(pair, measures, resamples, seed)
    parts = []
    scored = {} if pair.score is None else {"score": pair.score}
    for name, values in {**measures, **scored}.items():
        some = np.flatnonzero(~np.isnan(values))
        row = compare_values(
            np.zeros(len(some), dtype=np.int64), pair.group[some], pair.customer[some], values[some], 1, level=level
        ).iloc[0]
        gap, p_gap = gaps.get(name, (np.nan, np.nan))
        parts.append(
            {
                "measure": name,
                **{f"{w}_{g}": row[f"{w}_{g}"] for w in ("mean", "median") for g in "ab"},
                "mean_difference": row["mean_a"] - row["mean_b"],
                **{k: row[k] for k in ("mean_low", "mean_high")},
                "median_difference": row["median_a"] - row["median_b"],
                **{k: row[k] for k in ("median_low", "median_high", "delta", "delta_low", "delta_high")},
                "n_a": int(row["n_a"]),
                "n_b": int(row["n_b"]),
                "p": row["p"] if min(row["customers_a"], row["customers_b"]) >= fewest else np.nan,
                "largest_gap": gap,
                "p_distribution": p_gap,
            }
        )
    frame = pd.DataFrame(parts)
    both = benjamini_hochberg(np.concatenate([frame["p"], frame["p_distribution"]]))
    frame["q"], frame["q_distribution"] = both[: len(frame)], both[len(frame) :]
    frame["measure"] = frame["measure"].astype("str")
    return frame, test, notes


def _sizes(pair: Pair, names: tuple[str, str]) -> pd.DataFrame:
    events = np.bincount(pair.group[pair.journey], minlength=2)
    return pd.DataFrame(
        {
            "group": pd.Series(names, dtype="str"),
            "journeys": pair.journeys,
            "customers": pair.customers,
            "events": events,
        }
    )


def _notes(pair: Pair, cells: pd.DataFrame, fewest: int) -> list[str]:
    notes = []
    if pair.shared_customers:
        n, j = pair.shared_customers, pair.shared_journeys
        also = f" and {j:,} journey{'s' * (j != 1)}" if j else ""
        notes.append(f"{n:,} customer{'s' * (n != 1)}{also} in both groups: counted in both, and taken for dependent")
    for measure, rows in cells.groupby("measure", sort=False):
        left = int((~rows["tested"]).sum())
        if left:
            notes.append(f"{measure}: {left:,} of {len(rows):,} not tested, too few customers (under {fewest})")
    if pair.metric is not None:
        notes.append(f"scores are {pair.metric}; higher is better")
    return notes


def _places(pair: Pair, a: Journeys, b: Journeys) -> pd.DataFrame:
    """Return stage and mean relative place per touchpoint, over both groups."""
    length = np.diff(pair.offsets)[pair.journey]
    place = (np.arange(len(pair.touchpoint)) - pair.offsets[:-1][pair.journey] + 0.5) / length
    k = len(pair.touchpoints)
    n = np.bincount(pair.touchpoint, minlength=k)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(pair.touchpoint, weights=place, minlength=k) / n
    # The usual stage of a touchpoint: that of most of its events in either group.
    codes = np.concatenate([a._stage, b._stage]) + 1  # 0: unknown
    votes = np.bincount(pair.touchpoint * (len(STAGES) + 1) + codes, minlength=k * (len(STAGES) + 1))
    usual = votes.reshape(k, -1).argmax(axis=1)
    names = pd.array([UNKNOWN, *STAGES], dtype="str")
    frame = pd.DataFrame({"touchpoint": pd.Series(pair.touchpoints, dtype="str"), "place": mean, "events": n})
    frame["stage"] = names.take(usual)
    return frame[frame["events"] > 0].reset_index(drop=True)
