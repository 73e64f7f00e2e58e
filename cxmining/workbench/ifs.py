"""What-ifs for sliders: each deciding touchpoint at every notch, so that who drags sees the interval move along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.i18n import interval
from cxmining.i18n import signed as with_sign
from cxmining.workbench.cells import labelled, n_said, tight

if TYPE_CHECKING:
    from cxmining.workbench.explore import Exploration

__all__ = ["NOTCHES", "deciding", "what_if_rows", "what_ifs"]

NOTCHES: Final = (1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.0, -2.0)
"""Points of a slider, those that are tried first standing first."""
TOP: Final = 5
Told = Callable[[dict[str, Any], float], None]


def deciding(x: Exploration, top: int = TOP) -> tuple[str, ...]:
    """Return the touchpoints that decide most and can be asked what if: those with scores of their own.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from cxmining.drivers import find_drivers
    >>> from cxmining.experience.example import small_example
    >>> from cxmining.workbench import explore
    >>> rated = pd.DataFrame(np.random.default_rng(1).integers(1, 11, (300, 2)).astype(float), columns=["orders", "calls back"])
    >>> rated["csat"] = 0.5 * rated["orders"] + np.random.default_rng(2).normal(size=300)
    >>> deciding(explore(small_example(), find_drivers(rated, "csat", bootstrap=100)))
    ('orders', 'calls back')
    """
    found = x.decides
    design = found.analysis.design
    if design is None:
        return ()
    able = {name for name, column in zip(design.players, design.rating_columns, strict=True) if column >= 0}
    return tuple(t for t in found.shares["touchpoint"] if t in able)[:top]


def what_ifs(
    x: Exploration, touchpoints: Sequence[str], *, notches: Sequence[float] = NOTCHES,
    told: Callable[[float, pd.DataFrame], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Ask what if of several touchpoints at several points each: the figures of :func:`cxmining.what_if`, one row per pair.

    Parameters
    ----------
    x : Exploration
    touchpoints : sequence of str
    notches : sequence of float, default `NOTCHES`
        Points of the touchpoint's scale.
    told : callable, optional
        Called after each notch with the share that is done and its rows.

    Returns
    -------
    DataFrame
        As the summary of a what-if, with the ``sentence`` in the exploration's language.
    """
    from cxmining.drivers.whatif import what_if

    parts = []
    for i, points in enumerate(notches):
        found = what_if(x.decides.analysis, list(touchpoints), points)
        said = [found.sentence(x.language, t, label=labelled(x, t)) for t in found.summary["touchpoint"]]
        parts.append(found.summary.assign(sentence=said))
        if told is not None:
            told((i + 1) / len(notches), parts[-1])
    return pd.concat(parts, ignore_index=True)


def what_if_rows(x: Exploration, table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return a table of what-ifs as the front end draws it: touchpoint → points → figure, interval, sentence."""
    language, rows = x.language, dict[str, dict[str, Any]]()
    for r in table.to_dict("records"):
        ends = tight(interval(r["low"], r["high"], language, 2))
        rows.setdefault(str(r["touchpoint"]), {})[f"{r['points']:g}"] = {
            "at": [float(r[k]) for k in ("difference", "low", "high")], "said": with_sign(r["difference"], language, 2),
            "more": f"{ends} {n_said(r['n'], language)}", "sentence": r["sentence"],
        }  # fmt: skip
    return rows
