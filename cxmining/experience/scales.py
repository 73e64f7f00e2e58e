"""Multi-item scales: whether their items measure one thing, and the level of what they measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.metrics import Question, answer_weights, headline
from cxmining.i18n import counted
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.schema import Dataset
from cxmining.stats import cronbach_alpha, item_statistics

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["ScaleCheck", "check_scales"]

_ENOUGH = 0.7  # Nunnally and Bernstein (1994): below, a score for single persons or small groups is doubtful


@dataclass(frozen=True, eq=False)
class ScaleCheck:
    """How well the items of each declared scale hang together.

    Attributes
    ----------
    scales : DataFrame
        One row per scale: ``survey``, ``scale``, ``metric``, ``touchpoint``, ``items``, ``n`` (responses that answered
        all of them), ``alpha``, ``alpha_low``, ``alpha_high`` (Cronbach, with Feldt's 95% interval), ``item_r`` (average
        correlation of two items); ``mean``, ``low``, ``high`` (95%, by customer, weighted where the survey is) of the
        ``responses`` that answered at least half, ``scale_low``, ``scale_high``.
    items : DataFrame
        One row per item: ``survey``, ``scale``, ``item``, ``turned`` (its scores were turned round), ``n``, ``mean``, ``sd``,
        ``item_total`` (with the sum of the others) with ``item_total_low``, ``item_total_high``, ``alpha_if_deleted``.
    notes, chain : tuple of str
    """

    scales: pd.DataFrame
    items: pd.DataFrame
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The scales with their alpha and level."""
        return self.scales

    def figure(self, language: str = "en") -> go.Figure:
        """Draw what each item has in common with the rest of its scale."""
        from cxmining.experience.survey_pictures import scales_picture

        return scales_picture(self, language).figure()

    def __repr__(self) -> str:
        lines = [
            f"{r.survey}, {r.scale} ({counted(r.items, 'item')}): alpha {r.alpha:.2f} [{r.alpha_low:.2f}, {r.alpha_high:.2f}] "
            f"n={r.n:,}; mean {r.mean:.2f} [{r.low:.2f}, {r.high:.2f}] n={r.responses:,}"
            for r in rows_of(self.scales)
        ]
        return "\n".join(["ScaleCheck", *(f"  {line}" for line in [*lines, *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        return repr_html(self.scales, self.items, said=[*self.notes, *self.chain])


def check_scales(source: Experience | Dataset) -> ScaleCheck:
    """Check every scale that the study declares (``[[survey.scale]]``).

    The score of a scale is the mean of the items that a response answered, where it answered at least half; it stands
    among the answers under the name and metric of the scale, and so in every other result. Alpha is that of the
    responses that answered all items, with items turned round that are worded against the others.

    Parameters
    ----------
    source : Experience or Dataset

    Returns
    -------
    ScaleCheck

    Raises
    ------
    NotEnoughDataError
        When no survey declares a scale, or nobody answered any.
    """
    data = source if isinstance(source, Dataset) else source.journeys.data
    chain = () if isinstance(source, Dataset) else (str(source.journeys.notion), *source.journeys.chain)
    declared = [(survey, scale) for survey in data.surveys for scale in survey.scales]
    if not declared:
        raise NotEnoughDataError(
            "no survey declares a scale; name in the study which items measure one thing: "
            '[[survey.scale]] with name = "…" and items = ["…", "…"]'
        )
    asked = data.answers.merge(data.responses[["response_id", "survey", "customer_id", "weight"]], on="response_id")
    if not isinstance(source, Dataset):
        asked = asked[asked["response_id"].isin(source.links["response_id"])]
    rows: list[dict[str, Any]] = []
    parts: list[pd.DataFrame] = []
    notes: list[str] = []
    for survey, scale in declared:
        own = asked[asked["survey"] == survey.name]
        scored = own[(own["item"] == scale.name) & (own["status"] == "answered")]
        if not len(scored):
            notes.append(f"survey {survey.name!r}: nobody answered half of the items of scale {scale.name!r}")
            continue
        grid = _grid(own, scale.items)
        alpha = cronbach_alpha(grid)
        first: Any = scored.iloc[0]
        question = Question(scale.metric, float(first["scale_low"]), float(first["scale_high"]), True)
        who = scored["customer_id"].astype("object")
        owner = who.where(who.notna(), "#" + scored["response_id"].astype("str")).to_numpy()
        level = headline(scored["score"].to_numpy(dtype=float), question, answer_weights(scored), owner)
        between = grid.dropna().corr().to_numpy() if alpha.n > 1 else np.full((2, 2), np.nan)
        item_r = float(between[np.triu_indices(len(between), 1)].mean())
        rows.append(
            {
                "survey": survey.name, "scale": scale.name, "metric": scale.metric, "touchpoint": scale.touchpoint,
                "items": len(scale.items), "n": alpha.n, "alpha": alpha.value, "alpha_low": alpha.low,
                "alpha_high": alpha.high, "item_r": item_r, "mean": level.value, "low": level.low, "high": level.high,
                "responses": len(scored), "scale_low": question.low, "scale_high": question.high,
            }
        )  # fmt: skip
        turned = {i.column for i in survey.items if i.reverse or not i.higher_is_better}
        items = item_statistics(grid)
        items.insert(1, "turned", items["item"].isin(turned))
        parts.append(items.assign(survey=survey.name, scale=scale.name))
        notes += _notes(survey.name, scale.name, alpha.value, alpha.n, items)
    if not rows:
        raise NotEnoughDataError("; ".join(notes))
    frame = pd.concat(parts, ignore_index=True)
    columns = ["survey", "scale", *[c for c in frame if c not in ("survey", "scale")]]
    return ScaleCheck(pd.DataFrame(rows), frame[columns], tuple(notes), chain)


def _grid(own: pd.DataFrame, items: tuple[str, ...]) -> pd.DataFrame:
    """Return response × item, each item turned so that higher is better."""
    rows = own[own["item"].isin(items)]
    score = rows["score"].astype("Float64").astype(float)
    score = score.where(
        rows["higher_is_better"], rows["scale_low"].astype(float) + rows["scale_high"].astype(float) - score
    )
    grid = rows.assign(score=score).pivot(index="response_id", columns="item", values="score")
    return grid.reindex(columns=list(items))


def _notes(survey: str, scale: str, alpha: float, n: int, items: pd.DataFrame) -> list[str]:
    where = f"survey {survey!r}, scale {scale!r}"
    if alpha != alpha:
        return [f"{where}: alpha is not known: {counted(n, 'response')} answered all items, or nobody differs"]
    notes = [
        f"{where}: item {r.item!r} falls as the others rise (item-total correlation {r.item_total:.2f}); if it is worded "
        "against them say reverse = true"
        for r in rows_of(items)
        if r.item_total_high < 0
    ]
    if alpha < _ENOUGH and not notes:
        notes.append(f"{where}: alpha is {alpha:.2f}, below {_ENOUGH:g}: its items may measure several things")
    better = items[items["alpha_if_deleted"] > alpha + 0.02]
    notes += [f"{where}: without item {r.item!r} alpha would be {r.alpha_if_deleted:.2f}" for r in rows_of(better)]
    return notes
