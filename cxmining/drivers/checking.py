"""What could be wrong with the lines: touchpoints that say the same, bends, and a few answers that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.bootstrap import total_moments
from cxmining.drivers.lattice import PIVOT

if TYPE_CHECKING:
    from cxmining.drivers.design import Design
    from cxmining.drivers.estimate import Estimates, Problem

__all__ = ["checks_of", "shuffled_words"]

Array = npt.NDArray[np.float64]
Row = tuple[str, float, str]

HIGH_VIF: Final = 10.0
INFLUENTIAL: Final = 0.01
"""Customers left out for the look at influence: the hundredth with the largest Cook's distance."""
SHUFFLES: Final = 19
"""With so many shuffled runs, one that speaks is one in twenty."""


def checks_of(design: Design, problem: Problem, point: Estimates) -> pd.DataFrame:
    """Return what the analysis stands on.

    Parameters
    ----------
    design : Design
    problem : Problem
    point : Estimates
        Of the data themselves.

    Returns
    -------
    DataFrame
        ``check``, ``value``, ``note``.
    """
    q = problem.q
    imputed = design.table["imputed"]
    rows: list[Row] = [
        ("rows read", design.counts["read"], ""),
        ("responses used", design.n, ""),
        ("effective responses", design.n_eff, "customers that equal weights would need for the same precision (Kish)"),
        ("columns", q, f"of {problem.p} touchpoints; {problem.always - 1} of controls"),
        *_collinearity(design, problem, point),
        (
            "largest part filled in",
            float(imputed.max()),
            str(design.table["touchpoint"][int(imputed.to_numpy().argmax())]),
        ),
        ("R² of the controls", float(point.controls[0]), ""),
        _linearity(design, problem),
        _influence(design, problem, point),
    ]
    if point.credit_se is not None:
        rows.append(("largest standard error of a share", float(point.credit_se.max()), "from random orders"))
    return pd.DataFrame(rows, columns=["check", "value", "note"])


def _collinearity(design: Design, problem: Problem, point: Estimates) -> list[Row]:
    q = problem.q
    corr = point.corr[0, :q, :q]
    inflation = np.diag(np.linalg.pinv(corr, rcond=PIVOT, hermitian=True)) * np.diag(corr)
    largest = np.array([max(inflation[c] for c in group) for group in problem.groups])
    worst = int(largest.argmax())
    rows: list[Row] = [
        (
            "largest variance inflation",
            float(largest[worst]),
            f"{design.players[worst]}; above {HIGH_VIF:g} its credit is hard to tell from the others'",
        )
    ]
    rows += [
        ("variance inflation", float(largest[i]), f"{design.players[i]}: its credit is hard to tell from the others'")
        for i in np.argsort(-largest, kind="stable")
        if largest[i] > HIGH_VIF
    ]
    aliased = {name: why for name, why in design.dropped.items() if "perfect collinearity" in why}
    said = "; ".join(f"{name}: {why}" for name, why in aliased.items())
    return [*rows, ("touchpoints that others give exactly", float(len(aliased)), said)]


def _residuals(design: Design) -> tuple[Array, Array, Array]:
    """Return the weighted columns, an orthonormal basis of them, and what of the score they leave."""
    root = np.sqrt(design.w)
    x, y = design.z[:, :-1] * root[:, None], design.z[:, -1] * root
    basis, _ = np.linalg.qr(x)
    return x, basis, y - basis @ (basis.T @ y)


def _linearity(design: Design, problem: Problem) -> Row:
    """Let the line of each touchpoint bend at its middle: how much more is explained, and whether by luck."""
    from scipy import stats as distributions

    from cxmining.stats import benjamini_hochberg

    root = np.sqrt(design.w)
    _, basis, left = _residuals(design)
    size = float(left @ left)
    freedom = design.n_eff - problem.q - problem.always - 1
    what = "largest gain by a bend"
    gains, names = [], []
    for player, column in zip(design.players, design.rating_columns, strict=True):
        if column < 0:
            continue
        x = design.z[:, design.always + column]
        bend = np.maximum(x - np.median(x[x != 0]) if (x != 0).any() else x, 0.0) * root
        bend = bend - basis @ (basis.T @ bend)
        length = float(bend @ bend)
        if length <= PIVOT * design.n:
            continue
        gains.append(float(bend @ left) ** 2 / length)
        names.append(player)
    if not gains or freedom < 1 or size <= 0:
        return what, 0.0, "no touchpoint has enough different scores to bend"
    gain = np.array(gains)
    f = gain / np.maximum((size - gain) / freedom, 1e-300)
    p = benjamini_hochberg(distributions.f.sf(f, 1, freedom))
    best = int(gain.argmax())
    said = f"{names[best]}; p = {p[best]:.3f} after correction for {len(gains)} touchpoints"
    said += ": its line bends, read its share with care" if p[best] < 0.05 else ": a straight line will do"
    return what, float(gain[best] / (design.w.sum())), said


def _influence(design: Design, problem: Problem, point: Estimates) -> Row:
    """Leave out the customers who pull most, and say how far any share moves."""
    what = "largest move of a share without the most influential 1%"
    customers = int(design.cluster[-1]) + 1
    out = max(1, round(INFLUENTIAL * customers))
    if customers - out < problem.q + problem.always + 3:
        return what, float("nan"), "too few customers to leave any out"
    _, basis, left = _residuals(design)
    leverage = (basis**2).sum(axis=1)
    distance = left**2 * leverage / np.maximum(1 - leverage, PIVOT) ** 2
    total = np.bincount(design.cluster, weights=distance)
    kept = np.ones(customers, dtype=bool)
    kept[np.argsort(-total, kind="stable")[:out]] = False
    again = problem.estimate(total_moments(design, kept), design.n_kish)
    moves = np.abs(again.credit[:, 0] - point.credit[:, 0])
    worst = int(moves.argmax())
    before, after = (set(np.argsort(-np.round(e.credit[:, 0], 9), kind="stable")[: problem.k]) for e in (point, again))
    same = "the first stay the first" if before == after else "other touchpoints come first then"
    counted = "1 customer" if out == 1 else f"{out:,} customers"
    return what, float(moves[worst]), f"{design.players[worst]}; without {counted}, {same}"


def shuffled_words(design: Design, problem: Problem, seed: int, bootstrap: int = 200) -> dict[str, int]:
    """Give the verdict on scores that were dealt out anew: a rule that finds something there finds it anywhere.

    Parameters
    ----------
    design : Design
    problem : Problem
    seed : int
        Of the shuffles.
    bootstrap : int, default 200
        Replicates per run.

    Returns
    -------
    dict of str to int
        How often each word was said.
    """
    from dataclasses import replace

    from cxmining.drivers.bootstrap import draw_moments
    from cxmining.drivers.verdict import WORDS, judge

    words: dict[str, int] = dict.fromkeys(WORDS, 0)
    for run in range(SHUFFLES):
        rng = np.random.default_rng([seed, 3, run])
        z = design.z.copy()
        # What the controls explain stays where it was: only the rest is dealt out.
        fixed = design.z[:, : design.always]
        root = np.sqrt(design.w)
        b = np.linalg.lstsq(fixed * root[:, None], design.z[:, -1] * root, rcond=None)[0]
        guess = fixed @ b
        z[:, -1] = guess + rng.permutation(design.z[:, -1] - guess)
        other = replace(design, z=z)
        n = other.n_kish
        point = problem.estimate(total_moments(other), n)
        draws = problem.estimate(draw_moments(other, bootstrap, rng), n, replicate=True, credit=False)
        words[judge(other, problem, point, draws, rng).word] += 1
    return words
