"""A study on certain identities only, beside the same study on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.repr_html import repr_html
from cxmining.study import Study, load_study

if TYPE_CHECKING:
    from cxmining.schema import Dataset

__all__ = ["CertainComparison", "compare_certain"]

_COLUMNS = ("figure", "all", "all_low", "all_high", "all_n", "certain", "certain_low", "certain_high", "certain_n")


@dataclass(frozen=True, eq=False)
class CertainComparison:
    """What changes when only records of certain customers count.

    Attributes
    ----------
    summary : DataFrame
        One row per figure (customers, events, journeys, variants, events per journey, each overall score): its value
        among ``all`` and among the ``certain``, scores with 95% interval and n, and the ``difference``.
    notion : str
        What a journey is.
    note : str
        What was left out.
    """

    summary: pd.DataFrame
    notion: str
    note: str

    def __repr__(self) -> str:
        lines = [f"all identities beside certain ones; journeys by {self.notion}", f"  {self.note}"]
        for row in self.summary.itertuples(index=False):
            pair = []
            for name in ("all", "certain"):
                value, low, high, n = (getattr(row, name + end) for end in ("", "_low", "_high", "_n"))
                between = "" if np.isnan(low) else f" [{low:.4g}, {high:.4g}]"
                pair.append(f"{value:,.6g}{between}" + ("" if np.isnan(n) else f" n={n:,.0f}"))
            lines.append(f"  {row.figure}: {pair[0]} → {pair[1]}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).split("\n")[:2])


def compare_certain(study: str | Path | Study) -> CertainComparison:
    """Read a study once, and say what changes when the records whose customer is not certain are left out.

    Parameters
    ----------
    study : path-like or Study
        A ``study.toml``, a folder that holds one, or a loaded study. Its ``identity.certain_only`` does not matter.

    Returns
    -------
    CertainComparison

    Raises
    ------
    StudyError
        When the study is wrong.
    NotEnoughDataError
        When no event is left to build journeys from.
    """
    from cxmining.ingest import read
    from cxmining.journeys import CaseNotion

    resolved = study if isinstance(study, Study) else load_study(study)
    identity = resolved.identity.model_copy(update={"certain_only": False})
    data = read(resolved.model_copy(update={"identity": identity}))
    certain = data.certain()
    s = resolved.journeys
    notion = CaseNotion.of(s.by, s.gap, s.exclude, s.goal, s.cut)
    both = _figures(data, resolved, notion).merge(
        _figures(certain, resolved, notion), on="figure", how="outer", suffixes=("_of_all", "_of_certain"), sort=False
    )
    renamed = {
        f"{c}_of_{side}": side if c == "value" else f"{side}_{c}"
        for side in ("all", "certain")
        for c in ("value", "low", "high", "n")
    }
    summary = both.rename(columns=renamed)[list(_COLUMNS)]
    summary["difference"] = summary["certain"] - summary["all"]
    return CertainComparison(summary, str(notion), certain.notes[-1])


def _figures(data: Dataset, study: Study, notion: Any) -> pd.DataFrame:
    from cxmining.experience import measure_experience
    from cxmining.journeys import build_journeys

    journeys = build_journeys(data, notion, stages=study.journeys.stages)
    lived = measure_experience(journeys, metric=study.experience.metric, wow=study.experience.wow)
    length = journeys.table["n_events"].astype(float)
    rows: list[dict[str, Any]] = [
        {"figure": "customers with events", "value": data.events["customer_id"].nunique()},
        {"figure": "events", "value": len(data.events)},
        {"figure": "journeys", "value": len(journeys)},
        {"figure": "variants", "value": journeys.table["variant_id"].nunique()},
        {"figure": "median events per journey", "value": length.median(), "n": len(length)},
    ]
    rows += [
        {"figure": f"{r.survey_kind} {r.metric}", "value": r.score, "low": r.low, "high": r.high, "n": r.n}
        for r in lived.overall.itertuples(index=False)
    ]
    frame = pd.DataFrame(rows, columns=["figure", "value", "low", "high", "n"])
    return frame.astype(dict.fromkeys(frame.columns[1:], "float64"))
