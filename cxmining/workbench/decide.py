"""Which touchpoints decide, and on whose answers that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import StudyError
from cxmining.i18n import number, speaking

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis

__all__ = ["Decides", "decide_again"]

say = speaking("workbench")


@dataclass(frozen=True, eq=False)
class Decides:
    """A driver analysis and what it is about.

    Attributes
    ----------
    analysis : DriverAnalysis
    scope : {"all", "other", "shown"}
        Computed on all responses and nothing is filtered; on all although filters are active; on what is shown.
    least : int
        Touchpoints that fewer gave a score are left out of `shares`.
    """

    analysis: DriverAnalysis
    scope: str
    least: int

    @property
    def shares(self) -> pd.DataFrame:
        """Share of what is explained per touchpoint with its 95% interval, largest first."""
        table = self.analysis.shares
        return table[table["n"] >= self.least].reset_index(drop=True)

    @property
    def pareto(self) -> pd.DataFrame:
        """What the first so many touchpoints predict together."""
        return self.analysis.pareto

    def said(self, language: str = "en") -> str:
        """Return on whose answers it was computed."""
        return say(f"scope_{self.scope}", language, n=number(self.analysis.n, language))

    def verdict(self, language: str = "en") -> str:
        """Return the verdict in a sentence."""
        return str(self.analysis.verdict.sentence(language))


def decide_again(lived: Any, before: DriverAnalysis, bootstrap: int, seed: int) -> DriverAnalysis:
    """Ask of some journeys what was asked of all: the same target, controls and method."""
    from cxmining.drivers import find_drivers
    from cxmining.experience import Experience

    if not isinstance(lived, Experience):
        raise StudyError("which touchpoints decide needs scores, and bare journeys have none; explore an Experience")
    return find_drivers(
        lived, before.target, controls=before.controls, method=before.method,  # type: ignore[arg-type]  # one of the two
        bootstrap=bootstrap, seed=seed, max_imputed=before.max_imputed,
    )  # fmt: skip
