"""What is known of customers' choices: the tables, the sentences, the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxmining.errors import UnknownNameError, nearest
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Choices"]


@dataclass(frozen=True, eq=False)
class Choices:
    """What customers chose between at each branch, and on what grounds.

    Attributes
    ----------
    summary : DataFrame
        One row per branch, busiest first: `touchpoint`, `n` decisions of `customers`, `options`, `most_taken` with
        its `share`, `skill` with `skill_low` to `skill_high` (log loss saved on customers the model has not seen: 0
        as good as the shares alone, 1 certain), `can_be_told`, and the `grounds` that survive correction.
    branches : DataFrame
        One row per branch and option, ``(end)`` and ``(other)`` included: `n`, `customers`, `share`, `low`, `high`
        (clustered by customer), `inbound`: the share of these next steps that the customer took himself (missing
        where directions are not known).
    grounds : DataFrame
        One row per branch, ground, level and option: `effect`, the average marginal effect: by how many
        percentage points the option is likelier for the decisions at the `level` than had they been at the
        `reference`, all else as it was, with `low` to `high`; `n`, `customers` at the level;
        `q` of the ground at this branch; `shown`.
    tests : DataFrame
        One row per branch and ground: F `statistic`, `df`, `design_effect`, `p`, `q`, `shown`, decisions with it
        `unknown` or at `pooled` levels.
    level : float
    notion : str
        What a journey is.
    chain : tuple of str
        The filters that made the journeys.
    notes : tuple of str
        What a reader must know.
    """

    summary: pd.DataFrame
    branches: pd.DataFrame
    grounds: pd.DataFrame
    tests: pd.DataFrame
    level: float
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def sentences(self, language: str = "en") -> list[str]:
        """Return one short paragraph per branch, busiest first.

        Parameters
        ----------
        language : {"en", "nl"}
        """
        from cxmining.journeys.choosing.words import sentence

        return [sentence(self, str(t), language) for t in self.summary["touchpoint"]]

    def figure(self, at: str | None = None, *, language: str = "en") -> go.Figure:
        """Draw the branches with their grounds, or the effects at one branch.

        Parameters
        ----------
        at : str, optional
            A branch: its effects with intervals. Default: all branches.
        language : {"en", "nl"}
        """
        from cxmining.journeys.choosing.figure import branch_picture, overview

        if at is None:
            return overview(self, language).figure()
        self._known(at)
        return branch_picture(self, at, language).figure()

    def _known(self, at: str) -> None:
        there = [str(t) for t in self.summary["touchpoint"]]
        if at not in there:
            raise UnknownNameError(f"no branch {at!r}; {nearest(at, there)}")

    def __repr__(self) -> str:
        tests = self.tests
        head = (
            f"Choices({len(self.summary)} branch{'es' * (len(self.summary) != 1)}, {int(self.summary['n'].sum()):,} "
            f"decisions; {int(tests['shown'].sum())} of {int(tests['p'].notna().sum())} grounds found; {self.notion})"
        )
        lines = [f"  {s}" for s in self.sentences()[:6]]
        lines += [f"  filter: {step}" for step in self.chain]
        return "\n".join([head, *lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).splitlines())
