"""Two runs, figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cxmining.repr_html import repr_html
from cxmining.runs.folder import Run, load_run

__all__ = ["RunComparison", "compare_runs"]

# table → (key columns, figures, the pair of columns that is the interval of the figure)
_FIGURES: tuple[tuple[str, tuple[str, ...], str, tuple[str, str] | None], ...] = (
    ("overall", ("survey_kind", "metric"), "score", ("low", "high")),
    ("touchpoints", ("touchpoint",), "reach", ("reach_low", "reach_high")),
    ("touchpoints", ("touchpoint",), "score_mean", ("score_low", "score_high")),
    ("touchpoints", ("touchpoint",), "gap_mean", ("gap_low", "gap_high")),
    ("touchpoints", ("touchpoint",), "sentiment_mean", ("sentiment_low", "sentiment_high")),
    ("touchpoints", ("touchpoint",), "wait_median_s", None),
    ("drivers", ("touchpoint",), "share", ("share_low", "share_high")),
)


@dataclass(frozen=True, eq=False)
class RunComparison:
    """Figures of two runs side by side.

    Attributes
    ----------
    figures : DataFrame
        ``table``, ``key``, ``figure``, ``a``, ``b``, ``difference`` (b − a, unit of the figure) and
        ``apart`` (True when both have a 95% interval and these do not overlap; a cautious sign of a
        difference, not a test).
    settings : DataFrame
        ``key``, ``a``, ``b``: what the two studies set differently.
    """

    figures: pd.DataFrame
    settings: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """The figures that differ, those that stand apart first, then by size of the difference."""
        changed = self.figures[self.figures["a"].ne(self.figures["b"]) & ~self.figures[["a", "b"]].isna().all(axis=1)]
        order = changed.assign(size=changed["difference"].abs()).sort_values(
            ["apart", "size"], ascending=False, kind="stable"
        )
        return order.drop(columns="size").reset_index(drop=True)

    def __repr__(self) -> str:
        changed = self.summary
        lines = [f"{len(changed)} of {len(self.figures)} figures differ, {int(changed['apart'].sum())} stand apart"]
        lines += [f"  setting {row.key}: {row.a!r} → {row.b!r}" for row in self.settings.itertuples()]
        for row in changed.head(20).itertuples():
            sign = "*" if row.apart else " "
            lines.append(f" {sign} {row.table} {row.key} {row.figure}: {row.a:.4g} → {row.b:.4g}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return repr_html(self.summary)


def compare_runs(a: str | Path | Run, b: str | Path | Run) -> RunComparison:
    """Compare the figures and settings of two runs.

    Parameters
    ----------
    a, b : path-like or Run
        Run folders.

    Returns
    -------
    RunComparison
    """
    first = a if isinstance(a, Run) else load_run(a)
    second = b if isinstance(b, Run) else load_run(b)
    parts = [_compare(first, second, *spec) for spec in _FIGURES]
    counts = pd.DataFrame(
        [
            {"table": "counts", "key": key, "figure": "n", "a": value, "b": second.manifest["counts"].get(key)}
            for key, value in first.manifest["counts"].items()
            if isinstance(value, int)
        ]
    )
    counts["difference"] = counts["b"] - counts["a"]
    counts["apart"] = False
    figures = pd.concat([counts, *(p for p in parts if len(p))], ignore_index=True)
    return RunComparison(figures, _settings(first, second))


def _joined(frame: pd.DataFrame, key: Sequence[str]) -> pd.Series[Any]:
    # added up, not aggregated by row: that gives a table, not a column, when there is no row
    joined = frame[key[0]].astype("str")
    for column in key[1:]:
        joined = joined + " " + frame[column].astype("str")
    return joined


def _compare(
    a: Run, b: Run, table: str, key: tuple[str, ...], figure: str, interval: tuple[str, str] | None
) -> pd.DataFrame:
    frames = []
    for run in (a, b):
        if not (run.path / "share" / f"{table}.csv").is_file():
            return pd.DataFrame()
        frame = run.table(table)
        wanted = [figure, *(interval or ())]
        frames.append(frame.set_index(_joined(frame, key))[wanted].astype(float))
    both = frames[0].merge(frames[1], left_index=True, right_index=True, suffixes=("_a", "_b"), how="outer")
    result = pd.DataFrame({"table": table, "key": both.index, "figure": figure})
    result["a"] = both[f"{figure}_a"].to_numpy()
    result["b"] = both[f"{figure}_b"].to_numpy()
    result["difference"] = result["b"] - result["a"]
    result["apart"] = False
    if interval is not None:
        low, high = interval
        result["apart"] = ((both[f"{low}_a"] > both[f"{high}_b"]) | (both[f"{low}_b"] > both[f"{high}_a"])).to_numpy()
    return result


def _settings(a: Run, b: Run) -> pd.DataFrame:
    flat_a, flat_b = _flatten(a.manifest["study"]), _flatten(b.manifest["study"])
    rows = [
        {"key": key, "a": flat_a.get(key), "b": flat_b.get(key)}
        for key in sorted({*flat_a, *flat_b})
        if flat_a.get(key) != flat_b.get(key)
    ]
    return pd.DataFrame(rows, columns=["key", "a", "b"])


def _flatten(value: object, prefix: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        items: list[tuple[str, object]] = [(f"{prefix}.{k}" if prefix else str(k), v) for k, v in value.items()]
    elif isinstance(value, list):
        items = [(f"{prefix}[{i + 1}]", v) for i, v in enumerate(value)]
    else:
        return {prefix: value}
    flat: dict[str, object] = {}
    for key, item in items:
        flat.update(_flatten(item, key))
    return flat
