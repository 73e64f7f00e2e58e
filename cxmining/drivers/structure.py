"""The journey's structure as a block beside the touchpoints: waits, repeats, switches, hand-overs, peak and end.

Structure is no touchpoint: it is not in p and not in the verdict. What both blocks explain together is shared out
between them, and the structure's part among its columns, by Owen's value: the blocks enter as wholes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.bootstrap import draw_moments, total_moments
from cxmining.drivers.estimate import adjust
from cxmining.drivers.lattice import PIVOT, correlations, subset_r2
from cxmining.drivers.shapley import lmg
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.drivers.design import Design
    from cxmining.experience import Experience

__all__ = ["StructureBlock", "explain_structure", "journey_structure"]

Array = npt.NDArray[np.float64]
LOW, HIGH = 0.025, 0.975

COUNTED: Final = ("contacts", "repeats", "wait_s", "handovers", "channel_switches", "days_open")
"""Added up over the customer's journeys until the answer; entered as log(1 + x), since a tenth wait adds little."""
FELT: Final = ("position", "peak", "end")
KNOWN: Final = 0.2
"""A column that is known of a smaller part of the responses takes no part."""
MOST: Final = 12


@dataclass(frozen=True, eq=False)
class StructureBlock:
    """What the journey's structure explains, beside the touchpoints.

    Attributes
    ----------
    blocks : DataFrame
        ``block`` (touchpoints, structure), ``alone`` (R² beyond the controls, by itself), ``share`` (of the R² of both)
        with 95% interval ``low`` to ``high``.
    shares : DataFrame
        Per column of the structure: ``column``, ``share`` (of the R² of both), ``low``, ``high``, ``slope`` (points of
        the target associated with one standard deviation more, all else in), ``known`` (part of the responses).
    r2, r2_touchpoints, r2_adjusted : float
        R² beyond the controls of both blocks, of the touchpoints alone, and of both without the optimism of fitting.
    n : int
        Responses.
    notes : tuple of str
        What took no part, and how columns were entered.
    """

    blocks: pd.DataFrame
    shares: pd.DataFrame
    r2: float
    r2_touchpoints: float
    r2_adjusted: float
    n: int
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The columns of the structure, the largest share first."""
        return self.shares.copy()

    def _head(self) -> str:
        row = self.blocks.set_index("block").loc["structure"]
        return (
            f"Journey structure: {row['share']:.0%} [{row['low']:.0%}, {row['high']:.0%}] of what touchpoints and "
            f"structure explain together (R² {self.r2:.3f}, touchpoints alone {self.r2_touchpoints:.3f}; n = {self.n:,}); "
            "association, not effect"
        )

    def __repr__(self) -> str:
        table = self.shares.to_string(index=False, float_format=lambda v: f"{v:.3f}")
        return "\n".join([self._head(), table, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.shares, head=self._head(), said=self.notes)


def journey_structure(experience: Experience, response_ids: pd.Series) -> pd.DataFrame:
    """Describe, per response, the journeys of its customer until then.

    Parameters
    ----------
    experience : Experience
    response_ids : Series of str
        Responses; one row each is returned.

    Returns
    -------
    DataFrame
        ``contacts``, ``repeats``, ``wait_s``, ``handovers``, ``channel_switches``, ``days_open`` (sums), and of the
        contacts that were scored: ``peak`` (the score farthest from the middle of its scale, the lower one of two,
        0 to 1), ``position`` (where among the customer's events it was, 0 first to 1 last) and ``end`` (the last).
        Missing is what is not known.
    """
    journeys = experience.journeys
    data = journeys.data
    responses = data.responses.drop_duplicates("response_id").set_index("response_id").reindex(response_ids)
    asked = pd.DataFrame({"customer": responses["customer_id"].to_numpy(), "at": _micros(responses["timestamp"])})
    asked["turn"] = asked.sort_values("at", kind="stable").groupby("customer").cumcount()
    table = pd.DataFrame(np.nan, index=asked.index, columns=[*COUNTED, *FELT])
    for _, part in asked.groupby("turn", sort=True):  # a customer's first answers, then the second ones …
        table.loc[part.index, list(COUNTED)] = _counted(journeys, part)
    table[list(FELT)] = _felt(experience, asked)
    return table


def _micros(stamps: pd.Series) -> npt.NDArray[np.int64]:
    naive = pd.to_datetime(stamps, utc=True).dt.tz_localize(None)
    return naive.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _counted(journeys: Any, part: pd.DataFrame) -> Array:
    from cxmining.experience.behaviour import journey_effort

    at = part.set_index("customer")["at"]
    until = journeys.table["customer_id"].map(at)
    begun = (until.notna() & (_micros(journeys.table["start"]) <= until.fillna(0))).to_numpy()
    effort = journey_effort(journeys, until.fillna(np.iinfo(np.int64).min // 2).to_numpy(dtype=np.int64))
    sums = effort.loc[begun].groupby("customer_id")[list(COUNTED)].sum(min_count=1)
    counted: Array = sums.reindex(part["customer"]).to_numpy(dtype=np.float64)
    return counted


def _felt(experience: Experience, asked: pd.DataFrame) -> Array:
    scores = experience.event_scores().dropna(subset=["score"])
    events = experience.journeys.data.events[["event_id", "customer_id", "timestamp"]]
    events = events.assign(at=_micros(events["timestamp"])).sort_values(["customer_id", "at"], kind="stable")
    events["rank"] = events.groupby("customer_id").cumcount()
    events = events.merge(scores[["event_id", "score", "scale_low", "scale_high"]], on="event_id", how="left")
    span = (events["scale_high"] - events["scale_low"]).astype(float)
    events["level"] = (events["score"].astype(float) - events["scale_low"].astype(float)) / span.where(span > 0)
    numbered = asked.reset_index(names="row")[["row", "customer", "at"]]
    pairs = numbered.merge(events, left_on="customer", right_on="customer_id", suffixes=("", "_event"))
    pairs = pairs[pairs["at_event"] <= pairs["at"]]
    last = pairs.groupby("row")["rank"].max()
    scored = pairs.dropna(subset=["level"]).sort_values(["row", "rank"], kind="stable")
    end = scored.groupby("row")["level"].last()
    scored = scored.assign(away=(scored["level"] - 0.5).abs())
    peak = scored.sort_values(["row", "away", "level"], ascending=[True, False, True], kind="stable")
    peak = peak.drop_duplicates("row").set_index("row")
    position = peak["rank"] / last.reindex(peak.index).where(lambda v: v > 0)
    table = pd.DataFrame({"position": position, "peak": peak["level"], "end": end}).reindex(asked.index)
    return table[list(FELT)].to_numpy(dtype=np.float64)


def explain_structure(
    analysis: DriverAnalysis, structure: Experience | pd.DataFrame, *, bootstrap: int = 500, seed: int = 1
) -> StructureBlock:
    """Share out what touchpoints and the journey's structure explain together.

    Parameters
    ----------
    analysis : DriverAnalysis
        Of the touchpoints.
    structure : Experience or DataFrame
        The experience that was analysed, or numbers with one row per row of the frame that was.
    bootstrap : int, default 500
        Draws of customers, for intervals.
    seed : int, default 1
        Of the draws.

    Returns
    -------
    StructureBlock
        ``.blocks``, ``.shares``.

    Raises
    ------
    StudyError
        For an analysis without its rows, rows that do not fit, and more than 12 columns.
    NotEnoughDataError
        When no column varies, or there are fewer rows than columns.

    References
    ----------
    Owen (1977); Kahneman et al. (1993), Psychological Science 4(6), for peak and end.

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(size=(400, 2)), columns=["mail", "phone"])
    >>> waits = pd.DataFrame({"wait_s": rng.exponential(60, 400)})
    >>> scores["csat"] = scores["mail"] - np.log1p(waits["wait_s"]) + rng.normal(size=400)
    >>> found = explain_structure(find_drivers(scores, "csat", bootstrap=100), waits)
    >>> found.shares["column"].tolist(), bool(found.shares["slope"][0] < 0)
    (['wait_s'], True)
    """
    from threadpoolctl import threadpool_limits

    if analysis.design is None or analysis.ratings is None:
        raise StudyError("explain_structure: this analysis does not hold its rows; make it with find_drivers")
    if isinstance(structure, pd.DataFrame):
        table = structure
        if len(table) != len(analysis.ratings.frame):
            raise StudyError(
                f"structure has {len(table)} rows for {len(analysis.ratings.frame)} responses; give one each"
            )
    else:
        if "response_id" not in analysis.ratings.frame:
            raise StudyError("this analysis was made of a frame, not of an experience: give structure as a frame too")
        table = journey_structure(structure, analysis.ratings.frame["response_id"])
    if len(table.columns) > MOST:
        raise StudyError(f"structure has {len(table.columns)} columns; {MOST} at most")
    columns, names, known, notes = _columns(table.reset_index(drop=True), analysis.design)
    with threadpool_limits(limits=1):
        return _explained(analysis, columns, names, known, notes, bootstrap, seed)


def _columns(table: pd.DataFrame, design: Design) -> tuple[Array, list[str], list[float], list[str]]:
    made, names, known, notes = [], [], [], []
    for name in map(str, table.columns):
        x = table[name].to_numpy(dtype=np.float64, na_value=np.nan)[design.rows]
        there = np.isfinite(x)
        share = float(np.average(there, weights=design.w))
        if share < KNOWN:
            notes.append(f"{name} takes no part: it is known of {share:.0%} of the responses, {KNOWN:.0%} are needed")
            continue
        if name in COUNTED:
            x = np.log1p(np.maximum(x, 0.0))
        mean = float(np.average(x[there], weights=design.w[there]))
        x = np.where(there, x - mean, 0.0)
        sd = float(np.sqrt(np.average(x**2, weights=design.w)))
        if sd <= 1e-12 * max(1.0, abs(mean)):
            notes.append(f"{name} takes no part: it is the same for all")
            continue
        made.append(x / sd)
        names.append(name)
        known.append(share)
    if not made:
        raise NotEnoughDataError("the journey's structure does not vary between responses: " + "; ".join(notes))
    if any(k < 1 for k in known):
        notes.append("where a column is not known it took the mean of the others")
    if any(name in COUNTED for name in names):
        notes.append("counts and durations entered as log(1 + x)")
    return np.column_stack(made), names, known, notes


def _explained(
    analysis: DriverAnalysis,
    columns: Array,
    names: list[str],
    known: list[float],
    notes: list[str],
    count: int,
    seed: int,
) -> StructureBlock:
    design = analysis.design
    assert design is not None
    q, m = sum(len(g) for g in design.groups), len(names)
    if design.n < design.always + q + m + 3:
        raise NotEnoughDataError(f"{design.n} responses cannot carry {q} columns of touchpoints and {m} of structure")
    both = replace(design, z=np.column_stack([design.z[:, :-1], columns, design.z[:, -1]]))
    groups = [list(range(q)), *([q + i] for i in range(m))]
    moments = total_moments(both)
    block, parts, r2, alone = _owen(moments, design.always, groups)
    draws = draw_moments(both, count, np.random.default_rng([seed, 5]))
    blocks_drawn, parts_drawn, _, _ = _owen(draws, design.always, groups)
    low, high = np.quantile(blocks_drawn, [LOW, HIGH], axis=1)
    part_low, part_high = np.quantile(parts_drawn, [LOW, HIGH], axis=1)
    b = np.linalg.pinv(moments[0, :-1, :-1], rcond=PIVOT, hermitian=True) @ moments[0, :-1, -1]
    sign = 1.0 if analysis.ratings is None or analysis.ratings.higher_is_better else -1.0
    shares = pd.DataFrame(
        {
            "column": names, "share": parts[:, 0], "low": part_low, "high": part_high,
            "slope": sign * design.target_scale * b[design.always + q :], "known": known,
        }
    )  # fmt: skip
    order = np.argsort(-np.round(parts[:, 0], 9), kind="stable")
    room = design.n_kish - (design.always - 1)
    return StructureBlock(
        blocks=pd.DataFrame(
            {"block": ["touchpoints", "structure"], "alone": alone, "share": block[:, 0], "low": low, "high": high}
        ),
        shares=shares.iloc[order].reset_index(drop=True),
        r2=float(r2[0]),
        r2_touchpoints=float(alone[0]),
        r2_adjusted=float(adjust(r2, room, q + m, False)[0]),
        n=design.n,
        notes=tuple(notes),
    )


def _owen(moments: Array, always: int, groups: list[list[int]]) -> tuple[Array, Array, Array, Array]:
    """Return the blocks' and the columns' shares (…, R), R² of both (R), and each block's alone in the first matrix."""
    corr, left = correlations(moments, always)
    values = np.concatenate([subset_r2(corr[i : i + 32], groups) for i in range(0, len(corr), 32)], axis=1)
    without, beside = values[0::2], values[1::2]  # bit 0: the block of touchpoints
    whole = np.maximum(values[-1], PIVOT)
    touch = 0.5 * (beside[0] + values[-1] - without[-1])
    parts = 0.5 * (lmg(without) + lmg(beside))
    alone = np.array([beside[0, 0], without[-1, 0]]) * left[0]
    return np.stack([touch, values[-1] - touch]) / whole, parts / whole, values[-1] * left, alone
