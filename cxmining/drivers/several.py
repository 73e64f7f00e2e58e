"""Several scores explained by the same touchpoints: what drives satisfaction, recommendation, effort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cxmining.drivers.analysis import DriverAnalysis
from cxmining.drivers.find import find_drivers
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.repr_html import repr_html

__all__ = ["DriversEach", "find_drivers_each"]


@dataclass(frozen=True, eq=False)
class DriversEach:
    """One analysis per score.

    Attributes
    ----------
    analyses : dict of str to DriverAnalysis
        By target; ``found["nps"]`` is short for ``found.analyses["nps"]``.
    left_out : dict of str to str
        Targets that could not be explained, and why.
    """

    analyses: dict[str, DriverAnalysis]
    left_out: dict[str, str]

    def __getitem__(self, target: str) -> DriverAnalysis:
        return self.analyses[target]

    @property
    def summary(self) -> pd.DataFrame:
        """A row per target and touchpoint: ``share`` with interval, ``rank_low``, ``rank_high``, ``n``."""
        columns = ["touchpoint", "share", "share_low", "share_high", "rank_low", "rank_high", "n"]
        parts = [found.shares[columns].assign(target=target) for target, found in self.analyses.items()]
        return pd.concat(parts, ignore_index=True)[["target", *columns]]

    @property
    def verdicts(self) -> pd.DataFrame:
        """A row per target: ``verdict``, ``r2`` with ``r2_low`` and ``r2_high``, ``n``, ``sentence``."""
        return pd.DataFrame(
            {
                "target": list(self.analyses),
                "verdict": [f.verdict.word for f in self.analyses.values()],
                "r2": [f.r2 for f in self.analyses.values()],
                "r2_low": [f.r2_low for f in self.analyses.values()],
                "r2_high": [f.r2_high for f in self.analyses.values()],
                "n": [f.n for f in self.analyses.values()],
                "sentence": [f.verdict.sentence() for f in self.analyses.values()],
            }
        )

    def _wide(self) -> pd.DataFrame:
        return self.summary.pivot(index="touchpoint", columns="target", values="share")[list(self.analyses)]

    def __repr__(self) -> str:
        lines = [f"{target}: {found.verdict.word} (n = {found.n:,})" for target, found in self.analyses.items()]
        gone = [f"- {target}: not explained, {why}" for target, why in self.left_out.items()]
        return "\n".join(["Drivers of " + "; ".join(lines), self._wide().round(3).to_string(), *gone])

    def _repr_html_(self) -> str:
        lines = [f"{target}: {found.verdict.word} (n = {found.n:,})" for target, found in self.analyses.items()]
        gone = [f"{t}: not explained, {why}" for t, why in self.left_out.items()]
        return repr_html(self._wide(), head="; ".join(lines), said=gone)


def find_drivers_each(experience_or_frame: Any, targets: Sequence[str], **options: Any) -> DriversEach:
    """Explain several scores by the same touchpoints.

    Parameters
    ----------
    experience_or_frame : Experience, Ratings or DataFrame
        As in `find_drivers`.
    targets : sequence of str
        The overall scores. None of them explains another: in a frame they are no touchpoints.
    **options
        Of `find_drivers`, for all.

    Returns
    -------
    DriversEach
        ``.summary``, ``.verdicts``, and an analysis per target.

    Raises
    ------
    StudyError
        Without a target, with one named twice, and what `find_drivers` refuses.
    NotEnoughDataError
        When none of them can be explained.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(size=(400, 2)), columns=["mail", "phone"])
    >>> scores = scores.assign(csat=scores["mail"] + rng.normal(size=400), ces=scores["phone"] + rng.normal(size=400))
    >>> found = find_drivers_each(scores, ["csat", "ces"], bootstrap=100)
    >>> found["csat"].shares["touchpoint"][0], found["ces"].shares["touchpoint"][0]
    ('mail', 'phone')
    """
    names = [targets] if isinstance(targets, str) else list(targets)
    if not names:
        raise StudyError("there is no target: name at least one overall score, targets=[…]")
    twice = sorted({t for t in names if names.count(t) > 1})
    if twice:
        raise StudyError(f"target {twice[0]!r} is named more than once")
    asked = options.get("touchpoints")
    circular = [t for t in names if asked is not None and t in asked]
    if circular:
        raise StudyError(f"{circular[0]!r} is a target and a touchpoint: a score cannot explain itself")
    analyses: dict[str, DriverAnalysis] = {}
    left_out: dict[str, str] = {}
    for target in names:
        data = experience_or_frame
        if isinstance(data, pd.DataFrame):
            data = data.drop(columns=[t for t in names if t != target and t in data.columns])
        try:
            analyses[target] = find_drivers(data, target, **options)
        except NotEnoughDataError as error:
            left_out[target] = str(error)
    if not analyses:
        target, why = next(iter(left_out.items()))
        raise NotEnoughDataError(f"none of {len(names)} targets can be explained; {target!r}: {why}")
    return DriversEach(analyses, left_out)
