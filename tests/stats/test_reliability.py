"""Cronbach's alpha against a published example, by hand, and where it cannot be known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxmining.stats import cronbach_alpha, item_statistics

# Ten questions on 1 to 7, 15 respondents (Zaiontz, real-statistics.com, "Cronbach's alpha", the example of pingouin too).
PUBLISHED = pd.DataFrame(
    [
        [3, 2, 4, 1, 4, 5, 1, 4, 3, 2], [5, 4, 6, 3, 5, 1, 2, 5, 5, 5], [7, 3, 5, 5, 6, 4, 3, 3, 6, 5], [2, 4, 3, 3, 2, 2, 2, 6, 6, 3],
        [6, 5, 6, 5, 4, 4, 4, 6, 7, 5], [1, 2, 3, 4, 2, 5, 2, 3, 5, 2], [4, 3, 5, 3, 5, 2, 1, 2, 4, 3], [2, 4, 4, 3, 7, 2, 2, 4, 6, 5],
        [6, 5, 5, 5, 1, 6, 5, 2, 3, 2], [5, 4, 6, 4, 3, 5, 3, 1, 7, 2], [4, 3, 5, 2, 5, 3, 2, 3, 4, 1], [4, 2, 3, 2, 5, 3, 4, 2, 3, 4],
        [5, 5, 6, 2, 3, 3, 2, 4, 4, 5], [6, 5, 5, 4, 2, 2, 1, 4, 6, 5], [4, 3, 5, 5, 3, 1, 3, 2, 3, 4],
    ],
    columns=[f"Q{i}" for i in range(1, 11)],
)  # fmt: skip


def test_the_published_example():
    alpha, low, high, n = cronbach_alpha(PUBLISHED)
    assert alpha == pytest.approx(0.5917188485995826, abs=1e-12)  # pingouin 0.5.5, cronbach_alpha
    assert (round(low, 3), round(high, 3), n) == (0.195, 0.84, 15)


def test_by_hand():
    # item variances 5/3, 2 and 5/3; sums 4, 7, 9, 13 with variance 14.25: 3/2·(1 - 5.3333/14.25)
    t = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [1, 3, 3, 4]})
    total = np.var([4, 7, 9, 13], ddof=1)
    parts = sum(np.var(t[c], ddof=1) for c in t)
    assert cronbach_alpha(t).value == pytest.approx(1.5 * (1 - parts / total))
    items = item_statistics(t).set_index("item")
    assert items.loc["a", "item_total"] == pytest.approx(np.corrcoef([1, 2, 3, 4], [3, 5, 6, 9])[0, 1])
    assert items.loc["a", "alpha_if_deleted"] == pytest.approx(cronbach_alpha(t[["b", "c"]]).value)


def test_alpha_does_not_ask_for_the_unit_or_the_order():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(50, 1)) + rng.normal(size=(50, 4))
    frame = pd.DataFrame(base, columns=list("abcd"))
    assert cronbach_alpha(3 * frame + 2).value == pytest.approx(cronbach_alpha(frame).value)
    assert tuple(cronbach_alpha(frame.sample(frac=1, random_state=2)[list("dbca")])) == pytest.approx(
        tuple(cronbach_alpha(frame))
    )


def test_only_complete_rows_count():
    holed = PUBLISHED.astype(float)
    holed.loc[3, "Q2"] = np.nan
    assert cronbach_alpha(holed).n == 14
    assert cronbach_alpha(holed).value == pytest.approx(cronbach_alpha(PUBLISHED.drop(3)).value)


@pytest.mark.parametrize(
    "frame", [{"a": [1, 2]}, {"a": [1], "b": [2]}, {"a": [2, 2, 2], "b": [3, 3, 3]}, {"a": [], "b": []}]
)
def test_what_cannot_be_known_is_missing(frame):
    found = cronbach_alpha(pd.DataFrame(frame, dtype=float))
    assert math.isnan(found.value)
    assert math.isnan(found.low)
    item_statistics(pd.DataFrame(frame, dtype=float))


def test_feldts_interval_holds_its_level():
    """Parallel items with a known alpha: var(true) 1, var(error) 1, 4 items: alpha = 4/(4 + 1) = .8."""
    rng = np.random.default_rng(4)
    held = []
    for _ in range(600):
        x = pd.DataFrame(rng.normal(size=(40, 1)) + rng.normal(size=(40, 4)))
        _, low, high, _ = cronbach_alpha(x)
        held.append(low <= 0.8 <= high)
    assert 0.92 < np.mean(held) < 0.98
