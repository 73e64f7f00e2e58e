"""Which touchpoints decide: fair share with intervals, what so many predict, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxmining.drivers.picture import cumulative_spec, pareto_picture, share_spec
from cxmining.figures.picture import Picture

__all__ = ["cumulative_spec", "driver_chart", "share_spec"]


def driver_chart(
    source: Any,
    pareto: pd.DataFrame | None = None,
    *,
    verdict: Any = None,
    labels: Mapping[str, str] | None = None,
    language: str = "en",
    width: int = 1080,
) -> Picture:
    """Draw which touchpoints decide: bars of fair share, the curve of what so many touchpoints predict.

    Parameters
    ----------
    source : DriverAnalysis or DataFrame
        Driver analysis, or its table of shares: ``touchpoint``, ``share``, ``share_low``, ``share_high``.
    pareto : DataFrame, optional
        ``rank``, ``cumulative``, ``low``, ``high``, ``baseline``; default that of `source`.
    verdict : Verdict or mapping, optional
        The sentence below the picture; default that of `source`.
    labels : mapping, optional
        Touchpoint → label.
    language : {"en", "nl"}
        Language of the words.
    width : int, default 1080
        Pixels; below 720 the curve stands under the bars.

    Returns
    -------
    Picture

    Examples
    --------
    >>> shares = pd.DataFrame({"touchpoint": ["bill", "call"], "share": [0.7, 0.3],
    ...     "share_low": [0.6, 0.2], "share_high": [0.8, 0.4]})
    >>> driver_chart(shares)
    Picture(what decides: 2 touchpoints)
    >>> len(driver_chart(shares).figure().data)
    1
    """
    shares = source if isinstance(source, pd.DataFrame) else source.shares
    if not isinstance(source, pd.DataFrame):
        pareto = source.pareto if pareto is None else pareto
        verdict = source.verdict if verdict is None else verdict
    return pareto_picture(
        shares, pareto, _sentence(verdict, language), labels=labels or {}, language=language, width=width
    )


def _sentence(verdict: Any, language: str) -> str:
    if verdict is None:
        return ""
    if isinstance(verdict, Mapping):
        value = verdict.get("sentence") or verdict.get("reason") or {}
        return str(value.get(language, "")) if isinstance(value, Mapping) else str(value)
    return str(verdict.sentence(language))
