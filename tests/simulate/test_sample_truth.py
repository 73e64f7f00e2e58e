"""The true shares: their arithmetic by hand, and that the sample is large enough to find the strongest."""

import numpy as np
import pytest

from cxmining.drivers.subsets import walk_subsets
from cxmining.simulate import company, customers
from cxmining.simulate.customers import make_people
from cxmining.simulate.journeys import make_world
from cxmining.simulate.shares import design, lmg
from cxmining.simulate.surveys import make_surveys


def test_uncorrelated_columns_share_by_their_squares():
    # y = 2a + b with a ⟂ b, no noise: R² = 1, parts 4/5 and 1/5
    a, b = np.array([1.0, 1, -1, -1]), np.array([1.0, -1, 1, -1])
    parts, r2 = lmg(np.column_stack([a, b]), 2 * a + b, [[0], [1]])
    assert r2 == pytest.approx(1)
    assert parts == pytest.approx([0.8, 0.2])


def test_a_touchpoint_nobody_missed_has_no_exposure_column():
    exposed = np.array([[True, True], [True, False], [True, True]])
    x, groups = design(exposed, np.array([[6.0, 4], [7, 9], [8, 8]]))
    assert groups == [[0], [1, 2]]
    assert x.tolist() == [[-1, -2, 1], [0, 0, 0], [1, 2, 1]]


@pytest.mark.slow
def test_the_strongest_is_among_the_first_two_in_eighteen_of_twenty_seeds(monkeypatch):
    # Telephone numbers take most of the time of making people, and tell nothing here.
    monkeypatch.setattr(customers, "_numbers", lambda rng, n: [f"06{i:08d}" for i in range(n)])
    strongest, found = company.BATTERY.index("yearly statement"), 0
    for seed in range(1, 21):
        a, b, c = (np.random.default_rng([seed, k]) for k in range(3))
        people = make_people(a, 2000)
        surveys = make_surveys(c, people, make_world(b, people, 100))
        r = surveys.relationship[~surveys.relationship["unfinished"]]
        exposed = surveys.exposed[r["who"]]
        ratings = r[[f"r{j}" for j in range(len(company.BATTERY))]].to_numpy(float)
        for j, column in enumerate(ratings.T):
            column[np.isnan(column)] = np.nanmean(column[exposed[:, j]])
        x, groups = design(exposed, ratings)
        corr = np.corrcoef(np.column_stack([x, r["CSAT"].to_numpy(float)]).T)
        parts = walk_subsets(corr, groups, 1, lambda r2, columns: r2, 0.0, False).credit
        if seed == 1:  # the drivers' fair credit is the truth's own
            mine, _ = lmg(x, r["CSAT"].to_numpy(float), groups)
            assert parts == pytest.approx(mine, abs=1e-10)
        found += int((parts > parts[strongest]).sum() < 2)
    assert found >= 18
