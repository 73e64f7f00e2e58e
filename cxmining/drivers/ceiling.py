"""How much of the score these touchpoints could explain at all, in whatever form: what a straight line leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError

if TYPE_CHECKING:
    from cxmining.drivers.design import Design, RatingFrame

__all__ = ["ceiling_of"]

Array = npt.NDArray[np.float64]

FOLDS: Final = 5
LEAST: Final = 100
DRAWS: Final = 500


def ceiling_of(ratings: RatingFrame, design: Design, seed: int = 1) -> pd.DataFrame:
    """Predict customers who were not looked at: by the lines of the analysis, and by boosted trees.

    Parameters
    ----------
    ratings : RatingFrame
        What was analysed.
    design : Design
        Its columns.
    seed : int, default 1
        Of the folds and the draws.

    Returns
    -------
    DataFrame
        ``model`` (``linear``, ``boosted``, ``difference``), ``r2`` on customers left out (controls included), 95%
        interval ``low`` to ``high`` over customers, ``n``. Trees that know no more than the lines say that little is
        left out; touchpoints nobody was asked about are beyond both.

    Raises
    ------
    NotEnoughDataError
        Below 100 responses, or 10 customers.

    References
    ----------
    Friedman (2001), Annals of Statistics 29(5); scikit-learn's HistGradientBoostingRegressor.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    customers = int(design.cluster[-1]) + 1
    if design.n < LEAST or customers < 2 * FOLDS:
        raise NotEnoughDataError(
            f"{design.n} responses of {customers} customers are too few to predict some from the others; "
            f"at least {LEAST} responses of {2 * FOLDS} customers are needed"
        )
    rng = np.random.default_rng([seed, 7])
    y, w = design.z[:, -1], design.w
    lines = design.z[:, :-1]
    names = list(dict.fromkeys(name for name, _ in design.labels))
    scores = ratings.frame[names].to_numpy(dtype=np.float64, na_value=np.nan)[design.rows]
    met = ratings.exposed[names].to_numpy(dtype=bool)[design.rows]
    # Not met is missing too; trees may tell it from a blank by the second set of columns.
    trees = np.column_stack([design.z[:, 1 : design.always], np.where(met, scores, np.nan), met.astype(np.float64)])
    fold = (rng.permutation(customers) % FOLDS)[design.cluster]
    errors = np.zeros((3, design.n))
    with threadpool_limits(limits=1):
        for out in range(FOLDS):
            test, train = fold == out, fold != out
            root = np.sqrt(w[train])
            b = np.linalg.lstsq(lines[train] * root[:, None], y[train] * root, rcond=None)[0]
            boosted = HistGradientBoostingRegressor(
                max_iter=150, learning_rate=0.06, max_leaf_nodes=12, min_samples_leaf=20, l2_regularization=1.0,
                early_stopping=False, random_state=0,
            )  # fmt: skip
            boosted.fit(trees[train], y[train], sample_weight=w[train])
            mean = np.average(y[train], weights=w[train])
            guesses = (lines[test] @ b, boosted.predict(trees[test]), np.full(int(test.sum()), mean))
            for row, guess in zip(errors, guesses, strict=True):
                row[test] = (y[test] - guess) ** 2
    sums = np.stack([np.bincount(design.cluster, weights=w * e) for e in errors])
    counts = rng.poisson(1.0, size=(DRAWS, customers)) @ sums.T

    def explained(total: Array) -> Array:
        linear, boosted = 1 - total[..., 0] / total[..., 2], 1 - total[..., 1] / total[..., 2]
        return np.stack([linear, boosted, boosted - linear])

    low, high = np.quantile(explained(counts.astype(np.float64)), [0.025, 0.975], axis=1)
    return pd.DataFrame(
        {
            "model": ["linear", "boosted", "difference"],
            "r2": explained(sums.sum(axis=1)),
            "low": low,
            "high": high,
            "n": design.n,
        }
    )
