"""Peak, end, trend and volatility of each journey, and of groups of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cxmining.stats import grouped_mean

__all__ = ["LINES", "group_shape", "line_means", "shapes_of"]

LINES: Final = ("score", "emotion", "gap")
_SHAPE: Final = ("peak", "end", "peak_end", "trend", "volatility")


def shapes_of(values: pd.DataFrame, middle: float) -> pd.DataFrame:
    """Return peak, end, trend and volatility per journey and line; values stand by line, journey and step."""
    key = ["line", "journey"]
    intense = (values["value"] - np.where(values["line"] == "score", middle, 0.0)).abs()
    frame = values.assign(intense=intense.round(9), row=np.arange(len(values)))
    grouped = frame.groupby(key, sort=True)
    out = grouped.agg(
        group=("group", "first"), journey_id=("journey_id", "first"), customer=("customer", "first"), n=("value", "size"),
        end=("value", "last"),
    )  # fmt: skip
    peaks = frame.sort_values([*key, "intense", "row"], kind="stable").drop_duplicates(key, keep="last").set_index(key)
    out["peak"] = peaks["value"].reindex(out.index)
    out["peak_end"] = (out["peak"] + out["end"]) / 2
    d = frame["step"] - grouped["step"].transform("mean")
    sums = pd.DataFrame({"xy": d * frame["value"], "xx": d * d, "move": grouped["value"].diff().abs()})
    total = sums.groupby([frame[k] for k in key], sort=True).sum()
    out["trend"] = (total["xy"] / total["xx"].where(total["xx"] > 0)).reindex(out.index)
    out["volatility"] = (total["move"] / (out["n"] - 1).where(out["n"] > 1)).reindex(out.index)
    columns = ["journey_id", "customer", "group", "line", "n", *_SHAPE]
    return out.reset_index()[columns]


def line_means(values: pd.DataFrame, key: list[str], scale: tuple[float, float]) -> pd.DataFrame:
    """Return the mean per `key`, of which `line` is one; its interval, by customer, keeps within what the line can hold."""
    parts = [
        grouped_mean(part, key, "value", cluster="customer", scale=_ends(str(line), scale))
        for line, part in values.groupby("line", sort=True)
    ]
    return pd.concat(parts).sort_index().reset_index()


def _ends(line: str, scale: tuple[float, float]) -> tuple[float, float]:
    """Return the lowest and highest value of a line; lines of emotions hold whether a text names one."""
    low, high = scale
    of = {"score": scale, "expected": scale, "gap": (low - high, high - low), "emotion": (-1.0, 1.0)}
    return of.get(line, (0.0, 1.0))


def group_shape(shapes: pd.DataFrame, scale: tuple[float, float]) -> pd.DataFrame:
    """Return the mean of each measure per group and line, with its interval by customer; `scale` is that of the scores."""
    long = shapes.melt(["group", "line", "customer"], list(_SHAPE), "measure", "value").dropna(subset="value")
    key = ["group", "line", "measure"]
    points = long["measure"].isin(("peak", "end", "peak_end"))
    found = [line_means(long[points], key, scale)] if points.any() else []
    # a slope has no ends, and a move none that a scale of points would give
    found += [grouped_mean(long[~points], key, "value", cluster="customer").reset_index()] if (~points).any() else []
    out = pd.concat(found, ignore_index=True) if found else grouped_mean(long, key, "value").reset_index()
    rank = out.assign(l=out["line"].map(LINES.index), m=out["measure"].map(_SHAPE.index))
    return rank.sort_values(["group", "l", "m"], ignore_index=True).drop(columns=["l", "m"])
