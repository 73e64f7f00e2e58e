"""One row per deviation: how often it occurs, how much longer such journeys last, how else they are scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.deviations import KINDS
from cxmining.discovery.effects import Clusters, Difference
from cxmining.discovery.following import Aligned
from cxmining.engine import END, START
from cxmining.engine.coded import Ints
from cxmining.stats import benjamini_hochberg

__all__ = ["Measure"]

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Measure:
    """What is measured of every group of journeys with a deviation."""

    aligned: Aligned
    customer: Clusters
    duration: npt.NDArray[np.float64]
    score: npt.NDArray[np.float64]
    customer_number: Ints
    conforms: Mask
    against: str

    def table(self, by: list[str], min_n: int) -> tuple[pd.DataFrame, list[tuple[int, int]]]:
        """Return one row per group of deviations, and (kind, label) of the groups that are too small."""
        found, number = self.aligned.deviations, self.aligned.number
        size = np.bincount(number, minlength=len(self.aligned.length))
        frame = pd.DataFrame({"variant": found.variant} | {column: getattr(found, column) for column in by})
        frame["times"] = size[found.variant]
        scored = ~np.isnan(self.score)
        rated = Clusters.of(self.customer_number[scored])
        rows: list[dict[str, Any]] = []
        rare: list[tuple[int, int]] = []
        for key, group in frame.groupby(by, sort=True):
            parts = tuple(int(part) for part in cast("tuple[int, ...]", key))
            hit = np.zeros(len(self.aligned.length), dtype=bool)
            hit[group["variant"].to_numpy()] = True
            n = int(size[hit].sum())
            if n < min_n:
                rare.append((parts[0], parts[1]))
                continue
            inside = hit[number]
            outside = self.conforms if self.against == "conforming" else ~inside
            enough = int(outside.sum()) >= min_n
            longer = self.customer.difference(self.duration, inside, outside) if enough else Difference(n=n)
            a, b = inside[scored], outside[scored]
            enough = min(int(a.sum()), int(b.sum())) >= min_n
            higher = (
                rated.difference(self.score[scored], a, b)
                if enough
                else Difference(n=int(a.sum()), n_against=int(b.sum()))
            )
            share = self.customer.share(inside)
            rows.append(
                {
                    **dict(zip(by, parts, strict=True)),
                    "journeys": n,
                    "customers": self.customer.count(inside),
                    "times": int(group["times"].sum()),
                    "share": share.value,
                    "low": share.low,
                    "high": share.high,
                    "longer_mean_s": longer.mean,
                    "longer_mean_low_s": longer.low,
                    "longer_mean_high_s": longer.high,
                    "longer_median_s": longer.median,
                    "longer_median_low_s": longer.median_low,
                    "longer_median_high_s": longer.median_high,
                    "longer_n_against": int(outside.sum()),
                    "longer_p": longer.p,
                    "score_difference": higher.mean,
                    "score_low": higher.low,
                    "score_high": higher.high,
                    "score_n": higher.n,
                    "score_n_against": higher.n_against,
                    "score_p": higher.p,
                }
            )
        return self._named(pd.DataFrame(rows, columns=[*by, *_FIGURES]), by), rare

    def _named(self, frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        q = benjamini_hochberg(np.concatenate([frame["longer_p"].astype(float), frame["score_p"].astype(float)]))
        frame["longer_q"], frame["score_q"] = q[: len(frame)], q[len(frame) :]
        words = {
            "kind": ("kind", np.array(KINDS, dtype=object)),
            "label": ("touchpoint", np.array(self.aligned.touchpoints, dtype=object)),
            "after": ("after", np.array([*self.aligned.touchpoints, START], dtype=object)),
            "before": ("before", np.array([*self.aligned.touchpoints, END], dtype=object)),
        }
        for column in by:
            name, choices = words[column]
            frame[column] = pd.array(choices[frame[column].to_numpy(dtype=np.int64)], dtype="str")
            frame = frame.rename(columns={column: name})
        order = ["journeys", *(words[column][0] for column in by)]
        return frame.sort_values(order, ascending=[False] + [True] * len(by), ignore_index=True)


_FIGURES: Final = (
    "journeys", "customers", "times", "share", "low", "high",
    "longer_mean_s", "longer_mean_low_s", "longer_mean_high_s",
    "longer_median_s", "longer_median_low_s", "longer_median_high_s", "longer_n_against", "longer_p",
    "score_difference", "score_low", "score_high", "score_n", "score_n_against", "score_p",
)  # fmt: skip
