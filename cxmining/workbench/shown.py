"""The figures of each view for one choice of journeys; each is computed when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import END, START, Samples, follow
from cxmining.engine.chosen import Chosen, count_chosen
from cxmining.engine.samples import distinct
from cxmining.experience.metrics import answer_weights
from cxmining.journeys.build import _mix
from cxmining.privacy import suppress
from cxmining.stats import grouped_mean, wilson
from cxmining.workbench.ground import Ground, Rows

__all__ = ["Counts", "Shown"]

Mask = npt.NDArray[np.bool_]
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
        values, metric, scale = self.ground.overall
        use = ~np.isnan(values) if self.mask is None else self.mask & ~np.isnan(values)
        frame = pd.DataFrame({"all": 0, "value": values[use], "who": self.ground.log.customer[use]})
        if frame["who"].nunique() < self.least:
            return None, None, None, None, metric
        row = grouped_mean(frame, "all", "value", cluster="who", scale=scale).iloc[0]
        return _plain(row["mean"]), _plain(row["low"]), _plain(row["high"]), int(row["n"]), metric

    # --- touchpoints and what was felt there

    @cached_property
    def points(self) -> pd.DataFrame:
        """Score, expectation and gap per touchpoint: ``line``, ``touchpoint``, ``mean``, ``low``, ``high``, ``n``, ``customers``.

        The figures of points about too few customers are missing; ``hidden`` says which.
        """
        ground = self.ground
        parts = [self._means("score", ground.scores)]
        parts += [self._means(line, ground.pairs.get(line)) for line in ("expected", "gap")]
        return pd.concat(parts, ignore_index=True)

    @cached_property
    def words(self) -> pd.DataFrame:
        """Sentiment of what customers wrote, per touchpoint, as in `points`; reading the texts takes a while at first."""
        return self._means("sentiment", self.ground.sentiment)

    def _means(self, line: str, rows: Rows | None) -> pd.DataFrame:
        columns = ["line", "touchpoint", *_ENDS, "customers", "hidden"]
        frame = None if rows is None else rows.of(self.mask)
        if rows is None or frame is None or not len(frame):
            return pd.DataFrame(columns=columns).astype(
                {**dict.fromkeys(_ENDS[:3], float), "n": "int64", "customers": "int64", "hidden": bool}
            )
        weight = answer_weights(frame) if "weight" in frame else None
        weighed = frame if weight is None else frame.assign(weight=weight)
        found = grouped_mean(
            weighed, "touchpoint", "value", None if weight is None else "weight", "customer", scale=rows.scale
        )
        k = len(self.ground.rated)
        who = frame["customer"].to_numpy()
        people = distinct(frame["touchpoint"].to_numpy(), who - who.min(), k)[found.index.to_numpy()]
        few = people < self.least
        out = {end: np.where(few, np.nan, found[end].to_numpy()) for end in _ENDS[:3]}
        return pd.DataFrame(
            {
                "line": line, "touchpoint": [self.ground.rated[c] for c in found.index], **out,
                "n": np.where(few, 0, found["n"].to_numpy()), "customers": np.where(few, 0, people), "hidden": few,
            }
        )  # fmt: skip

    @property
    def hidden(self) -> set[tuple[str, str]]:
        """(touchpoint, column) of each figure that is known and not shown."""
        off = {(key, column) for key, column in self._counted[1]}
        for frame in (self.points, self.words) if "words" in self.__dict__ else (self.points,):
            gone = frame[frame["hidden"].astype(bool)]
            off |= {
                (t, f"{line}_{end}") for t, line in zip(gone["touchpoint"], gone["line"], strict=True) for end in _ENDS
            }
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
        fixed = self.ground.fixed.take(pd.Index(self.ground.log.touchpoints).get_indexer(pd.Index(frame["touchpoint"])))
        table = pd.concat([frame, fixed.reset_index(drop=True)], axis=1)
        for line in ("score", "expected", "gap"):
            table = self._joined(table, self.points, line)
        scores = self.ground.scores
        if scores is not None and self.ground.lived is not None:
            table["score_metric"] = self.ground.lived.metric
            table["score_scale_low"], table["score_scale_high"] = scores.scale
        return self._with_moments(table)

    def _joined(self, table: pd.DataFrame, points: pd.DataFrame, line: str) -> pd.DataFrame:
        mine = points[(points["line"] == line).to_numpy()]
        place = pd.Index(mine["touchpoint"]).get_indexer(pd.Index(table["touchpoint"]))
        found = {f"{line}_{end}": np.append(mine[end].to_numpy(dtype=float), np.nan)[place] for end in _ENDS}
        return table.assign(**found)

    def _with_moments(self, table: pd.DataFrame) -> pd.DataFrame:
        if self.ground.lived is None or self.ground.scores is None:
            return table
        journey, code, kind = self.ground.moments
        use = np.ones(len(journey), dtype=bool) if self.mask is None else np.append(self.mask, False)[journey]
        code, kind = code[use], kind[use]
        place = pd.Index(self.ground.rated).get_indexer(pd.Index(table["touchpoint"]))
        seen = np.zeros(len(self.ground.rated) + 1, dtype=bool)
        gaps = self.points[(self.points["line"] == "gap") & ~self.points["hidden"].astype(bool)]
        seen[pd.Index(self.ground.rated).get_indexer(pd.Index(gaps["touchpoint"]))] = len(gaps) > 0
        for name, sign in (("wow_n", 1), ("pain_n", -1)):
            n = np.bincount(code[kind == sign], minlength=len(self.ground.rated))
            table[name] = np.where(seen[place], n[place], np.nan)
        return table

    @cached_property
    def detailed(self) -> pd.DataFrame:
        """The touchpoints with exact medians of their waits and with sentiment."""
        table = (
            self._joined(self.touchpoints, self.words, "sentiment")
            if self.ground.lived is not None
            else self.touchpoints
        )
        return table.join(self._waited, on="touchpoint") if self.ground.waits is not None else table

    @cached_property
    def _waited(self) -> pd.DataFrame:
        ground, waits = self.ground, self.ground.waits
        assert waits is not None
        use = ~np.isnan(waits)
        if self.mask is not None:
            use &= np.repeat(self.mask, np.diff(ground.log.offsets))
        code, k = ground.log.touchpoint[use], len(ground.log.touchpoints)
        samples = Samples.of(code, np.round(waits[use] * 1e6).astype(np.int64), k)
        journey = np.flatnonzero(use)
        people = distinct(code, ground.log.customer[ground.log.journey[journey]], k)
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


def _plain(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
