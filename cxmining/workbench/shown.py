"""The figures of each view for one choice of journeys; each is computed when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import END, START, Samples, follow
from cxmining.engine.chosen import Chosen, count_chosen
from cxmining.engine.samples import distinct
from cxmining.journeys.build import _mix
from cxmining.privacy import suppress
from cxmining.stats import grouped_mean, wilson
from cxmining.workbench.ground import Ground, Rows

__all__ = ["Counts", "Shown"]

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
LINES: Final = ("score", "expected", "gap", "sentiment")
_ENDS: Final = ("mean", "low", "high", "n")
_COUNTED: Final = ("events", "journeys", "customers", "reach", "reach_low", "reach_high", "channel_mix")


@dataclass(frozen=True)
class Counts:
    """How much is shown. Figures are None where they are about fewer than `least` customers.

    Attributes
    ----------
    journeys, customers, events, answers : int or None
    all_journeys : int
        Without any filter.
    score, low, high : float or None
        Mean score of the journeys as a whole with its 95% interval, clustered by customer; None without.
    score_n : int or None
        Journeys that were scored.
    metric : str or None
    least : int
        The smallest number of customers about whom figures are shown.
    """

    journeys: int | None
    customers: int | None
    events: int | None
    answers: int | None
    all_journeys: int
    score: float | None
    low: float | None
    high: float | None
    score_n: int | None
    metric: str | None
    least: int

    @property
    def hidden(self) -> bool:
        """Whether too few customers are left to show anything."""
        return self.customers is None


class Level(NamedTuple):
    """Figures of touchpoints by code: what is about too few customers is missing, and `few` says so.

    Attributes
    ----------
    mean, low, high : ndarray of float
    n, customers : ndarray of int64
    few, there : ndarray of bool
        About too few customers to be shown; anybody gave a value.
    """

    mean: Floats
    low: Floats
    high: Floats
    n: npt.NDArray[np.int64]
    customers: npt.NDArray[np.int64]
    few: Mask
    there: Mask

    def columns(self, line: str, codes: npt.NDArray[Any]) -> dict[str, Floats]:
        """Return mean, interval and n of these touchpoints as columns of a table."""
        n = np.where(self.there, self.n, np.nan)
        ends = zip(_ENDS, (self.mean, self.low, self.high, n), strict=True)
        return {f"{line}_{end}": values[codes] for end, values in ends}


class Shown:
    """What the views show of some journeys.

    Parameters
    ----------
    ground : Ground
    mask : ndarray of bool, shape (journeys,), or None
        Which journeys; None: all, unfiltered.
    least : int
        Figures about fewer customers are hidden.
    """

    def __init__(self, ground: Ground, mask: Mask | None, least: int) -> None:
        self.ground, self.mask, self.least = ground, mask, least

    @cached_property
    def chosen(self) -> Chosen:
        """The counts of everything, before any is hidden."""
        log = self.ground.log
        return count_chosen(log, np.ones(log.n_journeys, dtype=bool) if self.mask is None else self.mask)

    @cached_property
    def counts(self) -> Counts:
        """Journeys, customers, events, answers, and the score of the whole."""
        ground, found = self.ground, self.chosen
        if found.customers < self.least:
            return Counts(None, None, None, None, ground.log.n_journeys, None, None, None, None, None, self.least)
        answers = len(ground.answers) if self.mask is None else int(np.count_nonzero(self.mask[ground.answers]))
        score = (None, None, None, None, None)
        if ground.overall is not None:
            score = self._overall()  # type: ignore[assignment]
        return Counts(
            found.journeys, found.customers, found.n_events, answers, ground.log.n_journeys, *score, self.least
        )

    def _overall(self) -> tuple[float | None, float | None, float | None, int | None, str | None]:
        assert self.ground.overall is not None
        assert self.ground.whole is not None
        metric = self.ground.overall[1]
        found, people = self.ground.whole.means(self.mask, 1)
        if people[0] < self.least:
            return None, None, None, None, metric
        mean, low, high, n = (end[0] for end in found)
        return _plain(mean), _plain(low), _plain(high), int(n), metric

    # --- touchpoints and what was felt there

    @cached_property
    def points(self) -> pd.DataFrame:
        """Score, expectation and gap per touchpoint: ``line``, ``touchpoint``, ``mean``, ``low``, ``high``, ``n``, ``customers``.

        The figures of points about too few customers are missing; ``hidden`` says which.
        """
        return _listed(
            ["score", "expected", "gap"], [self._levels[n] for n in ("score", "expected", "gap")], self.ground.rated
        )

    @cached_property
    def words(self) -> pd.DataFrame:
        """Sentiment of what customers wrote, per touchpoint, as in `points`; reading the texts takes a while at first."""
        return _listed(["sentiment"], [self._wrote], self.ground.rated)

    @cached_property
    def _wrote(self) -> Level:
        return self._level(self.ground.sentiment)

    @cached_property
    def _levels(self) -> dict[str, Level]:
        ground = self.ground
        return {
            "score": self._level(ground.scores),
            **{n: self._level(ground.pairs.get(n)) for n in ("expected", "gap")},
        }

    def _level(self, rows: Rows | None) -> Level:
        """Return mean, interval, n and customers of each rated touchpoint, by code."""
        k = len(self.ground.rated)
        if rows is None:
            nothing, none = np.full(k, np.nan), np.zeros(k, dtype=np.int64)
            return Level(nothing, nothing, nothing, none, none, none > 0, none > 0)
        found, people = rows.means(self.mask, k)
        there = found.n > 0
        few = there & (people < self.least)
        mean, low, high = (np.where(few, np.nan, end) for end in (found.value, found.low, found.high))
        return Level(mean, low, high, np.where(few, 0, found.n), np.where(few | ~there, 0, people), few, there)

    @property
    def hidden(self) -> set[tuple[str, str]]:
        """(touchpoint, column) of each figure that is known and not shown."""
        off = {(key, column) for key, column in self._counted[1]}
        for frame in (self.points, self.words) if "words" in self.__dict__ else (self.points,):
            gone = frame[frame["hidden"].astype(bool)]
            off |= {
                (t, f"{line}_{end}") for t, line in zip(gone["touchpoint"], gone["line"], strict=True) for end in _ENDS
            }
        for name in self._moments:
            off |= {(self.ground.rated[t], name) for t in np.flatnonzero(self._few_moments(name)).tolist()}
        return off

    @cached_property
    def _counted(self) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
        ground, found = self.ground, self.chosen
        total = found.events.sum(axis=1)
        mix = found.events / np.maximum(total, 1)[:, None]
        reach = wilson(found.met_by, found.customers)
        frame = pd.DataFrame(
            {
                "touchpoint": pd.Series(ground.log.touchpoints, dtype="str"),
                "channel": pd.array(ground.log.channels, dtype="str").take(found.events.argmax(axis=1)),
                "channel_mix": pd.Series([_mix(ground.log.channels, row) for row in mix], dtype="str"),
                "events": total, "journeys": found.met, "customers": found.met_by,
                "reach": reach.value, "reach_low": reach.low, "reach_high": reach.high,
            }
        )  # fmt: skip
        frame = frame[frame["events"] > 0].reset_index(drop=True)
        if int(frame["customers"].min()) >= self.least:
            return frame, []
        shown, gone = suppress(frame, _COUNTED, "customers", self.least, "", "touchpoint", total_by=())
        return shown, list(zip(gone["key"], gone["column"], strict=True))

    @cached_property
    def touchpoints(self) -> pd.DataFrame:
        """One row per touchpoint that is met: stage, owner, labels, counts, reach, score, expectation, gap, WOW and pain.

        Waits and sentiment, which take longer, stand in `detailed`.
        """
        frame, _ = self._counted
        ground = self.ground
        codes = pd.Index(ground.log.touchpoints).get_indexer(pd.Index(frame["touchpoint"]))
        # one table of all columns at once: to add them one by one takes ten times as long
        columns: dict[str, Any] = {str(name): frame[name].array for name in frame}
        columns |= {str(name): ground.fixed[name].array.take(codes) for name in ground.fixed}
        for line, level in self._levels.items():
            columns |= level.columns(line, codes)
        if ground.scores is not None and ground.lived is not None:
            low, high = ground.scores.scale
            columns |= {"score_metric": ground.lived.metric, "score_scale_low": low, "score_scale_high": high}
            for name, counts in self._moments.items():
                off = ~self._seen_moments | self._few_moments(name)
                columns[name] = np.where(off, np.nan, counts)[codes]
        return pd.DataFrame(columns)

    @cached_property
    def _moments(self) -> dict[str, npt.NDArray[np.int64]]:
        """How many WOW and how many pain there are per rated touchpoint, by code."""
        if self.ground.lived is None or self.ground.scores is None:
            return {}
        journey, code, kind = self.ground.moments
        use = slice(None) if self.mask is None else np.append(self.mask, False)[journey]
        code, kind = code[use], kind[use]
        k = len(self.ground.rated)
        return {f"{name}_n": np.bincount(code[kind == sign], minlength=k) for name, sign in (("wow", 1), ("pain", -1))}

    def _few_moments(self, name: str) -> npt.NDArray[np.bool_]:
        """Return where the count itself would tell of few: three pains of a hundred are three people's."""
        counts = self._moments[name]
        return (counts > 0) & (counts < self.least) & self._seen_moments

    @property
    def _seen_moments(self) -> npt.NDArray[np.bool_]:
        """Where enough customers said what they had expected."""
        gap = self._levels["gap"]
        return gap.there & ~gap.few

    @cached_property
    def detailed(self) -> pd.DataFrame:
        """The touchpoints with exact medians of their waits and with sentiment."""
        table = self.touchpoints
        if self.ground.lived is not None:
            codes = pd.Index(self.ground.rated).get_indexer(pd.Index(table["touchpoint"]))
            _ = self.words  # which of them are hidden is known from here on
            table = table.assign(**self._wrote.columns("sentiment", codes))
        return table.join(self._waits, on="touchpoint") if self.ground.waited is not None else table

    @cached_property
    def _waits(self) -> pd.DataFrame:
        ground = self.ground
        assert ground.waited is not None
        journey, code, waits = ground.waited
        if self.mask is not None:
            use = np.flatnonzero(self.mask[journey])
            journey, code, waits = journey[use], code[use], waits[use]
        k = len(ground.log.touchpoints)
        samples = Samples.of(code, waits, k)
        people = distinct(code, ground.log.customer[journey], k)
        found = pd.DataFrame(
            {
                "wait_median_s": samples.quantile(0.5) / 1e6,
                "wait_p90_s": samples.quantile(0.9) / 1e6,
                "wait_n": samples.n,
            },
            index=pd.Index(ground.log.touchpoints, name="touchpoint"),
        )
        few = people < self.least
        found.loc[few, ["wait_median_s", "wait_p90_s"]] = np.nan
        found.loc[few, "wait_n"] = 0
        return found

    # --- who follows whom

    @cached_property
    def _walked(self) -> npt.NDArray[np.bool_]:
        return self.chosen.edge_customers >= self.least

    @property
    def hidden_edges(self) -> int:
        """Transitions between touchpoints that are about too few customers to be shown."""
        inner = (self.chosen.source >= 0) & (self.chosen.target >= 0)
        return int(np.count_nonzero(~self._walked & inner))

    @cached_property
    def edges(self) -> pd.DataFrame:
        """``source``, ``target``, ``n``, ``journeys``, ``customers`` of each transition about enough customers."""
        found, names = self.chosen, np.array([*self.ground.log.touchpoints, ""], dtype=object)
        source = np.where(found.source < 0, START, names[found.source])
        target = np.where(found.target < 0, END, names[found.target])
        frame = pd.DataFrame(
            {
                "source": pd.Series(source, dtype="str"), "target": pd.Series(target, dtype="str"), "n": found.n,
                "journeys": found.edge_journeys, "customers": found.edge_customers,
            }
        )  # fmt: skip
        return frame[self._walked].sort_values(
            ["n", "source", "target"], ascending=[False, True, True], ignore_index=True
        )

    @cached_property
    def timed_edges(self) -> pd.DataFrame:
        """The transitions with the exact median of the seconds between, ``median_s``."""
        log = self.ground.log
        graph = self.ground.journeys.graph if self.mask is None else follow(log.take(self.mask))
        # both list the same edges in the same order
        median = pd.Series(graph.waits.quantile(0.5)[self._walked] / 1e6)
        names = np.array([*log.touchpoints, ""], dtype=object)
        key = pd.DataFrame(
            {
                "source": np.where(graph.source < 0, START, names[graph.source])[self._walked],
                "target": np.where(graph.target < 0, END, names[graph.target])[self._walked],
                "median_s": median,
            }
        ).astype({"source": "str", "target": "str"})
        return self.edges.merge(key, on=["source", "target"], how="left")

    # --- variants

    def variants(self, top: int = 20) -> pd.DataFrame:
        """The most frequent variants: ``variant_id``, ``steps``, ``journeys``, ``customers``, ``share`` [95%], median duration, score.

        Variants of fewer customers than may be shown are left out.
        """
        found, number = self.ground.variants
        log = self.ground.log
        of = number if self.mask is None else number[self.mask]
        n = np.bincount(of, minlength=len(found.journeys))
        # a variant of too few journeys is one of too few customers
        able = np.flatnonzero(n >= self.least)
        able = able[np.argsort(-n[able], kind="stable")][: 4 * top]
        place = np.full(len(n), -1, dtype=np.int64)
        place[able] = np.arange(len(able))
        use = place[number] >= 0 if self.mask is None else self.mask & (place[number] >= 0)
        group = place[number[use]]
        people = distinct(group, log.customer[use], len(able))
        lasts = Samples.of(group, log.duration[use], len(able))
        total = max(self.chosen.journeys, 1)
        share = wilson(n[able], total)
        names = np.array(log.touchpoints, dtype=object)
        steps = [tuple(names[found.codes[found.offsets[v] : found.offsets[v + 1]]].tolist()) for v in able.tolist()]
        frame = pd.DataFrame(
            {
                "variant_id": pd.Series(["v" + blake2b("\x1f".join(s).encode(), digest_size=8).hexdigest() for s in steps], dtype="str"),
                "steps": pd.Series(steps, dtype="object"), "n_steps": np.array([len(s) for s in steps], dtype=np.int64),
                "journeys": n[able], "customers": people, "share": share.value, "low": share.low, "high": share.high,
                "median_duration_s": lasts.quantile(0.5) / 1e6,
            }
        )  # fmt: skip
        frame = self._scored(frame, group, use)
        frame = frame[frame["customers"] >= self.least]
        # equals stand by their touchpoints, as in `list_variants`
        frame = frame.iloc[
            sorted(range(len(frame)), key=lambda i: (-int(frame["journeys"].iloc[i]), frame["steps"].iloc[i]))
        ]
        return frame.head(top).reset_index(drop=True)

    def _scored(self, frame: pd.DataFrame, group: npt.NDArray[np.int64], use: Mask) -> pd.DataFrame:
        if self.ground.overall is None:
            return frame
        values, _, scale = self.ground.overall
        rows = pd.DataFrame({"group": group, "value": values[use], "who": self.ground.log.customer[use]}).dropna()
        means = grouped_mean(rows, "group", "value", cluster="who", scale=scale).reindex(range(len(frame)))
        people = distinct(rows["group"].to_numpy(), rows["who"].to_numpy(), len(frame))
        means.loc[people < self.least, ["mean", "low", "high"]] = np.nan
        means["n"] = means["n"].where(people >= self.least, 0).fillna(0).astype("int64")
        return frame.join(means.rename(columns=lambda c: f"score_{c}"))


def _listed(lines: list[str], levels: list[Level], names: tuple[str, ...]) -> pd.DataFrame:
    """Return figures as a row per line and touchpoint."""
    rows = [np.flatnonzero(level.there) for level in levels]
    joined = {
        name: np.concatenate([getattr(level, name)[at] for level, at in zip(levels, rows, strict=True)])
        for name in (*_ENDS, "customers", "few")
    }
    said = {
        "line": pd.array(np.repeat(lines, [len(at) for at in rows]).astype(object), dtype="str"),
        "touchpoint": pd.array(names, dtype="str").take(np.concatenate(rows)),
    }
    return pd.DataFrame({**said, **joined}).rename(columns={"few": "hidden"})


def _plain(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
