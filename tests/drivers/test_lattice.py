"""All subsets at once: published oracles, brute force, and the laws of fair credit."""

from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.drivers import kernels
from cxmining.drivers.estimate import adjust, direct_effects
from cxmining.drivers.lattice import correlations, popcount, subset_r2
from cxmining.drivers.permute import best_forward, permutation_credit, random_orders
from cxmining.drivers.shapley import lmg, pmvd
from cxmining.drivers.subsets import best_of_size, credit_many, walk_subsets

ORACLE = Path(__file__).parents[3] / "shared/data/oracle"
TARGETS = {"swiss": "Fertility", "longley": "Employed", "mtcars": "mpg", "attitude": "rating"}


def moments(x, y, w=None, controls=None):
    w = np.ones(len(y)) if w is None else w
    z = np.column_stack([np.ones(len(y)), *([] if controls is None else [controls]), x, y])
    z = np.column_stack([z[:, 0], (z[:, 1:] - z[:, 1:].mean(0)) / z[:, 1:].std(0)])
    return ((z * w[:, None]).T @ z)[None]


def brute_r2(x, y, w, columns):
    """Weighted least squares, one subset at a time."""
    root = np.sqrt(w)
    design = np.column_stack([np.ones(len(y)), x[:, columns]]) * root[:, None]
    left = y * root - design @ np.linalg.lstsq(design, y * root, rcond=None)[0]
    return 1 - (left @ left) / (w @ (y - np.average(y, weights=w)) ** 2)


def brute_lmg(x, y, w, groups):
    """The mean over all orders, as Lindeman, Merenda & Gold define it."""
    credit = np.zeros(len(groups))
    orders = list(permutations(range(len(groups))))
    for order in orders:
        seen, before = [], 0.0
        for player in order:
            seen += groups[player]
            after = brute_r2(x, y, w, seen)
            credit[player] += (after - before) / len(orders)
            before = after
    return credit


def oracle(name):
    if not ORACLE.exists():
        pytest.skip("../shared/data/oracle is not here")
    frame = pd.read_csv(ORACLE / f"{name}.csv", index_col=0)
    return frame.drop(columns=TARGETS[name]), frame[TARGETS[name]]


@pytest.mark.real
@pytest.mark.parametrize("name", TARGETS)
def test_lmg_agrees_with_relaimpo(name):
    x, y = oracle(name)
    corr, _ = correlations(moments(x.to_numpy(), y.to_numpy()), 1)
    credit = lmg(subset_r2(corr, [[i] for i in range(x.shape[1])]))[:, 0]
    expected = pd.read_csv(ORACLE / f"relaimpo_{name}.csv", index_col=0)["lmg"]
    np.testing.assert_allclose(credit, expected[x.columns], rtol=0, atol=1e-10)


@pytest.mark.real
def test_groups_and_always_in_agree_with_relaimpo():
    x, y = oracle("swiss")  # Agriculture, Examination, Education, Catholic, Infant.Mortality
    corr, _ = correlations(moments(x.to_numpy(), y.to_numpy()), 1)
    np.testing.assert_allclose(
        lmg(subset_r2(corr, [[0, 1], [3, 4], [2]]))[:, 0],
        [0.2139459827, 0.2159516869, 0.2768373320],
        rtol=0,
        atol=1e-10,
    )
    rest = x.drop(columns="Catholic").to_numpy()
    corr, left = correlations(moments(rest, y.to_numpy(), controls=x["Catholic"].to_numpy()), 2)
    np.testing.assert_allclose(
        left * lmg(subset_r2(corr, [[0], [1], [2], [3]]))[:, 0],
        [0.0402101328, 0.1036508563, 0.2562230714, 0.0916474395],
        rtol=0,
        atol=1e-10,
    )


@pytest.mark.real
def test_pmvd_agrees_with_brute_force_in_r():
    x, y = oracle("swiss")
    corr, _ = correlations(moments(x.to_numpy(), y.to_numpy()), 1)
    np.testing.assert_allclose(
        pmvd(subset_r2(corr, [[i] for i in range(5)]))[:, 0],
        [0.04478517, 0.04446868, 0.37981877, 0.13433174, 0.10333064],
        rtol=0,
        atol=1e-8,
    )


def test_two_players_by_hand():
    # r(y, a) = .6, r(y, b) = .5, r(a, b) = .5: R²(ab) = (.36 + .25 - 2·.6·.5·.5) / (1 - .25) = .41333
    corr = np.array([[[1.0, 0.5, 0.6], [0.5, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    values = subset_r2(corr, [[0], [1]])
    np.testing.assert_allclose(values[:, 0], [0, 0.36, 0.25, 0.31 / 0.75], atol=1e-14)
    whole = 0.31 / 0.75
    np.testing.assert_allclose(lmg(values)[:, 0], [(0.36 + whole - 0.25) / 2, (0.25 + whole - 0.36) / 2], atol=1e-14)
    # PMVD: an order's weight is inverse to what the second one adds
    first, second = 1 / (whole - 0.36), 1 / (whole - 0.25)
    a = (first * 0.36 + second * (whole - 0.25)) / (first + second)
    np.testing.assert_allclose(pmvd(values)[:, 0], [a, whole - a], atol=1e-14)


problems = st.tuples(st.integers(1, 5), st.integers(0, 2**31), st.booleans(), st.booleans())


@settings(max_examples=25, deadline=None)
@given(problems)
def test_lattice_is_brute_force(problem):
    p, seed, weighted, grouped = problem
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 3, p) if grouped else np.ones(p, dtype=int)
    ends = np.cumsum(sizes)
    groups = [list(range(e - s, e)) for s, e in zip(sizes, ends, strict=True)]
    x = rng.normal(size=(40, ends[-1])) + rng.normal(size=(40, 1)) * rng.uniform(0, 2)
    y = x @ rng.normal(size=ends[-1]) + rng.normal(size=40)
    w = rng.uniform(0.2, 3, 40) if weighted else np.ones(40)
    corr, _ = correlations(moments(x, y, w), 1)
    values = subset_r2(corr, groups)[:, 0]
    for mask in range(1 << p):
        columns = [c for j in range(p) if mask >> j & 1 for c in groups[j]]
        assert values[mask] == pytest.approx(brute_r2(x, y, w, columns), abs=1e-10)
    credit = lmg(values[:, None])[:, 0]
    np.testing.assert_allclose(credit, brute_lmg(x, y, w, groups), atol=1e-10)
    assert credit.sum() == pytest.approx(values[-1], abs=1e-12)
    assert pmvd(values[:, None]).sum() == pytest.approx(values[-1], abs=1e-8)


def test_a_batch_is_its_members_one_by_one():
    rng = np.random.default_rng(5)
    z = rng.normal(size=(3, 50, 5)) + rng.normal(size=(3, 50, 1))
    corr, _ = correlations(np.einsum("rni,rnj->rij", z, z), 1)
    groups = [[0, 1], [2]]
    together = subset_r2(corr, groups)
    for i in range(3):
        np.testing.assert_array_equal(together[:, i], subset_r2(corr[i : i + 1], groups)[:, 0])


def test_a_doubled_column_adds_nothing_and_halves_its_credit():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(60, 2))
    y = x @ [1.0, 0.5] + rng.normal(size=60)
    corr, _ = correlations(moments(x[:, [0, 0, 1]], y), 1)
    values = subset_r2(corr, [[0], [1], [2]])[:, 0]
    assert values[0b011] == pytest.approx(values[0b001], abs=1e-9)
    credit = lmg(values[:, None])[:, 0]
    assert credit[0] == pytest.approx(credit[1], abs=1e-9)
    np.testing.assert_allclose(values[-1], brute_r2(x, y, np.ones(60), [0, 1]), atol=1e-9)


def test_popcount_counts_the_bits():
    assert popcount(5).tolist() == [i.bit_count() for i in range(32)]


def test_random_orders_come_near_within_their_standard_error():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(300, 8)) + rng.normal(size=(300, 1))
    y = x @ rng.normal(size=8) + 2 * rng.normal(size=300)
    corr, _ = correlations(moments(x, y), 1)
    groups = [[0, 1], *([i] for i in range(2, 8))]
    exact = lmg(subset_r2(corr, groups))[:, 0]
    credit, se = permutation_credit(corr, groups, random_orders(7, 60, 1))
    assert np.all(np.abs(credit[:, 0] - exact) < 4 * se[:, 0] + 1e-8)
    assert credit.sum() == pytest.approx(exact.sum(), abs=1e-7)


def test_the_stepwise_search_takes_what_adds_most():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(200, 6))
    y = x @ [0, 3, 0, 2, 0, 1.0] + rng.normal(size=200)
    corr, _ = correlations(moments(x, y), 1)
    chosen, reached = best_forward(corr, [[i] for i in range(6)], 3, lambda v, c: v)
    assert chosen[0].tolist() == [1, 3, 5]
    best = max(brute_r2(x, y, np.ones(200), list(s)) for s in combinations(range(6), 3))
    assert reached[0] == pytest.approx(best, abs=1e-9)


# --- the compiled walks say what the lattice says --------------------------------------------------


def drawn(seed, p, n=120, grouped=False):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, p) if grouped else np.ones(p, dtype=int)
    ends = np.cumsum(sizes)
    groups = [list(range(e - s, e)) for s, e in zip(sizes, ends, strict=True)]
    x = rng.normal(size=(n, ends[-1])) + rng.normal(size=(n, 1))
    y = x @ rng.normal(size=ends[-1]) + 3 * rng.normal(size=n)
    corr, _ = correlations(moments(x, y), 1)
    return corr, groups


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(0, 2**31), st.booleans())
def test_the_walk_is_the_lattice(p, seed, grouped):
    corr, groups = drawn(seed, p, grouped=grouped)
    k = max(1, p // 3)

    def score(r2, columns):
        return adjust(r2, 119, columns, False)

    values = subset_r2(corr, groups)
    widths = np.array([sum(len(groups[j]) for j in range(p) if mask >> j & 1) for mask in range(1 << p)])
    scores, size = score(values[:, 0], widths), popcount(p)
    goal = 0.8 * scores[-1]
    found = walk_subsets(corr[0], groups, k, score, goal, True)
    np.testing.assert_allclose(found.values, values[:, 0], atol=1e-12)
    np.testing.assert_allclose(found.credit, lmg(values)[:, 0], atol=1e-12)
    for s in range(p + 1):
        assert found.best[s] == pytest.approx(scores[size == s].max(), abs=1e-12)
        assert len(found.players(s)) == s
    assert found.sets.sum() == pytest.approx(scores[size == k].sum(), abs=1e-10)
    assert found.reaching.sum() == (scores >= goal).sum()
    credit, best = credit_many(np.concatenate([corr, corr]), groups, k, score)
    np.testing.assert_allclose(credit[:, 1], found.credit, atol=1e-12)
    chosen, top = best_of_size(corr, groups, k, score)
    assert top[0] == pytest.approx(best[1], abs=1e-12)
    mask = sum(1 << int(j) for j in chosen[0])
    assert scores[mask] == pytest.approx(scores[size == k].max(), abs=1e-12)


@pytest.mark.parametrize("grouped", [False, True])
def test_players_above_the_block_are_walked_too(grouped):
    corr, groups = drawn(3, 14, grouped=grouped)  # two more than are doubled together
    values = subset_r2(corr, groups)
    found = walk_subsets(corr[0], groups, 3, lambda r2, columns: r2, 0.2, True)
    np.testing.assert_allclose(found.values, values[:, 0], atol=1e-11)
    np.testing.assert_allclose(found.credit, lmg(values)[:, 0], atol=1e-11)


def test_a_compiled_loop_over_blocks_gives_the_same_bits(monkeypatch):
    corr, groups = drawn(5, 14, grouped=True)
    by_python = walk_subsets(corr[0], groups, 3, lambda r2, columns: r2, 0.2, True)
    monkeypatch.setattr(kernels, "FEW", 0)
    compiled = walk_subsets(corr[0], groups, 3, lambda r2, columns: r2, 0.2, True)
    for name in ("credit", "best", "masks", "reaching", "sets", "values"):
        np.testing.assert_array_equal(getattr(by_python, name), getattr(compiled, name))


def test_direct_effects_are_what_least_squares_gives():
    corr, groups = drawn(4, 5, grouped=True)
    direct, r2, _ = direct_effects(corr, groups, 1e12, False)
    q = corr.shape[1] - 1
    b = np.linalg.solve(corr[0, :q, :q], corr[0, :q, q])
    for player, g in enumerate(groups):
        assert direct[player, 0] == pytest.approx(b[g] @ corr[0][np.ix_(g, g)] @ b[g], abs=1e-9)
    assert r2[0] == pytest.approx(b @ corr[0, :q, q])
    doubled = corr[:, [0, 0, *range(q + 1)]][:, :, [0, 0, *range(q + 1)]]
    direct, r2, _ = direct_effects(doubled, [[i] for i in range(q + 2)], 1e12, False)
    assert r2[0] == pytest.approx(b @ corr[0, :q, q])  # columns that stand there thrice explain no more
    assert np.isfinite(direct).all()
